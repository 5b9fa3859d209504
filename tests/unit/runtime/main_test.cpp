#include "runtime/main.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/runtime/fake_models.h"
#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/runtime/standard_input.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

struct Answer {
  int status;
  std::string output;
  std::string messages;
};

Answer Call(const strata_model& model, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string("./") + model.name);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  fake_behaviour = {};
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int status = strata_main(&model, static_cast<int>(arguments.size()), argv.data());
  return {status, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

TEST(Main, Help) {
  const std::string expected = R"(digits: Digits, 8x8 grey images, ten classes.

usage: ./digits --input NAME=FILE.npy ... --output NAME=FILE.npy ...

inputs:
  image: f32[batch, height: 8, width: 8, channels: 1]

outputs:
  probs: f32[batch, classes: 10]

sizes that may vary from call to call: batch

options:
  --input NAME=FILE.npy   read an input; once for each; FILE.npy may be -, standard input
  --output NAME=FILE.npy  write an output; at least one; FILE.npy may be -, standard output
                          NAME= may be left out where there is only one
  --time N                run N times and print the median time to standard error
  -h, --help              print this
  --version               print what this was built with

exit status: 0 fine, 1 a mistake in a file or its data, 2 wrong usage

examples:
  ./digits --input image=image.npy --output probs=probs.npy
  ./digits --input image=- --output probs=- < image.npy > probs.npy

built from examples/digits/digits.strata for avx512
)";
  for (const char* option : {"--help", "-h"}) {
    const Answer answer = Call(kDigits, {option});
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.output, expected);
    EXPECT_EQ(answer.messages, "");
  }
}

TEST(Main, HelpOfSeveralInputsAndOutputs) {
  const Answer answer = Call(kPair, {"--help"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.output.rfind("pair\n\nusage: ./pair --input ", 0), 0U) << answer.output;
  for (const char* part :
       {"inputs:\n  img: u8[batch, height: H, width: H]\n  half: i32[batch, rows: H / 2]\n\n",
        "outputs:\n  total: i64[batch]\n  first: u8[batch]\n\n", "from call to call: batch, H\n",
        "  ./pair --input img=img.npy --input half=half.npy --output total=total.npy --output first=first.npy\n",
        "  ./pair --input img=- --input half=half.npy --output total=- --output first=first.npy < img.npy > "
        "total.npy\n"}) {
    EXPECT_NE(answer.output.find(part), std::string::npos) << part << answer.output;
  }
}

TEST(Main, Version) {
  const Answer answer = Call(kDigits, {"--version"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.output, "digits, compiled by Strata for avx512, binary interface version 2\n");
}

TEST(Main, WrongUsage) {
  const std::string help = "digits: help: `./digits --help` says how to call it\n";
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  for (const Case& c : std::vector<Case>{
           {{}, "`image` is not given, expected --input image=FILE.npy"},
           {{"--input", "image=a.npy"}, "no output is asked for, expected --output NAME=FILE.npy with `probs`"},
           {{"--input", "imgae=a.npy"}, "`imgae` is no input of digits: did you mean `image`?"},
           {{"--input", "image="}, "`image` has no file name, expected --input image=FILE.npy"},
           {{"a.npy"}, "`a.npy` is no option, expected --input NAME=FILE.npy"},
           {{"--ouput", "a.npy"}, "unknown option `--ouput`"},
           {{"-x"}, "unknown option `-x`"},
           {{"-xh"}, "unknown option `-x`"},
           {{"--help=me"}, "`--help=me` has a value, expected none"},
           {{"--version=3"}, "`--version=3` has a value, expected none"},
           {{"--input"}, "`--input` has no value"},
           {{"--time", "0"}, "--time is `0`, expected a whole number from 1 to 1000000"},
           {{"--time", "ten"}, "--time is `ten`, expected a whole number from 1 to 1000000"},
           {{"--time", "3x"}, "--time is `3x`, expected a whole number from 1 to 1000000"},
           {{"--time", "99999999999999999999"},
            "--time is `99999999999999999999`, expected a whole number from 1 to 1000000"},
           {{"--time="}, "--time is ``, expected a whole number from 1 to 1000000"},
       }) {
    const Answer answer = Call(kDigits, c.arguments);
    EXPECT_EQ(answer.status, 2);
    EXPECT_EQ(answer.output, "");
    EXPECT_EQ(answer.messages, std::string("digits: error: ") + c.message + "\n" + help);
  }
}

TEST(Main, WrongDataIsOneLine) {
  const TemporaryDirectory directory;
  const std::string image = directory / "image.npy";
  WriteBytes(image, NpyFile(Dictionary("<f4", "(8, 8, 1)"), std::string(256, '\0')));
  const Answer answer = Call(kDigits, {"--input", "image=" + image, "--output", "probs=" + (directory / "probs.npy")});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.output, "");
  EXPECT_EQ(answer.messages, "digits: error: `image` has no batch axis: got [8, 8, 1], expected [batch, 8, 8, 1]\n");
  EXPECT_EQ(directory.Names(), std::vector<std::string>{"image.npy"});
}

TEST(Main, RunsOnFiles) {
  const TemporaryDirectory directory;
  std::vector<float> pixels(128);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i);
  const std::string image = directory / "im=age.npy";
  const std::string probs = directory / "probs.npy";
  WriteBytes(image, NpyFile(Dictionary("<f4", "(2, 8, 8, 1)"), Bytes(pixels)));
  const Answer answer = Call(kDigits, {"--input=image=" + image, "--output", "probs=" + probs});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.output + answer.messages, "");
  const std::vector<float> result = Values<float>(ReadBytes(probs));
  ASSERT_EQ(result.size(), 20U);
  EXPECT_EQ(result[9], 9);
  EXPECT_EQ(result[10], 64);
}

TEST(Main, StreamsWithoutNames) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "x.npy", NpyFile(Dictionary("<f4", "(1, 2)"), Bytes<float>({3, 4})));
  const StandardInputFrom input(directory / "x.npy");
  const Answer answer = Call(kIdentity, {"--input", "-", "--output", "-"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(Values<float>(answer.output), (std::vector<float>{3, 4}));
}

TEST(Main, Times) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "x.npy", NpyFile(Dictionary("<f4", "(1, 2)"), Bytes<float>({3, 4})));
  const Answer answer = Call(kIdentity, {"--input", directory / "x.npy", "--output", "/dev/null", "--time", "7"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(fake_behaviour.runs, 7);
  EXPECT_EQ(answer.messages.rfind("identity: ", 0), 0U);
  EXPECT_NE(answer.messages.find(" ms a call, the median of 7\n"), std::string::npos) << answer.messages;
}

}  // namespace
}  // namespace strata::testing
