// From a graph to steps: each operation becomes a step or, where it only renames elements, a layout.
#include <algorithm>
#include <map>
#include <utility>

#include "compiler/core/builder.h"
#include "compiler/schedule/arena.h"
#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/overloaded.h"
#include "compiler/schedule/schedule.h"
#include "compiler/source/check.h"

namespace strata {

namespace {

using core::Extents;
using core::ValueId;

Dim Product(const Extents& extents) {
  Dim product = 1;
  for (const Dim& extent : extents) product *= extent;
  return product;
}

std::vector<Dim> RowMajorStrides(const Extents& extents) {
  std::vector<Dim> strides(extents.size(), 1);
  for (size_t axis = extents.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * extents[axis];
  return strides;
}

// Strides along axes of one element do not matter.
bool IsRowMajor(const Extents& extents, const std::vector<Dim>& strides) {
  Dim expected = 1;
  for (size_t axis = extents.size(); axis-- > 0;) {
    if (extents[axis].Is(1)) continue;
    if (!(strides[axis] == expected)) return false;
    expected *= extents[axis];
  }
  return true;
}

bool HasUnitLastStride(const Extents& extents, const Layout& layout) {
  return layout.strides.back().Is(1) || extents.back().Is(1);
}

// Zeros around a value: for each axis how many before and after.
struct Halo {
  std::vector<Dim> low;
  std::vector<Dim> high;

  bool IsEmpty() const {
    const auto is_zero = [](const Dim& size) { return size.Is(0); };
    return std::ranges::all_of(low, is_zero) && std::ranges::all_of(high, is_zero);
  }
};

class Scheduler {
 public:
  Scheduler(const core::Graph& graph, const Target& target, const ScheduleOptions& options)
      : graph_(graph), target_(target), options_(options), layouts_(graph.values.size()) {
    schedule_.target = &target;
    schedule_.symbols = graph.symbols;
  }

  Schedule Run() {
    CollectHalos();
    ChooseOutputs();
    ChooseConcatPlaces();
    for (const core::Operation& operation : graph_.operations) Visit(operation);
    CopyOutputs();
    FinishSteps();
    PlanArena(schedule_);
    return std::move(schedule_);
  }

 private:
  // ---- Before the steps: what will be asked of each value ----

  // Whether `operation` computes its result, so that it can write it wherever it is wanted.
  static bool Computes(const core::Operation& operation) {
    return std::visit(
        Overloaded{[](const core::Input&) { return false; }, [](const core::Weight&) { return false; },
                   [](const core::Constant&) { return false; }, [](const core::Transpose&) { return false; },
                   [](const core::Reshape&) { return false; }, [](const core::Slice&) { return false; },
                   [](const auto&) { return true; }},
        operation.op);
  }

  // A Convolve reads past its input's edges: its producer leaves room there.
  void CollectHalos() {
    for (const core::Operation& operation : graph_.operations) {
      const auto [convolve, input] = ConvolveOf(operation);
      if (convolve == nullptr) continue;
      const Halo wanted = HaloOf(*convolve, input);
      if (wanted.IsEmpty() || !Computes(graph_.Producer(input))) continue;
      auto [entry, is_new] = halos_.try_emplace(input, wanted);
      if (is_new) continue;
      for (size_t axis = 0; axis < wanted.low.size(); ++axis) {
        entry->second.low[axis] = Max(entry->second.low[axis], wanted.low[axis]);
        entry->second.high[axis] = Max(entry->second.high[axis], wanted.high[axis]);
      }
    }
  }

  // The Convolve an operation is or is anchored by, and its input in this graph.
  std::pair<const core::Convolve*, ValueId> ConvolveOf(const core::Operation& operation) const {
    if (const auto* convolve = std::get_if<core::Convolve>(&operation.op)) return {convolve, operation.operands[0]};
    if (const auto* group = std::get_if<core::Group>(&operation.op)) {
      for (const core::Operation& inner : group->body->operations) {
        if (const auto* convolve = std::get_if<core::Convolve>(&inner.op)) {
          return {convolve, Outer(*group->body, operation, inner.operands[0])};
        }
      }
    }
    return {nullptr, {}};
  }

  // What a value of a group's body that is one of its inputs is outside.
  static ValueId Outer(const core::Graph& body, const core::Operation& group, ValueId inner) {
    const auto* input = body.ProducerAs<core::Input>(inner);
    STRATA_CHECK(input != nullptr);
    return group.operands[static_cast<size_t>(input->index)];
  }

  Halo HaloOf(const core::Convolve& convolve, ValueId input) const {
    Halo halo;
    halo.low.assign(ExtentsOf(input).size(), 0);
    halo.high = halo.low;
    for (size_t k = 0; k < convolve.axes.size(); ++k) {
      halo.low[k + 1] = convolve.axes[k].pad_low;
      halo.high[k + 1] = convolve.axes[k].pad_high;
    }
    return halo;
  }

  // A value that is an output and is computed is written there at once, in place of a copy.
  void ChooseOutputs() {
    for (size_t k = 0; k < graph_.outputs.size(); ++k) {
      const ValueId value = graph_.outputs[k];
      const int buffer = AddBuffer(
          {.kind = Buffer::Kind::Output, .index = static_cast<int>(k), .elements = Product(ExtentsOf(value))});
      output_buffers_.push_back(buffer);
      if (!Computes(graph_.Producer(value)) || halos_.contains(value) || written_outputs_.contains(value)) continue;
      written_outputs_[value] = buffer;
    }
  }

  // A value that only a Concat reads is computed into its part of the whole.
  void ChooseConcatPlaces() {
    std::map<ValueId, int> uses;
    for (const core::Operation& operation : graph_.operations) {
      for (ValueId operand : operation.operands) ++uses[operand];
    }
    for (ValueId output : graph_.outputs) ++uses[output];
    for (const core::Operation& operation : graph_.operations) {
      const auto* concat = std::get_if<core::Concat>(&operation.op);
      if (concat == nullptr) continue;
      Dim offset = 0;
      for (ValueId operand : operation.operands) {
        if (uses[operand] == 1 && Computes(graph_.Producer(operand)) && !halos_.contains(operand)) {
          concat_places_[operand] = {.whole = operation.Result(), .axis = concat->axis, .offset = offset};
        }
        offset += ExtentsOf(operand)[static_cast<size_t>(concat->axis)];
      }
    }
  }

  // ---- Buffers and layouts ----

  const Extents& ExtentsOf(ValueId value) const { return graph_.Get(value).extents; }

  int AddBuffer(Buffer buffer) {
    schedule_.buffers.push_back(std::move(buffer));
    return static_cast<int>(schedule_.buffers.size()) - 1;
  }

  std::optional<Layout>& LayoutOf(ValueId value) { return layouts_[static_cast<size_t>(value.index)]; }

  Layout NewBuffer(const Extents& extents, const Halo& halo, const std::string& origin) {
    Extents padded = extents;
    for (size_t axis = 0; axis < extents.size(); ++axis) padded[axis] += halo.low[axis] + halo.high[axis];
    Layout layout{.buffer = AddBuffer({.kind = Buffer::Kind::Arena, .elements = Product(padded)}),
                  .offset = 0,
                  .strides = RowMajorStrides(padded)};
    for (size_t axis = 0; axis < extents.size(); ++axis) layout.offset += halo.low[axis] * layout.strides[axis];
    FillHalo(extents, halo, layout, origin);
    return layout;
  }

  // Zeros before and after each axis: whole slabs along the axes before it, which cover the corners.
  void FillHalo(const Extents& extents, const Halo& halo, const Layout& layout, const std::string& origin) {
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      for (const bool high : {false, true}) {
        const Dim& width = high ? halo.high[axis] : halo.low[axis];
        if (width.Is(0)) continue;
        Extents slab = extents;
        Access write = layout;
        slab[axis] = width;
        write.offset += (high ? extents[axis] : Dim(0) - width) * layout.strides[axis];
        for (size_t later = axis + 1; later < extents.size(); ++later) {
          slab[later] += halo.low[later] + halo.high[later];
          write.offset += (Dim(0) - halo.low[later]) * layout.strides[later];
        }
        schedule_.steps.push_back(FillNest(slab, write, 0, origin + ".halo"));
      }
    }
  }

  static Halo NoHalo(size_t rank) { return {std::vector<Dim>(rank, 0), std::vector<Dim>(rank, 0)}; }

  // Where a computed value goes.
  const Layout& Allocate(ValueId value, const std::string& origin) {
    std::optional<Layout>& layout = LayoutOf(value);
    if (layout) return *layout;
    const Extents& extents = ExtentsOf(value);
    if (const auto place = concat_places_.find(value); place != concat_places_.end()) {
      Layout part = Allocate(place->second.whole, origin);
      part.offset += place->second.offset * part.strides[static_cast<size_t>(place->second.axis)];
      layout = std::move(part);
    } else if (const auto output = written_outputs_.find(value); output != written_outputs_.end()) {
      layout = Layout{.buffer = output->second, .offset = 0, .strides = RowMajorStrides(extents)};
    } else {
      const auto halo = halos_.find(value);
      layout = NewBuffer(extents, halo == halos_.end() ? NoHalo(extents.size()) : halo->second, origin);
    }
    return *layout;
  }

  // The layout of a value that exists. A constant gets its buffer when it is first read.
  const Layout& Read(ValueId value) {
    std::optional<Layout>& layout = LayoutOf(value);
    if (!layout) {
      const auto* constant = graph_.ProducerAs<core::Constant>(value);
      STRATA_CHECK(constant != nullptr);
      layout = Layout{.buffer = AddConstant({.literal = constant->literal}, Product(ExtentsOf(value))),
                      .offset = 0,
                      .strides = RowMajorStrides(ExtentsOf(value))};
    }
    return *layout;
  }

  int AddConstant(PackedConstant constant, Dim elements) {
    constant.offset = schedule_.constant_bytes;
    constant.bytes = *elements.Constant() * 4;
    schedule_.constant_bytes += (constant.bytes + 63) / 64 * 64;
    schedule_.constants.push_back(std::move(constant));
    return AddBuffer({.kind = Buffer::Kind::Constant,
                      .index = static_cast<int>(schedule_.constants.size()) - 1,
                      .elements = std::move(elements)});
  }

  Layout Copy(ValueId value, const Halo& halo, const std::string& origin) {
    Layout copy = NewBuffer(ExtentsOf(value), halo, origin);
    schedule_.steps.push_back(CopyNest(ExtentsOf(value), Read(value), copy, origin + ".copy"));
    return copy;
  }

  // The value with vectors along its last axis.
  Layout ReadVectors(ValueId value, const std::string& origin) {
    if (HasUnitLastStride(ExtentsOf(value), Read(value))) return Read(value);
    return Copy(value, NoHalo(ExtentsOf(value).size()), origin);
  }

  // The value with vectors along its last axis and at least `halo` around it.
  Layout ReadPadded(ValueId value, const Halo& halo, const std::string& origin) {
    if (halo.IsEmpty() || halos_.contains(value)) return ReadVectors(value, origin);
    return Copy(value, halo, origin);
  }

  // ---- Operations ----

  void Visit(const core::Operation& operation) {
    std::visit(Overloaded{
                   [&](const core::Input& input) {
                     const ValueId value = operation.Result();
                     STRATA_CHECK(graph_.Get(value).dtype == DType::F32);
                     LayoutOf(value) = Layout{.buffer = AddBuffer({.kind = Buffer::Kind::Input,
                                                                   .index = input.index,
                                                                   .elements = Product(ExtentsOf(value))}),
                                              .offset = 0,
                                              .strides = RowMajorStrides(ExtentsOf(value))};
                   },
                   [](const core::Weight&) { STRATA_CHECK(false); },  // Optimize binds weights
                   [](const core::Constant&) {},
                   [&](const core::Contract& contract) { VisitContract(operation, contract, nullptr, operation); },
                   [&](const core::Convolve& convolve) { VisitConvolve(operation, convolve, nullptr, operation); },
                   [&](const core::Window& window) { VisitWindow(operation, window, nullptr, operation); },
                   [&](const core::Map&) { VisitRows(operation); },
                   [&](const core::Reduce&) { VisitRows(operation); },
                   [&](const core::Transpose& transpose) { VisitTranspose(operation, transpose); },
                   [&](const core::Reshape&) { VisitReshape(operation); },
                   [&](const core::Slice& slice) { VisitSlice(operation, slice); },
                   [&](const core::Pad& pad) { VisitPad(operation, pad); },
                   [&](const core::Concat& concat) { VisitConcat(operation, concat); },
                   [&](const core::Group& group) { VisitGroup(operation, group); },
                   [](const core::Prefix&) { STRATA_CHECK(false && "not built"); },
                   [](const core::Gather&) { STRATA_CHECK(false && "not built"); },
                   [](const core::Scan&) { STRATA_CHECK(false && "not built"); },
               },
               operation.op);
  }

  void VisitTranspose(const core::Operation& operation, const core::Transpose& transpose) {
    const Layout operand = Read(operation.operands[0]);
    Layout layout = operand;
    for (size_t axis = 0; axis < transpose.permutation.size(); ++axis) {
      layout.strides[axis] = operand.strides[static_cast<size_t>(transpose.permutation[axis])];
    }
    LayoutOf(operation.Result()) = std::move(layout);
  }

  void VisitSlice(const core::Operation& operation, const core::Slice& slice) {
    Layout layout = Read(operation.operands[0]);
    for (size_t axis = 0; axis < layout.strides.size(); ++axis) {
      layout.offset += slice.begins[axis] * layout.strides[axis];
      layout.strides[axis] *= slice.steps[axis];
    }
    LayoutOf(operation.Result()) = std::move(layout);
  }

  void VisitReshape(const core::Operation& operation) {
    const ValueId operand = operation.operands[0];
    Layout layout = IsRowMajor(ExtentsOf(operand), Read(operand).strides)
                        ? Read(operand)
                        : Copy(operand, NoHalo(ExtentsOf(operand).size()), operation.origin);
    layout.strides = RowMajorStrides(ExtentsOf(operation.Result()));
    LayoutOf(operation.Result()) = std::move(layout);
  }

  void VisitPad(const core::Operation& operation, const core::Pad& pad) {
    const ValueId operand = operation.operands[0];
    const Layout& whole = Allocate(operation.Result(), operation.origin);
    schedule_.steps.push_back(FillNest(ExtentsOf(operation.Result()), whole, pad.value, operation.origin));
    Access interior = whole;
    for (size_t axis = 0; axis < pad.low.size(); ++axis) interior.offset += pad.low[axis] * whole.strides[axis];
    schedule_.steps.push_back(CopyNest(ExtentsOf(operand), Read(operand), interior, operation.origin));
  }

  void VisitConcat(const core::Operation& operation, const core::Concat& concat) {
    const Layout whole = Allocate(operation.Result(), operation.origin);
    const size_t axis = static_cast<size_t>(concat.axis);
    Dim offset = 0;
    for (ValueId operand : operation.operands) {
      if (!concat_places_.contains(operand)) {
        Access part = whole;
        part.offset += offset * whole.strides[axis];
        schedule_.steps.push_back(CopyNest(ExtentsOf(operand), Read(operand), part, operation.origin));
      }
      offset += ExtentsOf(operand)[axis];
    }
  }

  // A group is anchored by a Contract, Convolve or Window with a Map after it, or is made of Maps and Reduces.
  void VisitGroup(const core::Operation& operation, const core::Group& group) {
    const core::Graph& body = *group.body;
    const core::Map* map = std::get_if<core::Map>(&body.Producer(body.outputs[0]).op);
    for (const core::Operation& inner : body.operations) {
      core::Operation anchor = inner;
      for (ValueId& operand : anchor.operands) {
        if (body.ProducerAs<core::Input>(operand) != nullptr) operand = Outer(body, operation, operand);
      }
      if (const auto* contract = std::get_if<core::Contract>(&inner.op)) {
        return VisitContract(anchor, *contract, map, operation);
      }
      if (const auto* convolve = std::get_if<core::Convolve>(&inner.op)) {
        return VisitConvolve(anchor, *convolve, map, operation);
      }
      if (const auto* window = std::get_if<core::Window>(&inner.op)) {
        return VisitWindow(anchor, *window, map, operation);
      }
    }
    VisitRows(operation);
  }

  // The epilogue of an anchor whose group (or itself) is `operation`.
  Epilogue EpilogueOf(const core::Map* map, const core::Operation& operation) {
    if (map == nullptr) return {.nodes = {{.function = core::Map::Function::Operand, .index = 0}}};
    const core::Graph& body = *std::get<core::Group>(operation.op).body;
    const core::Operation& map_operation = body.Producer(body.outputs[0]);
    Epilogue epilogue{.nodes = map->nodes};
    for (size_t k = 1; k < map_operation.operands.size(); ++k) {
      const ValueId operand = Outer(body, operation, map_operation.operands[k]);
      epilogue.reads.push_back(Broadcast(operand, map->axes[k], ExtentsOf(operation.Result())));
    }
    return epilogue;
  }

  // How an operand that runs along `axes` of a space with these extents is read over all of its axes.
  Access Broadcast(ValueId operand, const std::vector<int>& axes, const Extents& extents) {
    const Layout& layout = Read(operand);
    Access access{.buffer = layout.buffer, .offset = layout.offset, .strides = std::vector<Dim>(extents.size(), 0)};
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      if (!ExtentsOf(operand)[axis].Is(1)) access.strides[static_cast<size_t>(axes[axis])] = layout.strides[axis];
    }
    return access;
  }

  // ---- Contract and Convolve ----

  // The result's axes but the last two and the last one become outer axes, columns and channels.
  static std::vector<Dim> OuterOf(const Extents& extents) { return {extents.begin(), extents.end() - 2}; }

  // result[m..., n] = sum over k of left[m..., k] * right[k, n].
  void VisitContract(const core::Operation& anchor, const core::Contract& contract, const core::Map* map,
                     const core::Operation& operation) {
    const ValueId left = anchor.operands[0];
    const size_t rank = contract.left.size();
    STRATA_CHECK(rank >= 2 && contract.right.size() == 2 && contract.out.size() == rank &&
                 contract.left.back() == contract.right.front() && contract.out.back() == contract.right.back() &&
                 std::equal(contract.left.begin(), contract.left.end() - 1, contract.out.begin()));
    const Layout input = ReadVectors(left, operation.origin);
    const Layout& output = Allocate(operation.Result(), operation.origin);
    const Extents& extents = ExtentsOf(operation.Result());
    Tile tile{.outer = OuterOf(extents), .columns = extents[rank - 2], .input = input, .output = output};
    tile.input.strides.pop_back();
    tile.run = *ExtentsOf(left).back().Constant();
    tile.channels = *extents.back().Constant();
    tile.epilogue = EpilogueOf(map, operation);
    JoinColumns(tile);
    AddTile(std::move(tile), anchor.operands[1], operation.origin, /*is_matrix=*/true);
  }

  void VisitConvolve(const core::Operation& anchor, const core::Convolve& convolve, const core::Map* map,
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
    AddTile(std::move(tile), anchor.operands[1], operation.origin, /*is_matrix=*/false);
  }

  // Outer axes that input, output and epilogue walk through together with the columns become columns. A symbolic axis
  // joins only where the columns alone are too few to fill a tile.
  void JoinColumns(Tile& tile) const {
    while (!tile.outer.empty()) {
      const std::optional<int64_t> columns = tile.columns.Constant();
      if (!columns || (!tile.outer.back().Constant() && *columns >= target_.tile_rows / 2)) return;
      const size_t outer = tile.outer.size() - 1;
      const auto can_join = [&](const Access& access) {
        return access.strides[outer] == access.strides[outer + 1] * tile.columns;
      };
      if (!can_join(tile.input) || !can_join(tile.output) || !std::ranges::all_of(tile.epilogue.reads, can_join))
        return;
      const auto join = [&](Access& access) {
        access.strides.erase(access.strides.begin() + static_cast<std::ptrdiff_t>(outer));
      };
      join(tile.input);
      join(tile.output);
      std::ranges::for_each(tile.epilogue.reads, join);
      tile.columns *= tile.outer.back();
      tile.outer.pop_back();
    }
  }

  // Equal tiles of at most `most` rows, and what is left for the last; symbolic columns take full tiles.
  static std::pair<int64_t, int64_t> SplitColumns(const Dim& columns, int64_t most) {
    const std::optional<int64_t> count = columns.Constant();
    if (!count) return {most, 0};
    const int64_t tiles = (*count + most - 1) / most;
    const int64_t rows = (*count + tiles - 1) / tiles;
    return {rows, *count - (tiles - 1) * rows};
  }

  void AddTile(Tile tile, ValueId weights, const std::string& origin, bool is_matrix) {
    const auto* constant = graph_.ProducerAs<core::Constant>(weights);
    STRATA_CHECK(constant != nullptr);
    tile.panel_width = tile.channels > 16 ? 32 : 16;
    const int64_t panels = (tile.channels + tile.panel_width - 1) / tile.panel_width;
    const int64_t elements = tile.groups * panels * tile.Depth() * tile.panel_width;
    tile.weights = AddConstant(
        {.literal = constant->literal, .panels = true, .groups = tile.groups, .panel_width = tile.panel_width},
        elements);
    std::tie(tile.rows, tile.last_rows) = SplitColumns(tile.columns, target_.tile_rows);
    // A symbolic number of columns may be 1: that tile takes the most panels at once.
    const int64_t fewest_rows = tile.columns.Constant() ? tile.rows : 1;
    tile.panels =
        std::clamp<int64_t>(VectorsAtOnce(target_, fewest_rows) * target_.lanes / tile.panel_width, 1, panels);
    // Weights that stay in the cache are read again for each tile of columns; larger ones go through it once.
    tile.channels_outer = is_matrix || elements * 4 > options_.l2_bytes / 2;
    Step step{.origin = origin};
    const int64_t blocks = (panels + tile.panels - 1) / tile.panels * tile.groups;
    const Dim points = Product(tile.outer);
    step.tasks = points * tile.ColumnTiles() * blocks;
    step.flops = points * tile.columns * (2 * tile.Depth() * tile.channels * tile.groups);
    step.kernel = std::move(tile);
    schedule_.steps.push_back(std::move(step));
  }

  void AddDepthwise(Depthwise depthwise, ValueId weights, const std::string& origin) {
    const auto* constant = graph_.ProducerAs<core::Constant>(weights);
    STRATA_CHECK(constant != nullptr);
    const int64_t taps = static_cast<int64_t>(depthwise.taps.size());
    depthwise.weights = AddConstant({.literal = constant->literal}, taps * depthwise.channels);
    std::tie(depthwise.rows, depthwise.last_rows) = SplitColumns(depthwise.columns, target_.tile_rows / 2);
    Step step{.origin = origin};
    step.tasks = Product(depthwise.outer) * depthwise.ColumnTiles();
    step.flops = Product(depthwise.outer) * depthwise.columns * (2 * taps * depthwise.channels);
    step.kernel = std::move(depthwise);
    schedule_.steps.push_back(std::move(step));
  }

  // ---- Window ----

  void VisitWindow(const core::Operation& anchor, const core::Window& window, const core::Map* map,
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
    schedule_.steps.push_back(std::move(step));
  }

  // ---- Maps and Reduces ----

  // A Map, a Reduce, or a Group of them over the same rows: one nest, whose stages are the Reduces and the result.
  // Expressions in between are computed again in each stage that needs them.
  struct Rows {
    const core::Graph* body;       // the group's, or the graph itself
    const core::Operation* group;  // null: a lone operation
    std::set<ValueId> inside;      // results of the Maps that are part of it
    Extents extents;
    std::vector<Access> reads;
    std::map<ValueId, int> stages;  // of the Reduces
  };
  static constexpr int kFirstStage = 1 << 20;  // operand numbers of stages until the reads are counted

  void VisitRows(const core::Operation& operation) {
    const auto* group = std::get_if<core::Group>(&operation.op);
    Rows rows{.body = group ? group->body.get() : &graph_, .group = group ? &operation : nullptr};
    const ValueId result = group ? group->body->outputs[0] : operation.Result();
    std::vector<const core::Operation*> reduces;
    const auto take = [&](const core::Operation& inner) {
      if (std::holds_alternative<core::Reduce>(inner.op)) reduces.push_back(&inner);
      if (std::holds_alternative<core::Map>(inner.op)) rows.inside.insert(inner.Result());
    };
    if (group) {
      std::ranges::for_each(group->body->operations, take);
    } else {
      take(operation);
    }
    Nest nest;
    rows.extents = reduces.empty() ? ExtentsOf(operation.Result()) : rows.body->Get(reduces[0]->operands[0]).extents;
    nest.extents = rows.extents;
    nest.reduced.assign(rows.extents.size(), false);
    if (!reduces.empty()) {
      for (int axis : std::get<core::Reduce>(reduces[0]->op).axes) nest.reduced[static_cast<size_t>(axis)] = true;
    }
    std::vector<int> all_axes;
    std::vector<int> kept_axes;
    for (size_t axis = 0; axis < rows.extents.size(); ++axis) {
      all_axes.push_back(static_cast<int>(axis));
      if (!nest.reduced[axis]) kept_axes.push_back(static_cast<int>(axis));
    }

    for (const core::Operation* reduce : reduces) {
      core::MapBuilder builder;
      const core::Expr operand = Inline(rows, builder, reduce->operands[0], all_axes);
      nest.stages.push_back({.reduce = std::get<core::Reduce>(reduce->op).kind, .nodes = builder.Finish(operand)});
      rows.stages[reduce->Result()] = static_cast<int>(nest.stages.size()) - 1;
    }
    const size_t result_rank = ExtentsOf(operation.Result()).size();
    nest.writes_rows = !reduces.empty() && result_rank == kept_axes.size();
    const std::vector<int>& result_axes = nest.writes_rows ? kept_axes : all_axes;
    if (!rows.stages.contains(result)) {
      core::MapBuilder builder;
      const core::Expr value = Inline(rows, builder, result, result_axes);
      nest.stages.push_back({.nodes = builder.Finish(value)});
    }
    for (Nest::Stage& stage : nest.stages) {
      for (core::Map::Node& node : stage.nodes) {
        if (node.function != core::Map::Function::Operand || node.index < kFirstStage) continue;
        node.index += static_cast<int>(rows.reads.size()) - kFirstStage;
      }
    }
    const Layout& output = Allocate(operation.Result(), operation.origin);
    nest.write = {
        .buffer = output.buffer, .offset = output.offset, .strides = std::vector<Dim>(rows.extents.size(), 0)};
    for (size_t axis = 0; axis < result_axes.size(); ++axis) {
      nest.write.strides[static_cast<size_t>(result_axes[axis])] = output.strides[axis];
    }
    nest.reads = std::move(rows.reads);
    schedule_.steps.push_back(FinishNest(std::move(nest), operation.origin));
  }

  // The element of `value`, whose axes run along `axes` of the nest, as an expression over reads and stages.
  core::Expr Inline(Rows& rows, core::MapBuilder& builder, ValueId value, const std::vector<int>& axes) {
    if (const auto stage = rows.stages.find(value); stage != rows.stages.end()) {
      return builder.Operand(kFirstStage + stage->second);
    }
    const core::Operation& producer = rows.body->Producer(value);
    if (!rows.inside.contains(value)) {
      const ValueId outside = rows.group == nullptr ? value : Outer(*rows.body, *rows.group, value);
      return builder.Operand(ReadNumber(rows, Broadcast(outside, axes, rows.extents)));
    }
    const auto* map = std::get_if<core::Map>(&producer.op);
    std::vector<core::Expr> nodes;
    for (const core::Map::Node& node : map->nodes) {
      if (node.function == core::Map::Function::Operand) {
        std::vector<int> operand_axes;
        for (int axis : map->axes[static_cast<size_t>(node.index)]) {
          operand_axes.push_back(axes[static_cast<size_t>(axis)]);
        }
        nodes.push_back(Inline(rows, builder, producer.operands[static_cast<size_t>(node.index)], operand_axes));
      } else if (node.function == core::Map::Function::Index) {
        nodes.push_back(builder.Index(axes[static_cast<size_t>(node.index)], node.type));
      } else {
        std::vector<core::Expr> args;
        for (int arg : node.args) args.push_back(nodes[static_cast<size_t>(arg)]);
        nodes.push_back(builder.Copy(node, std::move(args)));
      }
    }
    return nodes.back();
  }

  static int ReadNumber(Rows& rows, Access access) {
    for (size_t k = 0; k < rows.reads.size(); ++k) {
      const Access& read = rows.reads[k];
      if (read.buffer == access.buffer && read.offset == access.offset && read.strides == access.strides) {
        return static_cast<int>(k);
      }
    }
    rows.reads.push_back(std::move(access));
    return static_cast<int>(rows.reads.size()) - 1;
  }

  // ---- After the steps ----

  // Outputs that are inputs, constants, views, padded or given twice.
  void CopyOutputs() {
    for (size_t k = 0; k < graph_.outputs.size(); ++k) {
      const ValueId value = graph_.outputs[k];
      const auto written = written_outputs_.find(value);
      if (written != written_outputs_.end() && written->second == output_buffers_[k]) continue;
      const Layout output{.buffer = output_buffers_[k], .offset = 0, .strides = RowMajorStrides(ExtentsOf(value))};
      schedule_.steps.push_back(CopyNest(ExtentsOf(value), Read(value), output, "output"));
    }
  }

  void FinishSteps() {
    for (Step& step : schedule_.steps) {
      step.bytes = 0;
      for (int buffer : BuffersOf(step)) step.bytes += schedule_.buffers[static_cast<size_t>(buffer)].elements * 4;
    }
  }

  struct ConcatPlace {
    ValueId whole;
    int axis;
    Dim offset;
  };

  const core::Graph& graph_;
  const Target& target_;
  const ScheduleOptions& options_;
  Schedule schedule_;
  std::vector<std::optional<Layout>> layouts_;  // by ValueId
  std::map<ValueId, Halo> halos_;               // of computed values
  std::map<ValueId, int> written_outputs_;      // buffers of computed outputs
  std::vector<int> output_buffers_;
  std::map<ValueId, ConcatPlace> concat_places_;
};

}  // namespace

Schedule MakeSchedule(const core::Graph& graph, const Target& target, const ScheduleOptions& options) {
  return Scheduler(graph, target, options).Run();
}

}  // namespace strata
