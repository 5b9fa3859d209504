// ANTLR's parse tree to the syntax tree. Together with parse.cpp the only code that sees ANTLR.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "StrataParser.h"
#include "compiler/source/diagnostics.h"
#include "compiler/syntax/ast.h"

namespace strata::syntax {

// How many operations may stand inside one another: `a + b + c` counts two. Whoever walks the tree may recurse.
inline constexpr int kMaxDepth = 1000;

// Reports what the grammar lets pass but is wrong without knowing any name: a literal that does not fit, an empty
// shape, a chained comparison ... A tree built with errors is to be thrown away.
class TreeBuilder {
 public:
  using G = grammar::StrataParser;

  // `offsets` holds the byte offset of each of ANTLR's characters, and of the end.
  TreeBuilder(FileId id, std::string_view text, const std::vector<uint32_t>& offsets, Diagnostics& diagnostics)
      : id_(id), text_(text), offsets_(offsets), diagnostics_(diagnostics) {}

  ast::Function Signature(G::SignatureContext* tree);
  ast::Statement Statement(G::StatementContext* tree);
  ast::Const Constant(G::ConstantContext* tree);
  ast::Import Import(G::ImportItemContext* tree);
  ast::Weights Weights(G::WeightsContext* tree);

  Span SpanOf(const antlr4::Token* token) const;

 private:
  Span SpanOf(const antlr4::ParserRuleContext* tree) const;
  std::string_view Text(Span span) const { return text_.substr(span.begin, span.end - span.begin); }
  std::string_view Text(const antlr4::Token* token) const { return Text(SpanOf(token)); }

  ast::ConfigParam Config(G::ParameterContext* tree);
  ast::TensorParam Tensor(G::ParameterContext* tree);
  ast::Result Result(G::ResultContext* tree);
  ast::WeightMapping Mapping(G::MappingContext* tree);
  ast::Name WeightPath(G::WeightPathContext* tree);

  ast::Name Name(G::IdentifierContext* tree);
  ast::TypeExpr Type(G::TypeContext* tree, int depth);
  // A type that needs its element type: anything but an ascription. `owner` is what the message calls it.
  ast::TypeExpr FullType(G::TypeContext* tree, const std::string& owner);
  ast::AxisExpr Axis(G::AxisContext* tree, int depth);

  // Each takes how many operations stand around it.
  ast::ExprPtr Expr(G::ExprContext* tree, int depth);
  ast::ExprPtr Pipe(G::PipeContext* tree, int depth);
  ast::ExprPtr Operand(G::OperandContext* tree, int depth);
  ast::ExprPtr Disjunction(G::DisjunctionContext* tree, int depth);
  ast::ExprPtr Conjunction(G::ConjunctionContext* tree, int depth);
  ast::ExprPtr Comparison(G::ComparisonContext* tree, int depth);
  ast::ExprPtr Sum(G::SumContext* tree, int depth);
  ast::ExprPtr Product(G::ProductContext* tree, int depth);
  ast::ExprPtr Unary(G::UnaryContext* tree, int depth);
  ast::ExprPtr Postfix(G::PostfixContext* tree, int depth);
  ast::ExprPtr Trailer(ast::ExprPtr object, G::TrailerContext* tree, Span span, int depth);
  ast::IndexItem IndexItem(G::IndexItemContext* tree, int depth);
  ast::ExprPtr Atom(G::PostfixContext* tree, int depth);
  ast::ExprPtr Tuple(G::TupleContext* tree, int depth);
  ast::ExprPtr Literal(const antlr4::Token* token);
  std::string String(const antlr4::Token* token);

  // A left-associative chain: `operand(tree, depth)` builds each of the operands.
  template <typename Tree>
  ast::ExprPtr Chain(const std::vector<Tree*>& operands, const std::vector<antlr4::Token*>& operators,
                     ast::ExprPtr (TreeBuilder::*operand)(Tree*, int), int depth);
  // Signs before an operand that starts where `inner` does, the innermost one last.
  ast::ExprPtr Signed(const std::vector<antlr4::Token*>& signs, ast::ExprPtr inner, Span inner_span);
  // False, with a message once for each piece, where the tree would be too deep.
  bool FitsDepth(int depth, Span span);

  FileId id_;
  std::string_view text_;
  const std::vector<uint32_t>& offsets_;
  Diagnostics& diagnostics_;
  bool reported_depth_ = false;
};

}  // namespace strata::syntax
