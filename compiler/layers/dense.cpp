#include <algorithm>
#include <numeric>

#include "compiler/layers/epilogue.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// The kernel has a row for each feature, so their number cannot be a symbol.
void RequireConstantFeatures(InferContext& context) {
  const Shape& shape = context.input().shape;
  const Axis& last = shape.back();
  if (!last.size.IsKnown() || last.size.Constant()) return;
  // Where a Flatten made the number of all the pixels or steps, their mean is what works for every size.
  const OperandPast past = context.PastOf(0);
  const bool is_flattened = !past.makers.empty() && past.makers.front().args->def().name == "Flatten";
  std::vector<std::string> flattened;
  for (const OperandPast::Dropped& dropped : past.dropped) {
    const bool is_counted = dropped.name != "channels" && dropped.name != "features";
    if (is_flattened && is_counted && dropped.layer.call_span == past.makers.front().call_span) {
      flattened.push_back(dropped.name);
    }
  }
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::SizeNotConstant, context.name_span,
                                                      AxisText(shape, shape.size() - 1), last.size.ToString());
  diagnostic.Primary("its kernel has a row for each of them, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  struct Pooled {
    std::vector<std::string> axes;
    std::string_view text;
  };
  static const Pooled kPooled[] = {{{"time"}, "time"},
                                   {{"height", "width"}, "height and width"},
                                   {{"depth", "height", "width"}, "depth, height and width"}};
  const auto* pooled = std::ranges::find(kPooled, flattened, &Pooled::axes);
  if (pooled == std::end(kPooled)) {
    diagnostic.Help("give the number in the signature, as in `features: 64`");
    return;
  }
  const std::string pooling = "GlobalAveragePooling" + std::to_string(pooled->axes.size()) + "D()";
  diagnostic
      .Help("`" + pooling + "` in place of `Flatten()` works for every " + std::string(pooled->text),
            Applicability::MaybeIncorrect, {{past.makers.front().call_span, pooling}})
      .Help("or give the sizes in the signature, as in `" + flattened.front() + ": 28`");
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  Shape shape = context.input().shape;
  const Dim units = context.args.Int("units");
  if (shape.size() < 2) {
    context.diagnostics.Report(kinds::NoFeatures, context.name_span, context.class_name, ToString(shape))
        .Primary("maps the last axis, which cannot be the batch axis")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help("one number for each sample is one feature: `[" + ToString(shape.front()) + ", features: 1]`");
    return {{.dtype = DType::F32, .shape = {shape.front(), {.name = "features", .size = units, .provisional = true}}}};
  }
  RequireConstantFeatures(context);
  shape.back() = MadeAxis(shape, shape.size() - 1, "features", units);
  LintActivation(context, shape);
  return {{.dtype = DType::F32, .shape = shape}};
}

std::optional<Shape> KernelShape(const Args& args, const std::vector<TensorType>& inputs) {
  return Shape{{.name = "features", .size = inputs.front().shape.back().size},
               {.name = "units", .size = args.Int("units")}};
}

std::optional<Shape> BiasShape(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias")) return std::nullopt;
  return Shape{{.name = "units", .size = args.Int("units")}};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const int rank = static_cast<int>(context.input_type().shape.size());
  core::Contract product;
  product.left.resize(static_cast<size_t>(rank));
  std::iota(product.left.begin(), product.left.end(), 0);
  product.right = {rank - 1, rank};
  product.out = product.left;
  product.out.back() = rank;
  return {AppendEpilogue(context, context.builder.Contract(context.input(), *context.weight("kernel"), product))};
}

}  // namespace

LayerDef Dense() {
  return {
      .name = "Dense",
      .summary = "A weighted sum of all features, for each unit.",
      .params = {{.name = "units", .doc = "Number of outputs.", .min = 1},
                 ActivationName(),
                 UseBias(),
                 Training("kernel_initializer", Value("glorot_uniform")),
                 Training("bias_initializer", Value("zeros")),
                 Training("kernel_regularizer"),
                 Training("bias_regularizer"),
                 Training("activity_regularizer"),
                 Training("kernel_constraint"),
                 Training("bias_constraint"),
                 Training("lora_rank"),
                 Training("lora_alpha"),
                 Training("quantization_config")},
      .infer = Infer,
      .mask = Mask::Pass(),
      .weights = {{.name = "kernel",
                   .doc = "A row for each feature, a column for each unit.",
                   .initializer = "glorot_uniform",
                   .shape = KernelShape},
                  {.name = "bias", .doc = "One number for each unit.", .initializer = "zeros", .shape = BiasShape}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 12]"}, .call = "Dense(5)", .output = "f32[batch, features: 5]"},
                   {.inputs = {"f32[batch, features: 12]"},
                    .call = "Dense(17, activation=\"relu\", use_bias=False)",
                    .output = "f32[batch, features: 17]"},
                   {.inputs = {"f32[batch, time: 3, features: 8]"},
                    .call = "Dense(6, \"softmax\")",
                    .output = "f32[batch, time: 3, features: 6]"},
                   {.inputs = {"f32[batch, channels: 2, height: 3, width: 4]"},
                    .call = "Dense(4, \"gelu\")",
                    .output = "f32[batch, channels: 2, height: 3, 4]"}},
      .axes_note = "maps only the last axis",
  };
}

}  // namespace strata::layers
