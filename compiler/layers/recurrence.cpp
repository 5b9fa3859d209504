#include "compiler/layers/recurrence.h"

#include <algorithm>
#include <map>
#include <memory>

#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

namespace {

// The body of a Scan under construction: what it reads from outside becomes an invariant.
class ScanBody {
 public:
  ScanBody(core::Builder& outside, std::vector<ValueId> carries, ValueId sequence, size_t time)
      : outside_(outside), operands_(std::move(carries)) {
    graph_.symbols = outside.graph().symbols;
    graph_.facts = outside.graph().facts;
    for (const ValueId carry : operands_) AddInput(outside.ExtentsOf(carry));
    core::Extents step = outside.ExtentsOf(sequence);
    step.erase(step.begin() + static_cast<std::ptrdiff_t>(time));
    operands_.push_back(sequence);
    AddInput(std::move(step));
  }

  core::Builder& builder() { return builder_; }
  core::Graph& graph() { return graph_; }
  std::vector<ValueId>& operands() { return operands_; }
  ValueId Input(size_t index) const { return graph_.inputs[index]; }

  // A value from outside that is the same in each step.
  ValueId Invariant(ValueId value) {
    const auto [entry, is_new] = invariants_.try_emplace(value);
    if (is_new) {
      operands_.push_back(value);
      entry->second = AddInput(outside_.ExtentsOf(value));
    }
    return entry->second;
  }

 private:
  ValueId AddInput(core::Extents extents) { return builder_.Input(std::move(extents)); }

  core::Builder& outside_;
  core::Graph graph_;
  core::Builder builder_{graph_};
  std::vector<ValueId> operands_;
  std::map<ValueId, ValueId> invariants_;
};

}  // namespace

CellRun AppendCell(const CellContext& context, const Cell& cell, ValueId input, std::vector<ValueId> states,
                   bool backwards) {
  const size_t count = states.size();
  const ValueId projected = cell.project(context, input);
  ScanBody body(context.builder, std::move(states), projected, 1);
  const CellContext inside{
      .builder = body.builder(), .args = context.args, .weight = [&](std::string_view name) -> std::optional<ValueId> {
        const std::optional<ValueId> outside = context.weight(name);
        return outside ? std::optional(body.Invariant(*outside)) : std::nullopt;
      }};
  std::vector<ValueId> before;
  for (size_t i = 0; i < count; ++i) before.push_back(body.Input(i));
  const CellStep step = cell.step(inside, body.Input(count), before);
  STRATA_CHECK(step.states.size() == count);
  const auto output = static_cast<size_t>(std::ranges::find(step.states, step.output) - step.states.begin());
  STRATA_CHECK(output < count);
  body.graph().outputs = step.states;
  body.graph().outputs.push_back(step.output);

  std::vector<ValueId> results =
      context.builder.Scan(body.operands(), {.body = std::make_shared<const core::Graph>(body.graph()),
                                             .carries = static_cast<int>(count),
                                             .sequences = 1,
                                             .sequence_axes = {1},
                                             .result_axes = {1},
                                             .reverse = backwards});
  const ValueId outputs = results.back();
  results.pop_back();
  return {.outputs = outputs, .output = results[output], .states = std::move(results)};
}

ValueId AppendZeros(core::Builder& builder, const core::Extents& extents) {
  const ValueId zero = builder.Constant({.sizes = std::vector<int64_t>(extents.size(), 1), .data = {0}});
  core::Extents more = extents;
  for (Dim& extent : more) extent = extent - 1;
  return builder.Pad(zero, core::Extents(extents.size(), 0), std::move(more), 0);
}

void CheckStateful(InferContext& context) {
  if (!context.args.Bool("stateful")) return;
  context.diagnostics.Report(kinds::Stateful, ArgumentSpan(context, "stateful"), context.class_name)
      .Primary("each call starts anew")
      .Help(
          "take the states as outputs with `return_state=True`, and give them to the next call as inputs by "
          "`initial_state=`");
}

void CheckInitialStates(InferContext& context, const std::vector<Shape>& expected, const std::string& why) {
  const OperandRange range = context.RangeOf("initial_state");
  if (range.IsEmpty()) return;
  const size_t given = range.end - range.begin;
  const auto text_of = [](const Shape& shape) { return "`" + ToString(TensorType{DType::F32, shape}) + "`"; };
  if (given != expected.size()) {
    const auto text = [](size_t number, const char* noun) {
      return std::to_string(number) + noun + (number == 1 ? "" : "s");
    };
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::StateCount, context.name_span, context.class_name,
                                                        text(expected.size(), " state"),
                                                        std::to_string(given) + (given == 1 ? " is" : " are"));
    diagnostic.Label(context.inputs[range.begin].span, "given as `initial_state`");
    std::vector<std::string> shapes;
    for (const Shape& shape : expected) shapes.push_back(text_of(shape));
    const bool are_alike = std::ranges::count(shapes, shapes.front()) == static_cast<std::ptrdiff_t>(shapes.size());
    diagnostic.Note(are_alike ? "each state is " + shapes.front() : "the states are " + Enumerate(shapes));
    return;
  }
  for (size_t i = range.begin; i < range.end; ++i) {
    const TensorType& type = context.inputs[i].type;
    const Shape& wanted = expected[i - range.begin];
    bool fits = IsFloat(type.dtype) && type.shape.size() == wanted.size();
    for (size_t axis = 0; fits && axis < wanted.size(); ++axis) {
      fits = type.shape[axis].size.IsUnknown() || wanted[axis].size.IsUnknown() ||
             context.AreEqual(type.shape[axis].size, wanted[axis].size);
    }
    if (fits) continue;
    context.diagnostics
        .Report(kinds::StateShape, context.name_span, context.class_name, OperandText(context, i), ToString(type),
                ToString(TensorType{DType::F32, wanted}))
        .Primary(why)
        .Label(context.inputs[i].span, "this is `" + ToString(type) + "`");
    return;
  }
}

}  // namespace strata
