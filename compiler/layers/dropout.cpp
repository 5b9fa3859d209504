#include "compiler/layers/layer_list.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

std::vector<TensorType> Infer(InferContext& context) {
  const ConfigValue& rate = context.args.Get("rate");
  if (*rate.AsFloat() < 0 || *rate.AsFloat() > 1) {
    context.diagnostics.Report(kinds::RateOutOfRange, rate.span, Written(rate))
        .Primary("the share of values that training drops, from 0 to 1");
  }
  return {context.input()};
}

// Only training drops anything.
std::vector<core::ValueId> Expand(ExpandContext& context) { return {context.input()}; }

}  // namespace

LayerDef Dropout() {
  return {
      .name = "Dropout",
      .summary = "Drops values in training; here its input passes through.",
      .params = {{.name = "rate", .type = ParamType::Float, .doc = "Share of values that training drops."},
                 Training("noise_shape"),
                 Training("seed")},
      .infer = Infer,
      .mask = Mask::Pass(),
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 6]"}, .call = "Dropout(0.5)", .output = "f32[batch, features: 6]"},
                   {.inputs = {"f32[batch, height: 3, width: 4, channels: 5]"},
                    .call = "Dropout(0.2, seed=1)",
                    .output = "f32[batch, height: 3, width: 4, channels: 5]"}},
  };
}

}  // namespace strata::layers
