// Functions and operators on tensors: types, instance names, and messages in full.
#include <gtest/gtest.h>

#include <cmath>

#include "compiler/core/interpreter.h"
#include "compiler/layers/example.h"
#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

std::string ProgramOf(const std::string& inputs, const std::string& body, const std::string& output) {
  return "model tiny(" + inputs + ") -> (y: " + output + ") {\n  return " + body + "\n}\n";
}

TEST(FunctionsTest, EveryExampleHasTheTypeItSays) {
  size_t examples = 0;
  for (const LayerDef* def : AllFunctions()) {
    EXPECT_FALSE(def->examples.empty()) << def->function_name;
    for (const LayerExample& example : def->examples) {
      const CheckedProgram checked = CheckProgram(ProgramOf(*def, example));
      EXPECT_TRUE(checked.network.has_value()) << ProgramOf(*def, example) << checked.rendered;
      EXPECT_EQ(checked.rendered, "");
      if (!checked.network) continue;
      core::Verify(Expand(*checked.network));
      ++examples;
    }
  }
  EXPECT_GT(examples, 80U);
}

TEST(FunctionsTest, AreSortedAndFound) {
  for (const LayerDef* def : AllFunctions()) EXPECT_EQ(FindFunction(def->function_name), def);
  EXPECT_EQ(FindFunction("Softmax"), nullptr);
}

// What one sample of ones gives.
std::vector<double> Compute(const std::string& program, std::vector<double> input, DType dtype = DType::F32) {
  const CheckedProgram checked = CheckProgram(program);
  EXPECT_TRUE(checked.network.has_value()) << checked.rendered;
  if (!checked.network) return {};
  core::Array array{.sizes = {1, static_cast<int64_t>(input.size())}, .data = {}, .dtype = dtype, .integers = {}};
  if (IsFloat(dtype)) {
    array.data = input;
  } else {
    array.integers.assign(input.begin(), input.end());
  }
  const core::Array result =
      core::Interpret(Expand(*checked.network), {array}, {.symbols = {{"batch", 1}}, .weight = {}}).front();
  if (IsFloat(result.dtype)) return result.data;
  return {result.integers.begin(), result.integers.end()};
}

// rule 14, element by element: what the paper on the language says of numbers.
TEST(FunctionsTest, NumbersAreThoseOfTheRules) {
  const double inf = INFINITY;
  const struct {
    const char* body;
    const char* type;  // of the result
    DType dtype;       // of the input
    std::vector<double> input;
    std::vector<double> expected;
  } kCases[] = {
      // `//` and `%` floor as Python's, of floats too; an integer divided by zero gives 0; integers wrap.
      {"x // 2", "f32[batch, 4]", DType::F32, {7, -7, 0.5, -0.5}, {3, -4, 0, -1}},
      {"x % 2", "f32[batch, 4]", DType::F32, {7, -7, 0.5, -0.5}, {1, 1, 0.5, 1.5}},
      {"x // -3", "i8[batch, 4]", DType::I8, {7, -7, -128, 3}, {-3, 2, 42, -1}},
      {"x % -3", "i8[batch, 4]", DType::I8, {7, -7, -128, 3}, {-2, -1, -2, 0}},
      {"7 % x", "u8[batch, 4]", DType::U8, {0, 2, 7, 200}, {0, 1, 0, 7}},
      {"x + 100", "i8[batch, 4]", DType::I8, {27, 28, -128, 127}, {127, -128, -28, -29}},
      {"-x", "i8[batch, 4]", DType::I8, {1, -128, 127, 0}, {-1, -128, -127, 0}},
      {"x - 1", "u8[batch, 4]", DType::U8, {0, 1, 255, 128}, {255, 0, 254, 127}},
      {"x * x", "i32[batch, 4]", DType::I32, {65536, 46341, -3, 2}, {0, -2147479015, 9, 4}},
      {"x ** 2", "i8[batch, 4]", DType::I8, {16, 12, -11, 0}, {0, -112, 121, 0}},
      {"abs(x)", "i8[batch, 4]", DType::I8, {-128, -127, 127, 0}, {-128, 127, 127, 0}},
      // Casts: floats to the nearest, to integers towards zero and to their bounds; integers wrap.
      {"i8(x)", "i8[batch, 4]", DType::F32, {-200.9, 1.9, -1.9, 300}, {-128, 1, -1, 127}},
      {"u8(x)", "u8[batch, 4]", DType::F32, {-1, 255.9, inf, -inf}, {0, 255, 255, 0}},
      {"i32(x)", "i32[batch, 4]", DType::F32, {3e9, -3e9, 2.5, NAN}, {2147483647, -2147483648.0, 2, 0}},
      {"i8(x)", "i8[batch, 4]", DType::I32, {200, -129, 127, 256}, {-56, 127, 127, 0}},
      {"bool(x)", "bool[batch, 4]", DType::F32, {0, -0.0, 0.001, -3}, {0, 0, 1, 1}},
      {"f32(f16(x))", "f32[batch, 4]", DType::F32, {2049, 2051, 70000, 0.1}, {2048, 2052, inf, 0.0999755859375}},
      {"f32(bf16(x))", "f32[batch, 4]", DType::F32, {257, 259, 0.1, 1e38}, {256, 260, 0.10009765625, 9.9692e37}},
      // Sums of i8, u8 and bool give i32, means of integers f32, argmax i32: of equal ones the first.
      {"cumsum(x, axis=features)", "i32[batch, 4]", DType::I8, {100, 100, 100, -128}, {100, 200, 300, 172}},
      {"sum(x, axis=features, keepdims=True)", "i32[batch, 1]", DType::U8, {255, 255, 255, 1}, {766}},
      {"mean(x, axis=features, keepdims=True)", "f32[batch, 1]", DType::I8, {127, 127, 1, 0}, {63.75}},
      {"var(x, axis=features, keepdims=True)", "f32[batch, 1]", DType::I8, {1, 2, 3, 4}, {1.25}},
      {"argmax(x, axis=features, keepdims=True)", "i32[batch, 1]", DType::F32, {1, 3, 3, 2}, {1}},
      {"argmin(x, axis=features, keepdims=True)", "i32[batch, 1]", DType::I32, {4, -1, 0, -1}, {1}},
      {"sum(one_hot(x, 3), axis=-1)", "f32[batch, 4]", DType::I32, {1, -1, 3, 2}, {1, 0, 0, 1}},
      {"round(x)", "f32[batch, 4]", DType::F32, {0.5, 1.5, -2.5, 2.4}, {0, 2, -2, 2}},
      {"sign(x)", "f32[batch, 4]", DType::F32, {-3, 0, 0.5, -0.0}, {-1, 0, 1, 0}},
      {"where(x > 1, x, -1)", "f32[batch, 4]", DType::F32, {1, 2, NAN, inf}, {-1, 2, -1, inf}},
      {"clip(x, -1, 1)", "i8[batch, 4]", DType::I8, {-5, 0, 5, 1}, {-1, 0, 1, 1}},
  };
  for (const auto& test : kCases) {
    const std::string program =
        ProgramOf("x: " + std::string(Name(test.dtype)) + "[batch, features: 4]", test.body, test.type);
    const std::vector<double> result = Compute(program, test.input, test.dtype);
    ASSERT_EQ(result.size(), test.expected.size()) << program;
    for (size_t i = 0; i < result.size(); ++i) {
      const double expected = test.expected[i];
      const double tolerance = std::isfinite(expected) ? std::abs(expected) * 1e-5 : 0;
      EXPECT_TRUE(result[i] == expected || std::abs(result[i] - expected) <= tolerance)
          << program << i << ": " << result[i] << " in place of " << expected;
    }
  }
}

TEST(FunctionsTest, IntegersDivideAsInPython) {
  const std::string inputs = "x: i32[batch, features: 4]";
  EXPECT_EQ(Compute(ProgramOf(inputs, "x // 3", "i32[batch, 4]"), {7, -7, 0, 2}, DType::I32),
            (std::vector<double>{2, -3, 0, 0}));
  EXPECT_EQ(Compute(ProgramOf(inputs, "x % 3", "i32[batch, 4]"), {7, -7, 0, 2}, DType::I32),
            (std::vector<double>{1, 2, 0, 2}));
  EXPECT_EQ(Compute(ProgramOf(inputs, "7 // x", "i32[batch, 4]"), {2, -2, 0, 9}, DType::I32),
            (std::vector<double>{3, -4, 0, 0}));
}

TEST(FunctionsTest, IntegersWrap) {
  EXPECT_EQ(Compute(ProgramOf("x: u8[batch, features: 2]", "x * 2 + 10", "u8[batch, 2]"), {100, 200}, DType::U8),
            (std::vector<double>{210, 154}));
}

TEST(FunctionsTest, SumsOfSmallIntegersAreI32) {
  EXPECT_EQ(Compute(ProgramOf("x: u8[batch, features: 2]", "sum(x, axis=features, keepdims=True)", "i32[batch, 1]"),
                    {200, 100}, DType::U8),
            (std::vector<double>{300}));
}

TEST(FunctionsTest, LogSumExpIsStable) {
  const std::string program = ProgramOf("x: f32[batch, features: 2]", "logsumexp(x, axis=features)", "f32[batch]");
  EXPECT_NEAR(Compute(program, {1000, 1000})[0], 1000.6931471805599, 1e-9);
  EXPECT_EQ(Compute(program, {-INFINITY, -INFINITY})[0], -INFINITY);
  EXPECT_EQ(Compute(program, {INFINITY, 1})[0], INFINITY);
}

TEST(FunctionsTest, NumbersAloneAreComputedAtCompileTime) {
  EXPECT_EQ(Compute(ProgramOf("x: f32[batch, features: 2]", "x / sqrt(16)", "f32[batch, 2]"), {4, 8}),
            (std::vector<double>{1, 2}));
}

TEST(FunctionsTest, SizesInExpressions) {
  EXPECT_EQ(
      Compute(ProgramOf("x: i32[batch, features: 2]", "x + x.features + x.batch", "i32[batch, 2]"), {4, 8}, DType::I32),
      (std::vector<double>{7, 11}));
}

TEST(FunctionsTest, Names) {
  const CheckedProgram checked =
      CheckProgram(R"(model tiny(x: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {
  let h = -(x + 1.0) / 2.0 + x
  return x |> maximum(h) |> Dense(8) |> relu()
}
)");
  ASSERT_TRUE(checked.network.has_value()) << checked.rendered;
  EXPECT_EQ(Print(*checked.network), R"(model tiny
  input %0 x: f32[batch, features: 8]
  %1: f32[batch, features: 8] = add: Add(%0) x2=1.0
  %2: f32[batch, features: 8] = negative: Negative(%1)
  %3: f32[batch, features: 8] = true_divide: TrueDivide(%2) x2=2.0
  %4: f32[batch, features: 8] = add_1: Add(%3, %0)
  %5: f32[batch, features: 8] = maximum: Maximum(%0, %4)
  %6: f32[batch, features: 8] = dense: Dense(%5) units=8
  %7: f32[batch, features: 8] = relu: Relu(%6)
  weight dense/kernel: [features: 8, units: 8]
  weight dense/bias: [units: 8]
  output %7 y: f32[batch, features: 8]
)");
}

TEST(FunctionsTest, CompositionsHoldFunctions) {
  EXPECT_EQ(
      Report(R"(model tiny(x: f32[batch, features: 8], z: f32[batch, features: 8]) -> (y: f32[batch, features: 8]) {
  let act = Dense(8) |> maximum(z) |> keras.ops.exp()
  return act(x) + ops.square(x)
}
)"),
      "");
}

// The first line of what is reported.
std::string ErrorOf(const std::string& inputs, const std::string& body) {
  const std::string report = Report(ProgramOf(inputs, body, "f32[batch, 8]"));
  return report.substr(0, report.find('\n'));
}

TEST(FunctionsTest, Messages) {
  const std::string f = "x: f32[batch, time: 4, features: 8], n: i32[batch, time: 4, features: 8]";
  const struct {
    const char* body;
    const char* error;
  } kCases[] = {
      {"x + n", "error[E0405]: `x` holds f32 and `n` holds i32"},
      {"n * 0.5", "error[E0423]: `0.5` is a float and `n` holds i32"},
      {"n / 2", "error[E0425]: `/` divides elements of type i32, which are integers"},
      {"n ** -1", "error[E0426]: i32 is raised to -1, a negative power"},
      {"n + 3000000000", "error[E0424]: `3000000000` is no i32"},
      {"x // 0", "error[E0326]: a number is divided by zero"},
      {"exp(n)",
       "error[E0210]: exp got `i32[batch, time: 4, features: 8]`, whose elements are not floating-point numbers"},
      {"(x > 0) + 1",
       "error[E0420]: `+` got `bool[batch, time: 4, features: 8]`, whose elements are truth values, no numbers"},
      {"where(x, x, x)",
       "error[E0422]: where got `f32[batch, time: 4, features: 8]`, whose elements are no truth values"},
      {"one_hot(x, 3)", "error[E0421]: one_hot got `f32[batch, time: 4, features: 8]`, whose elements are no integers"},
      {"not x", "error[E0427]: `not` decides at compile time, `x` is a tensor"},
      {"sum(x)", "error[E0209]: sum acts on `batch`, the batch axis"},
      {"sum(x, axis=[time, 1])", "error[E0552]: `axis` lists `time` twice"},
      {"argmax(x, axis=[time, features])", "error[E0560]: argmax got 2 axes, one is expected"},
      {"sum(x, axis=tme)", "error[E0207]: `[batch, time: 4, features: 8]` has no `tme` axis"},
      {"sum(x, axes=time)", "error[E0500]: sum has no argument `axes`"},
      {"sum(3, axis=time)", "error[E0506]: `x` of sum is the integer 3, a tensor is expected"},
      {"exp()", "error[E0501]: exp is written without `x`, which has no default"},
      {"x |> exp", "error[E0144]: `exp` is a function, not a layer"},
      {"x[0]", "error[E0561]: `0` stands for an axis without its name"},
      {"x[batch: 0]", "error[E0209]: [] acts on `batch`, the batch axis"},
      {"x[time: 4]", "error[E0562]: `4` lies outside of `time`, whose size is 4"},
      {"x[time: -5..]", "error[E0562]: `-5` lies outside of `time`, whose size is 4"},
      {"x[time: 2..2]", "error[E0563]: the slice of `time` from 2 to 2 is empty"},
      {"transpose(x)",
       "error[E0564]: `[features, time, batch]` is no order of the axes of `[batch, time: 4, features: 8]` with the "
       "batch axis first"},
      {"stack([x, x])", "error[E0565]: stack puts its new axis at 0, expected is 1 to 3"},
      {"concatenate([x, x])", "error[E0209]: concatenate acts on `batch`, the batch axis"},
      {"reshape(x, (4, 8))", "error[E0566]: `(4, 8)` does not begin with the batch, whose size is `batch`"},
      {"einsum(\"bt,btf\", x, x)", "error[E0440]: `bt,btf` does not tell the result's axes"},
      {"einsum(\"btf->tf\", x)", "error[E0440]: the result `tf` does not begin with `b`, the batch axis"},
      {"einsum(\"batch features time -> batch time\", x)",
       "error[E0440]: axis 1 of `x` is named `features`, which is its axis 2"},
      {"matmul(x, x)", "error[E0400]: `features` is 8 in `x` and 4 in `x`"},
      {"matmul(x, x[time: 0])",
       "error[E0441]: matrices are multiplied, `[batch, time: 4, features: 8]` and `[batch, features: 8]` are none "
       "that fit"},
  };
  for (const auto& [body, error] : kCases) {
    const std::string report = Report(ProgramOf(f, body, "f32[batch, 8]"));
    EXPECT_NE(report.find(std::string(error) + "\n"), std::string::npos) << body << "\n" << report;
  }
}

TEST(FunctionsTest, Broadcasting) {
  EXPECT_EQ(ErrorOf("x: f32[batch, time: 4, features: 8], y: f32[batch, features: 1]", "x + y"),
            "error[E0402]: `features` is 8 in `x` and 1 in `y`, where a size of 1 is not repeated");
  EXPECT_EQ(ErrorOf("x: f32[batch, time: 4, features: 8], y: f32[batch, features: 8, time: 4]", "x + y"),
            "error[E0404]: `x` and `y` have their axes in different orders");
  EXPECT_EQ(ErrorOf("x: f32[batch, time: 4, features: 8], y: f32[batch, steps: 4]", "x + y"),
            "error[E0401]: `y` has `steps: 4`, `x` has no such axis");
  EXPECT_EQ(Report(ProgramOf("x: f32[batch, height: 2, width: 3, channels: 8]",
                             "x * sigmoid(mean(x, axis=[height, width], keepdims=True))",
                             "f32[batch, height: 2, width: 3, channels: 8]")),
            "");
}

}  // namespace
}  // namespace strata
