#include "compiler/check/constants.h"

#include <utility>

#include "compiler/check/config.h"
#include "compiler/check/signature.h"
#include "compiler/core/map_function.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// Nested lists against a shape: the numbers in their order.
class Elements {
 public:
  Elements(const ast::Const& constant, const TensorType& type, FileContext& context)
      : constant_(constant), type_(type), context_(context) {}

  bool Read(const Value& value, size_t depth) {
    if (value.IsFailed()) return false;
    const Sequence* list = value.As<Sequence>();
    const Shape& shape = type_.shape;
    if (depth == shape.size()) return list == nullptr ? ReadNumber(value) : Report(value, Describe(value), Number());
    const std::string along = depth == 0 && shape.size() == 1 ? "" : " along " + AxisText(depth);
    const int64_t size = *shape[depth].size.Constant();
    if (list == nullptr) {
      return Report(value, Describe(value) + along, "a list of " + std::to_string(size));
    }
    const auto count = static_cast<int64_t>(list->items.size());
    if (count != size) {
      return Report(value, Count(list->items.size(), "element") + along, std::to_string(size));
    }
    for (const Value& item : list->items) {
      if (!Read(item, depth + 1)) return false;
    }
    return true;
  }

  void Take(core::Literal& literal) {
    literal.data = std::move(numbers_);
    literal.integers = std::move(integers_);
  }

 private:
  std::string Number() const {
    if (IsFloat(type_.dtype)) return "a number";
    if (type_.dtype == DType::Bool) return "True or False";
    return "a whole number from " + std::to_string(core::Least(type_.dtype)) + " to " +
           std::to_string(core::Greatest(type_.dtype));
  }

  std::string AxisText(size_t axis) const {
    const std::string& name = type_.shape[axis].name;
    return name.empty() ? "axis " + std::to_string(axis) : Quoted(name);
  }

  bool ReadInteger(const Value& value) {
    const Dim* number = value.As<Dim>();
    const bool* truth = value.As<bool>();
    if (type_.dtype == DType::Bool && truth != nullptr) {
      integers_.push_back(*truth ? 1 : 0);
    } else if (type_.dtype != DType::Bool && number != nullptr && *number->Constant() >= core::Least(type_.dtype) &&
               *number->Constant() <= core::Greatest(type_.dtype)) {
      integers_.push_back(*number->Constant());
    } else {
      return Report(value, Describe(value), Number());
    }
    return true;
  }

  bool ReadNumber(const Value& value) {
    if (!IsFloat(type_.dtype)) return ReadInteger(value);
    if (const double* number = value.As<double>()) {
      numbers_.push_back(static_cast<float>(core::RoundTo(type_.dtype, *number)));
    } else if (const Dim* dim = value.As<Dim>()) {
      numbers_.push_back(static_cast<float>(core::RoundTo(type_.dtype, static_cast<double>(*dim->Constant()))));
    } else {
      return Report(value, Describe(value), Number());
    }
    return true;
  }

  bool Report(const Value& value, const std::string& what, const std::string& expected) {
    context_.diagnostics.Report(kinds::ConstantElements, value.span, constant_.name.text, what, expected)
        .Label(constant_.type->span, "declared here");
    return false;
  }

  const ast::Const& constant_;
  const TensorType& type_;
  FileContext& context_;
  std::vector<float> numbers_;
  std::vector<int64_t> integers_;
};

Value EvaluateTyped(const ast::Const& constant, const Value& value, FileContext& context) {
  const Span span = constant.value->span;
  Scope no_sizes(&context.constants);
  Evaluator evaluator(context, context.constants, no_sizes, nullptr);
  const size_t errors_before = context.diagnostics.ErrorCount();
  TensorType type;
  type.dtype = ReadElementType(*constant.type->dtype, context);
  type.shape =
      evaluator.EvaluateShape(*constant.type, "constant " + Quoted(constant.name.text), UnknownNames::InConstant);
  if (context.diagnostics.ErrorCount() > errors_before || value.IsFailed()) return FailedAt(span);
  Elements elements(constant, type, context);
  if (!elements.Read(value, 0)) return FailedAt(span);
  core::Literal literal;
  for (const Axis& axis : type.shape) literal.sizes.push_back(*axis.size.Constant());
  elements.Take(literal);
  literal.dtype = type.dtype;
  type.has_batch = false;
  const TypedConstant typed{std::move(type), std::make_shared<const core::Literal>(std::move(literal)),
                            constant.name.text};
  return {std::make_shared<const TypedConstant>(typed), span, ""};
}

}  // namespace

Value EvaluateConstant(const ast::Const& constant, FileContext& context) {
  Scope no_sizes;
  const Value value = Evaluator(context, context.constants, no_sizes, nullptr).Evaluate(*constant.value);
  if (constant.type) return EvaluateTyped(constant, value, context);
  if (value.IsFailed()) return value;
  if (constant.scalar_type) {
    return TakeScalar(*constant.scalar_type, value, constant.name.text, context).value_or(FailedAt(value.span));
  }
  if (ToConfig(value)) return value;
  context.diagnostics.Report(kinds::ConstantValue, constant.value->span, constant.name.text, Describe(value))
      .Help(value.As<LayerClass>() != nullptr ? "write the layer where the model applies it"
                                              : "a name for it can be declared by `let` in a model");
  return FailedAt(value.span);
}

}  // namespace strata::check
