#include <algorithm>

#include "compiler/schedule/arena.h"
#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/overloaded.h"
#include "compiler/schedule/schedule.h"
#include "compiler/schedule/scheduler.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

ValueId OuterValue(const core::Graph& body, const core::Operation& group, ValueId inner) {
  const auto* input = body.ProducerAs<core::Input>(inner);
  STRATA_CHECK(input != nullptr);
  return group.operands[static_cast<size_t>(input->index)];
}

Scheduler::Scheduler(const core::Graph& graph, const ScheduleContext& context, std::vector<Layout> inputs,
                     std::vector<Layout> outputs)
    : graph_(graph),
      context_(context),
      target_(context.target),
      schedule_(context.schedule),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      layouts_(graph.values.size()) {}

std::vector<Step> Scheduler::Run() {
  RequireSizes();
  CountUses();
  ChooseReshapes();
  CollectHalos();
  ChooseOutputs();
  ChooseConcatPlaces();
  for (const core::Operation& operation : graph_.operations) Visit(operation);
  CopyOutputs();
  return std::move(steps_);
}

// ---- Before the steps ----

// Whether a value is computed, so that it can be written wherever it is wanted.
bool Scheduler::Computes(ValueId value) const {
  const core::Operation& operation = graph_.Producer(value);
  return std::visit(Overloaded{[](const core::Input&) { return false; }, [](const core::Weight&) { return false; },
                               [](const core::Constant&) { return false; },
                               [](const core::Transpose&) { return false; }, [](const core::Slice&) { return false; },
                               [&](const core::Reshape&) { return written_reshapes_.contains(operation.operands[0]); },
                               // What goes from round to round has places of its own.
                               [&](const core::Scan& scan) {
                                 const auto carries_end = operation.results.begin() + scan.carries;
                                 return std::find(operation.results.begin(), carries_end, value) == carries_end;
                               },
                               [](const auto&) { return true; }},
                    operation.op);
}

// No size may be negative, and no Slice may reach outside its operand, whatever the symbols are.
void Scheduler::RequireSizes() {
  const auto require = [&](const Dim& dim) {
    if (dim.Constant()) return;
    if (std::ranges::find(schedule_.not_negative, dim) == schedule_.not_negative.end()) {
      schedule_.not_negative.push_back(dim);
    }
  };
  for (const core::Value& value : graph_.values) std::ranges::for_each(value.extents, require);
  for (const core::Operation& operation : graph_.operations) {
    const auto* slice = std::get_if<core::Slice>(&operation.op);
    if (slice == nullptr) continue;
    const core::Extents& extents = ExtentsOf(operation.Result());
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      require(slice->begins[axis]);
      // An empty one reaches nowhere.
      const Dim last = slice->begins[axis] + (extents[axis] - 1) * slice->steps[axis];
      require(Max(ExtentsOf(operation.operands[0])[axis] - 1 - last, Dim(0) - extents[axis]));
    }
  }
}

void Scheduler::CountUses() {
  for (const core::Operation& operation : graph_.operations) {
    for (ValueId operand : operation.operands) ++uses_[operand];
  }
  for (ValueId output : graph_.outputs) ++uses_[output];
}

// A value that only a Reshape reads which joins axes, or adds and drops such of one element, is computed to where the
// Reshape's result is wanted.
void Scheduler::ChooseReshapes() {
  for (const core::Operation& operation : graph_.operations) {
    if (!std::holds_alternative<core::Reshape>(operation.op)) continue;
    const ValueId operand = operation.operands[0];
    const core::Extents& from = ExtentsOf(operand);
    const core::Extents& to = ExtentsOf(operation.Result());
    if (uses_[operand] != 1 || !Computes(operand) || from.empty() || to.empty()) continue;
    if (to.back().Is(1) && !from.back().Is(1)) continue;  // the last stride stays what it is
    if (LayoutBefore(graph_, from, to, {.strides = RowMajorStrides(to)})) {
      written_reshapes_.emplace(operand, operation.Result());
    }
  }
}

// A Convolve reads past its input's edges: its producer leaves room there, or the copy that is made once for all.
void Scheduler::CollectHalos() {
  for (const core::Operation& operation : graph_.operations) {
    const auto [convolve, input] = ConvolveOf(operation);
    if (convolve == nullptr) continue;
    const Halo wanted = HaloOf(*convolve, input);
    if (wanted.IsEmpty()) continue;
    auto [entry, is_new] = halos_.try_emplace(input, wanted);
    if (is_new) continue;
    for (size_t axis = 0; axis < wanted.low.size(); ++axis) {
      entry->second.low[axis] = Max(entry->second.low[axis], wanted.low[axis]);
      entry->second.high[axis] = Max(entry->second.high[axis], wanted.high[axis]);
    }
  }
}

// The Convolve an operation is or is anchored by, and its input in this graph.
std::pair<const core::Convolve*, ValueId> Scheduler::ConvolveOf(const core::Operation& operation) const {
  if (const auto* convolve = std::get_if<core::Convolve>(&operation.op)) return {convolve, operation.operands[0]};
  if (const auto* group = std::get_if<core::Group>(&operation.op)) {
    for (const core::Operation& inner : group->body->operations) {
      if (const auto* convolve = std::get_if<core::Convolve>(&inner.op)) {
        return {convolve, OuterValue(*group->body, operation, inner.operands[0])};
      }
    }
  }
  return {nullptr, {}};
}

// A value that is an output and is computed is written there at once, in place of a copy.
void Scheduler::ChooseOutputs() {
  for (size_t k = 0; k < graph_.outputs.size(); ++k) {
    const ValueId value = graph_.outputs[k];
    if (!Computes(value) || halos_.contains(value)) continue;
    if (HasUnitLastStride(ExtentsOf(value), outputs_[k])) written_outputs_.try_emplace(value, k);
  }
}

// A value that only a Concat reads is computed into its part of the whole.
void Scheduler::ChooseConcatPlaces() {
  for (const core::Operation& operation : graph_.operations) {
    const auto* concat = std::get_if<core::Concat>(&operation.op);
    if (concat == nullptr) continue;
    Dim offset = 0;
    for (ValueId operand : operation.operands) {
      if (uses_[operand] == 1 && Computes(operand) && !halos_.contains(operand)) {
        concat_places_[operand] = {.whole = operation.Result(), .axis = concat->axis, .offset = offset};
      }
      offset += ExtentsOf(operand)[static_cast<size_t>(concat->axis)];
    }
  }
}

// ---- Operations ----

void Scheduler::Visit(const core::Operation& operation) {
  std::visit(
      Overloaded{
          [&](const core::Input& input) { LayoutOf(operation.Result()) = inputs_[static_cast<size_t>(input.index)]; },
          [](const core::Weight&) { STRATA_CHECK(false); },  // Optimize binds weights
          [](const core::Constant&) {},
          [&](const core::Contract& contract) { VisitContract(operation, contract, nullptr, operation); },
          [&](const core::Convolve& convolve) { VisitConvolve(operation, convolve, nullptr, operation); },
          [&](const core::Window& window) { VisitWindow(operation, window, nullptr, operation); },
          [&](const core::Map&) { VisitRows(operation); },
          [&](const core::Reduce&) { VisitRows(operation); },
          [&](const core::Prefix& prefix) { VisitPrefix(operation, prefix); },
          [&](const core::Resample& resample) { VisitResample(operation, resample); },
          [&](const core::Transpose& transpose) { VisitTranspose(operation, transpose); },
          [&](const core::Reshape&) { VisitReshape(operation); },
          [&](const core::Slice& slice) { VisitSlice(operation, slice); },
          [&](const core::Pad& pad) { VisitPad(operation, pad); },
          [&](const core::Concat& concat) { VisitConcat(operation, concat); },
          [&](const core::Gather& gather) { VisitGather(operation, gather); },
          [&](const core::Scan& scan) { VisitScan(operation, scan); },
          [&](const core::Group& group) { VisitGroup(operation, group); },
      },
      operation.op);
}

void Scheduler::VisitTranspose(const core::Operation& operation, const core::Transpose& transpose) {
  const Layout operand = Read(operation.operands[0]);
  Layout layout = operand;
  for (size_t axis = 0; axis < transpose.permutation.size(); ++axis) {
    layout.strides[axis] = operand.strides[static_cast<size_t>(transpose.permutation[axis])];
  }
  LayoutOf(operation.Result()) = std::move(layout);
}

void Scheduler::VisitSlice(const core::Operation& operation, const core::Slice& slice) {
  Layout layout = Read(operation.operands[0]);
  for (size_t axis = 0; axis < layout.strides.size(); ++axis) {
    layout.offset += slice.begins[axis] * layout.strides[axis];
    layout.strides[axis] *= slice.steps[axis];
  }
  LayoutOf(operation.Result()) = std::move(layout);
}

void Scheduler::VisitReshape(const core::Operation& operation) {
  const ValueId operand = operation.operands[0];
  if (written_reshapes_.contains(operand)) return;  // computed there
  Layout layout = IsRowMajor(ExtentsOf(operand), Read(operand).strides)
                      ? Read(operand)
                      : Copy(operand, Halo::None(ExtentsOf(operand).size()), operation.origin);
  layout.strides = RowMajorStrides(ExtentsOf(operation.Result()));
  LayoutOf(operation.Result()) = std::move(layout);
}

void Scheduler::VisitPad(const core::Operation& operation, const core::Pad& pad) {
  const ValueId operand = operation.operands[0];
  const DType dtype = DTypeOf(operand);
  const Layout& whole = Allocate(operation.Result(), operation.origin);
  steps_.push_back(FillNest(ExtentsOf(operation.Result()), whole, pad.value, dtype, operation.origin));
  Access interior = whole;
  for (size_t axis = 0; axis < pad.low.size(); ++axis) interior.offset += pad.low[axis] * whole.strides[axis];
  steps_.push_back(CopyNest(ExtentsOf(operand), Read(operand), interior, dtype, operation.origin));
}

void Scheduler::VisitConcat(const core::Operation& operation, const core::Concat& concat) {
  const Layout whole = Allocate(operation.Result(), operation.origin);
  const size_t axis = static_cast<size_t>(concat.axis);
  Dim offset = 0;
  for (ValueId operand : operation.operands) {
    if (!concat_places_.contains(operand)) {
      Access part = whole;
      part.offset += offset * whole.strides[axis];
      steps_.push_back(CopyNest(ExtentsOf(operand), Read(operand), part, DTypeOf(operand), operation.origin));
    }
    offset += ExtentsOf(operand)[axis];
  }
}

void Scheduler::VisitPrefix(const core::Operation& operation, const core::Prefix& prefix) {
  const core::Extents& extents = ExtentsOf(operation.Result());
  Prefix kernel{.kind = prefix.kind,
                .extents = extents,
                .axis = static_cast<size_t>(prefix.axis),
                .input = Read(operation.operands[0]),
                .output = Allocate(operation.Result(), operation.origin)};
  Step step{.origin = operation.origin, .tasks = 1, .flops = Product(extents)};
  for (size_t axis = 0; axis + 1 < extents.size(); ++axis) {
    if (axis != kernel.axis) step.tasks *= extents[axis];
  }
  step.kernel = std::move(kernel);
  steps_.push_back(std::move(step));
}

void Scheduler::VisitResample(const core::Operation& operation, const core::Resample& resample) {
  const ValueId input = operation.operands[0];
  Resample kernel{.kind = resample.kind,
                  .extents = ExtentsOf(operation.Result()),
                  .axis = static_cast<size_t>(resample.axis),
                  .input = ReadVectors(input, operation.origin),
                  .first = Read(operation.operands[1]),
                  .count = Read(operation.operands[2]),
                  .weights = {},
                  .output = Allocate(operation.Result(), operation.origin)};
  Step step{.origin = operation.origin, .tasks = 1, .flops = Product(ExtentsOf(input))};
  if (operation.operands.size() > 3) {
    const ValueId weights = operation.operands[3];
    kernel.weights = Read(weights);
    kernel.weights->strides.emplace_back(0);
    step.flops = Product(kernel.extents) * ExtentsOf(weights)[1] * 2;
  }
  // Rows of pixels are vectors as a whole.
  while (kernel.axis + 2 < kernel.extents.size()) {
    const size_t last = kernel.extents.size() - 1;
    const auto can_join = [&](const Access& access) {
      return access.strides[last].Is(1) && access.strides[last - 1] == kernel.extents[last];
    };
    if (!can_join(kernel.input) || !can_join(kernel.output)) break;
    kernel.extents[last - 1] *= kernel.extents[last];
    kernel.extents.pop_back();
    for (Access* access : {&kernel.input, &kernel.output}) {
      access->strides.pop_back();
      access->strides.back() = 1;
    }
  }
  for (size_t axis = 0; axis + 1 < kernel.extents.size(); ++axis) step.tasks *= kernel.extents[axis];
  step.kernel = std::move(kernel);
  steps_.push_back(std::move(step));
}

void Scheduler::VisitGather(const core::Operation& operation, const core::Gather&) {
  const ValueId table = operation.operands[0];
  const ValueId indices = operation.operands[1];
  const Layout table_layout = Read(table);
  Gather gather{.extents = ExtentsOf(operation.Result()),
                .index_axes = ExtentsOf(indices).size(),
                .table = Without(table_layout, 0, 0),
                .row_stride = table_layout.strides[0],
                .rows = ExtentsOf(table)[0],
                .indices = Read(indices),
                .output = Allocate(operation.Result(), operation.origin)};
  gather.error = AddBuffer({.kind = Buffer::Kind::Arena, .elements = 1, .dtype = DType::I32});
  gather.failure = static_cast<int>(schedule_.failures.size());
  schedule_.failures.push_back(core::GatherError(operation.origin, gather.rows));
  if (gather.extents.size() == gather.index_axes) {
    // A row is one element: a vector of one lane.
    gather.extents.emplace_back(1);
    gather.table.strides.emplace_back(0);
    gather.output.strides.emplace_back(1);
  }
  Step step{.origin = operation.origin, .tasks = 1, .flops = 0};
  for (size_t axis = 0; axis + 1 < gather.extents.size(); ++axis) step.tasks *= gather.extents[axis];
  step.kernel = std::move(gather);
  steps_.push_back(std::move(step));
}

// A group is anchored by a Contract, Convolve or Window with a Map after it, or is made of Maps and Reduces.
void Scheduler::VisitGroup(const core::Operation& operation, const core::Group& group) {
  const core::Graph& body = *group.body;
  const core::Map* map = std::get_if<core::Map>(&body.Producer(body.outputs[0]).op);
  for (const core::Operation& inner : body.operations) {
    core::Operation anchor = inner;
    for (ValueId& operand : anchor.operands) {
      if (body.ProducerAs<core::Input>(operand) != nullptr) operand = OuterValue(body, operation, operand);
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

// Outputs that are inputs, constants, views, padded or given twice.
void Scheduler::CopyOutputs() {
  for (size_t k = 0; k < graph_.outputs.size(); ++k) {
    const ValueId value = graph_.outputs[k];
    const auto written = written_outputs_.find(value);
    if (written != written_outputs_.end() && written->second == k) continue;
    steps_.push_back(CopyNest(ExtentsOf(value), Read(value), outputs_[k], DTypeOf(value), "output"));
  }
}

namespace {

void CountBytes(std::vector<Step>& steps, const Schedule& schedule) {
  for (Step& step : steps) {
    if (auto* loop = std::get_if<Loop>(&step.kernel)) CountBytes(loop->steps, schedule);
    step.bytes = 0;
    for (int buffer : BuffersOf(step)) step.bytes += schedule.buffers[static_cast<size_t>(buffer)].Bytes();
  }
}

}  // namespace

Schedule MakeSchedule(const core::Graph& graph, const Target& target, const ScheduleOptions& options) {
  Schedule schedule{.target = &target, .symbols = graph.symbols, .guards = graph.guards};
  const auto whole = [&](Buffer::Kind kind, size_t index, ValueId value) {
    const core::Extents& extents = graph.Get(value).extents;
    schedule.buffers.push_back({.kind = kind,
                                .index = static_cast<int>(index),
                                .elements = Product(extents),
                                .dtype = graph.Get(value).dtype});
    return Layout{
        .buffer = static_cast<int>(schedule.buffers.size()) - 1, .offset = 0, .strides = RowMajorStrides(extents)};
  };
  std::vector<Layout> outputs;
  for (size_t k = 0; k < graph.outputs.size(); ++k) {
    outputs.push_back(whole(Buffer::Kind::Output, k, graph.outputs[k]));
  }
  std::vector<Layout> inputs;
  for (size_t k = 0; k < graph.inputs.size(); ++k) {
    inputs.push_back(whole(Buffer::Kind::Input, k, graph.inputs[k]));
  }
  const ScheduleContext context{.target = target, .options = options, .schedule = schedule};
  schedule.steps = Scheduler(graph, context, std::move(inputs), std::move(outputs)).Run();
  CountBytes(schedule.steps, schedule);
  PlanArena(schedule);
  return schedule;
}

}  // namespace strata
