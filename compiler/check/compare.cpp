#include "compiler/check/compare.h"

#include <algorithm>
#include <utility>

#include "compiler/check/history.h"
#include "compiler/check/signature.h"
#include "compiler/check/suggest.h"
#include "compiler/layers/reshape.h"
#include "compiler/layers/sliding.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

bool IsSameRole(std::string_view a, std::string_view b) {
  const auto is_features = [](std::string_view name) { return name == "channels" || name == "features"; };
  return a == b || (is_features(a) && is_features(b));
}

// Whether the user gave the axis this name; a layer's name may be replaced.
bool HasFixedName(const Axis& axis) { return !axis.name.empty() && !axis.provisional; }

std::string AxisText(const Axis& axis, size_t position) {
  return axis.name.empty() ? std::to_string(position) : Quoted(axis.name);
}

class Comparer {
 public:
  Comparer(int value, const Declaration& declaration, const Elaboration& model, FileContext& context)
      : value_(value),
        added_(declaration.shape.size() - declaration.source.axes.size()),
        declaration_(declaration),
        model_(model),
        context_(context) {}

  // Reports the first thing in which the tensor is not as declared.
  bool Compare() {
    const Shape& actual = Type().shape;
    const Shape& declared = declaration_.shape;
    const bool is_tainted = model_.TaintOf(value_) != Elaboration::Taint::None;
    if (actual.size() != declared.size()) {
      if (!is_tainted) PointAtFix(ReportRank());
      return false;
    }
    for (size_t i = added_; i < actual.size(); ++i) {
      const bool is_batch = i == 0 && declaration_.role == Declaration::Role::Input;
      if (is_batch || !HasFixedName(actual[i]) || declared[i].name.empty() ||
          IsSameRole(actual[i].name, declared[i].name)) {
        continue;
      }
      if (!is_tainted && declared[i].size.IsKnown()) ReportName(i);
      return false;
    }
    for (size_t i = added_; i < actual.size(); ++i) {
      if (IsEqual(actual[i].size, declared[i].size) || FollowsFromError({value_, i})) continue;
      PointAtFix(ReportSize(i));
      return false;
    }
    return true;
  }

 private:
  // Whether an argument of the node's layer is the axis' size.
  bool IsGivenByArgument(int node, const Dim& size) const {
    const Args& args = model_.LayerOfNode(node).args;
    return std::ranges::any_of(args.def().params, [&](const Param& param) {
      const Dim* given = args.Given(param.name) ? args.Get(param.name).AsDim() : nullptr;
      return param.type == ParamType::Int && given != nullptr && *given == size;
    });
  }

  // Whether the axis' size may be what it is because of a mistake that has been reported.
  bool FollowsFromError(AxisPlace axis) const {
    using Taint = Elaboration::Taint;
    while (model_.TaintOf(axis.value) == Taint::Follows) {
      const Dim& size = model_.TypeOf(axis.value).shape[axis.position].size;
      const std::optional<AxisPlace> source = SourceOf(model_.network, axis);
      const bool is_new = !source || !(model_.TypeOf(source->value).shape[source->position].size == size);
      const int node = model_.network.values[static_cast<size_t>(axis.value)].node;
      if (is_new && IsGivenByArgument(node, size)) return false;
      if (!source) return true;
      axis = *source;
    }
    return model_.TaintOf(axis.value) == Taint::Wrong;
  }

  // Proven, or one of them in doubt for another reason.
  bool IsEqual(const Dim& a, const Dim& b) const {
    return !a.IsKnown() || !b.IsKnown() || a == b || model_.facts.ProvesEqual(a, b);
  }

  bool IsResult() const { return declaration_.role == Declaration::Role::Result; }
  bool IsAscription() const { return declaration_.role == Declaration::Role::Ascription; }

  const TensorType& Type() const { return model_.TypeOf(value_); }
  int Node() const { return model_.network.values[static_cast<size_t>(value_)].node; }
  bool HasUnknownSize() const {
    return std::ranges::any_of(Type().shape, [](const Axis& axis) { return axis.size.IsUnknown(); });
  }

  // Where an axis of the declared shape is written: a batch axis that is missing or stands elsewhere has moved the others.
  const ast::AxisExpr& Written(size_t position) const {
    const std::vector<ast::AxisExpr>& written = declaration_.source.axes;
    const std::string& name = declaration_.shape[position].name;
    const auto is_it = [&](const ast::AxisExpr& axis) {
      const auto* bare = axis.size->As<ast::NameRef>();
      return axis.name ? axis.name->text == name : bare != nullptr && bare->name == name;
    };
    const auto found = std::ranges::find_if(written, is_it);
    return found != written.end() ? *found : written[position - added_];
  }

  // Where a node, or for -1 the input that the value is, stands.
  Span PlaceOf(int node) const {
    return node >= 0 ? model_.SiteOfNode(node).name : model_.network.values[static_cast<size_t>(value_)].span;
  }

  // Where nothing but the declaration can be offered to be changed, it is what is wrong; but a model that returns its
  // input lacks a layer.
  void PointAtFix(Diagnostic& diagnostic) const {
    if (Node() >= 0) PointAtDeclaration(diagnostic, declaration_.source.span);
  }

  // The help that declares what is there; none while some of its sizes are in doubt.
  void OfferToDeclare(Diagnostic& diagnostic) const {
    if (HasUnknownSize()) return;
    const bool has_dtype = declaration_.source.dtype.has_value();
    const std::string text = has_dtype ? ToString(Type()) : ToString(Type().shape);
    diagnostic.Help("declare what it is: " + Quoted(text), Applicability::MaybeIncorrect,
                    {{declaration_.source.span, text}});
  }

  Diagnostic& ReportRank() {
    const auto actual = static_cast<int64_t>(Type().shape.size());
    const auto declared = static_cast<int64_t>(declaration_.shape.size());
    // A result is wrong where it is made; an ascription is what is wrong itself.
    const Span made = Node() >= 0 ? PlaceOf(Node()) : declaration_.expression;
    const std::string produces = (Node() >= 0 ? "produces " : "is ") + ToString(Type());
    Diagnostic* diagnostic;
    if (IsResult() && declared + 1 == actual && declaration_.shape.front().name != Type().shape.front().name) {
      return ReportNoBatch();
    }
    if (IsResult()) {
      diagnostic = &context_.diagnostics.Report(kinds::OutputRank, made, declaration_.result, actual, declared);
      diagnostic->Primary(produces).Label(declaration_.source.span, "declared here");
    } else {
      diagnostic = &context_.diagnostics.Report(kinds::AscriptionRank, declaration_.source.span, declaration_.owner,
                                                actual, declared);
      diagnostic->Label(made, produces);
    }
    if (actual > declared) {
      if (Node() >= 0) diagnostic->Note(DescribeAxes(model_.network, Node()));
      if (Node() >= 0 && actual == declared + 1) {
        const NetworkLayer& layer = model_.LayerOfNode(Node());
        if (OfferWithoutBatch(*diagnostic, {&layer.args, layer.call_span})) return *diagnostic;
      }
      if (IsResult()) {
        if (const auto help = SuggestLastStep(model_, value_, declaration_.shape)) {
          return diagnostic->Help(help->text, help->applicability, help->edits);
        }
        if (const auto help = SuggestLayer(model_, value_, declaration_.shape, context_.sources)) {
          return diagnostic->Help(help->text, help->applicability, help->edits);
        }
      }
    } else {
      LabelDropped(*diagnostic);
    }
    OfferToDeclare(*diagnostic);
    return *diagnostic;
  }

  // The declaration begins with what is the second axis.
  Diagnostic& ReportNoBatch() {
    const ast::AxisExpr& first = declaration_.source.axes.front();
    const std::string& name = declaration_.shape.front().name;
    const std::string& batch = Type().shape.front().name;
    return context_.diagnostics.Report(kinds::NoBatchAxis, first.span, declaration_.owner)
        .Primary(name.empty() ? "the first axis has no name" : "the first axis is " + Quoted(name))
        .Label(Node() >= 0 ? PlaceOf(Node()) : declaration_.expression, "is " + ToString(Type()))
        .Help("write the batch axis first: " + Quoted(WithBatch(declaration_.source, batch, context_.sources)),
              Applicability::MaybeIncorrect, {{{first.span.file, first.span.begin, first.span.begin}, batch + ", "}});
  }

  // The layer at which axes went that the declaration still has.
  void LabelDropped(Diagnostic& diagnostic) const {
    const std::vector<DroppedAxis> dropped = DroppedAxes(model_.network, value_);
    if (dropped.empty()) return;
    std::vector<std::string_view> names;
    for (const DroppedAxis& axis : dropped) {
      if (axis.node == dropped.front().node && !axis.axis.name.empty()) names.push_back(axis.axis.name);
    }
    const std::string what = names.empty() ? "axes" : ListOf(names, "and");
    if (PlaceOf(dropped.front().node) == PlaceOf(Node())) {
      diagnostic.Note(DescribeAxes(model_.network, Node()));
    } else {
      diagnostic.Label(PlaceOf(dropped.front().node), what + " dropped here");
    }
  }

  void ReportName(size_t position) {
    const Axis& actual = Type().shape[position];
    const Axis& declared = declaration_.shape[position];
    const ast::AxisExpr& source = Written(position);
    const Span place = source.name ? source.name->span : source.span;
    const bool is_use = declaration_.role == Declaration::Role::Input;
    if (is_use) {
      context_.diagnostics
          .Report(kinds::AxisNameMismatch, declaration_.expression, static_cast<int64_t>(position), declaration_.owner,
                  actual.name, declared.name)
          .Primary("is " + ToString(Type()))
          .Label(place, "declared here")
          .Help("where both are the same thing, rename the axis: `rename(..., " + actual.name + "=" + declared.name +
                ")`");
      return;
    }
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::AxisNameMismatch, place, static_cast<int64_t>(position),
                                                         declaration_.owner, actual.name, declared.name);
    diagnostic.Label(Node() >= 0 ? PlaceOf(Node()) : declaration_.expression, "is " + ToString(Type()));
    const bool is_there = FindAxis(Type().shape, declared.name).has_value();
    if (is_there) {
      diagnostic.Note(Quoted(declared.name) + " is axis " + std::to_string(*FindAxis(Type().shape, declared.name)) +
                      ": the order of the axes is part of the type");
    }
    const bool clashes = std::ranges::any_of(declaration_.shape, [&](const Axis& a) { return a.name == actual.name; });
    if (source.name && !clashes) {
      diagnostic.Help("declare it as " + Quoted(actual.name), Applicability::MaybeIncorrect, {{place, actual.name}});
    } else {
      OfferToDeclare(diagnostic);
    }
    if (is_there || (!IsResult() && Node() < 0)) return;
    const std::string rename = "rename(" + actual.name + "=" + declared.name + ")";
    const Span end{declaration_.expression.file, declaration_.expression.end, declaration_.expression.end};
    diagnostic.Help("or rename it: " + Quoted("|> " + rename), Applicability::MaybeIncorrect, {{end, " |> " + rename}});
  }

  Diagnostic& ReportSize(size_t position) {
    const Axis& actual = Type().shape[position];
    const Axis& declared = declaration_.shape[position];
    const ast::AxisExpr& source = Written(position);
    const AxisPlace axis{value_, position};
    const int origin = OriginOf(model_.network, axis);
    const Span made = origin >= 0 ? PlaceOf(origin) : declaration_.expression;
    const std::string makes =
        origin >= 0 ? "makes " + Quoted(ToString(ShapeAt(origin, axis))) : "is " + ToString(Type());
    const Axis& named = declared.name.empty() ? actual : declared;
    const bool is_use = declaration_.role == Declaration::Role::Input;
    const Span primary = IsAscription() ? source.span : is_use ? declaration_.expression : made;
    Diagnostic& diagnostic =
        context_.diagnostics.Report(kinds::SizeMismatch, primary, AxisText(named, position), declaration_.owner,
                                    actual.size.ToString(), declared.size.ToString());
    if (IsAscription()) {
      diagnostic.Label(made, makes);
    } else {
      diagnostic.Primary(is_use ? "is " + ToString(Type()) : makes).Label(source.span, "declared here");
    }
    NoteSizes(diagnostic, axis);
    OfferEquality(diagnostic);
    if (is_use) return diagnostic;
    if (origin >= 0 && IsResult()) {
      if (const auto help = SuggestArgument(model_, origin, actual.size, declared.size, context_.sources)) {
        diagnostic.Help(help->text, help->applicability, help->edits);
      }
    }
    // A size that depends on a block's configuration or symbols is not the same at its other uses.
    if (model_.instance != nullptr && source.size->As<ast::IntLiteral>() == nullptr) return diagnostic;
    const bool is_bare_name = !source.name && !declared.name.empty();
    const std::string text = is_bare_name ? declared.name + ": " + actual.size.ToString() : actual.size.ToString();
    const Span size = is_bare_name ? source.span : source.size->span;
    return diagnostic.Help(
        "declare " + Quoted(declared.name.empty() ? text : declared.name + ": " + actual.size.ToString()),
        Applicability::MaybeIncorrect, {{size, text}});
  }

  // Sizes that may be equal and may be not: the `where` that makes all of them equal, and the layer that rounded.
  void OfferEquality(Diagnostic& diagnostic) const {
    const Shape& actual = Type().shape;
    std::vector<Condition> needed;
    for (size_t i = 0; i < actual.size(); ++i) {
      const Condition equal{actual[i].size, Relation::Equal, declaration_.shape[i].size};
      if (IsEqual(equal.left, equal.right) || model_.facts.Decide(equal) == Truth::False) continue;
      if (needed.empty()) LabelRounding(diagnostic, {value_, i});
      needed.push_back(equal);
    }
    if (!needed.empty()) OfferWhere(diagnostic, model_, needed);
  }

  void LabelRounding(Diagnostic& diagnostic, AxisPlace axis) const {
    for (const SizeChange& change : ChangesOf(model_.network, axis)) {
      if (!IsRounded(change.to)) continue;
      diagnostic.Label(PlaceOf(change.node), "rounds " + change.from.ToString() + " to " + change.to.ToString());
      return;
    }
  }

  // The axis as the node `origin` made it.
  Axis ShapeAt(int origin, AxisPlace axis) const {
    while (model_.network.values[static_cast<size_t>(axis.value)].node != origin) {
      axis = *SourceOf(model_.network, axis);
    }
    return model_.TypeOf(axis.value).shape[axis.position];
  }

  void NoteSizes(Diagnostic& diagnostic, AxisPlace axis) const {
    const std::vector<Dim> sizes = SizesOf(model_.network, axis);
    if (sizes.size() < 3) return;
    std::string text;
    for (const Dim& size : sizes) text += (text.empty() ? "" : " -> ") + size.ToString();
    diagnostic.Note("its size on the way: " + text);
  }

  int value_;
  size_t added_;  // declared axes that are not written: 1 where the batch axis is missing, which is reported
  const Declaration& declaration_;
  const Elaboration& model_;
  FileContext& context_;
};

}  // namespace

bool CompareDeclared(int value, const Declaration& declaration, const Elaboration& model, FileContext& context) {
  return Comparer(value, declaration, model, context).Compare();
}

void ReportDType(const Declaration& declaration, DType actual, DType declared, FileContext& context) {
  const Span span = declaration.source.dtype->span;
  context.diagnostics.Report(kinds::DTypeMismatch, span, declaration.owner, Name(actual), Name(declared))
      .Help("declare it as " + Quoted(Name(actual)), Applicability::MaybeIncorrect,
            {{span, std::string(Name(actual))}});
}

void TakeNames(Shape& shape, const Shape& declared) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (declared[i].name.empty() || HasFixedName(shape[i])) continue;
    shape[i].name = declared[i].name;
    shape[i].provisional = false;
  }
}

}  // namespace strata::check
