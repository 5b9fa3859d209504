#include <numeric>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const Shape& shape = context.input().shape;
  if (shape.size() < 2) {
    context.diagnostics.Report(kinds::NoFeatures, context.name_span, context.class_name, ToString(shape))
        .Primary("compares the numbers along the last axis, which cannot be the batch axis")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help("one number for each sample is one feature: `[" + ToString(shape.front()) + ", features: 1]`");
  }
  return {context.input()};
}

std::vector<size_t> MaskOf(const InferContext&, const std::vector<TensorType>& results) {
  return {results.front().shape.size() - 1};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const int rank = static_cast<int>(context.input_type().shape.size());
  std::vector<int> all(static_cast<size_t>(rank));
  std::iota(all.begin(), all.end(), 0);
  const std::vector<int> leading(all.begin(), all.end() - 1);
  core::MapBuilder compared;
  const core::Expr x = compared.Operand(0);
  const core::ValueId differs =
      context.builder.Map({context.input()}, NotEqual(x, compared.Constant(context.args.Float("mask_value"))));
  const core::ValueId mask = context.builder.Reduce(differs, core::Reduce::Kind::Max, {rank - 1});
  context.result_masks.front() = mask;
  core::MapBuilder kept;
  const core::Expr counts = kept.Operand(0, DType::Bool);
  return {context.builder.Map({mask, context.input()}, {leading, all}, all.size(),
                              Select(counts, kept.Operand(1), kept.Constant(0)))};
}

}  // namespace

LayerDef Masking() {
  return {
      .name = "Masking",
      .summary = "Masks the steps whose numbers are all one value, and makes them 0.",
      .params = {{.name = "mask_value",
                  .type = ParamType::Float,
                  .doc = "The value that stands for padding.",
                  .default_value = Value(0.0)}},
      .infer = Infer,
      .mask = {.of_results = MaskOf},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 6, features: 3]"},
                    .call = "Masking()",
                    .output = "f32[batch, time: 6, features: 3]"},
                   {.inputs = {"f32[batch, features: 3]"},
                    .call = "Masking(mask_value=-1)",
                    .output = "f32[batch, features: 3]"}},
  };
}

}  // namespace strata::layers
