#include "runtime/run_files.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "runtime/text.h"
#include "tests/unit/runtime/fake_models.h"
#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/runtime/standard_input.h"
#include "tests/unit/runtime/temporary_directory.h"

// A failed allocation is part of what is tested; without this the address sanitizer would end the program there.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace strata::testing {
namespace {

using Bindings = std::vector<std::pair<const char*, std::string>>;

struct Outcome {
  int status;
  std::string error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << outcome.status << ": " << outcome.error;
  }
};

const Outcome kFine = {STRATA_EXIT_FINE, ""};
Outcome Data(std::string error) { return {STRATA_EXIT_DATA, std::move(error)}; }
Outcome Usage(std::string error) { return {STRATA_EXIT_USAGE, std::move(error)}; }

class RunFiles : public ::testing::Test {
 protected:
  RunFiles() { fake_behaviour = {}; }

  // Writes an array file; `shape` is Python's, such as "(3, 2)". Returns its path.
  template <typename T>
  std::string Save(const std::string& name, const char* descr, const std::string& shape, const std::vector<T>& values) {
    WriteBytes(directory_ / name, NpyFile(Dictionary(descr, shape), Bytes(values)));
    return directory_ / name;
  }

  std::string Images(const std::string& shape, std::size_t count) {
    return Save("image.npy", "<f4", shape, std::vector<float>(count, 0.5F));
  }

  Outcome Run(const strata_model& model, const Bindings& inputs, const Bindings& outputs) {
    std::vector<strata_file_binding> in;
    std::vector<strata_file_binding> out;
    for (const auto& [name, path] : inputs) in.push_back({name, path.c_str()});
    for (const auto& [name, path] : outputs) out.push_back({name, path.c_str()});
    char error[STRATA_ERROR_SIZE] = "untouched";
    const int status = strata_run_files(&model, in.data(), static_cast<int>(in.size()), out.data(),
                                        static_cast<int>(out.size()), error, sizeof error);
    return {status, error};
  }

  Outcome RunDigits(const std::string& image) {
    return Run(kDigits, {{"image", image}}, {{"probs", directory_ / "probs.npy"}});
  }

  TemporaryDirectory directory_;
};

TEST_F(RunFiles, CopiesThroughTheIdentity) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const std::string x = Save("x.npy", "<f4", "(3, 2)", values);
  EXPECT_EQ(Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}), kFine);
  const std::string y = ReadBytes(directory_ / "y.npy");
  EXPECT_NE(y.find("'shape': (3, 2)"), std::string::npos);
  EXPECT_EQ(Values<float>(y), values);
  EXPECT_EQ(fake_behaviour.runs, 1);
}

TEST_F(RunFiles, NamesMayBeLeftOutAndAnInputOverwritten) {
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  EXPECT_EQ(Run(kIdentity, {{nullptr, x}}, {{nullptr, x}}), kFine);
  EXPECT_EQ(Values<float>(ReadBytes(x)), (std::vector<float>{8, 9}));
}

TEST_F(RunFiles, ABatchOfZeroIsFine) {
  const std::string x = Save<float>("x.npy", "<f4", "(0, 2)", {});
  EXPECT_EQ(Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}), kFine);
  EXPECT_NE(ReadBytes(directory_ / "y.npy").find("'shape': (0, 2)"), std::string::npos);
}

TEST_F(RunFiles, AModelMayNeedNoWorkspace) {
  fake_behaviour.workspace_size = 0;
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  EXPECT_EQ(Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}), kFine);
}

TEST_F(RunFiles, SeveralInputsAndOutputs) {
  const std::string img = Save<std::uint8_t>("img.npy", "|u1", "(2, 2, 2)", {1, 2, 3, 4, 50, 60, 70, 80});
  const std::string half = Save<std::int32_t>("half.npy", "<i4", "(2, 1)", {1000, -1000});
  EXPECT_EQ(Run(kPair, {{"half", half}, {"img", img}},
                {{"first", directory_ / "first.npy"}, {"total", directory_ / "total.npy"}}),
            kFine);
  EXPECT_EQ(Values<std::int64_t>(ReadBytes(directory_ / "total.npy")), (std::vector<std::int64_t>{1010, -740}));
  EXPECT_EQ(Values<std::uint8_t>(ReadBytes(directory_ / "first.npy")), (std::vector<std::uint8_t>{1, 50}));
}

TEST_F(RunFiles, WritesOnlyWhatIsAskedFor) {
  const std::string img = Save<std::uint8_t>("img.npy", "|u1", "(1, 2, 2)", {1, 2, 3, 4});
  const std::string half = Save<std::int32_t>("half.npy", "<i4", "(1, 1)", {5});
  EXPECT_EQ(Run(kPair, {{"half", half}, {"img", img}}, {{"total", directory_ / "total.npy"}}), kFine);
  EXPECT_EQ(directory_.Names().size(), 3U);
}

TEST_F(RunFiles, StandardStreams) {
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  ::testing::internal::CaptureStdout();
  Outcome outcome;
  {
    const StandardInputFrom input(x);
    outcome = Run(kIdentity, {{"x", "-"}}, {{"y", "-"}});
  }
  const std::string output = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(outcome, kFine);
  EXPECT_EQ(Values<float>(output), (std::vector<float>{8, 9}));
}

TEST_F(RunFiles, ShapeErrors) {
  EXPECT_EQ(RunDigits(Images("(8, 8, 1)", 64)),
            Data("`image` has no batch axis: got [8, 8, 1], expected [batch, 8, 8, 1]"));
  EXPECT_EQ(RunDigits(Images("(360, 8, 9, 1)", 25920)),
            Data("`image` has the wrong shape: got [360, 8, 9, 1], expected [batch, 8, 8, 1]: `width` is 9, not 8"));
  EXPECT_EQ(RunDigits(Images("(8, 9, 1)", 72)),
            Data("`image` has 3 axes instead of 4: got [8, 9, 1], expected [batch, 8, 8, 1]"));
  EXPECT_EQ(RunDigits(Images("()", 1)), Data("`image` has 0 axes instead of 4: got [], expected [batch, 8, 8, 1]"));
  EXPECT_EQ(RunDigits(Images("(1, 1, 8, 8, 1)", 64)),
            Data("`image` has 5 axes instead of 4: got [1, 1, 8, 8, 1], expected [batch, 8, 8, 1]"));
  const std::string x = Save<float>("x.npy", "<f4", "(1, 3)", {1, 2, 3});
  EXPECT_EQ(Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}),
            Data("`x` has the wrong shape: got [1, 3], expected [batch, 2]: axis 1 is 3, not 2"));
  EXPECT_EQ(fake_behaviour.runs, 0);
  EXPECT_EQ(directory_.Names().size(), 2U);
}

TEST_F(RunFiles, DtypeErrors) {
  const auto with = [&](const char* descr, std::size_t item) {
    return RunDigits(Save("image.npy", descr, "(1, 8, 8, 1)", std::vector<std::uint8_t>(64 * item)));
  };
  EXPECT_EQ(with("<f8", 8), Data("`image` is float64, expected float32: convert it with array.astype(\"float32\")"));
  EXPECT_EQ(with("|u1", 1), Data("`image` is uint8, expected float32: convert it with array.astype(\"float32\")"));
  EXPECT_EQ(with(">f4", 4),
            Data("`image` is big-endian float32, expected float32: convert it with array.astype(\"float32\")"));
}

TEST_F(RunFiles, FileErrors) {
  EXPECT_EQ(RunDigits("/none/images.npy"), Data("`/none/images.npy` does not exist"));
  EXPECT_EQ(RunDigits(directory_ / ""), Data("`" + (directory_ / "") + "` is a directory, expected an npy file"));
  EXPECT_EQ(RunDigits(Images("(360, 8, 8, 1)", 128)),
            Data("`" + (directory_ / "image.npy") +
                 "` is cut short: its header promises 92160 bytes of data, 512 are there"));
  WriteBytes(directory_ / "image.npy", NpyFile(Dictionary("<f4", "(1, 8, 8, 1)", true), std::string(256, '\0')));
  EXPECT_EQ(
      RunDigits(directory_ / "image.npy"),
      Data("`" + (directory_ / "image.npy") + "` is in Fortran order: save it with numpy.ascontiguousarray(array)"));
}

TEST_F(RunFiles, SymbolsMustAgree) {
  const auto pair = [&](const std::string& img_shape, std::size_t pixels, const std::string& half_shape,
                        std::size_t rows) {
    const std::string img = Save("img.npy", "|u1", img_shape, std::vector<std::uint8_t>(pixels));
    const std::string half = Save("half.npy", "<i4", half_shape, std::vector<std::int32_t>(rows));
    return Run(kPair, {{"img", img}, {"half", half}}, {{"total", directory_ / "total.npy"}});
  };
  EXPECT_EQ(pair("(2, 4, 4)", 32, "(2, 2)", 4), kFine);
  EXPECT_EQ(pair("(2, 4, 4)", 32, "(3, 2)", 6),
            Data("`half` has the wrong shape: got [3, 2], expected [batch, H / 2]: `batch` is 3, but 2 in `img`"));
  EXPECT_EQ(pair("(2, 4, 6)", 48, "(2, 2)", 4),
            Data("`img` has the wrong shape: got [2, 4, 6], expected [batch, H, H]: `H` cannot be both 4 and 6"));
  EXPECT_EQ(pair("(2, 4, 4)", 32, "(2, 3)", 6),
            Data("`half` has the wrong shape: got [2, 3], expected [batch, H / 2]: `rows` is 3, not 2"));
  EXPECT_EQ(pair("(2, 3, 3)", 18, "(2, 1)", 2), Data("H = 3: `half` needs H % 2 == 0"));
  EXPECT_EQ(pair("(4, 4)", 16, "(2, 2)", 4), Data("`img` has no batch axis: got [4, 4], expected [batch, H, H]"));
}

TEST_F(RunFiles, BindingErrors) {
  const std::string image = Images("(1, 8, 8, 1)", 64);
  const Bindings in = {{"image", image}};
  const Bindings out = {{"probs", directory_ / "probs.npy"}};
  EXPECT_EQ(Run(kDigits, {{"imgae", image}}, out), Usage("`imgae` is no input of digits: did you mean `image`?"));
  EXPECT_EQ(Run(kDigits, {{"labels", image}}, out), Usage("`labels` is no input of digits, expected `image`"));
  const std::string endless(300, 'x');
  EXPECT_EQ(Run(kDigits, {{endless.c_str(), image}}, out),
            Usage("`" + endless + "` is no input of digits, expected `image`"));
  EXPECT_EQ(Run(kDigits, in, {{"prob", "a.npy"}}), Usage("`prob` is no output of digits: did you mean `probs`?"));
  EXPECT_EQ(Run(kPair, {{"zzz", image}}, {}), Usage("`zzz` is no input of pair, expected `img`, `half`"));
  EXPECT_EQ(Run(kDigits, {}, out), Usage("`image` is not given, expected --input image=FILE.npy"));
  EXPECT_EQ(Run(kDigits, {{"image", "a.npy"}, {"image", "b.npy"}}, out),
            Usage("`image` is given twice: `a.npy` and `b.npy`"));
  EXPECT_EQ(Run(kDigits, {{"image", ""}}, out), Usage("`image` has no file name, expected --input image=FILE.npy"));
  EXPECT_EQ(Run(kDigits, in, {}), Usage("no output is asked for, expected --output NAME=FILE.npy with `probs`"));
  EXPECT_EQ(Run(kPair, {{"img", "a"}, {"half", "b"}}, {}),
            Usage("no output is asked for, expected --output NAME=FILE.npy with one of `total`, `first`"));
  EXPECT_EQ(Run(kDigits, in, {{"probs", "a.npy"}, {"probs", "b.npy"}}),
            Usage("`probs` is given twice: `a.npy` and `b.npy`"));
  EXPECT_EQ(Run(kPair, {{nullptr, "a.npy"}}, {}),
            Usage("`a.npy` is given for no input, expected NAME=a.npy with one of `img`, `half`"));
  EXPECT_EQ(Run(kPair, {{"img", "-"}, {"half", "-"}}, {}), Usage("`img` and `half` cannot both be standard input"));
  EXPECT_EQ(Run(kPair, {{"img", "a"}, {"half", "b"}}, {{"total", "-"}, {"first", "-"}}),
            Usage("`total` and `first` cannot both be standard output"));
  EXPECT_EQ(Run(kPair, {{"img", "a"}, {"half", "b"}}, {{"total", "c.npy"}, {"first", "c.npy"}}),
            Usage("`total` and `first` cannot both be written to `c.npy`"));
}

TEST_F(RunFiles, AFailedRunIsExplained) {
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  const auto run = [&] { return Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}); };
  fake_behaviour.run_code = STRATA_UNSUPPORTED_CPU;
  EXPECT_EQ(run(), Data("code 4"));
  fake_behaviour = {};
  fake_behaviour.workspace_size = -STRATA_BAD_SIZE;
  EXPECT_EQ(run(), Data("a size overflows 64 bits"));
  EXPECT_EQ(directory_.Names(), std::vector<std::string>{"x.npy"});
}

TEST_F(RunFiles, AnAbsurdAllocationIsAMessage) {
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  const auto run = [&] { return Run(kIdentity, {{"x", x}}, {{"y", directory_ / "y.npy"}}); };
  fake_behaviour.workspace_size = std::int64_t{1} << 60;
  EXPECT_EQ(run(), Data("cannot allocate 1152921504606846976 bytes for the workspace"));
  fake_behaviour = {};
  fake_behaviour.output_batch = std::int64_t{1} << 57;
  EXPECT_EQ(run(), Data("cannot allocate 1152921504606846976 bytes for the output `y`"));
  fake_behaviour.output_batch = std::int64_t{1} << 61;
  EXPECT_EQ(run(), Data("a size overflows 64 bits"));
}

TEST_F(RunFiles, AnotherVersionOfTheInterfaceIsRefused) {
  strata_model old = kIdentity;
  old.abi_version = 7;
  EXPECT_EQ(Run(old, {}, {}), Data("identity has version 7 of the binary interface, expected 2: build it again"));
}

TEST_F(RunFiles, OutputsAppearTogetherOrNotAtAll) {
  const std::string img = Save<std::uint8_t>("img.npy", "|u1", "(1, 2, 2)", {1, 2, 3, 4});
  const std::string half = Save<std::int32_t>("half.npy", "<i4", "(1, 1)", {5});
  const Bindings inputs = {{"img", img}, {"half", half}};
  const std::string nowhere = directory_ / "none/first.npy";
  EXPECT_EQ(Run(kPair, inputs, {{"total", directory_ / "total.npy"}, {"first", nowhere}}),
            Data("cannot write `" + nowhere + "`: no such file or directory"));
  EXPECT_EQ(Run(kPair, inputs, {{"total", directory_ / "total.npy"}, {"first", "/dev/full"}}),
            Data("cannot write `/dev/full`: no space left on device"));
  EXPECT_EQ(directory_.Names().size(), 2U);
}

TEST_F(RunFiles, TimesSeveralRuns) {
  const std::string x = Save<float>("x.npy", "<f4", "(1, 2)", {8, 9});
  const std::string y = directory_ / "y.npy";
  const strata_file_binding in = {.name = "x", .path = x.c_str()};
  const strata_file_binding out = {.name = "y", .path = y.c_str()};
  double median = -1;
  char error[STRATA_ERROR_SIZE] = "";
  EXPECT_EQ(strata_run_files_timed(&kIdentity, &in, 1, &out, 1, 5, &median, error, sizeof error), STRATA_EXIT_FINE);
  EXPECT_EQ(fake_behaviour.runs, 5);
  EXPECT_GE(median, 0);
  EXPECT_LT(median, 1000);
}

}  // namespace
}  // namespace strata::testing
