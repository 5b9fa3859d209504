// CategoryEncoding and Discretization: integers as vectors, numbers as integers.
#include <algorithm>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// ---- Vectors of integers ----

// What both do with integers below `depth`: a vector for each (one_hot), or one for all along the first axis behind the
// batch, as Keras does (multi_hot, count). A last axis of size 1 is left out by one_hot.
bool DropsLast(const TensorType& input, std::string_view mode) {
  return mode == "one_hot" && input.shape.size() > 1 && input.shape.back().size.Is(1);
}

TensorType Encoded(InferContext& context, std::string_view mode, int64_t depth) {
  TensorType type = context.input();
  if (mode == "int") {
    type.dtype = DType::I32;
    return type;
  }
  type.dtype = DType::F32;
  Shape& shape = type.shape;
  if (mode != "one_hot" && shape.size() < 2) {
    context.diagnostics.Report(kinds::NoFeatures, context.name_span, context.class_name, ToString(context.input()))
        .Primary("takes several integers a sample with `output_mode=\"" + std::string(mode) + "\"`")
        .Label(context.inputs.front().span, "one a sample")
        .Help("for one integer a sample write `output_mode=\"one_hot\"`", Applicability::MaybeIncorrect,
              SetArgument(context, "output_mode", "\"one_hot\""));
  } else if (mode != "one_hot") {
    shape.erase(shape.begin() + 1);
  } else if (DropsLast(context.input(), mode)) {
    shape.pop_back();
  }
  shape.emplace_back();
  shape.back() = MadeAxis(shape, shape.size() - 1, "features", depth);
  return type;
}

core::ValueId Encode(ExpandContext& context, core::ValueId indices, std::string_view mode, int64_t depth,
                     std::optional<core::ValueId> weights = {}) {
  core::Builder& builder = context.builder;
  if (mode == "int") return indices;
  if (DropsLast(context.input_type(), mode)) {
    core::Extents extents = builder.ExtentsOf(indices);
    extents.pop_back();
    indices = builder.Reshape(indices, std::move(extents));
  }
  const auto rank = static_cast<int>(builder.ExtentsOf(indices).size());
  core::ValueId vectors = AppendOneHot(builder, indices, depth, rank);
  if (mode == "one_hot") return vectors;
  if (weights) {
    std::vector<int> all, of_weights;
    for (int i = 0; i <= rank; ++i) all.push_back(i);
    for (int i = 0; i < rank; ++i) of_weights.push_back(i);
    core::MapBuilder map;
    const core::Expr vector = map.Operand(0);
    vectors = builder.Map({vectors, builder.Cast(*weights, DType::F32)}, {all, of_weights}, all.size(),
                          vector * map.Operand(1));
  }
  return builder.Reduce(vectors, mode == "count" ? core::Reduce::Kind::Sum : core::Reduce::Kind::Max, {1});
}

void CheckSparse(InferContext& context) {
  if (!context.args.Bool("sparse")) return;
  context.diagnostics.Report(kinds::SparseTensor, ArgumentSpan(context, "sparse"), context.class_name)
      .Help("write `sparse=False`", Applicability::MaybeIncorrect, SetArgument(context, "sparse", "False"));
}

Param Sparse() {
  return {.name = "sparse",
          .type = ParamType::Bool,
          .doc = "Must be False: tensors hold every element.",
          .default_value = Value(false)};
}

// ---- CategoryEncoding ----

std::string_view ModeOf(const Args& args) {
  const std::string_view mode = args.Text("output_mode");
  return mode == "binary" ? "multi_hot" : mode;  // Keras' older name
}

// Weights of the integers stand for each of them.
void CheckWeights(InferContext& context) {
  const OperandRange range = context.RangeOf("count_weights");
  if (range.IsEmpty()) return;
  const TensorType& weights = context.inputs[range.begin].type;
  const Span use = context.inputs[range.begin].use_span;
  if (ModeOf(context.args) != "count") {
    context.diagnostics.Report(kinds::ArgumentAlone, use, context.class_name, "count_weights", "output_mode=\"count\"")
        .Help("write `output_mode=\"count\"`", Applicability::MaybeIncorrect,
              SetArgument(context, "output_mode", "\"count\""));
    return;
  }
  const Shape& shape = context.input().shape;
  const std::vector<Dim> expected = Sizes(shape);
  const std::vector<Dim> given = Sizes(weights.shape);
  bool fits = given.size() == expected.size();
  for (size_t i = 0; fits && i < given.size(); ++i) {
    fits = !given[i].IsKnown() || !expected[i].IsKnown() || context.AreEqual(given[i], expected[i]);
  }
  if (fits) return;
  context.diagnostics.Report(kinds::CountWeights, use, ToString(weights.shape), ToString(shape))
      .Primary("one for each integer")
      .Label(context.inputs.front().span, "the integers are `" + ToString(shape) + "`");
}

std::vector<TensorType> InferCategoryEncoding(InferContext& context) {
  RequireIntegers(context, 0);
  CheckSparse(context);
  CheckWeights(context);
  return {Encoded(context, ModeOf(context.args), context.args.Int("num_tokens"))};
}

std::vector<core::ValueId> ExpandCategoryEncoding(ExpandContext& context) {
  const OperandRange weights = context.RangeOf("count_weights");
  return {Encode(context, context.input(), ModeOf(context.args), context.args.Int("num_tokens"),
                 weights.IsEmpty() ? std::nullopt : std::optional(context.inputs[weights.begin]))};
}

// ---- Discretization ----

const ConfigValue& Boundaries(const Args& args) { return args.Get("bin_boundaries"); }

void CheckBoundaries(InferContext& context) {
  const ConfigValue& boundaries = Boundaries(context.args);
  if (boundaries.AsList() == nullptr) return;
  const std::vector<ConfigValue>& list = *boundaries.AsList();
  for (size_t i = 1; i < list.size(); ++i) {
    if (*list[i - 1].AsFloat() < *list[i].AsFloat()) continue;
    context.diagnostics
        .Report(kinds::NotIncreasing, list[i].span.IsValid() ? list[i].span : boundaries.span, "bin_boundaries",
                ToString(list[i - 1]), ToString(list[i]))
        .Primary("each bin ends above the one before");
    return;
  }
}

int64_t BinCount(const Args& args) {
  const std::vector<ConfigValue>* list = Boundaries(args).AsList();
  return (list == nullptr ? 1 : static_cast<int64_t>(list->size())) + 1;
}

void CheckBinCount(InferContext& context) {
  const ConfigValue& count = context.args.Get("num_bins");
  if (count.IsNone()) return;
  context.diagnostics.Report(kinds::BinsAndBoundaries, count.span)
      .Primary("how many bins `adapt()` is to make")
      .Label(Boundaries(context.args).span, "say that there are " + std::to_string(BinCount(context.args)))
      .Help("leave `num_bins` out", Applicability::MachineApplicable, SetArgument(context, "num_bins", "None"));
}

std::vector<TensorType> InferDiscretization(InferContext& context) {
  RequireNumbers(context, 0);
  CheckBinCount(context);
  CheckSparse(context);
  CheckBoundaries(context);
  return {Encoded(context, context.args.Text("output_mode"), BinCount(context.args))};
}

// How many boundaries are not above the number.
std::vector<core::ValueId> ExpandDiscretization(ExpandContext& context) {
  core::Builder& builder = context.builder;
  core::Literal boundaries = LiteralOf(Boundaries(context.args));
  boundaries.sizes = {static_cast<int64_t>(boundaries.data.size())};
  const int rank = static_cast<int>(context.input_type().shape.size());
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  core::MapBuilder map;
  const core::Expr x = Cast(map.Operand(0, context.input_type().dtype), DType::F32);
  const core::Expr is_passed = LessEqual(map.Operand(1), x);
  const core::ValueId passed = builder.Map({context.input(), builder.Constant(std::move(boundaries))}, {axes, {rank}},
                                           static_cast<size_t>(rank) + 1, Cast(is_passed, DType::I32));
  const core::ValueId bins = builder.Reduce(passed, core::Reduce::Kind::Sum, {rank});
  return {Encode(context, bins, context.args.Text("output_mode"), BinCount(context.args))};
}

}  // namespace

LayerDef CategoryEncoding() {
  return {
      .name = "CategoryEncoding",
      .summary = "Integers as vectors: one for each, or which and how many occur in a sample.",
      .params = {{.name = "num_tokens", .doc = "Size of the vectors: the largest integer plus one.", .min = 1},
                 {.name = "output_mode",
                  .type = ParamType::Choice,
                  .doc =
                      "`one_hot`: a vector for each integer, 1 at its place; `multi_hot`: one for a sample, 1 where an "
                      "integer occurs; `count`: how often.",
                  .default_value = Value("multi_hot"),
                  .choices = {"one_hot", "multi_hot", "count", "binary"}},
                 Sparse()},
      .call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "The integers."},
                      {.name = "count_weights",
                       .type = ParamType::Tensor,
                       .doc = "With `count`: what each integer counts for.",
                       .default_value = None(),
                       .none_allowed = true}},
      .infer = InferCategoryEncoding,
      .expand = ExpandCategoryEncoding,
      .examples = {{.inputs = {"i32[batch, items: 4]"},
                    .call = "CategoryEncoding(6)",
                    .output = "f32[batch, features: 6]"},
                   {.inputs = {"i32[batch]"},
                    .call = "CategoryEncoding(6, output_mode=\"one_hot\")",
                    .output = "f32[batch, features: 6]"},
                   {.inputs = {"u8[batch, time: 4]"},
                    .call = "CategoryEncoding(3, \"one_hot\")",
                    .output = "f32[batch, time: 4, features: 3]"},
                   {.inputs = {"i32[batch, items: 4]", "f32[batch, items: 4]"},
                    .call = "CategoryEncoding(5, output_mode=\"count\")",
                    .output = "f32[batch, features: 5]"}},
  };
}

LayerDef Discretization() {
  return {
      .name = "Discretization",
      .summary = "The number of the bin that a number falls in.",
      .params = {{.name = "bin_boundaries",
                  .type = ParamType::Numbers,
                  .doc = "Where bins end and the next begin, increasing.",
                  .count = 1},
                 {.name = "num_bins",
                  .type = ParamType::Int,
                  .doc = "Number of bins that `adapt()` is to make: here their boundaries say it, so None alone.",
                  .default_value = None(),
                  .none_allowed = true},
                 Training("epsilon", Value(0.01)),
                 {.name = "output_mode",
                  .type = ParamType::Choice,
                  .doc =
                      "`int`: the number; `one_hot`, `multi_hot` and `count`: vectors, as CategoryEncoding makes them.",
                  .default_value = Value("int"),
                  .choices = {"int", "one_hot", "multi_hot", "count"}},
                 Sparse()},
      .infer = InferDiscretization,
      .expand = ExpandDiscretization,
      .examples = {{.inputs = {"f32[batch, features: 7]"},
                    .call = "Discretization([-0.5, 0, 0.5])",
                    .output = "i32[batch, features: 7]"},
                   {.inputs = {"f32[batch, features: 1]"},
                    .call = "Discretization([0.0, 0.3], output_mode=\"one_hot\")",
                    .output = "f32[batch, features: 3]"},
                   {.inputs = {"i32[batch, features: 5]"},
                    .call = "Discretization([-1, 1], output_mode=\"count\")",
                    .output = "f32[batch, features: 3]"}},
  };
}

}  // namespace strata::layers
