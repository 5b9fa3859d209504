#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

bool IsIndex(DType dtype) { return !IsFloat(dtype) && dtype != DType::Bool; }

void RequireIndices(InferContext& context) {
  const TensorType& input = context.input();
  if (IsIndex(input.dtype)) return;
  TensorType integers = input;
  integers.dtype = DType::I32;
  const Operand& operand = context.inputs.front();
  std::vector<Edit> edits;
  if (operand.type_span.IsValid()) edits = {{operand.type_span, ToString(integers)}};
  context.diagnostics.Report(kinds::IntegersNeeded, context.name_span, context.class_name, ToString(input))
      .Primary("looks up rows of a table by their numbers")
      .Label(operand.span, "its elements are " + std::string(Name(input.dtype)))
      .Help("declare the input as `i32`: `" + ToString(integers) + "`", Applicability::MaybeIncorrect,
            std::move(edits));
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireIndices(context);
  Shape shape = context.input().shape;
  shape.emplace_back();
  shape.back() = MadeAxis(shape, shape.size() - 1, "features", context.args.Int("output_dim"));
  return {{.dtype = DType::F32, .shape = std::move(shape)}};
}

std::optional<Shape> TableShape(const Args& args, const std::vector<TensorType>&) {
  return Shape{{.name = "indices", .size = args.Int("input_dim")},
               {.name = "features", .size = args.Int("output_dim")}};
}

// Over the indices, of which 0 is padding.
std::vector<size_t> MaskOf(const InferContext& context, const std::vector<TensorType>&) {
  return {context.args.Bool("mask_zero") ? context.input().shape.size() : 0};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  if (context.args.Bool("mask_zero")) {
    const DType dtype = context.input_type().dtype;
    core::MapBuilder map;
    const core::Expr index = map.Operand(0, dtype);
    context.result_masks.front() = context.builder.Map({context.input()}, NotEqual(index, map.Constant(0, dtype)));
  }
  return {context.builder.Gather(*context.weight("embeddings"), context.input())};
}

}  // namespace

LayerDef Embedding() {
  return {
      .name = "Embedding",
      .summary = "A row of a table for each index.",
      .params = {{.name = "input_dim", .doc = "Number of rows: the largest index plus one.", .min = 1},
                 {.name = "output_dim", .doc = "Numbers in a row.", .min = 1},
                 Training("embeddings_initializer", Value("uniform")),
                 Training("embeddings_regularizer"),
                 Training("embeddings_constraint"),
                 {.name = "mask_zero",
                  .type = ParamType::Bool,
                  .doc = "Whether index 0 stands for padding that later layers skip.",
                  .default_value = Value(false)},
                 Training("weights"),
                 Training("lora_rank"),
                 Training("lora_alpha"),
                 Training("quantization_config")},
      .infer = Infer,
      .mask = {.of_results = MaskOf},
      .weights =
          {{.name = "embeddings", .doc = "A row for each index.", .initializer = "uniform", .shape = TableShape}},
      .expand = Expand,
      .examples = {{.inputs = {"i32[batch, time: 6]"},
                    .call = "Embedding(20, 5)",
                    .output = "f32[batch, time: 6, features: 5]"},
                   {.inputs = {"u8[batch]"}, .call = "Embedding(256, 3)", .output = "f32[batch, features: 3]"},
                   {.inputs = {"i64[batch, time: 3, n: 2]"},
                    .call = "Embedding(input_dim=9, output_dim=4)",
                    .output = "f32[batch, time: 3, n: 2, features: 4]"},
                   {.inputs = {"i32[batch, time: 6]"},
                    .call = "Embedding(20, 5, mask_zero=True)",
                    .output = "f32[batch, time: 6, features: 5]"}},
  };
}

}  // namespace strata::layers
