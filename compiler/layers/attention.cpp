// Attention and AdditiveAttention: scores of queries and keys, softmax, and the mean of the values that it weighs.
#include <algorithm>

#include "compiler/layers/activations.h"
#include "compiler/layers/attention.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata {

Diagnostic& LabelOperand(InferContext& context, Diagnostic& diagnostic, size_t operand) {
  return diagnostic.Label(context.inputs[operand].span,
                          OperandText(context, operand) + " is `" + ToString(context.inputs[operand].type.shape) + "`");
}

bool RequireEqualSizes(InferContext& context, const AxisOf& a, const AxisOf& b, std::string_view primary) {
  const Dim& one = context.inputs[a.operand].type.shape[a.axis].size;
  const Dim& other = context.inputs[b.operand].type.shape[b.axis].size;
  if (!one.IsKnown() || !other.IsKnown() || context.AreEqual(one, other)) return true;
  Diagnostic& diagnostic = context.diagnostics.Report(
      kinds::MergedSizes, context.name_span, AxisText(context.inputs[a.operand].type.shape, a.axis), one.ToString(),
      OperandText(context, a.operand), other.ToString(), OperandText(context, b.operand));
  diagnostic.Primary(std::string(primary));
  LabelOperand(context, LabelOperand(context, diagnostic, a.operand), b.operand);
  if (!one.Constant() || !other.Constant()) context.OfferWhere(diagnostic, {{one, Relation::Equal, other}});
  return false;
}

bool RequireSteps(InferContext& context, size_t operand) {
  const Shape& shape = context.inputs[operand].type.shape;
  if (shape.size() < 3) {
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::NoSteps, context.name_span, context.class_name,
                                                        ToString(shape), static_cast<int64_t>(shape.size()));
    diagnostic.Primary("attends along the axes between the batch and the features");
    LabelDropped(context, diagnostic, operand, {"time"});
    for (const OperandPast::Dropped& axis : context.PastOf(operand).dropped) {
      if (OfferSequences(diagnostic, axis.layer)) break;
    }
    return false;
  }
  const std::optional<size_t> features = FindAxis(shape, "features");
  if (!features || *features + 1 == shape.size()) return true;
  std::string order;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (i != *features) order += AxisArgument(shape, i) + ", ";
  }
  order = "Permute((" + order + AxisArgument(shape, *features) + "))";
  LabelOperand(context,
               context.diagnostics.Report(kinds::UnclearAxes, context.name_span, context.class_name, ToString(shape))
                   .Primary("the features are the last axis"),
               operand)
      .Help("`" + order + "` brings them there", Applicability::MaybeIncorrect, AppendStep(context, operand, order));
  return false;
}

bool RequireMaskOver(InferContext& context, std::string_view of, size_t mask, const Shape& expected) {
  if (!layers::RequireTruth(context, mask)) return false;
  const Shape& shape = context.inputs[mask].type.shape;
  bool fits = shape.size() == expected.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    fits = !shape[i].size.IsKnown() || !expected[i].size.IsKnown() || context.AreEqual(shape[i].size, expected[i].size);
  }
  if (fits) return true;
  context.diagnostics
      .Report(kinds::MaskShape, context.name_span, "`" + std::string(of) + "`", ToString(shape), ToString(expected))
      .Label(context.inputs[mask].span, "this is `" + ToString(shape) + "`");
  return false;
}

bool RequireTravellingMask(InferContext& context, std::string_view of, size_t operand, size_t axis) {
  const Operand& input = context.inputs[operand];
  if (input.mask_axes == 0 || (input.mask_axes == 2 && axis == 1)) return true;
  const Shape& shape = input.type.shape;
  const Shape mask(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(input.mask_axes));
  context.diagnostics
      .Report(kinds::MaskShape, context.name_span, "`" + std::string(of) + "`", ToString(mask),
              ToString(Shape{shape[0], shape[axis]}))
      .Label(input.span, OperandText(context, operand) + " is `" + ToString(shape) + "`");
  return false;
}

core::Expr CausalCondition(core::MapBuilder& map, int query_axis, int key_axis) {
  const core::Expr key = map.Index(key_axis, DType::I32);
  return LessEqual(key, map.Index(query_axis, DType::I32));
}

Param CausalParam() {
  return {.name = "use_causal_mask",
          .type = ParamType::Bool,
          .doc = "Whether a query sees no key at a later position than its own.",
          .default_value = Value(false),
          .keyword_only = true};
}

Param ScoresParam() {
  return {.name = "return_attention_scores",
          .type = ParamType::Bool,
          .doc = "Whether to give the weights after the softmax, too.",
          .default_value = Value(false),
          .keyword_only = true};
}

namespace layers {
namespace {

using core::ValueId;

// Where a tensor stands among the inputs.
constexpr size_t kQuery = 0;
constexpr size_t kValue = 1;

size_t KeyOf(const OperandRange& inputs) { return inputs.end - inputs.begin > 2 ? 2 : kValue; }

// The tensor of the call argument `mask` for an input; nothing where there is none.
std::optional<size_t> GivenMask(const Args& call_args, const OperandRange& masks, size_t input) {
  if (!call_args.Given("mask")) return std::nullopt;
  const std::vector<ConfigValue>& entries = call_args.List("mask");
  if (input >= entries.size() || !*entries[input].AsBool()) return std::nullopt;
  const auto before = std::count_if(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(input),
                                    [](const ConfigValue& entry) { return *entry.AsBool(); });
  return masks.begin + static_cast<size_t>(before);
}

bool IsConcat(const Args& args) { return args.def().name == "Attention" && args.Text("score_mode") == "concat"; }
bool IsAdditive(const Args& args) { return args.def().name == "AdditiveAttention"; }

// ---- Shape rule ----

bool CheckTensors(InferContext& context) {
  const size_t key = KeyOf(context.RangeOf("inputs"));
  for (size_t i = 0; i <= std::max(key, kValue); ++i) {
    if (!RequireFloats(context, i) || !RequireSteps(context, i)) return false;
  }
  const size_t rank = context.input().shape.size();
  for (const size_t i : {kValue, key}) {
    if (context.inputs[i].type.shape.size() == rank) continue;
    Diagnostic& diagnostic = context.diagnostics.Report(
        kinds::JoinedRanks, context.name_span, OperandText(context, kQuery), static_cast<int64_t>(rank),
        OperandText(context, i), static_cast<int64_t>(context.inputs[i].type.shape.size()));
    LabelOperand(context, LabelOperand(context, diagnostic, kQuery), i);
    return false;
  }
  for (size_t axis = 0; axis + 2 < rank; ++axis) {
    for (const size_t i : {kValue, key}) {
      if (!RequireEqualSizes(context, {kQuery, axis}, {i, axis}, "attends for each of them by itself")) return false;
    }
  }
  if (!RequireEqualSizes(context, {kValue, rank - 2}, {key, rank - 2}, "has a key for each value")) return false;
  return RequireEqualSizes(context, {kQuery, rank - 1}, {key, rank - 1}, "compares the features of queries and keys");
}

bool CheckMasks(InferContext& context) {
  const Args& call = *context.call_args;
  const size_t rank = context.input().shape.size();
  const std::string_view names[] = {"query", "value"};
  if (call.Given("mask") && (call.List("mask").size() < 2 || call.List("mask").size() > 3)) {
    const size_t count = call.List("mask").size();
    context.diagnostics
        .Report(kinds::TensorCount, context.name_span, context.class_name, "the masks of `query` and of `value`",
                std::to_string(count) + (count == 1 ? " is" : " are"))
        .Help("`mask=[query_mask, value_mask]`, where one of them may be `None`", Applicability::HasPlaceholders);
    return false;
  }
  for (const size_t input : {kQuery, kValue}) {
    const Shape& shape = context.inputs[input].type.shape;
    const Shape expected(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(rank - 1));
    const std::optional<size_t> given = GivenMask(call, context.RangeOf("mask"), input);
    if (given && !RequireMaskOver(context, names[input], *given, expected)) return false;
    if (!call.Given("mask") && !RequireTravellingMask(context, names[input], input, rank - 2)) return false;
  }
  return true;
}

bool RequireConstantFeatures(InferContext& context) {
  const Shape& shape = context.input().shape;
  const Dim& size = shape.back().size;
  if (!IsAdditive(context.args) || !context.args.Bool("use_scale") || !size.IsKnown() || size.Constant()) return true;
  context.diagnostics
      .Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, shape.size() - 1), size.ToString())
      .Primary("its scale has a number for each of them, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("without a scale any size will do", Applicability::MaybeIncorrect,
            SetArgument(context, "use_scale", "False"));
  return false;
}

std::vector<TensorType> Infer(InferContext& context) {
  const OperandRange inputs = context.RangeOf("inputs");
  const size_t count = inputs.end - inputs.begin;
  TensorType output = {.dtype = DType::F32, .shape = context.input().shape};
  const auto with_scores = [&](TensorType result, TensorType scores) {
    std::vector<TensorType> types = {std::move(result)};
    if (context.call_args->Bool("return_attention_scores")) types.push_back(std::move(scores));
    return types;
  };
  TensorType scores = output;
  if (count < 2 || count > 3) {
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::TensorCount, context.name_span, context.class_name,
                                   "the tensors `query` and `value`, and `key` where it is another one",
                                   std::to_string(count) + (count == 1 ? " is" : " are"));
    for (size_t i = inputs.begin; i < inputs.end; ++i) {
      diagnostic.Label(context.inputs[i].span, "is " + ToString(context.inputs[i].type));
    }
    if (count == 1) {
      diagnostic.Help("where a sequence attends to itself it is given twice: `" + std::string(context.class_name) +
                      "()(h, h)`, as what `let h = ...` names");
    }
    for (TensorType* type : {&output, &scores}) {
      for (size_t i = 1; i < type->shape.size(); ++i) type->shape[i].size = Dim::Unknown();
    }
    return with_scores(output, scores);
  }
  const bool is_right = CheckTensors(context) && RequireConstantFeatures(context) && CheckMasks(context);
  const Shape& value = context.inputs[kValue].type.shape;
  output.shape.back() = MadeAxis(output.shape, output.shape.size() - 1, "features", value.back().size);
  scores.shape.pop_back();
  const Shape& key = context.inputs[KeyOf(inputs)].type.shape;  // of another rank where that is the mistake
  Axis keys = key[key.size() - std::min<size_t>(2, key.size())];
  if (FindAxis(scores.shape, keys.name)) keys.name.clear();
  scores.shape.push_back(std::move(keys));
  if (!is_right && output.shape.size() < 3) {
    for (TensorType* type : {&output, &scores}) {
      for (size_t i = 1; i < type->shape.size(); ++i) type->shape[i].size = Dim::Unknown();
    }
  }
  return with_scores(output, scores);
}

// The query's mask, given or not.
std::vector<size_t> MaskOfOutput(const InferContext& context, const std::vector<TensorType>&) {
  if (!context.call_args->Given("mask")) return {context.inputs[kQuery].mask_axes};
  const std::optional<size_t> given = GivenMask(*context.call_args, context.RangeOf("mask"), kQuery);
  return {given ? context.inputs[*given].type.shape.size() : 0};
}

// ---- Expansion ----

std::vector<int> Range(size_t begin, size_t end) {
  std::vector<int> axes;
  for (size_t i = begin; i < end; ++i) axes.push_back(static_cast<int>(i));
  return axes;
}

// Products of queries and keys over the features.
ValueId DotScores(ExpandContext& context, ValueId query, ValueId key) {
  core::Builder& builder = context.builder;
  const size_t rank = builder.ExtentsOf(query).size();
  core::Contract product{.left = Range(0, rank), .right = Range(0, rank), .out = Range(0, rank - 1)};
  product.right[rank - 2] = static_cast<int>(rank);
  product.out.push_back(static_cast<int>(rank));
  const ValueId scores = builder.Contract(query, key, product);
  const std::optional<ValueId> scale = context.weight("scale");
  if (!scale) return scores;
  core::MapBuilder map;
  const core::Expr score = map.Operand(0);
  return builder.Map({scores, *scale}, {Range(0, rank), {}}, rank, score * map.Operand(1));
}

// tanh(query + key) of each pair, summed over the features. Keras scales what tanh gets, AdditiveAttention what it gives.
ValueId SumScores(ExpandContext& context, ValueId query, ValueId key) {
  core::Builder& builder = context.builder;
  const size_t rank = builder.ExtentsOf(query).size();
  const size_t pairs = rank + 1;  // the leading axes, queries, keys, features
  std::vector<int> of_query = Range(0, rank - 1), of_key = Range(0, rank - 2);
  of_query.push_back(static_cast<int>(rank));
  of_key.push_back(static_cast<int>(rank) - 1);
  of_key.push_back(static_cast<int>(rank));
  core::MapBuilder map;
  std::vector<ValueId> operands = {query, key};
  std::vector<std::vector<int>> along = {of_query, of_key};
  const core::Expr q = map.Operand(0);
  core::Expr sum = q + map.Operand(1);
  const auto weight = [&](ValueId value, std::vector<int> axes) {
    operands.push_back(value);
    along.push_back(std::move(axes));
    return map.Operand(static_cast<int>(operands.size()) - 1);
  };
  const std::optional<ValueId> scale = context.weight("scale");
  const bool is_additive = IsAdditive(context.args);
  if (scale && !is_additive) sum = sum * weight(*scale, {});
  core::Expr term = Apply(core::Map::Function::Tanh, sum);
  if (scale && is_additive) term = term * weight(*scale, {static_cast<int>(rank)});
  const ValueId terms = builder.Map(operands, along, pairs, term);
  const ValueId scores = builder.Reduce(terms, core::Reduce::Kind::Sum, {static_cast<int>(rank)});
  const std::optional<ValueId> factor = context.weight("concat_score_weight");
  if (!factor) return scores;
  core::MapBuilder product;
  const core::Expr score = product.Operand(0);
  return builder.Map({scores, *factor}, {Range(0, rank), {}}, rank, score * product.Operand(1));
}

// Keras takes 1e9 off a score that is masked.
ValueId Masked(ExpandContext& context, ValueId scores, std::optional<ValueId> value_mask) {
  const size_t rank = context.builder.ExtentsOf(scores).size();
  core::MapBuilder map;
  const core::Expr score = map.Operand(0);
  std::vector<ValueId> operands = {scores};
  std::vector<std::vector<int>> along = {Range(0, rank)};
  std::optional<core::Expr> counts;
  if (value_mask) {
    operands.push_back(*value_mask);
    along.push_back(Range(0, rank - 2));
    along.back().push_back(static_cast<int>(rank) - 1);
    counts = map.Operand(1, DType::Bool);
  }
  if (context.call_args->Bool("use_causal_mask")) {
    const core::Expr causal = CausalCondition(map, static_cast<int>(rank) - 2, static_cast<int>(rank) - 1);
    counts = counts ? And(*counts, causal) : causal;
  }
  if (!counts) return scores;
  return context.builder.Map(operands, along, rank, Select(*counts, score, score - 1e9));
}

std::vector<ValueId> Expand(ExpandContext& context) {
  core::Builder& builder = context.builder;
  const Args& call = *context.call_args;
  const auto mask_of = [&](size_t input) -> std::optional<ValueId> {
    if (!call.Given("mask")) return context.masks[input];
    const std::optional<size_t> given = GivenMask(call, context.RangeOf("mask"), input);
    if (!given) return std::nullopt;
    return context.inputs[*given];
  };
  const ValueId query = context.inputs[kQuery];
  const ValueId value = context.inputs[kValue];
  const ValueId key = context.inputs[KeyOf(context.RangeOf("inputs"))];
  const bool is_sum = IsAdditive(context.args) || IsConcat(context.args);
  const ValueId scores = is_sum ? SumScores(context, query, key) : DotScores(context, query, key);
  const size_t rank = builder.ExtentsOf(scores).size();
  const ValueId weights =
      AppendSoftmax(builder, Masked(context, scores, mask_of(kValue)), {static_cast<int>(rank) - 1});
  core::Contract mean{.left = Range(0, rank), .right = Range(0, rank - 2), .out = Range(0, rank - 1)};
  mean.right.push_back(static_cast<int>(rank) - 1);
  mean.right.push_back(static_cast<int>(rank));
  mean.out.push_back(static_cast<int>(rank));
  ValueId output = builder.Contract(weights, value, mean);
  if (const std::optional<ValueId> mask = mask_of(kQuery)) {
    core::MapBuilder map;
    const core::Expr x = map.Operand(0);
    output = builder.Map({output, *mask}, {Range(0, rank), Range(0, rank - 1)}, rank,
                         Select(map.Operand(1, DType::Bool), x, map.Constant(0)));
    context.result_masks.front() = mask;
  }
  std::vector<ValueId> results = {output};
  if (call.Bool("return_attention_scores")) results.push_back(weights);
  return results;
}

// ---- Weights ----

std::optional<Shape> ScaleShape(const Args& args, const std::vector<TensorType>& inputs) {
  if (!args.Bool("use_scale")) return std::nullopt;
  if (!IsAdditive(args)) return Shape{};
  return Shape{{.name = "features", .size = inputs.front().shape.back().size}};
}

std::optional<Shape> ConcatWeightShape(const Args& args, const std::vector<TensorType>&) {
  if (!IsConcat(args)) return std::nullopt;
  return Shape{};
}

std::vector<Param> CallParams() {
  return {
      {.name = "inputs",
       .type = ParamType::Tensors,
       .doc = "The queries and the values, and the keys where these are not the values."},
      {.name = "mask",
       .type = ParamType::Tensors,
       .doc =
           "Which queries and which values count, `[query_mask, value_mask]`, each `bool[batch, time]` or None; None: "
           "the masks that travel with the tensors.",
       .default_value = None(),
       .none_allowed = true,
       .entries_may_be_none = true},
      ScoresParam(),
      CausalParam()};
}

}  // namespace

LayerDef Attention() {
  return {
      .name = "Attention",
      .summary = "The mean of values, weighed for each query by how well its features match those of the keys.",
      .inputs = LayerDef::Inputs::Many,
      .params = {{.name = "use_scale",
                  .type = ParamType::Bool,
                  .doc = "Whether to multiply the scores by a weight.",
                  .default_value = Value(false)},
                 {.name = "score_mode",
                  .type = ParamType::Choice,
                  .doc = "`dot`: the product of query and key; `concat`: tanh(query + key), summed and weighed.",
                  .default_value = Value("dot"),
                  .choices = {"dot", "concat"}},
                 Training("dropout", Value(0.0)),
                 Training("seed")},
      .call_params = CallParams(),
      .infer = Infer,
      .mask = {.of_results = MaskOfOutput, .is_read = true},
      .weights = {{.name = "scale", .doc = "Factor of the scores.", .initializer = "ones", .shape = ScaleShape},
                  {.name = "concat_score_weight",
                   .doc = "Factor of the sums of `concat`.",
                   .initializer = "ones",
                   .shape = ConcatWeightShape}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, query: 3, features: 8]", "f32[batch, key: 5, features: 8]"},
                    .call = "Attention()",
                    .output = "f32[batch, query: 3, features: 8]"},
                   {.inputs = {"f32[batch, query: 3, features: 8]", "f32[batch, key: 5, features: 6]",
                               "f32[batch, key: 5, features: 8]"},
                    .call = "Attention(use_scale=True)",
                    .output = "f32[batch, query: 3, features: 6]"},
                   {.inputs = {"f32[batch, query: 3, features: 8]", "f32[batch, key: 5, features: 8]"},
                    .call = "Attention(score_mode=\"concat\")",
                    .output = "f32[batch, query: 3, features: 8]"}},
      .results = {"output", "scores"},
  };
}

LayerDef AdditiveAttention() {
  return {
      .name = "AdditiveAttention",
      .summary = "The mean of values, weighed for each query by the sum of tanh(query + key).",
      .inputs = LayerDef::Inputs::Many,
      .params = {{.name = "use_scale",
                  .type = ParamType::Bool,
                  .doc = "Whether to multiply the terms of the sum by a weight for each feature.",
                  .default_value = Value(true)},
                 Training("dropout", Value(0.0))},
      .call_params = CallParams(),
      .infer = Infer,
      .mask = {.of_results = MaskOfOutput, .is_read = true},
      .weights = {{.name = "scale",
                   .doc = "Factor of each feature's term.",
                   .initializer = "glorot_uniform",
                   .shape = ScaleShape}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, query: 3, features: 8]", "f32[batch, key: 5, features: 8]"},
                    .call = "AdditiveAttention()",
                    .output = "f32[batch, query: 3, features: 8]"},
                   {.inputs = {"f32[batch, query: 3, features: 8]", "f32[batch, key: 5, features: 6]",
                               "f32[batch, key: 5, features: 8]"},
                    .call = "AdditiveAttention(use_scale=False)",
                    .output = "f32[batch, query: 3, features: 6]"}},
      .results = {"output", "scores"},
  };
}

}  // namespace layers
}  // namespace strata
