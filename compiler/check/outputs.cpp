#include "compiler/check/outputs.h"

#include <utility>

#include "compiler/check/compare.h"
#include "compiler/check/flattened.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

CheckedResult CheckResult(const Value& value, const DeclaredResult& result, Elaboration& model, FileContext& context) {
  if (value.IsFailed()) return std::nullopt;
  const Tensor* tensor = value.As<Tensor>();
  if (tensor == nullptr) {
    context.diagnostics
        .Report(kinds::NotATensor, value.span, Quoted(context.sources.Text(value.span)),
                DescribeBeside(context.sources.Text(value.span), value))
        .Label(result.source->span, "declared here");
    return std::nullopt;
  }
  const Declaration declaration{result.source->type, result.type.shape,
                                result.name,         "output " + Quoted(result.name),
                                value.span,          Declaration::Role::Result};
  const DType dtype = model.TypeOf(tensor->index).dtype;
  if (!model.TypeOf(tensor->index).has_batch) {
    context.diagnostics.Report(kinds::NoBatchAxis, value.span, "output " + Quoted(result.name))
        .Primary("is " + ToString(model.TypeOf(tensor->index)) + ", computed from constants alone")
        .Label(result.source->span, "declared here")
        .Help("leave it out: what is computed from constants alone is known without the model");
    return std::nullopt;
  }
  const bool has_dtype = dtype == result.type.dtype;
  if (!has_dtype && model.HasSureType(tensor->index)) ReportDType(declaration, dtype, result.type.dtype, context);
  // As many axes as there are without the batch may have been meant to be all.
  const bool is_rank_open = model.TypeOf(tensor->index).shape.size() != result.type.shape.size();
  if (!result.has_batch && is_rank_open) return std::nullopt;
  if (!CompareDeclared(tensor->index, declaration, model, context) || !has_dtype) return std::nullopt;
  return tensor->index;
}

}  // namespace

std::vector<CheckedResult> CheckResults(const ast::Function& function, const Value& value,
                                        const std::vector<DeclaredResult>& results, Elaboration& model,
                                        FileContext& context) {
  std::vector<CheckedResult> checked(results.size());
  if (value.IsFailed()) return checked;
  const std::vector<Value> values = Flattened(value);
  if (values.size() != results.size()) {
    const bool is_model = function.form == ast::Function::Form::Model;
    std::string names;
    for (const DeclaredResult& result : results) names += (names.empty() ? "" : ", ") + result.name;
    if (results.size() > 1) names = "(" + names + ")";
    context.diagnostics
        .Report(kinds::ResultCount, value.span, is_model ? "model" : "block", function.name.text,
                Count(values.size(), "tensor"), static_cast<int64_t>(results.size()))
        .Label(Join(results.front().source->span, results.back().source->span), "declared here")
        .Help("give back what is declared, in its order: " + Quoted("return " + names));
    return checked;
  }
  for (size_t i = 0; i < values.size(); ++i) checked[i] = CheckResult(values[i], results[i], model, context);
  return checked;
}

}  // namespace strata::check
