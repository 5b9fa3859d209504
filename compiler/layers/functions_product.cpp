// matmul and einsum: sums of products over axes.
#include <algorithm>
#include <map>

#include "compiler/layers/functions.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::Builder;
using core::ValueId;

// A sum of products: each operand's axes as labels, and the result's.
struct Product {
  std::vector<std::vector<int>> operands;
  std::vector<int> result;
};

// ---- Expansion ----

// The places of `labels` in `order`, which must come out increasing for Map: the value is transposed to `order` first.
struct Labelled {
  ValueId value;
  std::vector<int> labels;
};

Labelled InOrder(Builder& builder, Labelled of, const std::vector<int>& order) {
  std::vector<int> permutation(of.labels.size());
  for (size_t i = 0; i < permutation.size(); ++i) permutation[i] = static_cast<int>(i);
  const auto place = [&](int axis) { return std::ranges::find(order, of.labels[static_cast<size_t>(axis)]); };
  std::ranges::sort(permutation, {}, place);
  std::vector<int> labels;
  for (const int axis : permutation) labels.push_back(of.labels[static_cast<size_t>(axis)]);
  return {builder.Transpose(of.value, permutation), labels};
}

// Sums over the labels that `kept` does not have.
Labelled SumOthers(Builder& builder, const Labelled& of, const std::vector<int>& kept) {
  std::vector<int> axes, labels;
  for (size_t i = 0; i < of.labels.size(); ++i) {
    const bool is_kept = std::ranges::find(kept, of.labels[i]) != kept.end();
    is_kept ? labels.push_back(of.labels[i]) : axes.push_back(static_cast<int>(i));
  }
  if (axes.empty()) return of;
  return {builder.Reduce(of.value, core::Reduce::Kind::Sum, axes), labels};
}

// The product of two, summed over all but `kept`. Contract is for floats; integers are multiplied and then summed.
Labelled Multiply(Builder& builder, const Labelled& a, const Labelled& b, const std::vector<int>& kept) {
  if (builder.TypeOf(a.value) == DType::F32) {
    return {builder.Contract(a.value, b.value, {.left = a.labels, .right = b.labels, .out = kept}), kept};
  }
  std::vector<int> all = kept;
  for (const std::vector<int>* labels : {&a.labels, &b.labels}) {
    for (const int label : *labels) {
      if (std::ranges::find(all, label) == all.end()) all.push_back(label);
    }
  }
  std::vector<ValueId> values;
  std::vector<std::vector<int>> axes;
  for (const Labelled* side : {&a, &b}) {
    const Labelled ordered = InOrder(builder, *side, all);
    values.push_back(ordered.value);
    std::vector<int>& places = axes.emplace_back();
    for (const int label : ordered.labels) {
      places.push_back(static_cast<int>(std::ranges::find(all, label) - all.begin()));
    }
  }
  core::MapBuilder map;
  const DType dtype = builder.TypeOf(a.value);
  return SumOthers(builder, {builder.Map(values, axes, all.size(), map.Operand(0, dtype) * map.Operand(1, dtype)), all},
                   kept);
}

bool Has(const std::vector<int>& labels, int label) { return std::ranges::find(labels, label) != labels.end(); }

std::vector<ValueId> ExpandProduct(ExpandContext& context, const Product& product) {
  Builder& builder = context.builder;
  const DType dtype = context.input_type().dtype;
  std::vector<Labelled> operands;
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    const ValueId value = builder.Cast(context.inputs[i], IsFloat(dtype) ? DType::F32 : SumType(dtype));
    operands.push_back({value, product.operands[i]});
  }
  Labelled done = operands.front();
  for (size_t i = 1; i < operands.size(); ++i) {
    // What the result or a later operand still asks for; the result's labels in its order.
    std::vector<int> kept;
    const auto is_present = [&](int label) { return Has(done.labels, label) || Has(operands[i].labels, label); };
    const auto keep = [&](const std::vector<int>& labels) {
      for (const int label : labels) {
        if (is_present(label) && !Has(kept, label)) kept.push_back(label);
      }
    };
    keep(product.result);
    for (size_t later = i + 1; later < operands.size(); ++later) keep(operands[later].labels);
    done = Multiply(builder, done, operands[i], kept);
  }
  done = InOrder(builder, SumOthers(builder, done, product.result), product.result);
  return {builder.Cast(done.value, context.output_types.front().dtype)};
}

// ---- Element types ----

// Reports mixed types and truth values; the result's type.
DType ProductType(InferContext& context) {
  const DType dtype = context.input().dtype;
  if (RequireOneType(context, 0, context.inputs.size())) RequireNumbers(context, 0);
  return IsFloat(dtype) ? dtype : SumType(dtype);
}

// ---- einsum ----

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  size_t begin = text.find_first_not_of(' ');
  while (begin != std::string_view::npos) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(' ', end);
  }
  return words;
}

// "batch time features, features units -> batch time units", or in letters "btf,fu->btu".
struct Subscripts {
  std::vector<std::vector<std::string>> operands;
  std::vector<std::string> result;
  bool is_letters = false;
};

std::vector<std::string> Letters(const std::vector<std::string>& words) {
  std::vector<std::string> letters;
  for (const std::string& word : words) {
    for (const char c : word) letters.emplace_back(1, c);
  }
  return letters;
}

// Nothing where there is no `->`. Letters where all words are, or where no part has several words and one stands for
// several axes.
std::optional<Subscripts> Parse(std::string_view text, const std::vector<size_t>& ranks) {
  const size_t arrow = text.find("->");
  if (arrow == std::string_view::npos) return std::nullopt;
  Subscripts subscripts{.operands = {}, .result = Words(text.substr(arrow + 2))};
  std::string_view rest = text.substr(0, arrow);
  for (size_t comma = 0; comma != std::string_view::npos;) {
    comma = rest.find(',');
    subscripts.operands.push_back(Words(rest.substr(0, comma)));
    if (comma != std::string_view::npos) rest = rest.substr(comma + 1);
  }
  const auto are_letters = [](const std::vector<std::string>& words) {
    return std::ranges::all_of(words, [](const std::string& word) { return word.size() == 1; });
  };
  bool has_words = subscripts.result.size() > 1;
  bool stands_for_several = false;
  bool is_spaced = are_letters(subscripts.result);
  for (size_t i = 0; i < subscripts.operands.size(); ++i) {
    const std::vector<std::string>& words = subscripts.operands[i];
    has_words |= words.size() > 1;
    stands_for_several |= words.size() == 1 && i < ranks.size() && ranks[i] != 1;
    is_spaced = is_spaced && are_letters(words);
  }
  subscripts.is_letters = is_spaced || (stands_for_several && !has_words);
  if (!subscripts.is_letters) return subscripts;
  for (std::vector<std::string>& operand : subscripts.operands) operand = Letters(operand);
  subscripts.result = Letters(subscripts.result);
  return subscripts;
}

std::vector<size_t> RanksOf(const std::vector<TensorType>& types) {
  std::vector<size_t> ranks;
  for (const TensorType& type : types) ranks.push_back(type.shape.size());
  return ranks;
}

std::string Joined(const std::vector<std::string>& words, bool is_letters) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() || is_letters ? "" : " ") + word;
  return text;
}

Diagnostic& ReportSubscripts(InferContext& context, const std::string& what) {
  return context.diagnostics.Report(kinds::EinsumSubscripts, ArgumentSpan(context, "subscripts"), what);
}

// An operand's axes as subscripts; `a` for one without a name.
std::string WordsFor(const Shape& shape) {
  std::string text;
  for (const Axis& axis : shape) text += (text.empty() ? "" : " ") + (axis.name.empty() ? "a" : axis.name);
  return text;
}

bool CheckOperandWords(InferContext& context, const Subscripts& subscripts, size_t operand) {
  const Shape& shape = context.inputs[operand].type.shape;
  const std::vector<std::string>& words = subscripts.operands[operand];
  const std::string text = Joined(words, subscripts.is_letters);
  const auto label = [&](Diagnostic& diagnostic) -> Diagnostic& {
    return diagnostic.Label(context.inputs[operand].span,
                            OperandText(context, operand) + " is `" + ToString(shape) + "`");
  };
  if (words.size() != shape.size()) {
    label(ReportSubscripts(context, "`" + text + "` names " + std::to_string(words.size()) + " axes, " +
                                        OperandText(context, operand) + " has " + std::to_string(shape.size())))
        .Help("name them all, in order: `" + WordsFor(shape) + "`");
    return false;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (std::ranges::count(words, words[i]) > 1) {
      label(ReportSubscripts(context, "`" + text + "` has `" + words[i] + "` twice"))
          .Note("a diagonal has no function here");
      return false;
    }
    const std::optional<size_t> named = subscripts.is_letters ? std::nullopt : FindAxis(shape, words[i]);
    if (!named || *named == i) continue;
    label(ReportSubscripts(context, "axis " + std::to_string(i) + " of " + OperandText(context, operand) +
                                        " is named `" + words[i] + "`, which is its axis " + std::to_string(*named)))
        .Help("name the axes in their order: `" + WordsFor(shape) + "`");
    return false;
  }
  return true;
}

// Where a label occurs.
struct Place {
  size_t operand;
  size_t axis;
};

std::optional<TensorType> EinsumType(InferContext& context, const Subscripts& subscripts) {
  std::map<std::string, Place> places;
  TensorType result{.dtype = context.input().dtype, .shape = {}, .has_batch = false};
  std::string batch;
  for (size_t operand = 0; operand < context.inputs.size(); ++operand) {
    const TensorType& type = context.inputs[operand].type;
    const std::vector<std::string>& words = subscripts.operands[operand];
    for (size_t i = 0; i < words.size(); ++i) {
      const auto [found, is_new] = places.emplace(words[i], Place{operand, i});
      const Place first = found->second;
      const Dim& before = context.inputs[first.operand].type.shape[first.axis].size;
      const Dim& size = type.shape[i].size;
      if (is_new || context.AreEqual(before, size) || !before.IsKnown() || !size.IsKnown()) continue;
      Diagnostic& diagnostic = context.diagnostics.Report(
          kinds::MergedSizes, ArgumentSpan(context, "subscripts"), "`" + words[i] + "`", before.ToString(),
          OperandText(context, first.operand), size.ToString(), OperandText(context, operand));
      diagnostic.Primary("an axis of one name has one size");
      for (const size_t k : {first.operand, operand}) {
        diagnostic.Label(context.inputs[k].span,
                         OperandText(context, k) + " is `" + ToString(context.inputs[k].type.shape) + "`");
      }
      return std::nullopt;
    }
    if (!type.has_batch) continue;
    result.has_batch = true;
    if (batch.empty()) batch = words.front();
    const bool is_first = !subscripts.result.empty() && subscripts.result.front() == words.front();
    if (is_first && words.front() == batch) continue;
    ReportSubscripts(context, "the result `" + Joined(subscripts.result, subscripts.is_letters) +
                                  "` does not begin with `" + batch + "`, the batch axis" +
                                  (words.front() == batch ? "" : ", as " + OperandText(context, operand) + " does"))
        .Note("each sample of a batch is computed by itself");
    return std::nullopt;
  }
  for (const std::string& word : subscripts.result) {
    const auto found = places.find(word);
    if (found == places.end() || std::ranges::count(subscripts.result, word) > 1) {
      ReportSubscripts(context, found == places.end() ? "the result has `" + word + "`, which no operand has"
                                                      : "the result has `" + word + "` twice");
      return std::nullopt;
    }
    Axis axis = context.inputs[found->second.operand].type.shape[found->second.axis];
    axis.deliberate_one = false;
    const bool is_batch = result.has_batch && result.shape.empty();
    if (!subscripts.is_letters && !is_batch && axis.name != word) axis = {.name = word, .size = axis.size};
    if (FindAxis(result.shape, axis.name)) axis.name.clear();
    result.shape.push_back(std::move(axis));
  }
  return result;
}

std::vector<TensorType> InferEinsum(InferContext& context) {
  const DType dtype = ProductType(context);
  std::vector<TensorType> types;
  for (const Operand& operand : context.inputs) types.push_back(operand.type);
  TensorType failed = context.input();
  failed.dtype = dtype;
  const std::string& text = context.args.Text("subscripts");
  const std::optional<Subscripts> subscripts = Parse(text, RanksOf(types));
  if (text.find("...") != std::string::npos) {
    ReportSubscripts(context, "`...` stands for no axis").Help("name all axes");
    return {failed};
  }
  if (!subscripts) {
    ReportSubscripts(context, "`" + text + "` does not tell the result's axes")
        .Help("write them after `->`, as in `\"batch time features, features units -> batch time units\"`");
    return {failed};
  }
  if (subscripts->operands.size() != types.size()) {
    ReportSubscripts(context, "the axes of " + std::to_string(subscripts->operands.size()) + " tensors are named, " +
                                  std::to_string(types.size()) + (types.size() == 1 ? " is given" : " are given"));
    return {failed};
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!CheckOperandWords(context, *subscripts, i)) return {failed};
  }
  TensorType result = EinsumType(context, *subscripts).value_or(failed);
  result.dtype = dtype;
  return {result};
}

std::vector<ValueId> ExpandEinsum(ExpandContext& context) {
  const Subscripts subscripts = *Parse(context.args.Text("subscripts"), RanksOf(context.input_types));
  std::map<std::string, int> labels;
  const auto label = [&](const std::string& word) {
    return labels.emplace(word, static_cast<int>(labels.size())).first->second;
  };
  Product product;
  for (const std::vector<std::string>& operand : subscripts.operands) {
    std::vector<int>& of = product.operands.emplace_back();
    for (const std::string& word : operand) of.push_back(label(word));
  }
  for (const std::string& word : subscripts.result) product.result.push_back(label(word));
  return ExpandProduct(context, product);
}

LayerDef Einsum() {
  return {
      .name = "Einsum",
      .summary = "Sum of products; what the result does not name is summed over.",
      .form = LayerDef::Form::Function,
      .function_name = "einsum",
      .params = {{.name = "subscripts",
                  .type = ParamType::Text,
                  .doc =
                      "The axes of each tensor in order, and of the result: `\"batch time features, features units -> "
                      "batch time units\"`; or a letter for each, `\"btf,fu->btu\"`."},
                 {.name = "operands", .type = ParamType::Tensors, .doc = "The tensors."}},
      .infer = InferEinsum,
      .expand = ExpandEinsum,
      .examples = {{{"f32[batch, time: 3, features: 8]", "f32[batch, steps: 4, features: 8]"},
                    "einsum(\"batch time features, batch steps features -> batch time steps\", x0, x1)",
                    "f32[batch, time: 3, steps: 4]"},
                   {{"f32[batch, time: 3, features: 8]", "f32[batch, time: 3, features: 8]"},
                    "einsum(\"batch query features, batch key features -> batch query key\", x0, x1)",
                    "f32[batch, query: 3, key: 3]"},
                   {{"f32[batch, time: 3, features: 8]", "f32[batch, features: 8, 5]"},
                    "einsum(\"btf,bfu->btu\", x0, x1)",
                    "f32[batch, time: 3, 5]"},
                   {{"f32[batch, time: 3, features: 8]"}, "einsum(\"b t f -> b f\", x0)", "f32[batch, features: 8]"},
                   {{"i32[batch, time: 3, features: 8]", "i32[batch, features: 8]"},
                    "einsum(\"b t f, b f -> b t\", x0, x1)",
                    "i32[batch, time: 3]"},
                   {{"f32[batch, time: 3]", "f32[batch, time: 3]", "f32[batch, features: 4]"},
                    "einsum(\"bt,bt,bf->bf\", x0, x1, x2)",
                    "f32[batch, features: 4]"}},
  };
}

// ---- matmul ----

std::vector<int> CountFrom(int first, size_t count) {
  std::vector<int> labels(count);
  for (size_t i = 0; i < count; ++i) labels[i] = first + static_cast<int>(i);
  return labels;
}

// The last axis of the first with the last but one of the second; all before these are alike. A side without a batch
// axis, or with none of the axes before, serves for all of them.
Product MatmulProduct(const TensorType& a, const TensorType& b) {
  const size_t leading = std::max(a.shape.size(), b.shape.size()) - 2;
  const int rows = static_cast<int>(leading), inner = rows + 1, columns = rows + 2;
  Product product;
  std::vector<int> left = CountFrom(static_cast<int>(leading - (a.shape.size() - 2)), a.shape.size() - 2);
  std::vector<int> right = CountFrom(static_cast<int>(leading - (b.shape.size() - 2)), b.shape.size() - 2);
  left.insert(left.end(), {rows, inner});
  right.insert(right.end(), {inner, columns});
  product.operands = {left, right};
  product.result = CountFrom(0, leading);
  product.result.insert(product.result.end(), {rows, columns});
  return product;
}

Diagnostic& LabelSides(InferContext& context, Diagnostic& diagnostic) {
  for (size_t i = 0; i < 2; ++i) {
    diagnostic.Label(context.inputs[i].span,
                     OperandText(context, i) + " is `" + ToString(context.inputs[i].type.shape) + "`");
  }
  return diagnostic;
}

bool CheckMatmul(InferContext& context) {
  const TensorType& a = context.inputs[0].type;
  const TensorType& b = context.inputs[1].type;
  // A batch axis is no row: what has one needs two axes behind it, unless the other side has none.
  const size_t least_a = b.has_batch && a.has_batch ? 3 : 2;
  const size_t least_b = b.has_batch ? 3 : 2;
  const bool is_alike = !a.has_batch || !b.has_batch || a.shape.size() == b.shape.size();
  if (a.shape.size() < least_a || b.shape.size() < least_b || !is_alike || (!b.has_batch && b.shape.size() != 2) ||
      (!a.has_batch && a.shape.size() != 2)) {
    LabelSides(context,
               context.diagnostics.Report(kinds::MatmulAxes, context.name_span, ToString(a.shape), ToString(b.shape)))
        .Help("`einsum` takes any axes, as in `einsum(\"batch time features, batch features -> batch time\", a, b)`");
    return false;
  }
  const auto differ = [&](size_t axis_a, size_t axis_b) {
    const Dim& one = a.shape[axis_a].size;
    const Dim& other = b.shape[axis_b].size;
    if (context.AreEqual(one, other) || !one.IsKnown() || !other.IsKnown()) return false;
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::MergedSizes, context.name_span, AxisText(a.shape, axis_a), one.ToString(),
                                   OperandText(context, 0), other.ToString(), OperandText(context, 1));
    const bool is_inner = axis_a + 1 == a.shape.size();
    diagnostic.Primary(is_inner ? "multiplies the last axis of one with the last but one of the other"
                                : "multiplies matrix by matrix, so all axes before the last two are alike");
    LabelSides(context, diagnostic);
    const size_t last = b.shape.size() - 1;
    if (is_inner && context.AreEqual(b.shape[last].size, one)) {
      std::string order;
      for (size_t i = 0; i < b.shape.size(); ++i) {
        const size_t axis = i + 2 < b.shape.size() ? i : i + 2 == b.shape.size() ? last : last - 1;
        order += (order.empty() ? "" : ", ") + AxisArgument(b.shape, axis);
      }
      const Span span = context.inputs[1].expression;
      std::vector<Edit> edits;
      if (span.IsValid()) {
        edits = {{{span.file, span.begin, span.begin}, "transpose("},
                 {{span.file, span.end, span.end}, ", [" + order + "])"}};
      }
      diagnostic.Help("turn the second one: `transpose(..., [" + order + "])`", Applicability::MaybeIncorrect, edits);
    }
    return true;
  };
  if (differ(a.shape.size() - 1, b.shape.size() - 2)) return false;
  for (size_t i = 0; a.has_batch && b.has_batch && i + 2 < a.shape.size(); ++i) {
    if (differ(i, i)) return false;
  }
  return true;
}

std::vector<TensorType> InferMatmul(InferContext& context) {
  TensorType result = context.inputs[0].type;
  result.dtype = ProductType(context);
  if (!CheckMatmul(context)) return {result};
  const TensorType& b = context.inputs[1].type;
  const Axis rows = result.shape[result.shape.size() - 2];
  if (!result.has_batch && b.has_batch) {
    result.shape = b.shape;
    result.has_batch = true;
  }
  const size_t rank = result.shape.size();
  result.shape[rank - 2] = rows;
  result.shape[rank - 1] = {};
  Axis columns = b.shape.back();
  if (FindAxis(result.shape, columns.name)) columns.name.clear();
  result.shape[rank - 1] = columns;
  return {result};
}

std::vector<ValueId> ExpandMatmul(ExpandContext& context) {
  return ExpandProduct(context, MatmulProduct(context.input_types[0], context.input_types[1]));
}

LayerDef Matmul() {
  return {
      .name = "Matmul",
      .summary = "Matrix product of the last two axes.",
      .form = LayerDef::Form::Function,
      .function_name = "matmul",
      .params = {TensorParam("x1"), TensorParam("x2")},
      .infer = InferMatmul,
      .expand = ExpandMatmul,
      .examples = {{{"f32[batch, time: 3, features: 8]", "f32[batch, features: 8, classes: 5]"},
                    "matmul(x0, x1)",
                    "f32[batch, time: 3, classes: 5]"},
                   {{"f32[batch, heads: 2, time: 3, features: 8]", "f32[batch, heads: 2, time: 3, features: 8]"},
                    "matmul(x0, transpose(x1, [batch, heads, features, time]))",
                    "f32[batch, heads: 2, time: 3, 3]"},
                   {{"i32[batch, time: 3, features: 8]", "i32[batch, features: 8, classes: 5]"},
                    "matmul(x0, x1)",
                    "i32[batch, time: 3, classes: 5]"}},
  };
}

}  // namespace

std::vector<LayerDef> ProductFunctions() { return {Einsum(), Matmul()}; }

}  // namespace strata::layers
