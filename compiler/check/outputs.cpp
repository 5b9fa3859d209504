#include "compiler/check/outputs.h"

#include <utility>

#include "compiler/check/compare.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

void CheckOutput(const Value& value, const DeclaredResult& result, Elaboration& model, FileContext& context) {
  if (value.IsFailed()) return;
  const Tensor* tensor = value.As<Tensor>();
  if (tensor == nullptr) {
    context.diagnostics
        .Report(kinds::NotATensor, value.span, Quoted(context.sources.Text(value.span)),
                DescribeBeside(context.sources.Text(value.span), value))
        .Label(result.source->span, "declared here");
    return;
  }
  TensorType type = model.TypeOf(tensor->index);
  const Declaration declaration{result.source->type, result.type.shape, result.name, "output " + Quoted(result.name),
                                value.span};
  const bool is_tainted = model.TaintOf(tensor->index) != Elaboration::Taint::None;
  if (type.dtype != result.type.dtype && !is_tainted) ReportDType(declaration, type.dtype, result.type.dtype, context);
  if (!CompareDeclared(tensor->index, declaration, model, context)) return;
  TakeNames(type.shape, result.type.shape);
  model.network.outputs.push_back({result.name, std::move(type), tensor->index, result.source->span});
}

}  // namespace

void CheckOutputs(const ast::Function& function, const Value& value, const std::vector<DeclaredResult>& results,
                  Elaboration& model, FileContext& context) {
  if (value.IsFailed()) return;
  const Sequence* sequence = value.As<Sequence>();
  const std::vector<Value> values = sequence != nullptr ? sequence->items : std::vector<Value>{value};
  if (values.size() != results.size()) {
    context.diagnostics
        .Report(kinds::ResultCount, value.span, function.name.text, Count(values.size(), "tensor"),
                static_cast<int64_t>(results.size()))
        .Label(Join(results.front().source->span, results.back().source->span), "declared here");
    return;
  }
  for (size_t i = 0; i < values.size(); ++i) CheckOutput(values[i], results[i], model, context);
}

}  // namespace strata::check
