// Elaboration as abstract interpretation: an expression's value is a compile-time constant, a layer, or a tensor whose
// type is known. Evaluating a layer's application appends it to the model's network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/check/elaboration.h"

namespace strata::check {

// What a name in an expression that is bound nowhere is.
enum class UnknownNames {
  Error,    // a mistake
  InSize,   // a size in an output or in the body: only inputs introduce symbols
  InInput,  // a symbol, in an input
};

class Evaluator {
 public:
  // `model` is null outside of a model, where no layer can be made. `sizes` is what sizes in types may name.
  Evaluator(FileContext& context, Scope& scope, Scope& sizes, Elaboration* model)
      : context_(context), scope_(scope), sizes_(sizes), model_(model) {}

  // Reports what is wrong and returns Failed then.
  Value Evaluate(const ast::Expr& expr);
  // An `axis=` argument, or a list of them: bare names are axis names.
  Value EvaluateAxis(const ast::Expr& expr);
  // A size of a type.
  Value EvaluateSize(const ast::Expr& expr, UnknownNames unknown_names);

  // The type as written; sizes that are wrong are unknown. `owner` is how messages call what has this type.
  Shape EvaluateShape(const ast::TypeExpr& type, const std::string& owner, UnknownNames unknown_names);

  // A layer as an argument of another layer's; null where it is none, which is reported. The layer is that one's then.
  std::shared_ptr<const LayerArg> ToLayerArg(const Value& value, const Param& param, std::string_view class_name);

  Scope& scope() { return scope_; }

 private:
  Value Visit(const ast::NoneLiteral&, Span span) { return {None{}, span, ""}; }
  Value Visit(const ast::BoolLiteral& literal, Span span) { return {literal.value, span, ""}; }
  Value Visit(const ast::IntLiteral& literal, Span span) { return {Dim(literal.value), span, ""}; }
  Value Visit(const ast::FloatLiteral& literal, Span span) { return {literal.value, span, ""}; }
  Value Visit(const ast::StringLiteral& literal, Span span) { return {literal.value, span, ""}; }
  Value Visit(const ast::NameRef& name, Span span);
  Value Visit(const ast::Member& member, Span span);
  Value Visit(const ast::Call& call, Span span);
  Value Visit(const ast::Index& index, Span span);
  Value Visit(const ast::Unary& unary, Span span);
  Value Visit(const ast::Binary& binary, Span span);
  Value Visit(const ast::Conditional& conditional, Span span);
  Value Visit(const ast::TupleExpr& tuple, Span span);
  Value Visit(const ast::ListExpr& list, Span span);
  Value Visit(const ast::Repeat& repeat, Span span);
  Value Visit(const ast::Branch& branch, Span span);
  Value Visit(const ast::Pipe& pipe, Span span);

  Value EvaluateLogic(const ast::Binary& binary, Span span);
  // Whether a name stands for anything.
  bool IsBound(std::string_view name);
  Value NotSupported(Span span, std::string_view what);

  // apply.cpp: calls, pipes and what they make.
  Value ResolveCallee(const ast::Expr& callee);
  Value CallBuiltin(Builtin function, const ast::Call& call, Span span);
  Value Construct(const LayerClass& layer, const ast::Call& call, Span name, Span span);
  std::vector<Value> EvaluateOperands(const Value& layer, const ast::Call& call);
  Value Compose(Value head, const ast::Pipe& pipe, Span span);
  Value EvaluateStep(Value current, const ast::PipeStep& step);
  // The layer that a step of a pipe stands for, and the tensors that follow the piped one.
  Value PrepareStep(const ast::PipeStep& step, Site& site, std::vector<Value>& operands);
  Value Apply(const Value& layer, std::vector<Value> operands, const Site& site);
  // Where to mark a tensor: the layer that made it if the expression holds it, or else the expression, a name.
  Span MakerOf(const Value& operand) const;
  // A layer with call parameters: operands by position and by keyword.
  Value ApplyCall(int layer, const std::vector<Value>& operands, const Site& site);
  // `counts`: how many operands each of the layer's tensor parameters takes.
  Value ApplyInstance(int layer, const std::vector<Value>& operands, std::vector<size_t> counts, const Site& site);
  bool CheckTensors(const std::vector<Value>& operands);
  Value ReportTensorCount(const LayerDef& def, const std::vector<Value>& operands, const Site& site);
  Value ApplyComposition(const Composition& composition, std::vector<Value> operands);
  Value ReportNotALayer(const Value& value, Span span);
  void MakeWeights(int layer, const std::vector<TensorType>& inputs, const Site& site);

  FileContext& context_;
  Scope& scope_;
  Scope& sizes_;
  Elaboration* model_;
  UnknownNames unknown_names_ = UnknownNames::Error;
};

// The span of a layer's class in `keras.layers.Dense` or of a plain name: what a message marks.
Span NameSpan(const ast::Expr& callee);

}  // namespace strata::check
