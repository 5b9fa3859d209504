// MultiHeadAttention and GroupQueryAttention: attention between projections, several times side by side.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/layers/activations.h"
#include "compiler/layers/attention.h"
#include "compiler/layers/einsum.h"
#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::ValueId;

constexpr size_t kQuery = 0;
constexpr size_t kValue = 1;

// ---- Arguments of both layers ----

bool IsGrouped(const Args& args) { return args.def().name == "GroupQueryAttention"; }

struct Heads {
  int64_t queries;  // of the queries
  int64_t keys;     // of keys and values; each serves queries / keys heads side by side
  int64_t key_dim;
  int64_t value_dim;
};

Heads HeadsOf(const Args& args) {
  if (IsGrouped(args)) {
    const int64_t size = args.Int("head_dim");
    return {args.Int("num_query_heads"), args.Int("num_key_value_heads"), size, size};
  }
  const int64_t heads = args.Int("num_heads");
  const int64_t key_dim = args.Int("key_dim");
  return {heads, heads, key_dim, args.Get("value_dim").IsNone() ? key_dim : args.Int("value_dim")};
}

// The axes that are attended along, increasing; all between batch and features where none are given.
std::vector<size_t> AttentionAxes(const Args& args, const Shape& shape) {
  std::vector<size_t> axes;
  if (IsGrouped(args) || args.Get("attention_axes").IsNone()) {
    for (size_t axis = 1; axis + 1 < shape.size(); ++axis) axes.push_back(axis);
    return axes;
  }
  for (const ConfigValue& entry : args.List("attention_axes")) {
    const std::optional<size_t> axis = FindAxis(shape, entry);
    STRATA_CHECK(axis.has_value());
    axes.push_back(*axis);
  }
  std::ranges::sort(axes);
  return axes;
}

// The sizes of the result's features.
std::vector<Dim> OutputSizes(const Args& args, const Shape& query) {
  if (IsGrouped(args) || args.Get("output_shape").IsNone()) return {query.back().size};
  std::vector<Dim> sizes;
  for (const ConfigValue& entry : args.List("output_shape")) sizes.push_back(*entry.AsDim());
  return sizes;
}

// The first axes of a shape as they are and the others in the order: batch, what is not attended along, what is.
std::vector<int> Order(const Shape& shape, const std::vector<size_t>& attended) {
  std::vector<int> order;
  for (size_t axis = 0; axis + 1 < shape.size(); ++axis) {
    if (std::ranges::find(attended, axis) == attended.end()) order.push_back(static_cast<int>(axis));
  }
  for (const size_t axis : attended) order.push_back(static_cast<int>(axis));
  order.push_back(static_cast<int>(shape.size()) - 1);
  return order;
}

// The key is the third tensor where there is one: masks, which follow, hold bools.
size_t KeyOf(const std::vector<TensorType>& inputs) {
  return inputs.size() > 2 && IsFloat(inputs[2].dtype) ? 2 : kValue;
}

// ---- Shape rule ----

bool CheckTensors(InferContext& context, size_t key) {
  for (size_t i = 0; i <= std::max(key, kValue); ++i) {
    if (!RequireFloats(context, i) || !RequireSteps(context, i)) return false;
  }
  const size_t rank = context.input().shape.size();
  if (IsGrouped(context.args) && rank != 3) {
    context.diagnostics
        .Report(kinds::SurplusAxes, context.name_span, context.class_name, ToString(context.input().shape),
                std::to_string(rank - 3) + (rank == 4 ? " axis is" : " axes are"))
        .Primary("attends along one axis")
        .Help("`MultiHeadAttention` attends along several", Applicability::HasPlaceholders);
    return false;
  }
  for (const size_t i : {kValue, key}) {
    const size_t other = context.inputs[i].type.shape.size();
    if (other == rank) continue;
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::JoinedRanks, context.name_span, OperandText(context, kQuery),
                                   static_cast<int64_t>(rank), OperandText(context, i), static_cast<int64_t>(other));
    LabelOperand(context, LabelOperand(context, diagnostic, kQuery), i);
    return false;
  }
  return true;
}

// Of RequireAxis the message would offer the features, along which nothing attends.
void ReportNoSuchAxis(InferContext& context, int64_t axis, Span span) {
  const Shape& shape = context.input().shape;
  const std::string steps = AxisArgument(shape, shape.size() - 2);
  context.diagnostics
      .Report(kinds::AxisOutOfRange, span, "attention_axes", axis, ToString(shape), static_cast<int64_t>(shape.size()))
      .Note("axes count from 0, the batch axis, or from -1, the last")
      .Help("positions are along " + AxisText(shape, shape.size() - 2), Applicability::MaybeIncorrect, {{span, steps}});
}

bool CheckAxes(InferContext& context) {
  if (IsGrouped(context.args) || context.args.Get("attention_axes").IsNone()) return true;
  const std::vector<ConfigValue>& entries = context.args.List("attention_axes");
  std::vector<size_t> axes;
  for (const ConfigValue& entry : entries) {
    const Span span = entry.span.IsValid() ? entry.span : context.name_span;
    const Shape& shape = context.input().shape;
    if (entry.AsDim() != nullptr && !FindAxis(shape, entry)) {
      ReportNoSuchAxis(context, *entry.AsDim()->Constant(), span);
      return false;
    }
    const std::optional<size_t> axis = RequireAxis(context, kQuery, entry, "attention_axes");
    if (!axis) return false;
    if (std::ranges::find(axes, *axis) != axes.end()) {
      context.diagnostics.Report(kinds::RepeatedAxis, span, AxisText(shape, *axis)).Primary("named before");
      return false;
    }
    axes.push_back(*axis);
    if (*axis + 1 < shape.size()) continue;
    context.diagnostics.Report(kinds::AttentionAlongFeatures, span, context.class_name, AxisText(shape, *axis))
        .Primary("the features of each position, of which the heads are made")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help("positions are along " + AxisText(shape, shape.size() - 2), Applicability::MaybeIncorrect,
              entry.span.IsValid() ? std::vector<Edit>{{span, AxisArgument(shape, shape.size() - 2)}}
                                   : std::vector<Edit>{});
    return false;
  }
  if (!axes.empty()) return true;
  context.diagnostics.Report(kinds::NoAxis, ArgumentSpan(context, "attention_axes"), context.class_name);
  return false;
}

bool CheckSizes(InferContext& context, size_t key) {
  const Shape& query = context.input().shape;
  const std::vector<size_t> attended = AttentionAxes(context.args, query);
  for (size_t axis = 0; axis + 1 < query.size(); ++axis) {
    if (!RequireEqualSizes(context, {kValue, axis}, {key, axis}, "has a key for each value")) return false;
    if (std::ranges::find(attended, axis) != attended.end()) continue;
    if (!RequireEqualSizes(context, {kQuery, axis}, {kValue, axis}, "attends for each of them by itself")) return false;
  }
  for (const size_t i : {kQuery, kValue, key}) {
    const Shape& shape = context.inputs[i].type.shape;
    const Dim& size = shape.back().size;
    if (!size.IsKnown() || size.Constant()) continue;
    context.diagnostics
        .Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, shape.size() - 1), size.ToString())
        .Primary("its kernels have a row for each of them, so their number must be a constant")
        .Label(context.inputs[i].span, "this is `" + ToString(shape) + "`")
        .Help("give the number in the signature, as in `features: 16`");
    return false;
  }
  if (!IsGrouped(context.args)) return true;
  // Keras asks for it, although the projections do not need it.
  const size_t last = query.size() - 1;
  return RequireEqualSizes(context, {kQuery, last}, {kValue, last},
                           "takes queries and values of one number of features");
}

bool CheckMasks(InferContext& context, size_t key) {
  const Shape& query = context.input().shape;
  const std::vector<size_t> attended = AttentionAxes(context.args, query);
  struct Row {
    std::string_view param;
    std::string_view of;
    size_t input;
  };
  for (const Row& row :
       {Row{"query_mask", "query", kQuery}, Row{"value_mask", "value", kValue}, Row{"key_mask", "key", key}}) {
    const Shape& shape = context.inputs[row.input].type.shape;
    const OperandRange given = context.RangeOf(row.param);
    if (given.IsEmpty()) {
      // A mask over more than one axis of positions, or over another axis, has no meaning for the scores.
      const size_t axis = attended.size() == 1 ? attended.front() : 0;
      if (!RequireTravellingMask(context, row.of, row.input, axis)) return false;
    } else if (!RequireMaskOver(context, row.of, given.begin, {shape[0], shape[attended.front()]})) {
      return false;
    }
  }
  const OperandRange given = context.RangeOf("attention_mask");
  if (given.IsEmpty()) return true;
  if (!RequireTruth(context, given.begin)) return false;
  // [batch, what is not attended along, heads, queries, keys], without some of those after the batch.
  const Shape& mask = context.inputs[given.begin].type.shape;
  const Shape& value = context.inputs[kValue].type.shape;
  Shape lead;
  for (const int axis : Order(query, attended)) {
    if (lead.size() + attended.size() + 1 < query.size()) lead.push_back(query[static_cast<size_t>(axis)]);
  }
  Shape pairs;
  for (const Shape* shape : {&query, &value}) {
    for (const size_t axis : attended) pairs.push_back({.size = (*shape)[axis].size});
  }
  Shape expected = lead;
  const bool has_heads = mask.size() == lead.size() + 1 + pairs.size();
  const size_t kept = mask.size() < pairs.size() + 1 ? 1 : std::min(lead.size(), mask.size() - pairs.size());
  expected.resize(kept);
  if (has_heads) expected.push_back({.name = "heads", .size = HeadsOf(context.args).queries});
  for (Axis& axis : pairs) expected.push_back(std::move(axis));
  bool fits = mask.size() == expected.size();
  for (size_t i = 0; fits && i < mask.size(); ++i) {
    const bool is_one = has_heads && i == lead.size() && mask[i].size.Is(1);
    fits = is_one || !mask[i].size.IsKnown() || !expected[i].size.IsKnown() ||
           context.AreEqual(mask[i].size, expected[i].size);
  }
  if (fits) return true;
  context.diagnostics.Report(kinds::MaskShape, context.name_span, "the scores", ToString(mask), ToString(expected))
      .Primary("scores each query against each key")
      .Label(context.inputs[given.begin].span, "given as `attention_mask`");
  return false;
}

bool CheckGroups(InferContext& context) {
  if (!IsGrouped(context.args)) return true;
  const Heads heads = HeadsOf(context.args);
  if (heads.queries % heads.keys == 0) return true;
  context.diagnostics
      .Report(kinds::HeadsDoNotDivide, ArgumentSpan(context, "num_key_value_heads"), heads.keys, heads.queries)
      .Primary("leaves a rest of " + std::to_string(heads.queries % heads.keys))
      .Note("each head of keys and values serves equally many heads of queries");
  return false;
}

bool CheckOutputSizes(InferContext& context) {
  if (IsGrouped(context.args) || context.args.Get("output_shape").IsNone()) return true;
  for (const ConfigValue& entry : context.args.List("output_shape")) {
    const Span span = entry.span.IsValid() ? entry.span : ArgumentSpan(context, "output_shape");
    const Dim* size = entry.AsDim();
    if (size != nullptr && size->Constant() && *size->Constant() > 0) continue;
    context.diagnostics
        .Report(kinds::OutputShape, span, size == nullptr ? "leaves a size open" : "has a size of " + size->ToString())
        .Primary("the last kernel's sizes are constants of 1 or more");
    return false;
  }
  return true;
}

TensorType ScoresType(const InferContext& context) {
  const Shape& query = context.input().shape;
  const Shape& value = context.inputs[kValue].type.shape;
  const std::vector<size_t> attended = AttentionAxes(context.args, query);
  Shape shape;
  const auto add = [&](Axis axis) {
    if (FindAxis(shape, axis.name)) axis.name.clear();
    shape.push_back(std::move(axis));
  };
  for (const int axis : Order(query, attended)) {
    if (shape.size() + attended.size() + 1 < query.size()) add(query[static_cast<size_t>(axis)]);
  }
  add({.name = "heads", .size = HeadsOf(context.args).queries, .provisional = true});
  for (const size_t axis : attended) add(query[axis]);
  for (const size_t axis : attended) add(value[axis]);
  return {.dtype = DType::F32, .shape = shape};
}

std::vector<TensorType> Infer(InferContext& context) {
  std::vector<TensorType> types;
  for (const Operand& input : context.inputs) types.push_back(input.type);
  const size_t key = context.RangeOf("key").IsEmpty() ? kValue : 2;
  const bool is_right = CheckGroups(context) && CheckOutputSizes(context) && CheckTensors(context, key) &&
                        CheckAxes(context) && CheckSizes(context, key) && CheckMasks(context, key);
  TensorType output = {.dtype = DType::F32, .shape = context.input().shape};
  const bool has_scores = context.call_args->Bool("return_attention_scores");
  if (!is_right) {
    for (size_t i = 1; i < output.shape.size(); ++i) output.shape[i].size = Dim::Unknown();
    return std::vector<TensorType>(has_scores ? 2 : 1, output);
  }
  const std::vector<Dim> sizes = OutputSizes(context.args, output.shape);
  output.shape.pop_back();
  for (const Dim& size : sizes) output.shape.push_back({.size = size});
  if (sizes.size() == 1) output.shape.back() = MadeAxis(output.shape, output.shape.size() - 1, "features", sizes[0]);
  std::vector<TensorType> results = {output};
  if (has_scores) results.push_back(ScoresType(context));
  return results;
}

// ---- Expansion ----

std::vector<int> Range(size_t begin, size_t end) {
  std::vector<int> axes(end - begin);
  std::iota(axes.begin(), axes.end(), static_cast<int>(begin));
  return axes;
}

// One application of the layer, with everything but batch, positions and features among the `lead` axes: positions are one
// axis, whatever they were.
class Expansion {
 public:
  explicit Expansion(ExpandContext& context)
      : context_(context),
        builder_(context.builder),
        heads_(HeadsOf(context.args)),
        shape_(context.input_type().shape),
        attended_(AttentionAxes(context.args, shape_)),
        lead_(shape_.size() - 1 - attended_.size()) {}

  std::vector<ValueId> Expand() {
    const ValueId query = Flat(context_.inputs[kQuery]);
    const ValueId value = Flat(context_.inputs[kValue]);
    const OperandRange given_key = context_.RangeOf("key");
    const ValueId key = given_key.IsEmpty() ? value : Flat(context_.inputs[given_key.begin]);
    const int64_t repeats = heads_.queries / heads_.keys;
    const ValueId q = Split(Project(query, "query"), repeats);
    const ValueId k = Project(key, "key");
    std::optional<ValueId> gate;
    if (context_.args.Bool("use_gate")) {
      gate = AppendActivation(builder_, Project(query, "gate"), "sigmoid");
    }
    const ValueId v = Project(value, "value");

    const ValueId weights = Weights(Scores(q, k));
    ValueId output = Mean(weights, v);
    if (gate) {
      core::MapBuilder map;
      const core::Expr x = map.Operand(0);
      output = builder_.Map({output, *gate}, x * map.Operand(1));
    }
    std::vector<ValueId> results = {Unflat(Join(output))};
    if (context_.call_args->Bool("return_attention_scores")) {
      results.push_back(builder_.Reshape(weights, Sizes(context_.output_types[1].shape)));
    }
    return results;
  }

 private:
  // [lead, positions, features]
  ValueId Flat(ValueId input) {
    const ValueId ordered = builder_.Transpose(input, Order(shape_, attended_));
    const core::Extents before = builder_.ExtentsOf(ordered);
    core::Extents extents(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(lead_));
    Dim positions = 1;
    for (size_t i = lead_; i + 1 < before.size(); ++i) positions *= before[i];
    extents.push_back(positions);
    extents.push_back(before.back());
    return builder_.Reshape(ordered, extents);
  }

  // The axes of the query again, with those of the result in place of its features.
  ValueId Unflat(ValueId value) {
    const std::vector<int> order = Order(shape_, attended_);
    const core::Extents flat = builder_.ExtentsOf(value);
    core::Extents extents;
    for (size_t i = 0; i + 1 < order.size(); ++i) extents.push_back(shape_[static_cast<size_t>(order[i])].size);
    const size_t made = flat.size() - lead_ - 1;
    extents.insert(extents.end(), flat.end() - static_cast<std::ptrdiff_t>(made), flat.end());
    std::vector<int> back(extents.size());
    std::iota(back.begin(), back.end(), 0);
    for (size_t i = 0; i + 1 < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int>(i);
    return builder_.Transpose(builder_.Reshape(value, extents), back);
  }

  // [lead, positions, features] -> [lead, positions, heads, size]
  ValueId Project(ValueId value, const std::string& name) {
    const size_t rank = lead_ + 2;
    const int features = static_cast<int>(rank) - 1;
    std::vector<int> out = Range(0, rank - 1);
    out.insert(out.end(), {features + 1, features + 2});
    const ValueId made = AppendEinsum(builder_, value, Range(0, rank), *context_.weight(name + "/kernel"),
                                      {features, features + 1, features + 2}, out);
    return WithBias(made, name);
  }

  ValueId WithBias(ValueId value, const std::string& name) {
    const std::optional<ValueId> bias = context_.weight(name + "/bias");
    if (!bias) return value;
    core::MapBuilder map;
    const core::Expr x = map.Operand(0);
    return builder_.Map({value, *bias}, x + map.Operand(1));
  }

  // The heads of the queries as [heads of the keys, those that one of them serves].
  ValueId Split(ValueId query, int64_t repeats) {
    core::Extents extents = builder_.ExtentsOf(query);
    extents[lead_ + 1] = heads_.keys;
    extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(lead_) + 2, repeats);
    return builder_.Reshape(query, extents);
  }

  // Labels: the lead axes are their numbers, then these.
  int QueryLabel() const { return static_cast<int>(lead_); }
  int HeadLabel() const { return QueryLabel() + 1; }
  int RepeatLabel() const { return QueryLabel() + 2; }
  int SizeLabel() const { return QueryLabel() + 3; }
  int KeyLabel() const { return QueryLabel() + 4; }
  std::vector<int> After(std::initializer_list<int> labels) const {
    std::vector<int> all = Range(0, lead_);
    all.insert(all.end(), labels);
    return all;
  }

  // [lead, heads, queries, keys]
  ValueId Scores(ValueId query, ValueId key) {
    const ValueId scores = builder_.Contract(query, key,
                                             {.left = After({QueryLabel(), HeadLabel(), RepeatLabel(), SizeLabel()}),
                                              .right = After({KeyLabel(), HeadLabel(), SizeLabel()}),
                                              .out = After({HeadLabel(), RepeatLabel(), QueryLabel(), KeyLabel()})});
    core::Extents extents = builder_.ExtentsOf(scores);
    extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(lead_));
    extents[lead_] = heads_.queries;
    return builder_.Reshape(scores, extents);
  }

  // The masks that there are, as operands of a Map over scores.
  struct Masks {
    std::vector<ValueId> values;
    std::vector<std::vector<int>> axes;
  };

  Masks GatherMasks() {
    const int queries = static_cast<int>(lead_) + 1;
    Masks masks;
    const auto add = [&](ValueId value, std::vector<int> axes) {
      masks.values.push_back(value);
      masks.axes.push_back(std::move(axes));
    };
    const auto mask_of = [&](std::string_view param, size_t input) -> std::optional<ValueId> {
      const OperandRange given = context_.RangeOf(param);
      if (!given.IsEmpty()) return context_.inputs[given.begin];
      return context_.masks[input];
    };
    // Keras 3.15's MultiHeadAttention drops the one that is given.
    const auto query_mask = IsGrouped(context_.args) ? mask_of("query_mask", kQuery) : context_.masks[kQuery];
    if (query_mask) add(*query_mask, {0, queries});
    const auto value_mask = mask_of("value_mask", kValue);
    if (value_mask) add(*value_mask, {0, queries + 1});
    const OperandRange key = context_.RangeOf("key");
    const auto key_mask = !key.IsEmpty()                           ? mask_of("key_mask", key.begin)
                          : context_.RangeOf("key_mask").IsEmpty() ? std::nullopt
                                                                   : mask_of("key_mask", kValue);
    if (key_mask && key_mask != value_mask) add(*key_mask, {0, queries + 1});
    const OperandRange given = context_.RangeOf("attention_mask");
    if (given.IsEmpty()) return masks;
    // [some of the lead axes and the heads, queries, keys]
    const ValueId mask = context_.inputs[given.begin];
    const core::Extents of_mask = builder_.ExtentsOf(mask);
    const size_t kept = of_mask.size() - 2 * attended_.size();
    core::Extents extents(of_mask.begin(), of_mask.begin() + static_cast<std::ptrdiff_t>(kept));
    for (size_t side = 0; side < 2; ++side) {
      Dim positions = 1;
      for (size_t i = 0; i < attended_.size(); ++i) positions *= of_mask[kept + side * attended_.size() + i];
      extents.push_back(positions);
    }
    std::vector<int> axes = Range(0, kept);
    axes.insert(axes.end(), {queries, queries + 1});
    add(builder_.Reshape(mask, extents), std::move(axes));
    return masks;
  }

  // Scores, scaled and masked, through softmax. With `dropout`, or where the scores are asked for, Keras takes another way
  // in which what is masked is 0 even where all is masked, not equal parts; likewise with more axes than three.
  ValueId Weights(ValueId scores) {
    const size_t rank = lead_ + 3;
    const int queries = static_cast<int>(rank) - 2;
    const Args& call = *context_.call_args;
    const Masks masks = GatherMasks();
    const bool zeroes =
        context_.args.Float("dropout") > 0 || call.Bool("return_attention_scores") || shape_.size() != 3;
    const bool is_causal = call.Bool("use_causal_mask");
    const ConfigValue& window = context_.args.Get("sliding_window");
    const bool is_masked = is_causal || !window.IsNone() || !masks.values.empty();

    std::vector<ValueId> operands = {scores};
    std::vector<std::vector<int>> axes = {Range(0, rank)};
    operands.insert(operands.end(), masks.values.begin(), masks.values.end());
    axes.insert(axes.end(), masks.axes.begin(), masks.axes.end());
    const auto counts = [&](core::MapBuilder& map) {
      std::optional<core::Expr> all;
      const auto add = [&](core::Expr condition) { all = all ? And(*all, condition) : condition; };
      for (size_t i = 0; i < masks.values.size(); ++i) add(map.Operand(static_cast<int>(i) + 1, DType::Bool));
      if (is_causal) add(CausalCondition(map, queries, queries + 1));
      if (!window.IsNone()) {
        const core::Expr query = map.Index(queries, DType::I32);
        const core::Expr distance = Apply(core::Map::Function::Abs, query - map.Index(queries + 1, DType::I32));
        add(Less(distance, map.Integer(*window.AsDim()->Constant(), DType::I32)));
      }
      return *all;
    };
    constexpr double kMasked = -1e9;
    core::MapBuilder scaled;
    core::Expr score = scaled.Operand(0) * (1.0 / std::sqrt(static_cast<double>(heads_.key_dim)));
    if (is_masked) {
      const core::Expr condition = counts(scaled);
      score = Select(condition, score, scaled.Constant(kMasked));
    }
    const ValueId weights =
        AppendSoftmax(builder_, builder_.Map(operands, axes, rank, score), {static_cast<int>(rank) - 1});
    if (!is_masked || !zeroes) return weights;
    operands.front() = weights;
    core::MapBuilder map;
    const core::Expr weight = map.Operand(0);
    const core::Expr condition = counts(map);
    return builder_.Map(operands, axes, rank, Select(condition, weight, map.Constant(0)));
  }

  // [lead, positions, heads, size]
  ValueId Mean(ValueId weights, ValueId value) {
    core::Extents split = builder_.ExtentsOf(weights);
    split[lead_] = heads_.keys;
    split.insert(split.begin() + static_cast<std::ptrdiff_t>(lead_) + 1, heads_.queries / heads_.keys);
    const ValueId mean = builder_.Contract(builder_.Reshape(weights, split), value,
                                           {.left = After({HeadLabel(), RepeatLabel(), QueryLabel(), KeyLabel()}),
                                            .right = After({KeyLabel(), HeadLabel(), SizeLabel()}),
                                            .out = After({QueryLabel(), HeadLabel(), RepeatLabel(), SizeLabel()})});
    core::Extents extents = builder_.ExtentsOf(mean);
    extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(lead_) + 1);
    extents[lead_ + 1] = heads_.queries;
    return builder_.Reshape(mean, extents);
  }

  // [lead, positions, heads, size] -> [lead, positions, made...]
  ValueId Join(ValueId value) {
    const size_t rank = lead_ + 3;
    const ValueId kernel = *context_.weight("attention_output/kernel");
    const int made = static_cast<int>(builder_.ExtentsOf(kernel).size()) - 2;
    const int head = static_cast<int>(rank) - 2;
    std::vector<int> of_kernel = {head, head + 1};
    std::vector<int> out = Range(0, rank - 2);
    for (int i = 0; i < made; ++i) {
      of_kernel.push_back(head + 2 + i);
      out.push_back(head + 2 + i);
    }
    return WithBias(AppendEinsum(builder_, value, Range(0, rank), kernel, of_kernel, out), "attention_output");
  }

  ExpandContext& context_;
  core::Builder& builder_;
  Heads heads_;
  const Shape& shape_;
  std::vector<size_t> attended_;
  size_t lead_;  // the batch and what is not attended along
};

std::vector<ValueId> Expand(ExpandContext& context) { return Expansion(context).Expand(); }

// ---- Weights ----

enum class Part { Query, Key, Gate, Value };

template <Part kPart>
Shape HeadAxes(const Args& args) {
  const Heads heads = HeadsOf(args);
  const bool is_of_queries = kPart == Part::Query || kPart == Part::Gate;
  const bool has_keys = kPart == Part::Query || kPart == Part::Key;
  return {{.name = "heads", .size = is_of_queries ? heads.queries : heads.keys},
          {.name = "units", .size = has_keys ? heads.key_dim : heads.value_dim}};
}

template <Part kPart>
std::optional<Shape> KernelShape(const Args& args, const std::vector<TensorType>& inputs) {
  if (kPart == Part::Gate && !args.Bool("use_gate")) return std::nullopt;
  const size_t input = kPart == Part::Value ? kValue : kPart == Part::Key ? KeyOf(inputs) : kQuery;
  Shape shape = HeadAxes<kPart>(args);
  shape.insert(shape.begin(), {.name = "features", .size = inputs[input].shape.back().size});
  return shape;
}

template <Part kPart>
std::optional<Shape> BiasShape(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias") || (kPart == Part::Gate && !args.Bool("use_gate"))) return std::nullopt;
  return HeadAxes<kPart>(args);
}

std::optional<Shape> OutputBiasShape(const Args& args, const std::vector<TensorType>& inputs) {
  if (!args.Bool("use_bias")) return std::nullopt;
  Shape shape;
  const std::vector<Dim> sizes = OutputSizes(args, inputs.front().shape);
  for (size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back({.name = "features" + (sizes.size() == 1 ? "" : std::to_string(i)), .size = sizes[i]});
  }
  return shape;
}

std::optional<Shape> OutputKernelShape(const Args& args, const std::vector<TensorType>& inputs) {
  const Heads heads = HeadsOf(args);
  Shape shape = {{.name = "heads", .size = heads.queries}, {.name = "units", .size = heads.value_dim}};
  const std::vector<Dim> sizes = OutputSizes(args, inputs.front().shape);
  for (size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back({.name = "features" + (sizes.size() == 1 ? "" : std::to_string(i)), .size = sizes[i]});
  }
  return shape;
}

std::vector<WeightDef> Weights() {
  const auto kernel = [](std::string_view name, std::string_view doc, auto shape) {
    return WeightDef{.name = name, .doc = doc, .initializer = "glorot_uniform", .shape = shape};
  };
  const auto bias = [](std::string_view name, auto shape) {
    return WeightDef{
        .name = name, .doc = "One number for each unit of each head.", .initializer = "zeros", .shape = shape};
  };
  std::vector<WeightDef> weights = {
      kernel("query/kernel", "Makes the queries of each head.", KernelShape<Part::Query>),
      bias("query/bias", BiasShape<Part::Query>),
      kernel("key/kernel", "Makes the keys of each head.", KernelShape<Part::Key>),
      bias("key/bias", BiasShape<Part::Key>),
      kernel("gate/kernel", "Makes the gates of each head.", KernelShape<Part::Gate>),
      bias("gate/bias", BiasShape<Part::Gate>),
      kernel("value/kernel", "Makes the values of each head.", KernelShape<Part::Value>),
      bias("value/bias", BiasShape<Part::Value>),
      kernel("attention_output/kernel", "Makes the features of the result from all heads.", OutputKernelShape),
      bias("attention_output/bias", OutputBiasShape)};
  weights.back().doc = "One number for each feature of the result.";
  return weights;
}

// ---- Definitions ----

Param MaskOf(std::string_view name, std::string_view doc) {
  return {.name = name, .type = ParamType::Tensor, .doc = doc, .default_value = None(), .none_allowed = true};
}

std::vector<Param> CallParams() {
  return {{.name = "query", .type = ParamType::Tensor, .doc = "What asks: `[batch, time, features]`."},
          {.name = "value", .type = ParamType::Tensor, .doc = "What is averaged."},
          {.name = "key",
           .type = ParamType::Tensor,
           .doc = "What the queries are compared with; None: `value`.",
           .default_value = None(),
           .none_allowed = true},
          MaskOf("query_mask",
                 "Which queries count; None: the mask that travels with `query`. MultiHeadAttention of Keras 3.15 "
                 "reads that alone."),
          MaskOf("value_mask", "Which values count; None: the mask that travels with `value`."),
          MaskOf("key_mask", "Which keys count; None: the mask that travels with `key`."),
          MaskOf("attention_mask",
                 "Which query sees which key: `bool[batch, queries, keys]`, or with the heads after the batch."),
          ScoresParam(),
          CausalParam()};
}

// What both take after the sizes of their heads.
std::vector<Param> SharedParams() {
  return {{.name = "sliding_window",
           .type = ParamType::Int,
           .doc = "A query sees only keys at less than this distance; None: all.",
           .default_value = None(),
           .none_allowed = true,
           .min = 1},
          {.name = "flash_attention",
           .type = ParamType::Bool,
           .doc = "Which kernel Keras runs; without effect here.",
           .default_value = None(),
           .none_allowed = true},
          Training("kernel_initializer", Value("glorot_uniform")),
          Training("bias_initializer", Value("zeros")),
          Training("kernel_regularizer"),
          Training("bias_regularizer"),
          Training("activity_regularizer"),
          Training("kernel_constraint"),
          Training("bias_constraint"),
          {.name = "use_gate",
           .type = ParamType::Bool,
           .doc = "Whether to multiply what each head gives by a sigmoid of the query's projection.",
           .default_value = Value(false)},
          Training("seed")};
}

Param DropoutRate() {
  return {
      .name = "dropout",
      .type = ParamType::Float,
      .doc = "Share of the weights that training drops. Above 0 a query that sees no key gets 0, not the mean of all.",
      .default_value = Value(0.0)};
}

std::vector<Param> With(std::vector<Param> params, std::vector<Param> more) {
  for (Param& param : more) params.push_back(std::move(param));
  return params;
}

}  // namespace

LayerDef MultiHeadAttention() {
  return {
      .name = "MultiHeadAttention",
      .summary = "Several heads of attention side by side, each between projections of its own.",
      .inputs = LayerDef::Inputs::Many,
      .params = With({{.name = "num_heads", .doc = "Number of heads.", .min = 1},
                      {.name = "key_dim", .doc = "Size of each head's queries and keys.", .min = 1},
                      {.name = "value_dim",
                       .doc = "Size of each head's values; None: `key_dim`.",
                       .default_value = None(),
                       .none_allowed = true,
                       .min = 1},
                      DropoutRate(),
                      UseBias(),
                      {.name = "output_shape",
                       .type = ParamType::OpenShape,
                       .doc = "Sizes in place of the query's features; None: their number.",
                       .default_value = None(),
                       .none_allowed = true},
                      {.name = "attention_axes",
                       .type = ParamType::Axes,
                       .doc = "The axes to attend along, by name or position; None: all between batch and features.",
                       .default_value = None(),
                       .none_allowed = true}},
                     SharedParams()),
      .call_params = CallParams(),
      .infer = Infer,
      .mask = {.of_results = Mask::Pass().of_results, .is_read = true},
      .weights = Weights(),
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, query: 4, features: 8]", "f32[batch, key: 5, features: 6]"},
                    .call = "MultiHeadAttention(2, 3)",
                    .output = "f32[batch, query: 4, features: 8]"},
                   {.inputs = {"f32[batch, query: 4, features: 8]", "f32[batch, key: 5, features: 6]",
                               "f32[batch, key: 5, features: 7]"},
                    .call = "MultiHeadAttention(num_heads=2, key_dim=3, value_dim=4, output_shape=5, use_bias=False)",
                    .output = "f32[batch, query: 4, features: 5]"},
                   {.inputs = {"f32[batch, rows: 2, time: 4, features: 6]",
                               "f32[batch, rows: 2, time: 3, features: 6]"},
                    .call = "MultiHeadAttention(2, 4, attention_axes=time)",
                    .output = "f32[batch, rows: 2, time: 4, features: 6]"}},
      .results = {"output", "scores"},
      .hidden = {"softmax", "dropout"},
  };
}

LayerDef GroupQueryAttention() {
  return {
      .name = "GroupQueryAttention",
      .summary = "Attention where several heads of queries share one head of keys and values.",
      .inputs = LayerDef::Inputs::Many,
      .params = With({{.name = "head_dim", .doc = "Size of each head.", .min = 1},
                      {.name = "num_query_heads", .doc = "Number of heads of queries.", .min = 1},
                      {.name = "num_key_value_heads",
                       .doc = "Number of heads of keys and values; it divides that of the queries.",
                       .min = 1},
                      DropoutRate(),
                      UseBias()},
                     SharedParams()),
      .call_params = CallParams(),
      .infer = Infer,
      .mask = {.of_results = Mask::Pass().of_results, .is_read = true},
      .weights = Weights(),
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, query: 4, features: 8]", "f32[batch, key: 5, features: 8]"},
                    .call = "GroupQueryAttention(3, 4, 2)",
                    .output = "f32[batch, query: 4, features: 8]"},
                   {.inputs = {"f32[batch, query: 4, features: 8]", "f32[batch, key: 5, features: 8]"},
                    .call = "GroupQueryAttention(head_dim=5, num_query_heads=3, num_key_value_heads=1, use_bias=False)",
                    .output = "f32[batch, query: 4, features: 8]"}},
      .results = {"output", "scores"},
      .instance_name = "grouped_query_attention",
      .hidden = {"softmax", "dropout"},
  };
}

}  // namespace strata::layers
