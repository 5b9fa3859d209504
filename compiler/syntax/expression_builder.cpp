// The expression half of TreeBuilder. The grammar's flat lists become nested operations here, so the depth is counted
// here: only brackets make these functions recurse.
#include <utility>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/syntax/literals.h"
#include "compiler/syntax/tree_builder.h"

namespace strata::syntax {
namespace {

using ast::BinaryOperator;

struct OperatorName {
  std::string_view text;
  BinaryOperator op;
};

constexpr OperatorName kOperators[] = {
    {"or", BinaryOperator::Or},          {"and", BinaryOperator::And},         {"==", BinaryOperator::Equal},
    {"!=", BinaryOperator::NotEqual},    {"<", BinaryOperator::Less},          {"<=", BinaryOperator::LessEqual},
    {">", BinaryOperator::Greater},      {">=", BinaryOperator::GreaterEqual}, {"+", BinaryOperator::Add},
    {"-", BinaryOperator::Subtract},     {"*", BinaryOperator::Multiply},      {"/", BinaryOperator::Divide},
    {"//", BinaryOperator::FloorDivide}, {"%", BinaryOperator::Modulo},        {"**", BinaryOperator::Power},
};

BinaryOperator OperatorOf(std::string_view text) {
  for (const OperatorName& entry : kOperators) {
    if (entry.text == text) return entry.op;
  }
  CheckFailed("an operator of the grammar is not in the table", __FILE__, __LINE__);
}

template <typename Node>
ast::ExprPtr Make(Node node, Span span) {
  auto expr = std::make_unique<ast::Expr>();
  expr->node = std::move(node);
  expr->span = span;
  return expr;
}

}  // namespace

template <typename Tree>
ast::ExprPtr TreeBuilder::Chain(const std::vector<Tree*>& operands, const std::vector<antlr4::Token*>& operators,
                                ast::ExprPtr (TreeBuilder::*operand)(Tree*, int), int depth) {
  if (operators.empty()) return (this->*operand)(operands[0], depth);
  const int count = static_cast<int>(operators.size());
  if (!FitsDepth(depth + count, SpanOf(operators[0]))) return Make(ast::Unread{}, SpanOf(operators[0]));
  ast::ExprPtr left = (this->*operand)(operands[0], depth + count);
  const Span begin = SpanOf(operands[0]);
  for (size_t i = 0; i < operators.size(); ++i) {
    ast::ExprPtr right = (this->*operand)(operands[i + 1], depth + count - static_cast<int>(i));
    const Span op_span = SpanOf(operators[i]);
    const Span span = Join(begin, SpanOf(operands[i + 1]));
    left = Make(ast::Binary{OperatorOf(Text(op_span)), std::move(left), std::move(right), op_span}, span);
  }
  return left;
}

ast::ExprPtr TreeBuilder::Expr(G::ExprContext* tree, int depth) {
  const int count = static_cast<int>(tree->conditions.size());
  const Span span = SpanOf(tree);
  if (!FitsDepth(depth + count, span)) return Make(ast::Unread{}, span);
  ast::ExprPtr result = Pipe(tree->values.back(), depth + count);
  for (int i = count - 1; i >= 0; --i) {
    const auto at = static_cast<size_t>(i);
    ast::ExprPtr value = Pipe(tree->values[at], depth + i + 1);
    ast::ExprPtr condition = Disjunction(tree->conditions[at], depth + i + 1);
    result = Make(ast::Conditional{std::move(value), std::move(condition), std::move(result)},
                  Join(SpanOf(tree->values[at]), span));
  }
  return result;
}

ast::ExprPtr TreeBuilder::Pipe(G::PipeContext* tree, int depth) {
  if (tree->steps.empty()) return Operand(tree->head, depth);
  ast::Pipe pipe;
  pipe.head = Operand(tree->head, depth + 1);
  pipe.steps.reserve(tree->steps.size());
  for (auto* step : tree->steps) {
    ast::PipeStep& added = pipe.steps.emplace_back();
    added.layer = Operand(step->layer, depth + 1);
    if (step->ascription != nullptr) added.ascription = Type(step->ascription, depth + 1);
    added.op_span = SpanOf(step->start);
    added.layer_span = SpanOf(step->layer);
  }
  return Make(std::move(pipe), SpanOf(tree));
}

ast::ExprPtr TreeBuilder::Operand(G::OperandContext* tree, int depth) {
  if (tree->disjunction() != nullptr) return Disjunction(tree->disjunction(), depth);
  const Span span = SpanOf(tree);
  if (auto* repeat_tree = tree->repeat()) {
    ast::Repeat repeat;
    repeat.count = Disjunction(repeat_tree->count, depth + 1);
    if (repeat_tree->variable != nullptr) repeat.variable = Name(repeat_tree->variable);
    repeat.body = Expr(repeat_tree->body, depth + 1);
    return Make(std::move(repeat), span);
  }
  ast::Branch branch;
  for (auto* entry : tree->branch()->entries) branch.branches.push_back(Expr(entry, depth + 1));
  return Make(std::move(branch), span);
}

ast::ExprPtr TreeBuilder::Disjunction(G::DisjunctionContext* tree, int depth) {
  return Chain(tree->operands, tree->operators, &TreeBuilder::Conjunction, depth);
}

ast::ExprPtr TreeBuilder::Conjunction(G::ConjunctionContext* tree, int depth) {
  return Chain(tree->operands, tree->operators, &TreeBuilder::Comparison, depth);
}

ast::ExprPtr TreeBuilder::Comparison(G::ComparisonContext* tree, int depth) {
  const auto& operators = tree->operators;
  if (operators.size() > 1) {
    const Span first = SpanOf(operators[0]);
    const Span second = SpanOf(operators[1]);
    const std::string middle(Text(SpanOf(tree->operands[1])));
    const std::string left(Text(SpanOf(tree->operands[0])));
    const std::string right(Text(SpanOf(tree->operands[2])));
    diagnostics_.Report(kinds::ChainedComparison, second, Text(first), Text(second))
        .Label(first, "the first comparison")
        .Help("compare twice: `" + left + " " + std::string(Text(first)) + " " + middle + " and " + middle + " " +
                  std::string(Text(second)) + " " + right + "`",
              Applicability::MaybeIncorrect, {{{id_, second.begin, second.begin}, "and " + middle + " "}});
  }
  const int nots = static_cast<int>(tree->nots.size());
  if (!FitsDepth(depth + nots, SpanOf(tree))) return Make(ast::Unread{}, SpanOf(tree));
  const Span inner_span{id_, SpanOf(tree->operands[0]).begin, SpanOf(tree).end};
  return Signed(tree->nots, Chain(tree->operands, operators, &TreeBuilder::Sum, depth + nots), inner_span);
}

ast::ExprPtr TreeBuilder::Sum(G::SumContext* tree, int depth) {
  return Chain(tree->operands, tree->operators, &TreeBuilder::Product, depth);
}

ast::ExprPtr TreeBuilder::Product(G::ProductContext* tree, int depth) {
  return Chain(tree->operands, tree->operators, &TreeBuilder::Unary, depth);
}

ast::ExprPtr TreeBuilder::Unary(G::UnaryContext* tree, int depth) {
  const std::vector<G::ExponentContext*>& exponents = tree->exponents;
  if (exponents.empty() && tree->signs.empty()) return Postfix(tree->base, depth);
  // Each operator and each sign is one level, those of the last exponent the deepest.
  int deepest = depth + static_cast<int>(tree->signs.size());
  for (const auto* exponent : exponents) deepest += 1 + static_cast<int>(exponent->signs.size());
  const Span span = SpanOf(tree);
  if (!FitsDepth(deepest, span)) return Make(ast::Unread{}, span);
  // From the last exponent to the base; `result` is what the next one is raised to.
  ast::ExprPtr result;
  for (size_t i = exponents.size() + 1; i-- > 0;) {
    G::PostfixContext* const base_tree = i == 0 ? tree->base : exponents[i - 1]->base;
    ast::ExprPtr base = Postfix(base_tree, deepest);
    const Span power_span{id_, SpanOf(base_tree).begin, span.end};
    if (i < exponents.size()) {
      base = Make(ast::Binary{BinaryOperator::Power, std::move(base), std::move(result), SpanOf(tree->operators[i])},
                  power_span);
    }
    result = Signed(i == 0 ? tree->signs : exponents[i - 1]->signs, std::move(base), power_span);
  }
  return result;
}

ast::ExprPtr TreeBuilder::Signed(const std::vector<antlr4::Token*>& signs, ast::ExprPtr inner, Span inner_span) {
  for (size_t i = signs.size(); i-- > 0;) {
    const std::string_view sign = Text(signs[i]);
    const ast::UnaryOperator op = sign == "-"   ? ast::UnaryOperator::Negate
                                  : sign == "+" ? ast::UnaryOperator::Plus
                                                : ast::UnaryOperator::Not;
    inner = Make(ast::Unary{op, std::move(inner)}, Join(SpanOf(signs[i]), inner_span));
  }
  return inner;
}

ast::ExprPtr TreeBuilder::Postfix(G::PostfixContext* tree, int depth) {
  const int count = static_cast<int>(tree->trailers.size());
  if (!FitsDepth(depth + count, SpanOf(tree))) return Make(ast::Unread{}, SpanOf(tree));
  ast::ExprPtr result = Atom(tree, depth + count);
  const Span begin = SpanOf(tree->start);
  for (int i = 0; i < count; ++i) {
    auto* trailer = tree->trailers[static_cast<size_t>(i)];
    result = Trailer(std::move(result), trailer, Join(begin, SpanOf(trailer)), depth + count - i);
  }
  return result;
}

ast::ExprPtr TreeBuilder::Trailer(ast::ExprPtr object, G::TrailerContext* tree, Span span, int depth) {
  if (tree->member != nullptr) return Make(ast::Member{std::move(object), Name(tree->member)}, span);
  if (tree->call != nullptr) {
    ast::Call call;
    call.callee = std::move(object);
    for (auto* entry : tree->call->entries) {
      ast::Argument& argument = call.arguments.emplace_back();
      if (entry->keyword != nullptr) argument.keyword = Name(entry->keyword);
      argument.value = Expr(entry->value, depth);
      argument.span = SpanOf(entry);
    }
    call.parentheses = SpanOf(tree->call);
    return Make(std::move(call), span);
  }
  ast::Index index;
  index.object = std::move(object);
  for (auto* entry : tree->items->entries) index.items.push_back(IndexItem(entry, depth));
  return Make(std::move(index), span);
}

ast::IndexItem TreeBuilder::IndexItem(G::IndexItemContext* tree, int depth) {
  ast::IndexItem item;
  if (tree->name != nullptr) item.axis = Name(tree->name);
  if (tree->low != nullptr) item.begin = Expr(tree->low, depth);
  if (tree->high != nullptr) item.end = Expr(tree->high, depth);
  item.is_range = tree->range != nullptr;
  item.span = SpanOf(tree);
  return item;
}

ast::ExprPtr TreeBuilder::Atom(G::PostfixContext* tree, int depth) {
  if (tree->literal != nullptr) return Literal(tree->literal);
  if (tree->identifier() != nullptr) {
    const Span name = SpanOf(tree->start);
    return Make(ast::NameRef{std::string(Text(name))}, name);
  }
  if (tree->tuple() != nullptr) return Tuple(tree->tuple(), depth);
  const Span span = SpanOf(tree->list());
  if (!FitsDepth(depth + 1, span)) return Make(ast::Unread{}, span);
  ast::ListExpr list;
  for (auto* entry : tree->list()->entries) list.elements.push_back(Axis(entry, depth + 1));
  return Make(std::move(list), span);
}

ast::ExprPtr TreeBuilder::Tuple(G::TupleContext* tree, int depth) {
  if (tree->entries.size() == 1 && tree->commas.empty()) return Expr(tree->entries[0], depth);
  const Span span = SpanOf(tree);
  if (!FitsDepth(depth + 1, span)) return Make(ast::Unread{}, span);
  ast::TupleExpr tuple;
  for (auto* entry : tree->entries) tuple.elements.push_back(Expr(entry, depth + 1));
  return Make(std::move(tuple), span);
}

ast::ExprPtr TreeBuilder::Literal(const antlr4::Token* token) {
  const Span span = SpanOf(token);
  const std::string_view text = Text(span);
  if (text == "None") return Make(ast::NoneLiteral{}, span);
  if (text == "True" || text == "False") return Make(ast::BoolLiteral{text == "True"}, span);
  if (token->getType() == G::STRING) return Make(ast::StringLiteral{String(token)}, span);
  if (token->getType() == G::INTEGER) {
    const std::optional<int64_t> value = ParseInteger(text);
    if (!value) diagnostics_.Report(kinds::NumberTooLarge, span, text, "a 64-bit integer");
    return Make(ast::IntLiteral{value.value_or(0)}, span);
  }
  const std::optional<double> value = ParseReal(text);
  if (!value) diagnostics_.Report(kinds::NumberTooLarge, span, text, "a 64-bit float");
  return Make(ast::FloatLiteral{value.value_or(0)}, span);
}

std::string TreeBuilder::String(const antlr4::Token* token) {
  const Span span = SpanOf(token);
  ParsedString parsed = ParseString(Text(span));
  if (parsed.bad_escape) {
    const auto begin = static_cast<uint32_t>(span.begin + parsed.bad_escape->offset);
    const Span escape{id_, begin, static_cast<uint32_t>(begin + parsed.bad_escape->length)};
    diagnostics_.Report(kinds::UnknownEscape, escape, Text(escape))
        .Help("write `\\\\` for a backslash", Applicability::MaybeIncorrect, {{{id_, begin, begin}, "\\"}});
  }
  return std::move(parsed.value);
}

}  // namespace strata::syntax
