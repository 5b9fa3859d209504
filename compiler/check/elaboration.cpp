#include "compiler/check/elaboration.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// How many elements one sample has: all sizes that do not depend on a symbol. Nothing where they are too many to count.
std::optional<int64_t> SampleElements(const Shape& shape) {
  int64_t count = 1;
  for (const Axis& axis : shape) {
    if (axis.size.IsOverflow()) return std::nullopt;
    const std::optional<int64_t> size = axis.size.Constant();
    if (!size || *size <= 0) continue;
    if (*size > kMaxElements / count) return std::nullopt;
    count *= *size;
  }
  return count;
}

// The view of a tensor under other axis names.
const LayerDef& RenameDef() {
  static const LayerDef def = {.name = "Rename",
                               .summary = "The same elements, with other names of the axes.",
                               .form = LayerDef::Form::Function,
                               .function_name = "rename",
                               .params = {},
                               .infer = [](InferContext& context) { return std::vector<TensorType>{context.input()}; },
                               .mask = Mask::Pass(),
                               .expand = [](ExpandContext& context) { return std::vector{context.input()}; }};
  return def;
}

// What says the same of the sizes in simpler words: `height >= 1` for `ceil(height / 4) >= 1`.
Condition Simplest(const Condition& condition, const Facts& facts) {
  const std::vector<Condition> sufficient = facts.WhatWouldProve(condition);
  if (sufficient.size() != 1) return condition;
  const Condition& simple = sufficient.front();
  if (ToString(simple).size() >= ToString(condition).size()) return condition;
  Facts otherwise = facts;
  const bool is_needed = !otherwise.Assume(Opposite(simple)) || otherwise.Decide(condition) == Truth::False;
  return is_needed ? simple : condition;
}

void OfferWhereText(Diagnostic& diagnostic, const ast::Function& function, const std::vector<std::string>& conditions) {
  std::string list;
  for (const std::string& text : conditions) list += (list.empty() ? "" : ", ") + text;
  const Span at = function.where.empty() ? function.signature : function.where.back()->span;
  const Span end{at.file, at.end, at.end};
  diagnostic.Help("state it in the signature: `where " + list + "`", Applicability::MaybeIncorrect,
                  {{end, (function.where.empty() ? " where " : ", ") + list}});
}

}  // namespace

std::string Elaboration::NameOf(int value) const {
  const std::string& name = value_names[static_cast<size_t>(value)];
  const int node = network.values[static_cast<size_t>(value)].node;
  return name.empty() && node >= 0 ? LayerOfNode(node).name : name;
}

int Elaboration::AddValue(TensorType type, Span span, int node, Taint taint) {
  network.values.push_back({std::move(type), span, node});
  value_names.emplace_back();
  type_spans.emplace_back();
  taints.push_back(taint);
  type_doubts.push_back(false);
  return static_cast<int>(network.values.size()) - 1;
}

Tensor Elaboration::AddConstant(const std::shared_ptr<const TypedConstant>& constant, Span span) {
  const auto [found, is_new] = constants.emplace(constant.get(), 0);
  if (is_new) {
    found->second = AddValue(constant->type, span, -1);
    network.values.back().constant = constant->literal;
    value_names.back() = constant->name;
  }
  return {found->second};
}

int Elaboration::AddRenamed(int value, Shape shape, const Site& site) {
  const int node = static_cast<int>(network.nodes.size());
  std::string name = "rename";
  const int number = name_counters[name]++;
  if (number > 0) name += "_" + std::to_string(number);
  const int layer = static_cast<int>(network.layers.size());
  network.layers.push_back({&RenameDef(), name, Args(RenameDef(), {}, {}), site.name, site.call, {}});
  layer_states.push_back({true, node});
  const Taint taint = TaintOf(value) == Taint::None ? Taint::None : Taint::Follows;
  const int result = AddValue({TypeOf(value).dtype, std::move(shape)}, site.call, node, taint);
  network.values.back().mask_axes = network.values[static_cast<size_t>(value)].mask_axes;
  network.values.back().joint_mask_axes = JointMaskAxes(value);
  type_doubts.back() = type_doubts[static_cast<size_t>(value)];
  network.nodes.push_back({.layer = layer, .inputs = {value}, .outputs = {result}});
  node_sites.push_back(site);
  return result;
}

size_t Elaboration::JointMaskAxes(int value) const {
  return mask_takers.contains(value) ? 0 : network.values[static_cast<size_t>(value)].joint_mask_axes;
}

Truth Elaboration::Decide(const AnyOf& any) const {
  const Truth truth = check::Decide(any, facts);
  if (truth != Truth::Unknown) return truth;
  // Proven too where it follows from each of several conditions one of which holds.
  const bool is_proven = std::ranges::any_of(stated, [&](const AnyOf& cases) {
    return std::ranges::all_of(cases, [&](const Condition& one) {
      Facts assumed = facts;
      return !assumed.Assume(one) || check::Decide(any, assumed) == Truth::True;
    });
  });
  return is_proven ? Truth::True : Truth::Unknown;
}

Formula Elaboration::OpenPart(const Formula& formula, Truth& truth) const {
  Formula open;
  truth = Truth::True;
  for (const AnyOf& any : formula) {
    const Truth part = Decide(any);
    if (part == Truth::True) continue;
    if (part == Truth::False) {
      truth = Truth::False;
      return {};
    }
    truth = Truth::Unknown;
    AnyOf rest;
    for (const Condition& condition : any) {
      if (facts.Decide(condition) != Truth::False) rest.push_back(condition);
    }
    open.push_back(std::move(rest));
  }
  return open;
}

bool Elaboration::Require(const Formula& formula, const std::string& need, Span span) {
  for (const AnyOf& whole : formula) {
    Truth truth = Truth::Unknown;
    const Formula open = OpenPart({whole}, truth);
    if (truth == Truth::False) return false;
    for (const AnyOf& any : open) {
      AnyOf simple;
      for (const Condition& condition : any) simple.push_back(Simplest(condition, facts));
      network.guards.push_back({any, need + ToString(simple), span});
      if (any.size() > 1) stated.push_back(any);
      if (any.size() == 1 && !facts.Assume(any.front())) return false;
    }
  }
  return true;
}

std::string PlaceText(const Sources& sources, Span span) {
  const SourceFile& file = sources.Get(span.file);
  return std::filesystem::path(file.Name()).filename().string() + ":" + std::to_string(file.Locate(span.begin).line);
}

bool OfferWhere(Diagnostic& diagnostic, const Elaboration& model, const std::vector<Condition>& needed) {
  Facts facts = model.facts;
  std::vector<std::string> texts;
  for (const Condition& condition : needed) {
    if (facts.Proves(condition)) continue;
    const std::vector<Condition> conditions = facts.WhatWouldProve(condition);
    if (conditions.empty()) return false;
    for (const Condition& one : conditions) {
      if (std::ranges::find(texts, ToString(one)) == texts.end()) texts.push_back(ToString(one));
      if (!facts.Assume(one)) return false;
    }
  }
  if (texts.empty()) return false;
  OfferWhereText(diagnostic, model.function, texts);
  return true;
}

void OfferStating(Diagnostic& diagnostic, const Elaboration& model, const Formula& formula) {
  std::vector<std::string> texts;
  for (const AnyOf& any : formula) texts.push_back(ToString(any));
  OfferWhereText(diagnostic, model.function, texts);
}

std::string Count(size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string ListOf(const std::vector<std::string_view>& names, std::string_view last) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " " + std::string(last) + " ";
    text += Quoted(names[i]);
  }
  return text;
}

bool ReportTooLarge(const Shape& shape, const std::string& owner, Span span, Diagnostics& diagnostics) {
  if (SampleElements(shape)) return false;
  diagnostics.Report(kinds::TensorTooLarge, span, owner, kMaxElements).Primary("is " + ToString(shape));
  return true;
}

bool IsShort(std::string_view text, size_t longest) {
  return text.size() <= longest && text.find('\n') == std::string_view::npos;
}

void PointAtDeclaration(Diagnostic& diagnostic, Span declaration) {
  if (!declaration.IsValid() || diagnostic.helps.empty() || diagnostic.helps.front().edits.empty()) return;
  for (const Edit& edit : diagnostic.helps.front().edits) {
    if (!Contains(declaration, edit.span)) return;
  }
  for (size_t i = 1; i < diagnostic.labels.size(); ++i) {
    if (!Contains(declaration, diagnostic.labels[i].span)) continue;
    std::swap(diagnostic.labels[0], diagnostic.labels[i]);
    return;
  }
}

}  // namespace strata::check
