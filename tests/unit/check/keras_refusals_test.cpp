// Which values of an argument are refused, compared with Keras: keras_refusals.txt is what tools/keras_refusals.py recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

std::vector<std::string> Split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end = 0; end != std::string::npos; begin = end + separator.size()) {
    end = text.find(separator, begin);
    if (end != begin) parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return parts;
}

// The code of the first error of a program that applies the layer; "": there is none.
std::string Refusal(const std::vector<std::string>& types, const std::string& call) {
  std::string inputs;
  std::string names;
  for (size_t i = 0; i < types.size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    inputs += (i > 0 ? ", " : "") + name + ": " + types[i];
    names += (i > 0 ? ", " : "") + name;
  }
  const bool is_applied = call.find("x0") != std::string::npos;
  const CheckedProgram checked =
      CheckProgram("model m(" + inputs + ") -> (same: " + types.front() + ") {\n  let y = " + call +
                   (is_applied ? "" : "(" + names + ")") + "\n  return x0\n}\n");
  return checked.network ? "" : checked.rendered.substr(checked.rendered.find("error[") + 6, 5);
}

// What Keras takes, or finds wrong only where the model runs, and is refused: errors, and why.
struct Stricter {
  std::string_view code;
  std::string_view why;
};
constexpr Stricter kStricter[] = {
    {"E0205", "the names of the axes say where the channels are"},
    {"E0207", "Keras does not look at a string for an axis"},
    {"E0209", "the batch axis: samples would be mixed"},
    {"E0311", "RandomCrop crops in training alone, and the layers behind it get another size"},
    {"E0312", "Keras finds the sizes wrong when the model runs"},
    {"E0442", "a result without elements"},
    {"E0506", "a value of another kind: True for 1, \"foo\" for True, 1.5 for 1, None for 0"},
    {"E0508", "a result without elements, or what fails when the model runs"},
    {"E0509", "Keras finds the choice wrong when the model runs"},
    {"E0550", "Keras finds the axis wrong when the model runs"},
    {"E0552", "an axis listed twice"},
    {"E0553", "no axis at all"},
    {"E0571", "attention along the features, which the projections take up"},
    {"E0592", "there are no sparse tensors"},
    {"E0593", "bins that end before they begin"},
};

// What Keras refuses, and is taken.
struct Laxer {
  std::string_view argument;
  std::string_view value;  // "": any
  std::string_view why;
};
constexpr Laxer kLaxer[] = {
    {"axes", "(1,)", "Dot: an axis for both tensors may stand in a list"},
    {"dropout", "", "attention: of training alone, and so not looked at"},
    {"padding", "\"SAME\"", "pooling: choices in any case, as convolutions have them"},
    {"size", "(1,)", "UpSampling1D: a tuple of one, as other layers along one axis take it"},
    {"size", "(2,)", "likewise"},
};

TEST(KerasRefusalsTest, AreThoseOfKerasButForAFew) {
  std::ifstream file("tests/unit/check/keras_refusals.txt");
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> values = Split(line, "; ");
  size_t count = 0;
  std::set<std::string> codes;
  std::set<const Laxer*> taken;
  while (std::getline(file, line)) {
    const std::vector<std::string> row = Split(line, " | ");
    ASSERT_EQ(row.size(), 3u) << line;
    ASSERT_TRUE(std::getline(file, line));
    const std::vector<std::string> list = Split(line, "; ");
    const std::set<std::string> by_keras(list.begin(), list.end());
    std::vector<std::string> types;
    for (const std::string& part : Split(row[0], "], ")) types.push_back(part + (part.back() == ']' ? "" : "]"));
    for (const std::string& value : values) {
      std::string call = row[2];
      call.replace(call.find('@'), 1, value);
      const std::string code = Refusal(types, call);
      ++count;
      if (code.empty() == by_keras.contains(value)) continue;
      if (code.empty()) {
        const auto* laxer = std::ranges::find_if(kLaxer, [&](const Laxer& one) {
          return one.argument == row[1] && (one.value.empty() || one.value == value);
        });
        EXPECT_NE(laxer, std::end(kLaxer)) << "Keras refuses " << call;
        taken.insert(laxer);
      } else {
        codes.insert(code);
        EXPECT_TRUE(std::ranges::find(kStricter, code, &Stricter::code) != std::end(kStricter))
            << code << ", Keras takes " << call;
      }
    }
  }
  EXPECT_GT(count, 10'000u);
  // Each has its reason still.
  EXPECT_EQ(codes.size(), std::size(kStricter));
  EXPECT_EQ(taken.size(), std::size(kLaxer));
}

}  // namespace
}  // namespace strata
