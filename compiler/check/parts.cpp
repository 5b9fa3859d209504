#include "compiler/check/parts.h"

namespace strata::check {
namespace {

struct Parts {
  const std::function<void(const ast::Expr&)>& visit;

  void Take(const ast::ExprPtr& part) const {
    if (part != nullptr) visit(*part);
  }

  void operator()(const ast::Unread&) const {}
  void operator()(const ast::NoneLiteral&) const {}
  void operator()(const ast::BoolLiteral&) const {}
  void operator()(const ast::IntLiteral&) const {}
  void operator()(const ast::FloatLiteral&) const {}
  void operator()(const ast::StringLiteral&) const {}
  void operator()(const ast::NameRef&) const {}
  void operator()(const ast::Member& member) const { Take(member.object); }
  void operator()(const ast::Call& call) const {
    Take(call.callee);
    for (const ast::Argument& argument : call.arguments) Take(argument.value);
  }
  void operator()(const ast::Index& index) const {
    Take(index.object);
    for (const ast::IndexItem& item : index.items) {
      Take(item.begin);
      Take(item.end);
    }
  }
  void operator()(const ast::Unary& unary) const { Take(unary.operand); }
  void operator()(const ast::Binary& binary) const {
    Take(binary.left);
    Take(binary.right);
  }
  void operator()(const ast::Conditional& conditional) const {
    Take(conditional.value);
    Take(conditional.condition);
    Take(conditional.otherwise);
  }
  void operator()(const ast::TupleExpr& tuple) const {
    for (const ast::ExprPtr& element : tuple.elements) Take(element);
  }
  void operator()(const ast::ListExpr& list) const {
    for (const ast::AxisExpr& element : list.elements) Take(element.size);
  }
  void operator()(const ast::Repeat& repeat) const {
    Take(repeat.count);
    Take(repeat.body);
  }
  void operator()(const ast::Branch& branch) const {
    for (const ast::ExprPtr& entry : branch.branches) Take(entry);
  }
  void operator()(const ast::Pipe& pipe) const {
    Take(pipe.head);
    for (const ast::PipeStep& step : pipe.steps) Take(step.layer);
  }
};

}  // namespace

void ForEachPart(const ast::Expr& expr, const std::function<void(const ast::Expr&)>& visit) {
  std::visit(Parts{visit}, expr.node);
}

}  // namespace strata::check
