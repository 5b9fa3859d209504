// Each mistake and its message to the letter: "code [text of the primary label] message". One mistake, one message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "parse_test.h"

namespace strata {
namespace {

using testing::ElementsAreArray;

struct Mistake {
  const char* name;
  const char* text;
  std::vector<std::string> messages;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

const Mistake kMistakes[] = {
    {"NothingAfterPipe",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3) |>\n"
     "}\n",
     {"E0110 [|>] after `|>` a layer is expected, as in `|> Dense(10)`"}},
    {"IndependentMistakes",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a = x |> Dense(10\n"
     "  let b = a +\n"
     "  return b\n"
     "}\n",
     {"E0105 [10] `(` is never closed", "E0110 [+] after `+` a value is expected, as in `a + b`"}},
    {"BraceBeforeNextModel",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "\n"
     "model n(x: f32[batch, 8]) -> f32[batch, 8] { return x }\n",
     {"E0105 [x] `{` is never closed"}},
    {"BraceAtEndOfFile",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n",
     {"E0105 [x] `{` is never closed"}},
    {"BracketBeforeArrow",
     "model m(x: f32[batch, 8) -> f32[batch, 10] { return x }\n",
     {"E0105 [8] `[` is never closed"}},
    {"Arrow",
     "model m(x: f32[batch, 8]) { return x }\n",
     {"E0110 [)] after the inputs of the model `->` is expected, as in `-> (probs: f32[batch, classes: 10])`"}},
    {"EqualsInLet",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a x |> Dense(3)\n"
     "  return a\n"
     "}\n",
     {"E0110 [a] after the name that `let` binds `=` is expected, as in `let x = image |> Flatten()`"}},
    {"ReturnMissing",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a = x\n"
     "}\n",
     {"E0131 [}] model `m` ends without `return`"}},
    {"ExpressionStatement",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  x |> Dense(3)\n"
     "}\n",
     {"E0116 [x] `x` starts no statement"}},
    {"CommaBetweenArguments",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3 activation=\"relu\")\n"
     "}\n",
     {"E0111 [3] two arguments stand side by side without a comma"}},
    {"ColonOfAnAxis",
     "model m(x: f32[batch, features 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(10)\n"
     "}\n",
     {"E0110 [features] after axis `features` `:` or `,` is expected, as in `height: 8`"}},
    {"CommaBetweenSizes",
     "model m(x: f32[batch 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(10)\n"
     "}\n",
     {"E0111 [batch] two axes stand side by side without a comma"}},
    {"ConditionFirst",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return if n > 1 { x } else { x |> Dense(10) }\n"
     "}\n",
     {"E0110 [return] after `return` a value is expected, as in `a if n > 1 else b`"}},
    {"ItemWithinAConstant",
     "const N = 3 +\n"
     "block Half(x: f32[batch, 8]) -> f32[batch, 8] {\n"
     "  return x / 2\n"
     "}\n",
     {"E0110 [+] after `+` a value is expected, as in `a + b`"}},
    {"SingleBar",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x | Dense(3)\n"
     "}\n",
     {"E0122 [|] `|` has no meaning in Strata"}},
    {"OneMessageAStatement",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x || y && z\n"
     "}\n",
     {"E0122 [|] `|` has no meaning in Strata"}},
    {"ColonForArgument",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(units: 10)\n"
     "}\n",
     {"E0112 [:] `:` follows argument `units`, where `=` gives its value"}},
    {"PythonFunction",
     "def f(x):\n"
     "  return x\n",
     {"E0119 [def] `def` is Python, not Strata"}},
    {"PythonScript",
     "import keras\n"
     "from keras import layers\n"
     "model = Sequential([\n"
     "  Dense(3)\n"
     "])\n",
     {"E0119 [import keras] `import keras` is Python, not Strata"}},
    {"AssignmentFirst",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  y = Dense(3)(x)\n"
     "  return y\n"
     "}\n",
     {"E0115 [y] `y` is assigned to, but nothing declares it"}},
    {"AssignmentAfterLet",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let z = x\n"
     "  y = Dense(3)(z)\n"
     "  return y\n"
     "}\n",
     {"E0115 [y] `y` is assigned to, but nothing declares it"}},
    {"PythonFor",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  for i in range(3):\n"
     "    x = Dense(3)(x)\n"
     "  return x\n"
     "}\n",
     {"E0119 [for] `for` is Python, not Strata"}},
    {"PythonLambda",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Lambda(lambda t: t * 2)\n"
     "}\n",
     {"E0119 [lambda] `lambda` is Python, not Strata"}},
    {"NoneAxes",
     "model m(x: f32[None, 8]) -> (y: f32[batch: None, 10]) { return x }\n",
     {"E0127 [None] an axis is `None`, but every axis has a name or a size",
      "E0127 [None] an axis is `None`, but every axis has a name or a size"}},
    {"ChainedComparison",
     "model m(x: f32[batch, H]) -> f32[batch, H] where 1 < H < 9 { return x }\n",
     {"E0120 [<] `<` and `<` are chained, but a comparison has two sides"}},
    {"Semicolons",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a = x;\n"
     "  return a;\n"
     "}\n",
     {"E0121 [;] `;` ends nothing: every statement starts with a keyword",
      "E0121 [;] `;` ends nothing: every statement starts with a keyword"}},
    {"UnclosedString",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3, activation=\"relu)\n"
     "}\n",
     {"E0107 [\"relu)] the string is never closed"}},
    {"TypographicQuotes",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3, activation=“relu”)\n"
     "}\n",
     {"E0122 [“] `“` has no meaning in Strata"}},
    {"MultiplicationSign",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x × 2\n"
     "}\n",
     {"E0122 [×] `×` has no meaning in Strata"}},
    {"EmptyShape", "model m(x: f32[]) -> f32[batch] { return x }\n", {"E0126 [[]] the shape has no axes"}},
    {"FourStatements",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a = x |>\n"
     "  let b = (x\n"
     "  let = 3\n"
     "  return b c\n"
     "}\n",
     {"E0110 [|>] after `|>` a layer is expected, as in `|> Dense(10)`", "E0105 [x] `(` is never closed",
      "E0110 [let] after `let` a name is expected, as in `let x = ...`",
      "E0118 [c] `c` follows what is already complete"}},
    {"EqualsForAxis",
     "model m(x: f32[batch, height=8]) -> f32[batch] { return x }\n",
     {"E0113 [=] `=` follows axis `height`, where `:` gives its size"}},
    {"PythonSlice",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x[1:3]\n"
     "}\n",
     {"E0114 [:] `:` stands inside an index, where `..` makes a slice"}},
    {"PythonSliceFirst",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x[:, 0]\n"
     "}\n",
     {"E0114 [:] `:` stands inside an index, where `..` makes a slice"}},
    {"InputWithoutType",
     "model m(x) -> f32[batch] { return x }\n",
     {"E0128 [x] input `x` is declared without a shape"}},
    {"InputWithoutShape",
     "model m(x: f32) -> f32[batch] { return x }\n",
     {"E0128 [x: f32] input `x` is declared without a shape"}},
    {"InputWithoutElementType",
     "model m(x: [batch, 8]) -> f32[batch] { return x }\n",
     {"E0128 [[batch, 8]] input `x` is declared without an element type"}},
    {"TensorAsConfig",
     "model m(x: f32[batch, 8])(y: f32[batch]) -> f32[batch] { return x }\n",
     {"E0129 [f32[batch, 8]] `x` is a tensor among the configuration"}},
    {"ConfigAmongInputs",
     "model m(n: int = 3, x: f32[batch, 8]) -> f32[batch] { return x }\n",
     {"E0128 [n: int = 3] input `n` is declared without a shape"}},
    {"AfterReturn",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "  let y = x\n"
     "}\n",
     {"E0132 [let y = x] a statement follows `return`"}},
    {"LetOutside",
     "let a = 3\n"
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "}\n",
     {"E0117 [let] `let` stands outside of a model or block"}},
    {"ElseMissing",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let a = x if 3 > 2\n"
     "  return a\n"
     "}\n",
     {"E0110 [2] after the condition of `if` `else` is expected, as in `a if n > 1 else b`"}},
    {"RepeatWithoutBrace",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> repeat 3 Dense(2)\n"
     "}\n",
     {"E0110 [3] after the count of `repeat` `{` is expected, as in `repeat 3 { Dense(8) |> ReLU() }`"}},
    {"RepeatWithoutCount",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> repeat { Dense(2) }\n"
     "}\n",
     {"E0110 [repeat] after `repeat` a count is expected, as in `repeat 3 { Dense(8) }`"}},
    {"RepeatNotClosed",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> repeat 3 { Dense(2) |> ReLU()\n"
     "    |> Dense(3)\n"
     "}\n",
     {"E0105 [}] `{` is never closed"}},
    {"ParenthesisTooMany",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3))\n"
     "}\n",
     {"E0106 [)] `)` has no `(` to close"}},
    {"BraceTooMany",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "}\n"
     "}\n",
     {"E0106 [}] `}` has no `{` to close"}},
    {"PipeMissing",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x Dense(3)\n"
     "}\n",
     {"E0118 [Dense] `Dense` follows what is already complete"}},
    {"NumbersTooLarge",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x + 99999999999999999999 + 1e999\n"
     "}\n",
     {"E0124 [99999999999999999999] `99999999999999999999` is too large for a 64-bit integer",
      "E0124 [1e999] `1e999` is too large for a 64-bit float"}},
    {"UnknownEscape",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3, name=\"a\\q\")\n"
     "}\n",
     {"E0125 [\\q] `\\q` is no escape sequence"}},
    {"MalformedNumber",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3x, 007)\n"
     "}\n",
     {"E0123 [3x] `3x` is not a number"}},
    {"Docstring",
     "\"\"\"Docs.\"\"\"\n"
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "}\n",
     {"E0119 [\"\"\"] `\"\"\"` is Python, not Strata"}},
    {"Decorator",
     "@model\n"
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x\n"
     "}\n",
     {"E0122 [@] `@` has no meaning in Strata"}},
    {"AscriptionWithoutStep",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let h = x : [batch, 8]\n"
     "  return h\n"
     "}\n",
     {"E0118 [:] `:` follows what is already complete"}},
    {"ColonOfParameter",
     "model m(x f32[batch]) -> f32[batch] { return x }\n",
     {"E0110 [x] after parameter `x` `:` is expected, as in `image: f32[batch, height: 8]`"}},
    {"NameOfModel",
     "model (x: f32[batch]) -> f32[batch] { return x }\n",
     {"E0110 [model] after `model` its name is expected, as in `model digits(...)`"}},
    {"Weights",
     "weights m \"a.npz\"\n"
     "weights m from a\n"
     "weights m from \"x\" {\n"
     " a/b \"c\"\n"
     "}\n"
     "weights m from \"x\" {\n"
     " a/b = \"c\" as filters }\n",
     {"E0110 [m] after the name of the model `from` is expected, as in `weights digits from \"digits.safetensors\"`",
      "E0110 [from] after `from` the path of a file in quotes is expected, as in `from \"digits.safetensors\"`",
      "E0110 [b] after `b` the rest of the entry is expected, as in `stem/kernel = \"conv1.weight\" as [filters, "
      "channels]`",
      "E0110 [as] after `as` the rest of the entry is expected, as in `stem/kernel = \"conv1.weight\" as [filters, "
      "channels]`"}},
    {"ImportOfModule", "import blocks\n", {"E0119 [import blocks] `import blocks` is Python, not Strata"}},
    {"Constants",
     "const A 3\n"
     "const = 4\n"
     "const B =\n",
     {"E0110 [A] after the name that `const` binds `=` is expected, as in `const CLASSES = 10`",
      "E0110 [const] after `const` a name is expected, as in `const CLASSES = 10`",
      "E0110 [=] after `=` a value is expected, as in `const CLASSES = 10`"}},
    {"ListNotClosed",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return Add()([x, x)\n"
     "}\n",
     {"E0105 [x] `[` is never closed"}},
    {"FormattedString",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(3, name=f\"a{i}\")\n"
     "}\n",
     {"E0119 [f] `f` is Python, not Strata"}},
    {"Comprehension",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return [Dense(i) for i in range(3)]\n"
     "}\n",
     {"E0119 [for] `for` is Python, not Strata"}},
    {"SpreadArguments",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return Dense(**args)(x)\n"
     "}\n",
     {"E0119 [**] `**` is Python, not Strata"}},
    {"MisspelledItem",
     "Model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return x |> Dense(10)\n"
     "}\n",
     {"E0116 [Model] `Model` starts no declaration"}},
    {"MisspelledStatement",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  Return x |> Dense(10)\n"
     "}\n",
     {"E0116 [Return] `Return` starts no statement"}},
    {"NoProgram", "hello world\n", {"E0116 [hello] `hello` starts no declaration"}},
    {"PythonPrint",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  print(x)\n"
     "  return x\n"
     "}\n",
     {"E0119 [print] `print` is Python, not Strata"}},
    {"PythonIf",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  if n > 1:\n"
     "    x = y\n"
     "  return x\n"
     "}\n",
     {"E0119 [if] `if` is Python, not Strata"}},
    {"AugmentedAssignment",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  x += 1\n"
     "  return x\n"
     "}\n",
     {"E0115 [x] `x` is assigned to, but nothing declares it"}},
    {"BraceOfBody",
     "model m(x: f32[batch]) -> f32[batch]\n"
     "  return x\n",
     {"E0110 []] after the results of the model `{` is expected, as in `-> f32[batch, 10] { return x |> Dense(10) }`"}},
    {"ElseAfterColon",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let y = a if b: c\n"
     " return y\n"
     "}\n",
     {"E0110 [b] after the condition of `if` `else` is expected, as in `a if n > 1 else b`"}},
    {"TupleAtEnd",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  return (x,\n"
     "\n"
     "}\n",
     {"E0105 [,] `(` is never closed"}},
    {"ValueOfLet",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let x =\n"
     "\n"
     "}\n",
     {"E0110 [=] after `=` a value is expected, as in `let x = image |> Flatten()`"}},
    {"Walrus",
     "model m(x: f32[batch, 8]) -> f32[batch, 10] {\n"
     "  let x := 3\n"
     " return x\n"
     "}\n",
     {"E0110 [x] after the name that `let` binds `=` is expected, as in `let x = image |> Flatten()`"}},
};

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, HasItsMessage) {
  const Parsed parsed(GetParam().text);
  EXPECT_FALSE(parsed.file);
  EXPECT_THAT(parsed.Messages(), ElementsAreArray(GetParam().messages));
}

INSTANTIATE_TEST_SUITE_P(Syntax, MistakeTest, testing::ValuesIn(kMistakes),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(SyntaxErrorTest, AMissingBracketIsLabelledWhereItWasOpened) {
  Parsed parsed("model m(x: f32[batch]) -> f32[batch] {\n  let a = x |> Dense(10\n  return a\n}\n");
  ASSERT_EQ(parsed.diagnostics.ErrorCount(), 1u);
  const Diagnostic& diagnostic = *parsed.diagnostics.Sorted()[0];
  ASSERT_EQ(diagnostic.labels.size(), 2u);
  EXPECT_EQ(diagnostic.labels[0].text, "`)` is expected after this");
  EXPECT_EQ(parsed.sources.Text(diagnostic.labels[0].span), "10");
  EXPECT_EQ(diagnostic.labels[1].text, "opened here");
  EXPECT_EQ(parsed.sources.Text(diagnostic.labels[1].span), "(");
}

TEST(SyntaxErrorTest, AMisspelledKeywordIsOffered) {
  const auto help = [](const char* text) {
    const Parsed parsed(text);
    return parsed.diagnostics.Sorted()[0]->helps.at(0).text;
  };
  EXPECT_EQ(help("Model m(x: f32[batch]) -> f32[batch] { return x }\n"), "did you mean `model`?");
  EXPECT_EQ(help("import_ \"a.strata\"\n"), "did you mean `import`?");
  EXPECT_EQ(help("model m(x: f32[batch]) -> f32[batch] {\n  Let y = x\n  return y\n}\n"), "did you mean `let`?");
  // This begins an expression.
  EXPECT_EQ(help("model m(x: f32[batch]) -> f32[batch] {\n  ret |> Dense(1)\n}\n"),
            "a statement starts with `let`, `assert` or `return`; give the result back with `return`");
}

// A help with an edit, when applied, gives a program without that error.
TEST_P(MistakeTest, EditsLeadOutOfTheError) {
  const Parsed parsed(GetParam().text);
  const Diagnostic& first = *parsed.diagnostics.Sorted()[0];
  if (first.helps.empty() || first.helps[0].edits.empty()) return;
  const Parsed fixed(ApplyEdits(GetParam().text, first.helps[0].edits));
  const std::vector<std::string> before = parsed.Messages();
  const std::vector<std::string> after = fixed.Messages();
  EXPECT_LT(std::count(after.begin(), after.end(), before[0]), std::count(before.begin(), before.end(), before[0]));
}

}  // namespace
}  // namespace strata
