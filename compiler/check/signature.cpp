#include "compiler/check/signature.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

constexpr DType kDTypes[] = {DType::F32, DType::F16, DType::BF16, DType::I8,
                             DType::U8,  DType::I32, DType::I64,  DType::Bool};

// What NumPy and others call Strata's element types.
struct ForeignName {
  std::string_view foreign;
  std::string_view name;
};
constexpr ForeignName kForeignNames[] = {
    {"float32", "f32"},   {"float", "f32"}, {"float64", "f32"},  {"double", "f32"}, {"float16", "f16"}, {"half", "f16"},
    {"bfloat16", "bf16"}, {"int8", "i8"},   {"uint8", "u8"},     {"byte", "u8"},    {"int32", "i32"},   {"int", "i32"},
    {"int64", "i64"},     {"long", "i64"},  {"boolean", "bool"}, {"bool_", "bool"},
};

std::string AxisText(const ast::AxisExpr& axis, size_t position) {
  if (axis.name) return Quoted(axis.name->text);
  if (const auto* name = axis.size->As<ast::NameRef>()) return Quoted(name->name);
  return std::to_string(position);
}

// A bare name, not in parentheses: an axis of that name whose size is the symbol of that name.
const ast::NameRef* AsBareName(const ast::AxisExpr& axis) {
  return !axis.name && axis.span == axis.size->span ? axis.size->As<ast::NameRef>() : nullptr;
}

// The size an axis is declared with; unknown where it is wrong.
Dim ReadSize(const ast::AxisExpr& axis, size_t position, const Value& value, FileContext& context) {
  if (value.IsFailed()) return Dim::Unknown();
  const Dim* size = value.As<Dim>();
  const Span span = axis.size->span;
  if (size == nullptr) {
    const auto* quotient = axis.size->As<ast::Binary>();
    if (quotient != nullptr && quotient->op == ast::BinaryOperator::Divide && value.As<double>() != nullptr) {
      ReportInexact(std::string(context.sources.Text(span)), span, *quotient, context);
    } else {
      context.diagnostics.Report(kinds::SizeType, span, AxisText(axis, position), Describe(value));
    }
    return Dim::Unknown();
  }
  const std::optional<int64_t> number = size->Constant();
  if (!number || (*number >= 1 && *number <= kMaxSize)) return *size;
  if (*number < 1) {
    context.diagnostics.Report(kinds::SizeTooSmall, span, AxisText(axis, position), *number);
  } else {
    context.diagnostics.Report(kinds::SizeTooLarge, span, AxisText(axis, position), *number, kMaxSize);
  }
  return Dim::Unknown();
}

void ReportDuplicateAxes(const ast::TypeExpr& type, FileContext& context) {
  std::unordered_map<std::string_view, Span> seen;
  for (const ast::AxisExpr& axis : type.axes) {
    const ast::NameRef* bare = AsBareName(axis);
    if (!axis.name && bare == nullptr) continue;
    const std::string& name = axis.name ? axis.name->text : bare->name;
    const Span span = axis.name ? axis.name->span : axis.size->span;
    const auto [earlier, is_new] = seen.emplace(name, span);
    if (!is_new) context.diagnostics.Report(kinds::DuplicateAxis, span, name).Label(earlier->second, "the other one");
  }
}

// The name of an axis as it is written; "" for none.
std::string WrittenName(const ast::AxisExpr& axis) {
  const ast::NameRef* bare = AsBareName(axis);
  return axis.name ? axis.name->text : bare != nullptr ? bare->name : "";
}

// Where the batch axis is missing it is added, and where it stands elsewhere moved, as it was meant. False then.
bool AddBatch(const ast::TypeExpr& type, const std::string& owner, Shape& shape, FileContext& context) {
  if (RequireBatch(type, owner, context)) return true;
  if (const std::optional<size_t> elsewhere = FindAxis(shape, "batch")) {
    std::rotate(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(*elsewhere),
                shape.begin() + static_cast<std::ptrdiff_t>(*elsewhere) + 1);
    return false;
  }
  shape.insert(shape.begin(), Axis{.name = "batch", .size = Dim::Unknown()});
  return false;
}

}  // namespace

std::string WithBatch(const ast::TypeExpr& type, const std::string& batch, const Sources& sources) {
  std::string text = "[" + batch + ", ";
  for (const char c : sources.Text({type.span.file, type.axes.front().span.begin, type.span.end})) {
    const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!is_space || text.back() != ' ') text += is_space ? ' ' : c;
  }
  return text;
}

bool RequireBatch(const ast::TypeExpr& type, const std::string& owner, FileContext& context) {
  const ast::AxisExpr& first = type.axes.front();
  const std::string name = WrittenName(first);
  if (!name.empty() && !IsRoleName(name)) return true;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::NoBatchAxis, first.span, owner);
  diagnostic.Primary(name.empty() ? "the first axis has no name" : "the first axis is " + Quoted(name));
  const auto is_batch = [](const ast::AxisExpr& axis) { return WrittenName(axis) == "batch"; };
  if (std::ranges::any_of(type.axes, is_batch)) {
    diagnostic.Help("move `batch` to the front");
    return false;
  }
  diagnostic.Help("write the batch axis first: " + Quoted(WithBatch(type, "batch", context.sources)),
                  Applicability::MaybeIncorrect, {{{first.span.file, first.span.begin, first.span.begin}, "batch, "}});
  return false;
}

DType ReadElementType(const ast::Name& name, FileContext& context) {
  if (const auto dtype = ParseDType(name.text)) return *dtype;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownDType, name.span, name.text);
  std::vector<std::string_view> names;
  for (const DType dtype : kDTypes) names.push_back(Name(dtype));
  std::string_view nearest;
  for (const ForeignName& entry : kForeignNames) {
    if (entry.foreign == name.text) nearest = entry.name;
  }
  if (nearest.empty()) nearest = NearestName(name.text, names);
  if (nearest.empty()) {
    diagnostic.Note("element types are " + ListOf(names, "and"));
  } else {
    diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                    {{name.span, std::string(nearest)}});
  }
  return DType::F32;
}

Shape Evaluator::EvaluateShape(const ast::TypeExpr& type, const std::string& owner, UnknownNames unknown_names) {
  ReportDuplicateAxes(type, context_);
  Shape shape;
  for (size_t i = 0; i < type.axes.size(); ++i) {
    const ast::AxisExpr& source = type.axes[i];
    const ast::NameRef* bare = AsBareName(source);
    const auto* symbol = source.size->As<ast::NameRef>();
    Axis& axis = shape.emplace_back();
    if (source.name) axis.name = source.name->text;
    if (bare != nullptr) axis.name = bare->name;
    // Of two axes of one name the first one is believed.
    const auto is_same = [&](const Axis& other) { return &other != &axis && other.name == axis.name; };
    if (std::ranges::any_of(shape, is_same)) axis.name.clear();
    const Binding* binding = symbol == nullptr ? nullptr : sizes_.Find(symbol->name);
    const bool is_constant = binding != nullptr && binding->kind == Binding::Kind::Constant;
    if (bare != nullptr && (is_constant || (binding != nullptr && binding->kind == Binding::Kind::Config))) {
      const std::string& name = bare->name;
      const std::string what = is_constant ? "constant" : "configuration parameter";
      context_.diagnostics.Report(kinds::AxisNamedAsConstant, source.span, name, what)
          .Label(binding->span, "the " + what)
          .Help("write `" + name + ": (" + name + ")` for an axis of that name and size", Applicability::MaybeIncorrect,
                {{source.span, name + ": (" + name + ")"}});
      axis.size = Dim::Unknown();
      continue;
    }
    axis.size = ReadSize(source, i, EvaluateSize(*source.size, unknown_names), context_);
    // An input keeps what was written: the compiled model reads its symbols there.
    const bool is_symbolic = axis.size.IsKnown() && !axis.size.Constant();
    if (is_symbolic && unknown_names == UnknownNames::InSize) axis.size = model_->facts.Simplify(axis.size);
  }
  if (ReportTooLarge(shape, owner, type.span, context_.diagnostics)) {
    for (Axis& axis : shape) axis.size = Dim::Unknown();
  }
  return shape;
}

void DeclareInputs(const ast::Function& function, Evaluator& evaluator, Scope& sizes, Elaboration& model,
                   FileContext& context) {
  std::unordered_map<std::string_view, Span> seen;
  for (const ast::TensorParam& input : function.inputs) {
    const auto [earlier, is_new] = seen.emplace(input.name.text, input.name.span);
    if (!is_new) {
      context.diagnostics.Report(kinds::DuplicateName, input.name.span, "input", input.name.text)
          .Label(earlier->second, "declared here before");
    }
    const std::string owner = "input " + Quoted(input.name.text);
    TensorType type;
    if (input.type.dtype) type.dtype = ReadElementType(*input.type.dtype, context);
    type.shape = evaluator.EvaluateShape(input.type, owner, UnknownNames::InInput);
    AddBatch(input.type, owner, type.shape, context);
    if (sizes.Find("batch") == nullptr && type.shape.front().size.IsUnknown()) {
      // A batch axis that was added: outputs may name it.
      sizes.Declare(Binding::Kind::Symbol, {"batch", input.name.span}, {Dim::Unknown(), input.name.span, ""});
    }
    const int index = model.AddValue(std::move(type), input.span, -1);
    model.value_names.back() = input.name.text;
    model.type_spans.back() = input.type.span;
    model.network.inputs.push_back({input.name.text, index, input.span});
    Value value{Tensor{index}, input.name.span, ""};
    evaluator.scope().Declare(Binding::Kind::Input, input.name, std::move(value));
  }
}

std::vector<DeclaredResult> EvaluateResults(const ast::Function& function, Evaluator& evaluator, FileContext& context) {
  std::vector<DeclaredResult> results;
  std::unordered_map<std::string_view, Span> seen;
  for (const ast::Result& source : function.results) {
    DeclaredResult& result = results.emplace_back();
    result.source = &source;
    const size_t number = results.size() - 1;
    result.name = source.name ? source.name->text : number == 0 ? "output" : "output_" + std::to_string(number);
    if (source.name) {
      const auto [earlier, is_new] = seen.emplace(source.name->text, source.name->span);
      if (!is_new) {
        context.diagnostics.Report(kinds::DuplicateName, source.name->span, "result", source.name->text)
            .Label(earlier->second, "declared here before");
      }
    }
    const std::string owner = "output " + Quoted(result.name);
    if (source.type.dtype) result.type.dtype = ReadElementType(*source.type.dtype, context);
    result.type.shape = evaluator.EvaluateShape(source.type, owner, UnknownNames::InSize);
    result.has_batch = AddBatch(source.type, owner, result.type.shape, context);
  }
  return results;
}

}  // namespace strata::check
