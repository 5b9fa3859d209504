#include "compiler/check/ascription.h"

#include "compiler/check/compare.h"
#include "compiler/check/signature.h"
#include "compiler/source/catalogue.h"

namespace strata::check {

void CheckAscription(const Value& value, const ast::TypeExpr& ascription, Evaluator& evaluator, Elaboration& model,
                     FileContext& context) {
  if (value.IsFailed()) return;
  const Tensor* tensor = value.As<Tensor>();
  if (tensor == nullptr) {
    const std::string what =
        value.As<Sequence>() != nullptr ? Count(value.As<Sequence>()->items.size(), "result") : Describe(value);
    context.diagnostics.Report(kinds::AscriptionOfSeveral, ascription.span, what)
        .Label(value.span, "gives " + what)
        .Help("name them with `let (a, b) = ...` and ascribe where each is used");
    return;
  }
  const int node = model.network.values[static_cast<size_t>(tensor->index)].node;
  const Span made = node >= 0 ? model.SiteOfNode(node).name : value.span;
  const Span expression = node >= 0 ? model.SiteOfNode(node).call : value.span;
  const std::string owner = (node >= 0 ? "the result of " : "") + std::string(context.sources.Text(made));
  const Shape shape = evaluator.EvaluateShape(ascription, owner, UnknownNames::InSize);
  TensorType& type = model.network.values[static_cast<size_t>(tensor->index)].type;
  const Declaration declaration{ascription, shape, "", owner, expression};
  if (ascription.dtype) {
    const DType declared = ReadElementType(*ascription.dtype, context);
    if (declared != type.dtype) ReportDType(declaration, type.dtype, declared, context);
  }
  const bool holds = CompareDeclared(tensor->index, declaration, model, context);
  // One that is to be renewed is no reason to doubt the tensor, and still gives names.
  const bool is_renewed = context.step_types != nullptr;
  if (holds || (is_renewed && shape.size() == type.shape.size())) {
    TakeNames(type.shape, shape);
  } else if (!is_renewed) {
    model.taints[static_cast<size_t>(tensor->index)] = Elaboration::Taint::Wrong;
  }
  if (is_renewed) context.step_types->push_back({.ascription = &ascription, .type = type});
}

}  // namespace strata::check
