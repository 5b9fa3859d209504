#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/safetensors_writer.h"
#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/weights/open_file.h"

namespace strata::testing {
namespace {

std::string OpenError(const std::string& bytes) { return OpenedFile("m.safetensors", bytes).messages; }

// A file of one header, with `data_bytes` of data.
std::string HeaderError(const std::string& header, size_t data_bytes = 8) {
  return OpenError(SafetensorsFile(header, std::string(data_bytes, '\0')));
}

std::string SmallFile() {
  return SafetensorsFile({{"dense/kernel", "F32", {2, 3}, Bytes<float>({1, 2, 3, 4, 5, 6})},
                          {"dense/bias", "F16", {3}, Bytes<uint16_t>({0x3c00, 0xc000, 0x0001})}});
}

TEST(SafetensorsTest, ReadsTheDigitsExample) {
  Diagnostics diagnostics;
  const auto file = OpenWeightsFile("examples/digits/digits.safetensors", Span{}, diagnostics);
  ASSERT_NE(file, nullptr) << Messages(diagnostics);
  ASSERT_EQ(file->Entries().size(), 4u);
  EXPECT_EQ(file->Entries()[1].name, "conv2d/kernel");
  EXPECT_EQ(file->Entries()[1].dtype, "F32");
  EXPECT_EQ(file->Entries()[1].sizes, (std::vector<int64_t>{3, 3, 1, 16}));
  const std::vector<float> kernel = file->Read(3);
  ASSERT_EQ(kernel.size(), 2560u);
  for (const float element : kernel) ASSERT_LT(std::abs(element), 10.0f);
  EXPECT_NE(kernel[0], kernel[1]);
}

TEST(SafetensorsTest, ReadsElements) {
  const OpenedFile opened("m.safetensors", SmallFile());
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  EXPECT_EQ(opened.file->Entries()[0].sizes, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(opened.file->Read(1), (std::vector<float>{1, -2, 0x1p-24f}));
}

TEST(SafetensorsTest, ConvertsElementTypes) {
  const float infinity = std::numeric_limits<float>::infinity();
  const OpenedFile opened(
      "weights.bin",
      SafetensorsFile({{"half", "F16", {7}, Bytes<uint16_t>({0x0000, 0x8000, 0x7bff, 0x0400, 0x83ff, 0x7c00, 0xfc00})},
                       {"nan", "F16", {1}, Bytes<uint16_t>({0x7e01})},
                       {"bfloat", "BF16", {3}, Bytes<uint16_t>({0x3f80, 0xc040, 0x7f80})},
                       {"double", "F64", {3}, Bytes<double>({0.1, 1e300, -0.0})},
                       {"scalar", "F32", {}, Bytes<float>({7})},
                       {"none", "F32", {0, 5}, ""}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{0, -0.0f, 65504, 0x1p-14f, -0x1.ff8p-15f, infinity, -infinity}));
  EXPECT_TRUE(std::signbit(opened.file->Read(0)[1]));
  EXPECT_TRUE(std::isnan(opened.file->Read(1)[0]));
  EXPECT_EQ(opened.file->Read(2), (std::vector<float>{1, -3, infinity}));
  EXPECT_EQ(opened.file->Read(3), (std::vector<float>{0.1f, infinity, 0}));
  EXPECT_EQ(opened.file->Read(4), (std::vector<float>{7}));
  EXPECT_EQ(opened.file->Read(5), (std::vector<float>{}));
}

TEST(SafetensorsTest, IgnoresMetadataAndFieldsToCome) {
  const OpenedFile opened("m.safetensors", SafetensorsFile(R"({"__metadata__":{"format":"pt","x":[1,{"y":[]}]},
                              "a":{"dtype":"F32","new":{"b":[1]},"newer":[[2]],"newest":null,
                              "shape":[1],"data_offsets":[0,4]}}  )",
                                                           Bytes<float>({5})));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  ASSERT_EQ(opened.file->Entries().size(), 1u);
  EXPECT_EQ(opened.file->Read(0), (std::vector<float>{5}));
}

TEST(SafetensorsTest, EveryShorterFileIsCutShort) {
  const std::string bytes = SmallFile();
  EXPECT_EQ(OpenError(""), "E0612: `m.safetensors` is cut short: it is empty\n");
  EXPECT_EQ(OpenError(bytes.substr(0, 8)), "E0612: `m.safetensors` is cut short: it ends inside its header\n");
  EXPECT_EQ(OpenError(bytes.substr(0, 20)),
            "E0612: `m.safetensors` is cut short: its header has 132 bytes, 12 are there\n");
  EXPECT_EQ(OpenError(bytes.substr(0, bytes.size() - 1)),
            "E0612: `m.safetensors` is cut short: its header promises 30 bytes of data, 29 are there\n");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(OpenError(bytes.substr(0, size)).starts_with("E0612: ")) << size;
  }
}

TEST(SafetensorsTest, AbsurdHeaderLength) {
  std::string bytes = SmallFile();
  bytes.replace(0, 8, std::string("\0\0\0\0\0\0\0\x80", 8));
  EXPECT_EQ(
      OpenError(bytes),
      "E0613: `m.safetensors` is damaged: its header is said to have 9223372036854775808 bytes, at most 100000000 "
      "are allowed\n");
  bytes.replace(0, 8, std::string("\xff\xff\xff\xff\0\0\0\0", 8));
  EXPECT_TRUE(OpenError(bytes).starts_with("E0613: "));
}

TEST(SafetensorsTest, HeaderThatIsNoJson) {
  EXPECT_EQ(HeaderError("{\"a\" 1}"), "E0613: `m.safetensors` is damaged: its header is not JSON at byte 6\n");
  EXPECT_EQ(HeaderError("[]"), "E0613: `m.safetensors` is damaged: its header is not a JSON object\n");
  EXPECT_EQ(HeaderError("{\"a\":1}"),
            "E0613: `m.safetensors` is damaged: its header has a `a` that is not a JSON object\n");
  EXPECT_TRUE(HeaderError("").starts_with("E0613: "));
  EXPECT_TRUE(HeaderError("{\"\xff\":{}}").starts_with("E0613: "));
  EXPECT_TRUE(HeaderError("{}{}").starts_with("E0613: "));
}

TEST(SafetensorsTest, DeeplyNestedHeader) {
  const std::string open(1'000'000, '[');
  EXPECT_TRUE(HeaderError(open).starts_with("E0613: "));
  EXPECT_TRUE(HeaderError("{\"a\":{\"unknown\":" + open).starts_with("E0613: "));
  EXPECT_TRUE(HeaderError("{\"__metadata__\":{\"a\":" + open + std::string(1'000'000, ']') + "}}").empty());
}

TEST(SafetensorsTest, TensorsThatMakeNoSense) {
  const auto error = [](const std::string& fields) {
    const std::string message = HeaderError("{\"a\":{" + fields + "}}");
    const std::string start = "E0614: `a` in `m.safetensors` cannot be read: ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  };
  EXPECT_EQ(error(R"("shape":[2],"data_offsets":[0,8])"), "it has no `dtype`\n");
  EXPECT_EQ(error(R"("dtype":"F32","data_offsets":[0,8])"), "it has no `shape`\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":[2])"), "it has no `data_offsets`\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), "its `data_offsets` are 1, not 2\n");
  EXPECT_EQ(error(R"("dtype":32,"shape":[2],"data_offsets":[0,8])"), "its `dtype` is not a string\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"), "its `shape` is not a list\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":{},"data_offsets":[0,8])"), "its `shape` is not a list\n");
  for (const char* size : {"-1", "2.0", "1e30", "\"2\"", "null", "[2]", "{}", "9223372036854775808", "true"}) {
    EXPECT_EQ(error(R"("dtype":"F32","shape":[)" + std::string(size) + R"(],"data_offsets":[0,8])"),
              "its `shape` holds something else than whole numbers from 0 to 2**63 - 1\n");
  }
  EXPECT_EQ(error(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"),
            "its shape [3] takes 12 bytes, its data has 8\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":[1],"data_offsets":[8,4])"),
            "its data begins at byte 8 and ends at byte 4\n");
  EXPECT_EQ(error(R"("dtype":"F32","shape":[1000000000000000000,8],"data_offsets":[0,8])"),
            "its shape [1000000000000000000, 8] has more bytes than 64 bits can count\n");
  std::string ones = "1";
  for (int i = 0; i < 32; ++i) ones += ",1";
  EXPECT_EQ(error(R"("dtype":"F32","shape":[)" + ones + R"(],"data_offsets":[0,4])"),
            "its `shape` has more than 32 numbers\n");
}

TEST(SafetensorsTest, ElementTypesAndNames) {
  const OpenedFile opened(
      "m.safetensors",
      SafetensorsFile({{"a", "I64", {1}, "12345678"}, {"b", "F32", {1}, "1234"}, {"c", "BOOL", {1}, "1"}}));
  ASSERT_NE(opened.file, nullptr) << opened.messages;
  const auto is_readable = [&](size_t index) { return opened.file->Entries()[index].is_readable; };
  EXPECT_FALSE(is_readable(0));
  EXPECT_TRUE(is_readable(1));
  EXPECT_FALSE(is_readable(2));
  EXPECT_EQ(opened.file->Entries()[0].dtype, "I64");
  EXPECT_EQ(opened.file->Entries()[0].bytes, 8);
  EXPECT_EQ(OpenError(SafetensorsFile({{"a", "F32", {1}, "1234"}, {"a", "F32", {1}, "1234"}})),
            "E0616: `a` is twice in `m.safetensors`\n");
}

TEST(SafetensorsTest, LongNamesAreCut) {
  const std::string name = std::string(99, 'x') + "\xc3\xa9" + std::string(1000, 'y');
  EXPECT_EQ(OpenError(SafetensorsFile({{name, "F32", {2}, "1234"}})),
            "E0614: `" + std::string(99, 'x') +
                "...` in `m.safetensors` cannot be read: its shape [2] takes 8 bytes, its data has 4\n");
}

// Whatever bytes a file has: either an error, or tensors that can be read.
TEST(SafetensorsTest, MutatedFiles) {
  std::mt19937 random(1);
  const std::string original = SmallFile();
  int opened_count = 0;
  const TemporaryDirectory directory;
  const std::string_view letters = "\"{}[],:0129-.eF\\ \xff\x01";
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = original;
    for (unsigned change = 0; change <= random() % 3; ++change) {
      const size_t at = random() % (random() % 4 == 0 ? bytes.size() : 137);
      const char letter = letters[random() % letters.size()];
      switch (random() % 4) {
        case 0: bytes[at] = letter; break;
        case 1: bytes.erase(at, 1 + random() % 4); break;
        case 2: bytes.insert(at, 1 + random() % 3, letter); break;
        default: bytes[at] = static_cast<char>(random()); break;
      }
    }
    const std::string path =
        directory / (std::to_string(round) + ".safetensors");  // faster than one file over and over
    WriteBytes(path, bytes);
    Diagnostics diagnostics;
    const auto file = OpenWeightsFile(path, Span{}, diagnostics);
    EXPECT_EQ(file == nullptr, diagnostics.HasErrors()) << round;
    if (!file) continue;
    ++opened_count;
    for (size_t i = 0; i < file->Entries().size(); ++i) EXPECT_LE(file->Read(i).size(), bytes.size());
  }
  EXPECT_GT(opened_count, 10);
  EXPECT_LT(opened_count, 3000);
}

}  // namespace
}  // namespace strata::testing
