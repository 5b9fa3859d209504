#include <algorithm>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/repeat.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// An input with more axes than the batch and the features. Most often a recurrent layer was to give its last step alone.
void ReportRank(InferContext& context) {
  const Shape& shape = context.input().shape;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::NotAVector, context.name_span, context.class_name,
                                                      ToString(shape), static_cast<int64_t>(shape.size()));
  diagnostic.Primary("repeats one vector a sample, `[batch, features]`");
  for (const OperandPast::Maker& maker : context.PastOf(0).makers) {
    const std::optional<OperandPast::Maker> recurrent = RecurrentLayer(maker);
    if (!recurrent) continue;
    if (!recurrent->args->Bool("return_sequences")) break;
    diagnostic.Label(recurrent->args->SpanOf("return_sequences"), "keeps `time`, a vector for each step")
        .Help("write `return_sequences=False` there, or leave it out: the last step's vector alone",
              Applicability::MaybeIncorrect, SetArgument(*recurrent, "return_sequences", "False"));
    return;
  }
  diagnostic.Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  if (shape.size() > 2) {
    diagnostic.Help("`Flatten()` makes one vector of a sample", Applicability::MaybeIncorrect,
                    InsertStep(context, "Flatten()"));
  }
}

std::vector<TensorType> Infer(InferContext& context) {
  const Shape& shape = context.input().shape;
  const Axis time = {.name = "time", .size = context.args.Int("n"), .provisional = true};
  Axis last = shape.back();
  if (shape.size() != 2) {
    ReportRank(context);
    last = {.name = "features", .size = Dim::Unknown(), .provisional = true};
  }
  Shape result = {shape.front(), time, last};
  if (FindAxis({shape.front(), last}, "time")) result[1].name.clear();
  return {{.dtype = context.input().dtype, .shape = std::move(result)}};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  return {AppendRepeat(context.builder, context.input(), 1, context.args.Int("n"))};
}

}  // namespace

LayerDef RepeatVector() {
  return {
      .name = "RepeatVector",
      .summary = "A sequence of the same vector at each step.",
      .params = {{.name = "n", .doc = "Number of steps.", .min = 1}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 5]"},
                    .call = "RepeatVector(4)",
                    .output = "f32[batch, time: 4, features: 5]"},
                   {.inputs = {"f32[batch, channels: 3]"},
                    .call = "RepeatVector(1)",
                    .output = "f32[batch, time: 1, channels: 3]"}},
  };
}

}  // namespace strata::layers
