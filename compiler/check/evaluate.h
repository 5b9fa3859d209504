// Elaboration as abstract interpretation: an expression's value is a compile-time constant, a layer, or a tensor whose
// type is known. Evaluating a layer's application appends it to the model's network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/check/elaboration.h"

namespace strata::check {

struct BoundArguments;

// What a name in an expression that is bound nowhere is.
enum class UnknownNames {
  Error,       // a mistake
  InSize,      // a size in an output or in the body: only inputs introduce symbols
  InInput,     // a symbol, in an input
  InConstant,  // a mistake too: the sizes of a constant are numbers
};

class Evaluator {
 public:
  // `model` is null outside of a model, where no layer can be made. `sizes` is what sizes in types may name.
  Evaluator(FileContext& context, Scope& scope, Scope& sizes, Elaboration* model)
      : context_(context), scope_(scope), sizes_(sizes), model_(model) {}

  // Reports what is wrong and returns Failed then.
  Value Evaluate(const ast::Expr& expr);
  // Reports the names in what is not elaborated that stand for nothing.
  void ResolveNames(const ast::Expr& expr) { ResolveNames(expr, scope_); }
  // An `axis=` argument, or a list of them: bare names are axis names, one in parentheses is an expression, as in a shape.
  // `written` holds the parentheses.
  Value EvaluateAxis(const ast::Expr& expr, Span written);
  // A condition of a `where`: True, False or a Formula; Failed otherwise.
  Value EvaluateStated(const ast::Expr& expr);
  // A size of a type.
  Value EvaluateSize(const ast::Expr& expr, UnknownNames unknown_names);

  // The type as written; sizes that are wrong are unknown. `owner` is how messages call what has this type.
  Shape EvaluateShape(const ast::TypeExpr& type, const std::string& owner, UnknownNames unknown_names);

  // A layer as an argument of another layer's; null where it is none, which is reported. The layer is that one's then.
  std::shared_ptr<const LayerArg> ToLayerArg(const Value& value, const Param& param, std::string_view class_name);

  Scope& scope() { return scope_; }
  Elaboration* model() const { return model_; }

 private:
  Value Visit(const ast::Unread&, Span span) { return FailedAt(span); }
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
  // A condition that the facts decide becomes True or False.
  Value Decided(Value value) const;
  // `a / b` of sizes, which must be whole: proven, or tested when the model runs.
  Value DivideExactly(const ast::Binary& quotient, Span span, const Dim& left, const Dim& right);
  bool ReportForeignModule(const ast::Member& member, Span span);
  void ReportUnknownAxis(Span span, const std::string& name, const Value& tensor);
  void ReportUndecided(const Value& condition, std::string_view what);
  // Whether a name stands for anything.
  bool IsBound(std::string_view name) { return IsBound(name, scope_); }
  bool IsBound(std::string_view name, Scope& scope);

  // control.cpp: what decides at compile time which layers there are.
  void ResolveNames(const ast::Expr& expr, Scope& scope);
  bool ResolveLayer(const ast::Expr& expr, Scope& scope);
  void ResolveArguments(const ast::Call& call, Scope& scope);
  // Counts what repeats, up to a bound; reports the excess, once.
  bool CountUnrolled(int64_t count, Span span);
  Value IndexSequence(const Sequence& sequence, const ast::Index& index, Span span);
  // The side of `if` that is taken; null, reported, where that is not known at compile time.
  const ast::Expr* TakenBranch(const ast::Conditional& conditional, Span span);

  // call.cpp, layer_value.cpp, pipe.cpp, apply.cpp: calls, pipes and what they make.
  Value ResolveCallee(const ast::Expr& callee);
  Value CallBuiltin(Builtin function, const ast::Call& call, Span span);
  Value Construct(const LayerClass& layer, const ast::Call& call, Span name, Span span);
  std::vector<Value> EvaluateOperands(const Value& layer, const ast::Call& call);
  Value Compose(Step head, const ast::Pipe& pipe, Span span);
  Step AsStep(Value layer) const;
  // What stands for a layer in `repeat` and `branch`, with its place; reports what is none.
  Step MakeStep(const ast::Expr& expr);
  Value EvaluateStep(Value current, const ast::PipeStep& step);
  // For CheckOptions::step_types.
  void RecordStep(const ast::PipeStep& step, const Value& before, const Value& after);
  // The layer that a step stands for, and the tensors that follow the piped one. `pipe`: the `|>` before it, if any.
  Value PrepareStep(const ast::Expr& expr, Span pipe, Site& site, std::vector<Value>& operands);
  Value Apply(const Value& layer, std::vector<Value> operands, const Site& site);
  // Reports operands that are no tensors; false then.
  bool RequireTensors(const std::vector<Value>& operands);
  // Where to mark a tensor: the layer that made it if the expression holds it, or else the expression, a name.
  Span MakerOf(const Value& operand) const;
  std::string NameInMessages(const Value& operand) const;
  // A layer with call parameters: operands by position and by keyword.
  Value ApplyCall(int layer, const std::vector<Value>& operands, const Site& site);
  // `counts`: how many operands each of the layer's tensor parameters takes.
  std::optional<std::vector<std::optional<Value>>> AssignCall(const LayerDef& def, const std::vector<Value>& operands);
  Value ReportMissingTensor(const LayerDef& def, const std::vector<Value>& operands, const Site& site);
  Value ApplyInstance(int layer, const std::vector<Value>& operands, std::vector<size_t> counts, const Site& site,
                      std::optional<Args> call_args = {});
  Value ReportTensorCount(const LayerDef& def, const std::vector<Value>& operands, const Site& site);
  Value ApplyComposition(const Composition& composition, std::vector<Value> operands, const Site& site);
  Value ReportNotALayer(const Value& value, Span span);
  // A layer that is an argument of another one at `wrapped` is used at `span`, too.
  void ReportWrapped(const std::string& name, Span span, const std::string& primary, Span wrapped);
  Value ReportTensorCount(std::string_view name, std::string_view takes, const std::vector<Value>& operands,
                          const Site& site, const std::string& help);
  // What this call made when the body of the block was elaborated before; null: nothing.
  const Value* MadeBefore(const ast::Call& call);
  void RememberMade(const ast::Call& call, const Value& value);
  // The number of a layer's name in braces: `name="conv_{i}"`. False: reported.
  bool FillName(BoundArguments& bound);
  // A layer made in a block whose instance is applied again keeps its arguments: reports others, and is false then.
  bool CheckSharedArguments(const NetworkLayer& layer, const BoundArguments& bound, Span name);

  // blocks.cpp: instances of blocks.
  // `has_config`: the call's parentheses hold configuration, not tensors.
  Value ConstructBlock(const FunctionName& name, const ast::Call& call, bool has_config, Span name_span, Span span);
  // The tensors given to a block by position and by keyword in the order of its inputs; nothing where two are for one.
  std::optional<std::vector<Value>> InOrder(std::vector<Value> operands, const ast::Function& block);
  Value ApplyBlock(int index, const std::vector<Value>& operands, const Site& site);
  Value Rename(const ast::Call& call, std::vector<Value> operands, const Site& site);
  void MakeWeights(int layer, const std::vector<TensorType>& inputs, const Site& site);

  // functions.cpp: functions and operators on tensors.
  Value CallFunction(const LayerDef& def, const ast::Call& call, Span span);
  Value CallOnTensor(Builtin function, const ast::Call& call, const Value& first, Span span);
  // A step of a pipe. `call` is null where the parentheses are missing.
  Value PrepareFunction(const LayerDef& def, const ast::Call* call, Span span);
  Value ApplyFunction(const FunctionCall& call, const std::vector<Value>& piped, const Site& site);
  Value ApplyToNumbers(const FunctionCall& call, const Site& site);
  // `op` is the operator's place, `span` the whole expression.
  Value ApplyOperator(std::string_view name, const std::vector<const Value*>& sides, Span op, Span span);
  Value Slice(const Value& object, const ast::Index& index, Span span);
  void ReportUnnamedIndex(const Value& object, const ast::IndexItem& item);
  // `and`, `or` and `not` of a tensor; `written`: what to write instead of the expression.
  Value ReportLogicOnTensor(std::string_view op, Span span, const Value& tensor, const std::string& written);
  // append_node.cpp
  void OfferValueOfAxis(Diagnostic& diagnostic);
  // Applies a layer or function: its shape rule, and a node for it. `counts` as in InferContext.
  Value AppendNode(int layer, const std::vector<Value>& operands, std::vector<size_t> counts, const Site& site,
                   std::optional<Args> call_args = {});

  FileContext& context_;
  Scope& scope_;
  Scope& sizes_;
  Elaboration* model_;
  bool is_size_ = false;  // a size is evaluated, where no layer can be made
  UnknownNames unknown_names_ = UnknownNames::Error;
  const ast::Repeat* repeat_ = nullptr;  // the innermost one around
};

// ceil, floor, max, min, rename.
std::optional<Builtin> FindBuiltin(std::string_view name);
// The function on tensors that has this name too.
const LayerDef& TensorFunction(Builtin builtin);

// The span of a layer's class in `keras.layers.Dense` or of a plain name: what a message marks.
Span NameSpan(const ast::Expr& callee);

}  // namespace strata::check
