// Contract, Convolve and Window, each with the Map that follows it.
#include <algorithm>
#include <tuple>

#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/scheduler.h"
#include "compiler/source/check.h"

namespace strata {

using core::Extents;
using core::ValueId;

namespace {

// The result's axes but the last two and the last one become outer axes, columns and channels.
std::vector<Dim> OuterOf(const Extents& extents) { return {extents.begin(), extents.end() - 2}; }

// Equal tiles of at most `most` rows, and what is left for the last; symbolic columns take full tiles.
std::pair<int64_t, int64_t> SplitColumns(const Dim& columns, int64_t most) {
  const std::optional<int64_t> count = columns.Constant();
  if (!count) return {most, 0};
  const int64_t tiles = (*count + most - 1) / most;
  const int64_t rows = (*count + tiles - 1) / tiles;
  return {rows, *count - (tiles - 1) * rows};
}

bool Has(const std::vector<int>& labels, int label) { return std::ranges::find(labels, label) != labels.end(); }

// What belongs to `label`, of a list parallel to `labels`; `otherwise` where there is no such label.
Dim Along(const std::vector<int>& labels, const std::vector<Dim>& values, int label, const Dim& otherwise) {
  const auto at = std::ranges::find(labels, label);
  return at == labels.end() ? otherwise : values[static_cast<size_t>(at - labels.begin())];
}

// Nothing where a Tile cannot compute it.
std::optional<TileLabels> TileLabelsOf(const core::Contract& contract, const std::map<int, Dim>& sizes) {
  TileLabels labels;
  if (contract.out.empty()) return std::nullopt;
  labels.channel = contract.out.back();
  if (Has(contract.left, labels.channel) || !sizes.at(labels.channel).Constant()) return std::nullopt;
  for (int label : contract.left) {
    if (Has(contract.out, label)) continue;
    const std::optional<int64_t> size = sizes.at(label).Constant();
    if (!Has(contract.right, label) || !size || *size == 0) return std::nullopt;
    labels.summed.push_back(label);
  }
  if (labels.summed.empty()) return std::nullopt;
  for (int label : contract.right) {
    if (!Has(contract.out, label) && !Has(contract.left, label)) return std::nullopt;
  }
  for (size_t k = contract.out.size() - 1; k-- > 0;) {
    const int label = contract.out[k];
    if (!labels.column && !Has(contract.right, label) && !sizes.at(label).Is(1)) {
      labels.column = label;
    } else {
      labels.outer.insert(labels.outer.begin(), label);
    }
  }
  return labels;
}

// The same elements with axis permutation[k] as axis k.
std::shared_ptr<const core::Literal> Transposed(const core::Literal& literal, const std::vector<size_t>& permutation) {
  std::vector<int64_t> strides(literal.sizes.size(), 1);
  for (size_t axis = strides.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * literal.sizes[axis];
  auto result = std::make_shared<core::Literal>();
  for (size_t axis : permutation) result->sizes.push_back(literal.sizes[axis]);
  result->data.reserve(literal.data.size());
  std::vector<int64_t> index(permutation.size(), 0);
  for (size_t k = 0; k < literal.data.size(); ++k) {
    int64_t from = 0;
    for (size_t axis = 0; axis < index.size(); ++axis) from += index[axis] * strides[permutation[axis]];
    result->data.push_back(literal.data[static_cast<size_t>(from)]);
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < result->sizes[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

int64_t PanelWidth(int64_t channels) { return channels > 16 ? 32 : 16; }

}  // namespace

// The epilogue of an anchor whose group (or itself) is `operation`.
Epilogue Scheduler::EpilogueOf(const core::Map* map, const core::Operation& operation) {
  if (map == nullptr) return {.nodes = {{.function = core::Map::Function::Operand, .index = 0}}};
  const core::Graph& body = *std::get<core::Group>(operation.op).body;
  const core::Operation& map_operation = body.Producer(body.outputs[0]);
  Epilogue epilogue{.nodes = map->nodes};
  for (size_t k = 1; k < map_operation.operands.size(); ++k) {
    const ValueId operand = OuterValue(body, operation, map_operation.operands[k]);
    epilogue.reads.push_back(Broadcast(operand, map->axes[k], ExtentsOf(operation.Result())));
  }
  return epilogue;
}

Halo Scheduler::HaloOf(const core::Convolve& convolve, ValueId input) const {
  Halo halo;
  halo.low.assign(ExtentsOf(input).size(), 0);
  halo.high = halo.low;
  for (size_t k = 0; k < convolve.axes.size(); ++k) {
    halo.low[k + 1] = convolve.axes[k].pad_low;
    halo.high[k + 1] = convolve.axes[k].pad_high;
  }
  return halo;
}

void Scheduler::VisitContract(const core::Operation& anchor, const core::Contract& contract, const core::Map* map,
                              const core::Operation& operation) {
  const ValueId left = anchor.operands[0];
  const ValueId right = anchor.operands[1];
  const auto* constant = graph_.ProducerAs<core::Constant>(right);
  std::map<int, Dim> sizes;
  for (size_t k = 0; k < contract.left.size(); ++k) sizes[contract.left[k]] = ExtentsOf(left)[k];
  for (size_t k = 0; k < contract.right.size(); ++k) sizes[contract.right[k]] = ExtentsOf(right)[k];
  std::optional<TileLabels> labels = TileLabelsOf(contract, sizes);
  // Panels of what is computed pay where some rows use them again.
  const bool pays = labels && (constant != nullptr || (labels->column && !(sizes.at(*labels->column) - 1).Is(0) &&
                                                       sizes.at(*labels->column).Constant().value_or(4) >= 4));
  if (!pays) return ContractByNest(anchor, contract, map, operation);

  // The left operand with a run of neighbours and, along the columns, a constant stride.
  Layout input = Read(left);
  for (size_t k = 0; k + 1 < labels->summed.size(); ++k) {
    if (Along(contract.left, input.strides, labels->summed[k], 0).Is(1)) {
      std::rotate(labels->summed.begin() + static_cast<std::ptrdiff_t>(k),
                  labels->summed.begin() + static_cast<std::ptrdiff_t>(k) + 1, labels->summed.end());
      break;
    }
  }
  const Dim run_size = sizes.at(labels->summed.back());
  const bool has_run = run_size.Is(1) || Along(contract.left, input.strides, labels->summed.back(), 0).Is(1);
  const bool has_columns = !labels->column || Along(contract.left, input.strides, *labels->column, 0).Constant();
  if (!has_run || !has_columns) {
    // The columns and then the summed axes last.
    std::vector<int> order;
    for (int label : contract.left) {
      if (label != labels->column && !Has(labels->summed, label)) order.push_back(label);
    }
    if (labels->column) order.push_back(*labels->column);
    order.insert(order.end(), labels->summed.begin(), labels->summed.end());
    input = CopyInOrder(left, contract.left, order, operation.origin);
  }

  Tile tile{.columns = labels->column ? sizes.at(*labels->column) : Dim(1), .input = input};
  tile.output = Allocate(operation.Result(), operation.origin);
  const Layout output = tile.output;
  std::vector<int> order = labels->outer;
  for (int label : order) tile.outer.push_back(sizes.at(label));
  order.push_back(labels->column.value_or(-1));
  tile.input.strides.clear();
  for (int label : order) tile.input.strides.push_back(Along(contract.left, input.strides, label, 0));
  order.push_back(labels->channel);
  const auto in_order = [&](std::vector<Dim>& strides) {
    const std::vector<Dim> before = strides;
    strides.clear();
    for (int label : order) strides.push_back(Along(contract.out, before, label, 0));
  };
  in_order(tile.output.strides);
  tile.epilogue = EpilogueOf(map, operation);
  for (Access& read : tile.epilogue.reads) in_order(read.strides);
  for (size_t k = 0; k + 1 < labels->summed.size(); ++k) {
    tile.segments.push_back({.count = *sizes.at(labels->summed[k]).Constant(),
                             .stride = Along(contract.left, input.strides, labels->summed[k], 0)});
  }
  std::erase_if(tile.segments, [](const Tile::Segment& segment) { return segment.count == 1; });
  tile.run = *run_size.Constant();
  tile.channels = *sizes.at(labels->channel).Constant();
  tile.panel_width = PanelWidth(tile.channels);

  std::vector<int> packed = labels->summed;
  packed.push_back(labels->channel);
  if (constant != nullptr && contract.right.size() == packed.size()) {
    std::vector<size_t> permutation;
    for (int label : packed) {
      permutation.push_back(static_cast<size_t>(std::ranges::find(contract.right, label) - contract.right.begin()));
    }
    PackWeights(tile,
                std::ranges::is_sorted(permutation) ? constant->literal : Transposed(*constant->literal, permutation));
  } else {
    PackOperand(tile, right, contract, *labels, operation.origin);
  }
  JoinColumns(tile);
  AddTile(std::move(tile), operation.origin, /*is_matrix=*/true);
}

// A copy of an operand, whose axes are `labels`, with its axes in another order; the strides are those of `labels`.
Layout Scheduler::CopyInOrder(ValueId operand, const std::vector<int>& labels, const std::vector<int>& order,
                              const std::string& origin) {
  Access read = Read(operand);
  const std::vector<Dim> strides = read.strides;
  read.strides.clear();
  Extents extents;
  for (int label : order) {
    extents.push_back(Along(labels, ExtentsOf(operand), label, 0));
    read.strides.push_back(Along(labels, strides, label, 0));
  }
  Layout copy = NewBuffer(extents, DType::F32, Halo::None(extents.size()), origin);
  steps_.push_back(CopyNest(extents, read, copy, DType::F32, origin + ".copy"));
  const std::vector<Dim> copied = copy.strides;
  copy.strides.clear();
  for (int label : labels) copy.strides.push_back(Along(order, copied, label, 0));
  return copy;
}

// Copies an operand into panels, for each outer index it depends on. What lies beyond the channels in the last panel is
// never part of a result.
void Scheduler::PackOperand(Tile& tile, ValueId right, const core::Contract& contract, const TileLabels& labels,
                            const std::string& origin) {
  const Layout layout = Read(right);
  const auto stride_of = [&](int label) { return Along(contract.right, layout.strides, label, 0); };
  const auto size_of = [&](int label) { return Along(contract.right, ExtentsOf(right), label, 1); };
  Dim elements = tile.WeightElements();
  tile.weight_strides.assign(labels.outer.size(), 0);
  for (size_t k = labels.outer.size(); k-- > 0;) {
    if (!Has(contract.right, labels.outer[k])) continue;
    tile.weight_strides[k] = elements;
    elements *= size_of(labels.outer[k]);
  }
  tile.weights = AddBuffer({.kind = Buffer::Kind::Arena, .elements = elements});
  const auto copy = [&](int64_t first_panel, int64_t panels, int64_t channels) {
    if (panels == 0 || channels == 0) return;
    Extents extents;
    Access read{.buffer = layout.buffer,
                .offset = layout.offset + stride_of(labels.channel) * (first_panel * tile.panel_width)};
    Access write{.buffer = tile.weights, .offset = first_panel * tile.Depth() * tile.panel_width};
    const auto add = [&](const Dim& extent, const Dim& from, const Dim& to) {
      extents.push_back(extent);
      read.strides.push_back(from);
      write.strides.push_back(to);
    };
    for (size_t k = 0; k < labels.outer.size(); ++k) {
      if (Has(contract.right, labels.outer[k])) {
        add(size_of(labels.outer[k]), stride_of(labels.outer[k]), tile.weight_strides[k]);
      }
    }
    add(panels, stride_of(labels.channel) * tile.panel_width, tile.Depth() * tile.panel_width);
    Dim inner = tile.Depth() * tile.panel_width;
    for (int label : labels.summed) {
      inner = FloorDivide(inner, size_of(label));
      add(size_of(label), stride_of(label), inner);
    }
    add(channels, stride_of(labels.channel), 1);
    steps_.push_back(CopyNest(extents, read, write, DType::F32, origin + ".pack"));
  };
  const int64_t whole = tile.channels / tile.panel_width;
  copy(0, whole, tile.panel_width);
  copy(whole, 1, tile.channels % tile.panel_width);
}

// Any Contract: a reduction of products, vectorized along the result's last axis.
void Scheduler::ContractByNest(const core::Operation& anchor, const core::Contract& contract, const core::Map* map,
                               const core::Operation& operation) {
  using Function = core::Map::Function;
  std::vector<int> order = contract.out;
  std::vector<int> summed;
  for (const std::vector<int>* labels : {&contract.left, &contract.right}) {
    for (int label : *labels) {
      if (!Has(contract.out, label) && !Has(summed, label)) summed.push_back(label);
    }
  }
  order.insert(order.end() - (order.empty() ? 0 : 1), summed.begin(), summed.end());
  Nest nest;
  for (int label : order) {
    nest.extents.push_back(Along(contract.left, ExtentsOf(anchor.operands[0]), label,
                                 Along(contract.right, ExtentsOf(anchor.operands[1]), label, 1)));
    nest.reduced.push_back(Has(summed, label));
  }
  const auto add_read = [&](Access access, const std::vector<int>& labels) {
    const std::vector<Dim> strides = access.strides;
    access.strides.clear();
    for (int label : order) access.strides.push_back(Along(labels, strides, label, 0));
    nest.reads.push_back(std::move(access));
  };
  add_read(Read(anchor.operands[0]), contract.left);
  // Of an operand that many rows use again, vectors are loaded as runs of neighbours.
  Layout right = Read(anchor.operands[1]);
  const int channel = order.empty() ? -1 : order.back();
  const bool is_scattered = Has(contract.right, channel) && !Along(contract.right, right.strides, channel, 1).Is(1);
  const bool is_reused = std::ranges::any_of(contract.out, [&](int label) {
    return !Has(contract.right, label) && !Along(contract.left, ExtentsOf(anchor.operands[0]), label, 1).Is(1);
  });
  if (is_scattered && is_reused) {
    std::vector<int> with_channel_last = contract.right;
    std::erase(with_channel_last, channel);
    with_channel_last.push_back(channel);
    right = CopyInOrder(anchor.operands[1], contract.right, with_channel_last, operation.origin);
  }
  add_read(right, contract.right);
  const Epilogue epilogue = EpilogueOf(map, operation);
  for (const Access& read : epilogue.reads) add_read(read, contract.out);
  nest.stages.push_back({.reduce = core::Reduce::Kind::Sum,
                         .nodes = {{.function = Function::Operand, .index = 0},
                                   {.function = Function::Operand, .index = 1},
                                   {.function = Function::Multiply, .args = {0, 1}}}});
  if (map != nullptr) {
    // Operand 0 of the Map is the sum, the others follow the factors.
    nest.stages.push_back({.nodes = epilogue.nodes});
    for (core::Map::Node& node : nest.stages.back().nodes) {
      if (node.function != Function::Operand) continue;
      node.index = node.index == 0 ? static_cast<int>(nest.reads.size()) : node.index + 1;
    }
  }
  nest.writes_rows = true;
  nest.write = Allocate(operation.Result(), operation.origin);
  const std::vector<Dim> strides = nest.write.strides;
  nest.write.strides.clear();
  for (int label : order) nest.write.strides.push_back(Along(contract.out, strides, label, 0));
  steps_.push_back(FinishNest(std::move(nest), operation.origin));
}

void Scheduler::VisitConvolve(const core::Operation& anchor, const core::Convolve& convolve, const core::Map* map,
                              const core::Operation& operation) {
  const ValueId input_value = anchor.operands[0];
  const Extents& input_extents = ExtentsOf(input_value);
  const Extents& kernel = ExtentsOf(anchor.operands[1]);
  const Extents& extents = ExtentsOf(operation.Result());
  const size_t spatial = convolve.axes.size();
  const int64_t group_inputs = *kernel[spatial].Constant();

  Layout input = ReadPadded(input_value, HaloOf(convolve, input_value), operation.origin);
  const std::vector<Dim> pixel_strides = input.strides;
  for (size_t k = 0; k < spatial; ++k) {
    input.offset += (Dim(0) - convolve.axes[k].pad_low) * pixel_strides[k + 1];
    input.strides[k + 1] = pixel_strides[k + 1] * convolve.axes[k].stride;
  }
  const Layout& output = Allocate(operation.Result(), operation.origin);

  if (group_inputs == 1 && convolve.groups > 1) {
    Depthwise depthwise{.outer = OuterOf(extents), .columns = extents[spatial], .input = input, .output = output};
    depthwise.channels = *extents.back().Constant();
    depthwise.multiplier = depthwise.channels / convolve.groups;
    depthwise.taps = {0};
    for (size_t k = 0; k < spatial; ++k) {
      std::vector<Dim> taps;
      for (const Dim& tap : depthwise.taps) {
        for (int64_t i = 0; i < *kernel[k].Constant(); ++i) {
          taps.push_back(tap + pixel_strides[k + 1] * (i * convolve.axes[k].dilation));
        }
      }
      depthwise.taps = std::move(taps);
    }
    depthwise.epilogue = EpilogueOf(map, operation);
    return AddDepthwise(std::move(depthwise), anchor.operands[1], operation.origin);
  }

  Tile tile{.outer = OuterOf(extents), .columns = extents[spatial], .input = input, .output = output};
  tile.input.strides.pop_back();
  tile.groups = convolve.groups;
  tile.group_stride = group_inputs;
  tile.channels = *extents.back().Constant() / convolve.groups;
  for (size_t k = 0; k < spatial; ++k) {
    tile.segments.push_back(
        {.count = *kernel[k].Constant(), .stride = pixel_strides[k + 1] * convolve.axes[k].dilation});
  }
  tile.run = group_inputs;
  // Where the kernel's pixels of a row lie one after another, they are one run.
  if (tile.segments.back().stride == Dim(group_inputs) && input_extents.back() == Dim(group_inputs)) {
    tile.run *= tile.segments.back().count;
    tile.segments.pop_back();
  }
  std::erase_if(tile.segments, [](const Tile::Segment& segment) { return segment.count == 1; });
  tile.epilogue = EpilogueOf(map, operation);
  JoinColumns(tile);
  const auto* weights = graph_.ProducerAs<core::Constant>(anchor.operands[1]);
  STRATA_CHECK(weights != nullptr);
  tile.panel_width = PanelWidth(tile.channels);
  PackWeights(tile, weights->literal);
  AddTile(std::move(tile), operation.origin, /*is_matrix=*/false);
}

// Outer axes that input, output and epilogue walk through together with the columns become columns. A symbolic axis
// joins only where the columns alone are too few to fill a tile.
void Scheduler::JoinColumns(Tile& tile) const {
  while (!tile.outer.empty()) {
    const std::optional<int64_t> columns = tile.columns.Constant();
    if (!columns || (!tile.outer.back().Constant() && *columns >= target_.tile_rows / 2)) return;
    const size_t outer = tile.outer.size() - 1;
    if (!tile.weight_strides.empty() && !tile.weight_strides[outer].Is(0)) return;
    const auto can_join = [&](const Access& access) {
      return access.strides[outer] == access.strides[outer + 1] * tile.columns;
    };
    if (!can_join(tile.input) || !can_join(tile.output) || !std::ranges::all_of(tile.epilogue.reads, can_join)) return;
    const auto join = [&](Access& access) {
      access.strides.erase(access.strides.begin() + static_cast<std::ptrdiff_t>(outer));
    };
    join(tile.input);
    join(tile.output);
    std::ranges::for_each(tile.epilogue.reads, join);
    tile.columns *= tile.outer.back();
    tile.outer.pop_back();
    if (!tile.weight_strides.empty()) tile.weight_strides.pop_back();
  }
}

// Panels of known weights.
void Scheduler::PackWeights(Tile& tile, std::shared_ptr<const core::Literal> literal) {
  tile.weights = AddConstant(
      {.literal = std::move(literal), .panels = true, .groups = tile.groups, .panel_width = tile.panel_width},
      tile.WeightElements());
}

void Scheduler::AddTile(Tile tile, const std::string& origin, bool is_matrix) {
  const int64_t panels = tile.Panels();
  std::tie(tile.rows, tile.last_rows) = SplitColumns(tile.columns, target_.tile_rows);
  // A symbolic number of columns may be 1: that tile takes the most panels at once.
  const int64_t fewest_rows = tile.columns.Constant() ? tile.rows : 1;
  tile.panels = std::clamp<int64_t>(VectorsAtOnce(target_, fewest_rows) * target_.lanes / tile.panel_width, 1, panels);
  // Weights that stay in the cache are read again for each tile of columns; larger ones go through it once. Where each
  // outer index has weights of its own, they change with it.
  tile.channels_outer =
      tile.weight_strides.empty() && (is_matrix || tile.WeightElements() * 4 > context_.options.l2_bytes / 2);
  Step step{.origin = origin};
  const int64_t blocks = (panels + tile.panels - 1) / tile.panels * tile.groups;
  const Dim points = Product(tile.outer);
  step.tasks = points * tile.ColumnTiles() * blocks;
  step.flops = points * tile.columns * (2 * tile.Depth() * tile.channels * tile.groups);
  step.kernel = std::move(tile);
  steps_.push_back(std::move(step));
}

void Scheduler::AddDepthwise(Depthwise depthwise, ValueId weights, const std::string& origin) {
  const auto* constant = graph_.ProducerAs<core::Constant>(weights);
  STRATA_CHECK(constant != nullptr);
  const int64_t taps = static_cast<int64_t>(depthwise.taps.size());
  depthwise.weights = AddConstant({.literal = constant->literal}, taps * depthwise.channels);
  std::tie(depthwise.rows, depthwise.last_rows) = SplitColumns(depthwise.columns, target_.tile_rows / 2);
  Step step{.origin = origin};
  step.tasks = Product(depthwise.outer) * depthwise.ColumnTiles();
  step.flops = Product(depthwise.outer) * depthwise.columns * (2 * taps * depthwise.channels);
  step.kernel = std::move(depthwise);
  steps_.push_back(std::move(step));
}

void Scheduler::VisitWindow(const core::Operation& anchor, const core::Window& window, const core::Map* map,
                            const core::Operation& operation) {
  const ValueId input = anchor.operands[0];
  Pool pool{.kind = window.kind,
            .extents = ExtentsOf(operation.Result()),
            .input_extents = ExtentsOf(input),
            .axes = window.axes,
            .input = ReadVectors(input, operation.origin),
            .output = Allocate(operation.Result(), operation.origin),
            .epilogue = EpilogueOf(map, operation)};
  Step step{.origin = operation.origin, .tasks = 1};
  int64_t taps = 1;
  for (const core::Window::Axis& axis : window.axes) taps *= axis.size;
  step.flops = Product(pool.extents) * taps;
  for (size_t axis = 0; axis + 1 < pool.extents.size(); ++axis) step.tasks *= pool.extents[axis];
  step.kernel = std::move(pool);
  steps_.push_back(std::move(step));
}

}  // namespace strata
