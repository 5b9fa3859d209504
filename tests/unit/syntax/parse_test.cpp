#include "parse_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The value of `const V = ...` with every operation in parentheses.
std::string Grouped(const ast::Expr& expr) {
  if (const auto* name = expr.As<ast::NameRef>()) return name->name;
  if (const auto* number = expr.As<ast::IntLiteral>()) return std::to_string(number->value);
  if (const auto* member = expr.As<ast::Member>())
    return "(" + Grouped(*member->object) + "." + member->member.text + ")";
  if (const auto* call = expr.As<ast::Call>()) {
    std::string text = "(" + Grouped(*call->callee) + " call";
    for (const ast::Argument& argument : call->arguments) {
      text += argument.keyword ? " " + argument.keyword->text + "=" : std::string(" ");
      text += Grouped(*argument.value);
    }
    return text + ")";
  }
  if (const auto* index = expr.As<ast::Index>()) {
    std::string text = "(" + Grouped(*index->object) + " at";
    for (const ast::IndexItem& item : index->items) {
      text += item.axis ? " " + item.axis->text + ":" : std::string(" ");
      if (item.begin) text += Grouped(*item.begin);
      if (item.is_range) text += "..";
      if (item.end) text += Grouped(*item.end);
    }
    return text + ")";
  }
  if (const auto* unary = expr.As<ast::Unary>()) {
    const char* const op = unary->op == ast::UnaryOperator::Negate ? "-"
                           : unary->op == ast::UnaryOperator::Plus ? "+"
                                                                   : "not ";
    return "(" + (op + Grouped(*unary->operand)) + ")";
  }
  if (const auto* conditional = expr.As<ast::Conditional>()) {
    return "(" + Grouped(*conditional->value) + " if " + Grouped(*conditional->condition) + " else " +
           Grouped(*conditional->otherwise) + ")";
  }
  if (const auto* pipe = expr.As<ast::Pipe>()) {
    std::string text = "(" + Grouped(*pipe->head);
    for (const ast::PipeStep& step : pipe->steps) {
      text += " |> " + Grouped(*step.layer) + (step.ascription ? " : type" : "");
    }
    return text + ")";
  }
  if (const auto* repeat = expr.As<ast::Repeat>()) {
    return "(repeat " + Grouped(*repeat->count) + (repeat->variable ? " as " + repeat->variable->text : "") + " {" +
           Grouped(*repeat->body) + "})";
  }
  if (const auto* branch = expr.As<ast::Branch>()) {
    std::string text = "(branch";
    for (const ast::ExprPtr& entry : branch->branches) text += " " + Grouped(*entry);
    return text + ")";
  }
  if (const auto* tuple = expr.As<ast::TupleExpr>()) {
    std::string text = "(tuple";
    for (const ast::ExprPtr& element : tuple->elements) text += " " + Grouped(*element);
    return text + ")";
  }
  if (const auto* list = expr.As<ast::ListExpr>()) {
    std::string text = "(list";
    for (const ast::AxisExpr& element : list->elements) {
      text += (element.name ? " " + element.name->text + ":" : std::string(" ")) + Grouped(*element.size);
    }
    return text + ")";
  }
  const auto* binary = expr.As<ast::Binary>();
  if (binary == nullptr) return "?";
  static const char* const kText[] = {
      "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**"};
  return "(" + Grouped(*binary->left) + " " + kText[static_cast<int>(binary->op)] + " " + Grouped(*binary->right) + ")";
}

const ast::Expr* Value(const Parsed& parsed) {
  if (!parsed.file) return nullptr;
  return std::get<ast::Const>(parsed.file->items[0]).value.get();
}

std::string Group(const std::string& text) {
  int ambiguities = 0;
  const Parsed parsed("const V = " + text, {.ambiguities = &ambiguities});
  EXPECT_EQ(ambiguities, 0) << text;
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  const ast::Expr* value = Value(parsed);
  return value == nullptr ? "error" : Grouped(*value);
}

class ProgramTest : public testing::TestWithParam<const char*> {};

TEST_P(ProgramTest, ParsesWithoutAmbiguity) {
  int ambiguities = 0;
  const Parsed parsed(ReadProgram(GetParam()), {.ambiguities = &ambiguities});
  EXPECT_THAT(parsed.Messages(), IsEmpty());
  ASSERT_TRUE(parsed.file);
  EXPECT_EQ(ambiguities, 0);
  const Parsed fast(ReadProgram(GetParam()));
  ASSERT_TRUE(fast.file);
  EXPECT_EQ(PrintAst(*parsed.file), PrintAst(*fast.file));
}

INSTANTIATE_TEST_SUITE_P(Programs, ProgramTest, testing::ValuesIn(kPrograms),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(PrecedenceTest, LoosestFirst) {
  EXPECT_EQ(Group("x if c else x |> f(1)"), "(x if c else (x |> (f call 1)))");
  EXPECT_EQ(Group("x |> f if c else y"), "((x |> f) if c else y)");
  EXPECT_EQ(Group("a if b else c if d else e"), "(a if b else (c if d else e))");
  EXPECT_EQ(Group("a or b |> f"), "((a or b) |> f)");
  EXPECT_EQ(Group("a or b and not c == d"), "(a or (b and (not (c == d))))");
  EXPECT_EQ(Group("not not a and b"), "((not (not a)) and b)");
  EXPECT_EQ(Group("a + b <= c - d"), "((a + b) <= (c - d))");
  EXPECT_EQ(Group("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(Group("a + b * c // d % e"), "(a + (((b * c) // d) % e))");
  EXPECT_EQ(Group("-a * +b"), "((-a) * (+b))");
  EXPECT_EQ(Group("f(image) / 255 - m |> g"), "((((f call image) / 255) - m) |> g)");
}

TEST(PrecedenceTest, PowerBindsToTheRightAndBelowTheSignBeforeIt) {
  EXPECT_EQ(Group("a ** b ** c"), "(a ** (b ** c))");
  EXPECT_EQ(Group("-a ** b"), "(-(a ** b))");
  EXPECT_EQ(Group("a ** -b ** c"), "(a ** (-(b ** c)))");
  EXPECT_EQ(Group("2 ** - + b * c"), "((2 ** (-(+b))) * c)");
  EXPECT_EQ(Group("64 // 2 ** i"), "(64 // (2 ** i))");
  EXPECT_EQ(Group("a.b ** c(1)"), "((a.b) ** (c call 1))");
}

TEST(PrecedenceTest, AscriptionBelongsToItsStep) {
  EXPECT_EQ(Group("x |> f : [batch, 3] |> g"), "(x |> f : type |> g)");
  EXPECT_EQ(Group("x |> f : f32[batch, 3] if c else y"), "((x |> f : type) if c else y)");
}

TEST(PrecedenceTest, Trailers) {
  EXPECT_EQ(Group("Add()(a, [b, c]).x[time: 1..-1, 0]"), "((((Add call) call a (list b c)).x) at time:1..(-1) 0)");
  EXPECT_EQ(Group("x[..b]"), "(x at ..b)");
  EXPECT_EQ(Group("x[height: a.., width: 0]"), "(x at height:a.. width:0)");
  EXPECT_EQ(Group("x[0..3]"), "(x at 0..3)");
  EXPECT_EQ(Group("f(a, n=b if c else d,)"), "(f call a n=(b if c else d))");
}

TEST(PrecedenceTest, TuplesListsAndParentheses) {
  EXPECT_EQ(Group("(a)"), "a");
  EXPECT_EQ(Group("(a,)"), "(tuple a)");
  EXPECT_EQ(Group("()"), "(tuple)");
  EXPECT_EQ(Group("(a + b) * c"), "((a + b) * c)");
  EXPECT_EQ(Group("[height: 7, width: -1, channels: 32,]"), "(list height:7 width:(-1) channels:32)");
  EXPECT_EQ(Group("[]"), "(list)");
}

TEST(PrecedenceTest, RepeatAndBranch) {
  EXPECT_EQ(Group("x |> repeat n - 1 as i { A(i) |> B } |> C"),
            "(x |> (repeat (n - 1) as i {((A call i) |> B)}) |> C)");
  EXPECT_EQ(Group("repeat (n) { A }"), "(repeat n {A})");
  EXPECT_EQ(Group("repeat n(2) { repeat 2 { A } }"), "(repeat (n call 2) {(repeat 2 {A})})");
  EXPECT_EQ(Group("x |> branch { A, B |> C, }"), "(x |> (branch A (B |> C)))");
}

TEST(KeywordTest, ContextualKeywordsAreNamesElsewhere) {
  EXPECT_EQ(Group("repeat(n) + repeat"), "((repeat call n) + repeat)");
  EXPECT_EQ(Group("repeat - 1"), "(repeat - 1)");
  EXPECT_EQ(Group("branch[in: 0](as=from)"), "((branch at in:0) call as=from)");
  EXPECT_EQ(Group("repeat repeat { model }"), "(repeat repeat {model})");
  EXPECT_EQ(Group("repeat repeat(where) as as { block.weights }"),
            "(repeat (repeat call where) as as {(block.weights)})");
  const Parsed parsed(
      "model model(model: int = 1)(block: f32[in, where: model]) -> (weights: f32[in, as: 1]) where where > 1 {\n"
      "  let from = block |> repeat(block)\n"
      "  let (repeat, branch) = (from, from)\n"
      "  return repeat |> branch\n"
      "}\n"
      "weights model from 'a' {\n"
      "  weights/as = 'b' as [model, as]\n"
      "  as = 'c'\n"
      "}\n"
      "weights weights from 'a'\n");
  EXPECT_THAT(parsed.Messages(), IsEmpty());
}

TEST(SpanTest, NodesCoverWhatWasWritten) {
  Parsed parsed("# caf\u00E9 \u2028\nconst V = (a + 'caf\u00E9') * b.c ** 2 if (x) else f( y )[1]\n");
  const ast::Expr* value = Value(parsed);
  ASSERT_NE(value, nullptr);
  const auto text = [&](const ast::Expr& expr) { return parsed.sources.Text(expr.span); };
  EXPECT_EQ(text(*value), "(a + 'caf\u00E9') * b.c ** 2 if (x) else f( y )[1]");
  const auto* conditional = value->As<ast::Conditional>();
  EXPECT_EQ(text(*conditional->value), "(a + 'caf\u00E9') * b.c ** 2");
  EXPECT_EQ(text(*conditional->condition), "x");
  EXPECT_EQ(text(*conditional->otherwise), "f( y )[1]");
  const auto* product = conditional->value->As<ast::Binary>();
  EXPECT_EQ(text(*product->left), "a + 'caf\u00E9'");
  EXPECT_EQ(parsed.sources.Text(product->op_span), "*");
  EXPECT_EQ(text(*product->right), "b.c ** 2");
  EXPECT_EQ(text(*product->right->As<ast::Binary>()->left), "b.c");
  const auto* index = conditional->otherwise->As<ast::Index>();
  EXPECT_EQ(text(*index->object), "f( y )");
  EXPECT_EQ(parsed.sources.Text(index->object->As<ast::Call>()->parentheses), "( y )");
}

TEST(SpanTest, ByteOrderMarkCounts) {
  Parsed parsed(
      "\xEF\xBB\xBF"
      "const V = a");
  const ast::Expr* value = Value(parsed);
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(parsed.sources.Text(value->span), "a");
}

TEST(SpanTest, Functions) {
  Parsed parsed("const A = 1\nmodel m(x: f32[batch]) -> f32[batch] {\n  return x |> ReLU() : [batch]\n}\n");
  ASSERT_TRUE(parsed.file);
  const auto& function = std::get<ast::Function>(parsed.file->items[1]);
  EXPECT_EQ(parsed.sources.Text(function.signature), "model m(x: f32[batch]) -> f32[batch]");
  EXPECT_EQ(parsed.sources.Text(function.span),
            "model m(x: f32[batch]) -> f32[batch] {\n  return x |> ReLU() : [batch]\n}");
  EXPECT_EQ(parsed.sources.Text(function.inputs[0].span), "x: f32[batch]");
  EXPECT_EQ(parsed.sources.Text(function.inputs[0].type.span), "f32[batch]");
  const auto& result = std::get<ast::Return>(function.body[0]);
  EXPECT_EQ(parsed.sources.Text(result.span), "return x |> ReLU() : [batch]");
  const ast::PipeStep& step = result.value->As<ast::Pipe>()->steps[0];
  EXPECT_EQ(parsed.sources.Text(step.op_span), "|>");
  EXPECT_EQ(parsed.sources.Text(step.ascription->span), "[batch]");
  EXPECT_FALSE(step.ascription->dtype);
}

TEST(DocTest, IsKeptForTheItemThatFollows) {
  Parsed parsed(
      "## Not this.\n"
      "\n"
      "## First line.\n"
      "##   Second line.  \n"
      "# a comment\n"
      "const A = 1 ## Not this either.\n"
      "############\n"
      "const B = 2\n"
      "##\n"
      "##Tight.\n"
      "##\n"
      "## Loose.\n"
      "model m(x: f32[batch]) -> f32[batch] { return x }\n");
  ASSERT_TRUE(parsed.file);
  EXPECT_EQ(std::get<ast::Const>(parsed.file->items[0]).doc, "First line.\n  Second line.");
  EXPECT_EQ(std::get<ast::Const>(parsed.file->items[1]).doc, "");
  EXPECT_EQ(std::get<ast::Function>(parsed.file->items[2]).doc, "Tight.\n\nLoose.");
}

TEST(ItemTest, WeightsAndImports) {
  Parsed parsed(
      "import 'blocks.strata'\n"
      "weights resnet from \"resnet.safetensors\" {\n"
      "  stem/kernel = \"conv1.weight\" as [filters, channels, height, width]\n"
      "  'odd name/bias' = 'b'\n"
      "}\n");
  ASSERT_TRUE(parsed.file);
  EXPECT_EQ(PrintAst(*parsed.file),
            "file\n"
            "  import \"blocks.strata\"\n"
            "  weights resnet from \"resnet.safetensors\"\n"
            "    stem/kernel = \"conv1.weight\" as [filters, channels, height, width]\n"
            "    odd name/bias = \"b\"\n");
}

TEST(ItemTest, EmptyFileHasNoItems) {
  const Parsed parsed("");
  ASSERT_TRUE(parsed.file);
  EXPECT_THAT(parsed.file->items, IsEmpty());
}

TEST(ItemTest, ResultsMayHaveNamesOrNot) {
  const Parsed parsed("block b(x: f32[batch]) -> (f32[batch], y: i32[batch], ) { return (x, x) }");
  ASSERT_TRUE(parsed.file);
  const auto& results = std::get<ast::Function>(parsed.file->items[0]).results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_FALSE(results[0].name);
  EXPECT_EQ(results[1].name->text, "y");
}

TEST(DepthTest, BracketsAsDeepAsTheScanAllows) {
  const std::string open = "f([(-";
  std::string text = "const V = ";
  for (int i = 0; i < kMaxNesting / 3; ++i) text += open;
  text += "1";
  for (int i = 0; i < kMaxNesting / 3; ++i) text += ")])";
  const Parsed parsed(text);
  EXPECT_THAT(parsed.Messages(), IsEmpty());
}

TEST(DepthTest, TooManyOperationsAreOneMessage) {
  const auto many = [](const std::string& part) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += part;
    return text;
  };
  const std::string message = "more than 1000 operations stand inside one another";
  for (const std::string& text : {many("-") + "1", many("not ") + "1", many("1 + ") + "1", many("1 ** ") + "1",
                                  "f" + many("()"), many("1 if 2 else ") + "3", many("1 or ") + "1"}) {
    const Parsed parsed("const V = " + text);
    ASSERT_EQ(parsed.diagnostics.ErrorCount(), 1u);
    EXPECT_EQ(parsed.diagnostics.Sorted()[0]->message, message);
  }
}

TEST(DepthTest, AThousandFit) {
  std::string text = "const V = 1";
  for (int i = 0; i < 1000; ++i) text += " + 1";
  EXPECT_THAT(Parsed(text).Messages(), IsEmpty());
  EXPECT_EQ(Parsed(text + " + 1").diagnostics.ErrorCount(), 1u);
}

TEST(DepthTest, APipeMayBeOfAnyLength) {
  std::string text = "const V = a";
  for (int i = 0; i < 10'000; ++i) text += "\n  |> Dense(10)";
  const Parsed parsed(text);
  ASSERT_TRUE(parsed.file);
  EXPECT_EQ(Value(parsed)->As<ast::Pipe>()->steps.size(), 10'000u);
}

}  // namespace
}  // namespace strata
