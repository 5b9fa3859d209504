#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  if (const ConfigValue& slope = context.args.Get("negative_slope"); *slope.AsFloat() < 0) {
    context.diagnostics.Report(kinds::NegativeArgument, slope.span, "negative_slope", Written(slope))
        .Primary("must be 0 or more");
  }
  return {context.input()};
}

// x above 0, negative_slope * x below.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  core::MapBuilder map;
  const core::Expr x = map.Operand(0);
  const core::Expr y = Maximum(x, 0.0) + Minimum(x, 0.0) * context.args.Float("negative_slope");
  return {context.builder.Map({context.input()}, y)};
}

}  // namespace

LayerDef LeakyReLU() {
  return {
      .name = "LeakyReLU",
      .summary = "A smaller slope below zero.",
      .params = {{.name = "negative_slope",
                  .type = ParamType::Float,
                  .doc = "Slope below zero.",
                  .default_value = Value(0.3)}},
      .infer = Infer,
      .mask = Mask::Pass(),
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 9]"}, .call = "LeakyReLU()", .output = "f32[batch, features: 9]"},
                   {.inputs = {"f32[batch, time: 3, features: 4]"},
                    .call = "LeakyReLU(negative_slope=0.01)",
                    .output = "f32[batch, time: 3, features: 4]"}},
  };
}

}  // namespace strata::layers
