// The signature and items half of the tree; expressions are in expression_builder.cpp.
#include "compiler/syntax/tree_builder.h"

#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::syntax {
namespace {

bool IsConfigType(std::string_view type) {
  return type == "int" || type == "float" || type == "bool" || type == "str" || type == "layer";
}

}  // namespace

Span TreeBuilder::SpanOf(const antlr4::Token* token) const {
  return {id_, offsets_[token->getStartIndex()], offsets_[token->getStopIndex() + 1]};
}

Span TreeBuilder::SpanOf(const antlr4::ParserRuleContext* tree) const {
  return Join(SpanOf(tree->start), SpanOf(tree->stop));
}

ast::Name TreeBuilder::Name(G::IdentifierContext* tree) {
  const Span span = SpanOf(tree);
  return {std::string(Text(span)), span};
}

ast::Function TreeBuilder::Signature(G::SignatureContext* tree) {
  ast::Function function;
  function.form = Text(tree->form) == "model" ? ast::Function::Form::Model : ast::Function::Form::Block;
  function.name = Name(tree->name);
  if (tree->groups.size() == 2) {
    for (auto* entry : tree->groups[0]->entries) function.config.push_back(Config(entry));
  }
  for (auto* entry : tree->groups.back()->entries) function.inputs.push_back(Tensor(entry));
  if (tree->results()->single != nullptr) {
    ast::TypeExpr type = FullType(tree->results()->single, "the result");
    const Span span = type.span;
    function.results.push_back({std::nullopt, std::move(type), span});
  }
  for (auto* entry : tree->results()->entries) function.results.push_back(Result(entry));
  if (tree->where() != nullptr) {
    for (auto* condition : tree->where()->conditions) function.where.push_back(Disjunction(condition, 0));
  }
  function.signature = SpanOf(tree);
  function.span = function.signature;
  return function;
}

ast::ConfigParam TreeBuilder::Config(G::ParameterContext* tree) {
  ast::ConfigParam param;
  param.name = Name(tree->name);
  if (tree->declared != nullptr) {
    if (tree->declared->axes != nullptr) {
      diagnostics_.Report(kinds::TensorAsConfig, SpanOf(tree->declared), param.name.text)
          .Help("tensors stand in the second pair of parentheses: `(n: int = 3)(x: f32[batch, 8])`");
    }
    if (tree->declared->dtype != nullptr) param.type = Name(tree->declared->dtype);
  }
  if (tree->value != nullptr) param.default_value = Expr(tree->value, 0);
  param.span = SpanOf(tree);
  return param;
}

ast::TensorParam TreeBuilder::Tensor(G::ParameterContext* tree) {
  ast::TensorParam param;
  param.name = Name(tree->name);
  param.span = SpanOf(tree);
  if (tree->declared == nullptr || tree->declared->axes == nullptr) {
    const std::string type(tree->declared == nullptr ? "f32" : Text(SpanOf(tree->declared)));
    diagnostics_.Report(kinds::IncompleteTensor, param.span, "input `" + param.name.text + "`", "a shape")
        .Help(tree->value != nullptr || IsConfigType(type)
                  ? "configuration stands in a pair of parentheses of its own, before that of the tensors: "
                    "`(n: int = 3)(x: f32[batch, 8])`"
                  : "name its axes, the batch first: `" + param.name.text + ": " + type + "[batch, features: 8]`");
    return param;
  }
  param.type = FullType(tree->declared, "input `" + param.name.text + "`");
  if (tree->value != nullptr) {
    diagnostics_.Report(kinds::InputDefault, SpanOf(tree->value), param.name.text)
        .Help("only configuration has defaults: `(n: int = 3)(x: f32[batch, 8])`");
  }
  return param;
}

ast::Result TreeBuilder::Result(G::ResultContext* tree) {
  ast::Result result;
  std::string owner = "the result";
  if (tree->name != nullptr) {
    result.name = Name(tree->name);
    owner = "result `" + result.name->text + "`";
  }
  result.type = FullType(tree->declared, owner);
  result.span = SpanOf(tree);
  return result;
}

ast::TypeExpr TreeBuilder::Type(G::TypeContext* tree, int depth) {
  ast::TypeExpr type;
  type.span = SpanOf(tree);
  if (tree->dtype != nullptr) type.dtype = Name(tree->dtype);
  if (tree->axes == nullptr) {
    diagnostics_.Report(kinds::IncompleteTensor, type.span, "`" + type.dtype->text + "`", "a shape")
        .Help("name the axes, the batch first: `" + type.dtype->text + "[batch, features: 8]`");
    return type;
  }
  if (tree->axes->entries.empty()) {
    diagnostics_.Report(kinds::EmptyShape, SpanOf(tree->axes))
        .Help("name the axes, the batch first: `[batch, features: 8]`");
  }
  for (auto* entry : tree->axes->entries) {
    type.axes.push_back(Axis(entry, depth));
    const ast::AxisExpr& axis = type.axes.back();
    if (axis.size->As<ast::NoneLiteral>() == nullptr) continue;
    Diagnostic& diagnostic = diagnostics_.Report(kinds::NoneAxis, axis.size->span);
    if (axis.name) {
      diagnostic.Help("write the name alone for a size that is known only at the call: `" + axis.name->text + "`",
                      Applicability::MaybeIncorrect, {{axis.span, axis.name->text}});
    } else if (type.axes.size() == 1) {
      diagnostic.Help("name the axis: `batch`", Applicability::MaybeIncorrect, {{axis.span, "batch"}});
    } else {
      diagnostic.Help("name the axis, as in `time`; a name alone is a size that is known only at the call");
    }
  }
  return type;
}

ast::TypeExpr TreeBuilder::FullType(G::TypeContext* tree, const std::string& owner) {
  ast::TypeExpr type = Type(tree, 0);
  if (!type.dtype) {
    const Span begin{type.span.file, type.span.begin, type.span.begin};
    diagnostics_.Report(kinds::IncompleteTensor, type.span, owner, "an element type")
        .Help("write it before the shape: `f32[...]`", Applicability::MaybeIncorrect, {{begin, "f32"}});
  }
  return type;
}

ast::AxisExpr TreeBuilder::Axis(G::AxisContext* tree, int depth) {
  ast::AxisExpr axis;
  if (tree->name != nullptr) axis.name = Name(tree->name);
  axis.size = Expr(tree->size, depth);
  axis.span = SpanOf(tree);
  return axis;
}

ast::Statement TreeBuilder::Statement(G::StatementContext* tree) {
  reported_depth_ = false;
  const Span span = SpanOf(tree);
  if (auto* assertion = tree->assertion()) return ast::Assert{Expr(assertion->condition, 0), span};
  if (auto* returning = tree->returning()) return ast::Return{Expr(returning->value, 0), span};
  auto* tree_let = tree->let();
  auto* target = tree_let->target();
  ast::Let let;
  if (target->name != nullptr) let.names.push_back(Name(target->name));
  for (auto* name : target->names) let.names.push_back(Name(name));
  let.is_tuple = !target->commas.empty();
  let.value = Expr(tree_let->value, 0);
  let.span = span;
  return let;
}

ast::Const TreeBuilder::Constant(G::ConstantContext* tree) {
  reported_depth_ = false;
  ast::Const constant;
  constant.name = Name(tree->name);
  if (tree->declared != nullptr) {
    const bool is_scalar = tree->declared->axes == nullptr && IsConfigType(Text(SpanOf(tree->declared->dtype)));
    if (is_scalar) {
      constant.scalar_type = Name(tree->declared->dtype);
    } else {
      constant.type = FullType(tree->declared, "constant `" + constant.name.text + "`");
    }
  }
  constant.value = Expr(tree->value, 0);
  constant.span = SpanOf(tree);
  return constant;
}

ast::Import TreeBuilder::Import(G::ImportItemContext* tree) {
  return {String(tree->path), SpanOf(tree->path), SpanOf(tree)};
}

ast::Weights TreeBuilder::Weights(G::WeightsContext* tree) {
  ast::Weights weights;
  weights.model = Name(tree->name);
  weights.path = String(tree->path);
  weights.path_span = SpanOf(tree->path);
  for (auto* mapping : tree->mappings) weights.mappings.push_back(Mapping(mapping));
  weights.span = SpanOf(tree);
  return weights;
}

ast::WeightMapping TreeBuilder::Mapping(G::MappingContext* tree) {
  ast::WeightMapping mapping;
  mapping.path = WeightPath(tree->path);
  mapping.source = String(tree->source);
  mapping.source_span = SpanOf(tree->source);
  if (tree->order() != nullptr) {
    for (auto* name : tree->order()->names) mapping.order.push_back(Name(name));
    mapping.order_span = Join(SpanOf(tree->stored), SpanOf(tree->order()));
  }
  mapping.span = SpanOf(tree);
  return mapping;
}

// Written with its slashes or as a string; spaces around a slash do not count.
ast::Name TreeBuilder::WeightPath(G::WeightPathContext* tree) {
  ast::Name path{"", SpanOf(tree)};
  if (tree->STRING() != nullptr) {
    path.text = String(tree->STRING()->getSymbol());
    return path;
  }
  for (auto* name : tree->identifier()) {
    if (!path.text.empty()) path.text += '/';
    path.text += Name(name).text;
  }
  return path;
}

bool TreeBuilder::FitsDepth(int depth, Span span) {
  if (depth <= kMaxDepth) return true;
  if (!reported_depth_) {
    diagnostics_.Report(kinds::ExpressionTooDeep, span, kMaxDepth).Help("name parts of it with `let`");
  }
  reported_depth_ = true;
  return false;
}

}  // namespace strata::syntax
