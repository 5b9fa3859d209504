#include "runtime/array_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "runtime/block.h"
#include "runtime/shape_text.h"
#include "tests/unit/runtime/npy_bytes.h"
#include "tests/unit/runtime/standard_input.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

// What parsing says about these bytes: the error, or "" for a valid file. The bytes are copied to a block of exactly
// their size, so that a sanitizer sees one step too far.
std::string ParseError(const std::string& bytes) {
  const std::unique_ptr<char[]> exact(new char[bytes.size()]);
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  strata_array array;
  char error[STRATA_ERROR_SIZE] = "untouched";
  if (strata_array_parse("`images.npy`", exact.get(), bytes.size(), &array, error, sizeof error)) {
    EXPECT_EQ(array.owned, nullptr);
    EXPECT_GE(static_cast<const char*>(array.data), exact.get());
    EXPECT_EQ(static_cast<const char*>(array.data) + array.bytes, exact.get() + bytes.size());
    EXPECT_GE(array.rank, 0);
    EXPECT_LE(array.rank, STRATA_ARRAY_RANK);
    EXPECT_STRNE(array.dtype_name, "");
    if (array.dtype != STRATA_OTHER_DTYPE) {
      std::int64_t expected = 0;
      EXPECT_TRUE(strata_byte_count(array.sizes, array.rank, strata_dtype_size(array.dtype), &expected));
      EXPECT_EQ(array.bytes, expected);
    }
    return "";
  }
  EXPECT_EQ(array.data, nullptr);
  EXPECT_EQ(array.bytes, 0);
  return error;
}

// What reading a file says, its directory left out.
std::string ReadError(const TemporaryDirectory& directory, const std::string& name) {
  strata_array array;
  char error[STRATA_ERROR_SIZE] = "untouched";
  if (strata_array_read((directory / name).c_str(), &array, error, sizeof error)) {
    strata_array_free(&array);
    return "";
  }
  std::string text = error;
  const std::string prefix = directory / "";
  if (const auto at = text.find(prefix); at != std::string::npos) text.erase(at, prefix.size());
  return text;
}

const std::string kTwoBytes = "ab";

// An array whose data are the bytes of `bytes`, which it does not own.
strata_array ArrayOf(std::int32_t dtype, const std::vector<std::int64_t>& sizes, const std::string& bytes) {
  strata_array array = {};
  array.dtype = dtype;
  array.rank = static_cast<std::int32_t>(sizes.size());
  std::copy(sizes.begin(), sizes.end(), array.sizes);
  array.data = bytes.data();
  array.bytes = static_cast<std::int64_t>(bytes.size());
  return array;
}

const std::string kSmall = NpyFile(Dictionary("<f4", "(3, 2)"), Bytes<float>({1, 2, 3, 4, 5, 6}));

void ExpectOneLine(const std::string& error) {
  EXPECT_FALSE(error.empty());
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  EXPECT_NE(error.back(), '.') << error;
}

TEST(ArrayFile, EveryDtypeAndRankComesBack) {
  const TemporaryDirectory directory;
  const std::string path = directory / "array.npy";
  const std::vector<std::vector<std::int64_t>> shapes = {
      {}, {0}, {1}, {7}, {3, 2}, {4, 0, 5}, {2, 3, 4, 5}, std::vector<std::int64_t>(32, 1)};
  for (std::int32_t dtype = STRATA_F32; dtype <= STRATA_BOOL; ++dtype) {
    for (const auto& shape : shapes) {
      SCOPED_TRACE(std::string(strata_dtype_name(dtype)) + " of rank " + std::to_string(shape.size()));
      std::int64_t size = strata_dtype_size(dtype);
      for (const std::int64_t axis : shape) size *= axis;
      std::string data(static_cast<std::size_t>(size), '\0');
      for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(dtype == STRATA_BOOL ? i % 2 : i * 37);
      const strata_array written = ArrayOf(dtype, shape, data);
      char error[STRATA_ERROR_SIZE] = "";
      ASSERT_TRUE(strata_array_write(&written, path.c_str(), error, sizeof error)) << error;

      const std::string file = ReadBytes(path);
      EXPECT_EQ((file.size() - data.size()) % 64, 0U);
      EXPECT_EQ(ParseError(file), "");

      strata_array read;
      ASSERT_TRUE(strata_array_read(path.c_str(), &read, error, sizeof error)) << error;
      EXPECT_EQ(read.dtype, dtype);
      EXPECT_STREQ(read.dtype_name, strata_dtype_numpy_name(dtype));
      EXPECT_EQ(std::vector<std::int64_t>(read.sizes, read.sizes + read.rank), shape);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.data) % STRATA_ARRAY_ALIGNMENT, 0U);
      ASSERT_EQ(read.bytes, size);
      EXPECT_EQ(std::memcmp(read.data, data.data(), data.size()), 0);
      strata_array_free(&read);
      EXPECT_EQ(read.data, nullptr);
    }
  }
  EXPECT_EQ(directory.Names(), std::vector<std::string>{"array.npy"});
}

TEST(ArrayFile, WritesWhatNumpyWrites) {
  const TemporaryDirectory directory;
  const std::string path = directory / "array.npy";
  const std::string data = Bytes<float>({1, 2, 3, 4, 5, 6});
  const strata_array array = ArrayOf(STRATA_F32, {3, 2}, data);
  ASSERT_TRUE(strata_array_write(&array, path.c_str(), nullptr, 0));
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
  const std::string padding(128 - 10 - dictionary.size() - 1, ' ');
  EXPECT_EQ(ReadBytes(path), NpyFile(dictionary + padding + "\n", data));
}

TEST(ArrayFile, ReadsVersions123) {
  for (const int version : {1, 2, 3}) {
    EXPECT_EQ(ParseError(NpyFile(Dictionary("<i4", "(2,)"), Bytes<std::int32_t>({1, 2}), version)), "");
  }
}

TEST(ArrayFile, ReadsUnusualButValidDictionaries) {
  const std::string data = Bytes<std::int8_t>({1, 2, 3, 4});
  for (const char* dictionary : {
           "{\"shape\": (2, 2), \"descr\": \"|i1\", \"fortran_order\": False}",
           "{'descr':'<i1','fortran_order':False,'shape':(2,2)}",
           " { 'descr' : 'i1' , 'fortran_order' : False , 'shape' : ( 2 , 2 , ) , } \n\n",
           "{'descr': '>i1', 'fortran_order': False, 'shape': (2L, 2L), }",
           "{'descr': '|i1', 'fortran_order': True, 'shape': (4,), }",  // one axis: both orders are the same
           "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 4, 1), }",
       }) {
    EXPECT_EQ(ParseError(NpyFile(dictionary, data)), "") << dictionary;
  }
}

TEST(ArrayFile, NamesElementTypesItLacks) {
  struct Case {
    const char* descr;
    const char* name;
    std::size_t size;
  };
  for (const Case& c : std::vector<Case>{{"<f8", "float64", 8},
                                         {">f4", "big-endian float32", 4},
                                         {"<i2", "int16", 2},
                                         {"<u2", "uint16", 2},
                                         {"<u4", "uint32", 4},
                                         {"<u8", "uint64", 8},
                                         {"<f16", "longdouble", 16},
                                         {"<c8", "complex64", 8},
                                         {"<c16", "complex128", 16},
                                         {"<c32", "clongdouble", 32},
                                         {"<M8[ns]", "datetime64", 8},
                                         {"<m8[D]", "timedelta64", 8},
                                         {"<U5", "str", 20},
                                         {"|S3", "bytes", 3},
                                         {"|V7", "void", 7},
                                         {">c16", "big-endian complex128", 16},
                                         {">i8", "big-endian int64", 8}}) {
    const std::string file = NpyFile(Dictionary(c.descr, "(2,)"), std::string(2 * c.size, 'x'));
    strata_array array;
    char error[STRATA_ERROR_SIZE] = "";
    ASSERT_TRUE(strata_array_parse("a.npy", file.data(), file.size(), &array, error, sizeof error)) << error;
    EXPECT_EQ(array.dtype, STRATA_OTHER_DTYPE) << c.descr;
    EXPECT_STREQ(array.dtype_name, c.name);
    EXPECT_EQ(array.bytes, static_cast<std::int64_t>(2 * c.size));
  }
}

TEST(ArrayFile, ReadsBfloat16AsMlDtypesWritesIt) {
  const std::string file = NpyFile(Dictionary("<V2", "(2,)"), "abcd");
  strata_array array;
  ASSERT_TRUE(strata_array_parse("a.npy", file.data(), file.size(), &array, nullptr, 0));
  EXPECT_EQ(array.dtype, STRATA_BF16);
}

TEST(ArrayFile, ErrorTexts) {
  const std::string data = Bytes<float>({1, 2, 3, 4, 5, 6});
  const auto f4 = [&](const std::string& shape) { return NpyFile(Dictionary("<f4", shape), data); };
  const auto raw = [&](const std::string& dictionary) { return NpyFile(dictionary, data); };
  struct Case {
    std::string bytes;
    const char* error;
  };
  const std::string digits = NpyFile(Dictionary("<f4", "(360, 8, 8, 1)"), std::string(512, '\0'));
  std::string many = "(";
  for (int i = 0; i < 33; ++i) many += "1, ";
  for (const Case& c : std::vector<Case>{
           {"", "`images.npy` is empty, expected an npy file"},
           {"hello, world\n", "`images.npy` is not an npy file: it begins with \"hello,\", expected \"\\x93NUMPY\""},
           {"\n\x01", "`images.npy` is not an npy file: it begins with \"..\", expected \"\\x93NUMPY\""},
           {std::string("PK\x03\x04\x14\0\0\0", 8),
            "`images.npy` is an npz archive, expected an npy file: save each array with numpy.save"},
           {"\x93NUM", "`images.npy` is cut short: it ends after 4 bytes, inside its header"},
           {std::string("\x93NUMPY\x01", 7), "`images.npy` is cut short: it ends after 7 bytes, inside its header"},
           {kSmall.substr(0, 40), "`images.npy` is cut short: it ends after 40 bytes, inside its header"},
           {digits, "`images.npy` is cut short: its header promises 92160 bytes of data, 512 are there"},
           {kSmall + "!", "`images.npy` goes on after its data: its header promises 24 bytes of data, 25 are there"},
           {NpyFile("", "", 4), "`images.npy` has npy version 4.0, expected 1.0, 2.0 or 3.0"},
           {NpyFile("", "", 0), "`images.npy` has npy version 0.0, expected 1.0, 2.0 or 3.0"},
           {std::string("\x93NUMPY\x01\x07\0\0", 10), "`images.npy` has npy version 1.7, expected 1.0, 2.0 or 3.0"},
           {std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12),
            "`images.npy` has an absurd header of 4294967295 bytes, expected at most 16384"},
           {NpyFile(Dictionary("<f4", "(3, 2)", true), data),
            "`images.npy` is in Fortran order: save it with numpy.ascontiguousarray(array)"},
           {NpyFile(Dictionary("|O", "(2,)"), data),
            "`images.npy` holds Python objects, expected numbers: convert them with array.astype"},
           {raw("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"),
            "`images.npy` holds records, expected numbers: save each field as an array of its own"},
           {NpyFile(Dictionary("<q9", "(6,)"), data),
            "`images.npy` has elements of the unknown type <q9, expected float32, float16, int8, uint8, int32, int64 "
            "or "
            "bool"},
           {NpyFile(Dictionary("", "(6,)"), data),
            "`images.npy` has elements of the unknown type , expected float32, float16, int8, uint8, int32, int64 or "
            "bool"},
           {NpyFile(Dictionary("<f4x", "(6,)"), data),
            "`images.npy` has elements of the unknown type <f4x, expected float32, float16, int8, uint8, int32, int64 "
            "or bool"},
           {NpyFile(Dictionary("|b1", "(2,)"), "\x01\x02"), "`images.npy` has a bool of value 2, expected 0 or 1"},
           {f4("(-1, 2)"), "`images.npy` has a size of -1 in its shape, expected 0 to 9223372036854775807"},
           {f4("(9223372036854775808,)"),
            "`images.npy` has a size of 9223372036854775808 in its shape, expected 0 to 9223372036854775807"},
           {f4("(99999999999999999999999999999999999999,)"),
            "`images.npy` has a size of 99999999999999999999999999999999 in its shape, expected 0 to "
            "9223372036854775807"},
           {f4("(9223372036854775807, 8)"),
            "`images.npy` has the absurd shape [9223372036854775807, 8]: its bytes cannot be counted in 64 bits"},
           {f4("(4611686018427387904,)"),
            "`images.npy` has the absurd shape [4611686018427387904]: its bytes cannot be counted in 64 bits"},
           {f4("(9223372036854775807, 0)"),
            "`images.npy` goes on after its data: its header promises 0 bytes of data, 24 are there"},
           {f4(many + ")"), "`images.npy` has more than 32 axes, expected at most 32"},
           {f4("3"), "`images.npy` has a damaged header: got 3, }., expected a tuple of sizes"},
           {f4("(3, two)"), "`images.npy` has a damaged header: got two), }., expected a size of the shape"},
           {f4("(3 2)"), "`images.npy` has a damaged header: got 2), }., expected a comma or a closing parenthesis"},
           {f4("(3, 2"), "`images.npy` has a damaged header: got }., expected a size of the shape"},
           {raw(""), "`images.npy` has a damaged header: it ends, expected a dictionary"},
           {raw("[]"), "`images.npy` has a damaged header: got [], expected a dictionary"},
           {raw("{}"), "`images.npy` has a damaged header: there is no 'descr'"},
           {raw("{'descr': '<f4', 'shape': (6,)}"), "`images.npy` has a damaged header: there is no 'fortran_order'"},
           {raw("{'descr': '<f4', 'fortran_order': False}"), "`images.npy` has a damaged header: there is no 'shape'"},
           {raw("{'descr': '<f4', 'descr': '<f4'}"), "`images.npy` has a damaged header: 'descr' is there twice"},
           {raw("{'colour': 3}"),
            "`images.npy` has a damaged header: got 'colour': 3}, expected 'descr', 'fortran_order' or 'shape'"},
           {raw("{descr: 3}"),
            "`images.npy` has a damaged header: got descr: 3}, expected 'descr', 'fortran_order' or 'shape'"},
           {raw("{'descr"),
            "`images.npy` has a damaged header: got 'descr, expected 'descr', 'fortran_order' or 'shape'"},
           {raw("{'descr' '<f4'}"), "`images.npy` has a damaged header: got '<f4'}, expected a colon"},
           {raw("{'descr': 4}"), "`images.npy` has a damaged header: got 4}, expected an element type such as '<f4'"},
           {raw("{'descr': '<f4' 'shape': (6,)}"),
            "`images.npy` has a damaged header: got 'shape': (6,)}, expected a comma or a closing brace"},
           {raw("{'fortran_order': Maybe}"), "`images.npy` has a damaged header: got Maybe}, expected True or False"},
           {raw("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} or so"),
            "`images.npy` has a damaged header: got or so, expected nothing after the dictionary"},
       }) {
    EXPECT_EQ(ParseError(c.bytes), c.error);
  }
}

TEST(ArrayFile, FilesThatAreNone) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "empty.npy", "");
  WriteBytes(directory / "cut.npy", NpyFile(Dictionary("<f4", "(360, 8, 8, 1)"), std::string(512, '\0')));
  WriteBytes(directory / "long.npy", kSmall + "more");
  WriteBytes(directory / "bool.npy", NpyFile(Dictionary("|b1", "(1,)"), "\x07"));
  WriteBytes(directory / "vast.npy", NpyFile(Dictionary("<f4", "(1152921504606846976,)"), "1234"));
  mkdir((directory / "folder").c_str(), 0777);
  EXPECT_EQ(ReadError(directory, "none.npy"), "`none.npy` does not exist");
  EXPECT_EQ(ReadError(directory, "folder"), "`folder` is a directory, expected an npy file");
  EXPECT_EQ(ReadError(directory, "empty.npy"), "`empty.npy` is empty, expected an npy file");
  EXPECT_EQ(ReadError(directory, "empty.npy/a.npy"), "cannot open `empty.npy/a.npy`: not a directory");
  EXPECT_EQ(ReadError(directory, "cut.npy"),
            "`cut.npy` is cut short: its header promises 92160 bytes of data, 512 are there");
  EXPECT_EQ(ReadError(directory, "long.npy"),
            "`long.npy` goes on after its data: its header promises 24 bytes of data, 28 are there");
  EXPECT_EQ(ReadError(directory, "bool.npy"), "`bool.npy` has a bool of value 7, expected 0 or 1");
  EXPECT_EQ(ReadError(directory, "vast.npy"),
            "`vast.npy` is cut short: its header promises 4611686018427387904 bytes of data, 4 are there");
}

TEST(ArrayFile, AnErrorIsOneLineWhateverTheNameAndFitsItsBuffer) {
  strata_array array;
  char error[16] = "";
  EXPECT_FALSE(strata_array_read("/no\nwhere/\x1b[1m.npy", &array, error, sizeof error));
  EXPECT_STREQ(error, "`/no?where/?[1m");
  EXPECT_FALSE(strata_array_read("/nowhere", &array, nullptr, 0));
}

TEST(ArrayFile, EveryTruncationIsAnError) {
  const TemporaryDirectory directory;
  ASSERT_EQ(ParseError(kSmall), "");
  for (std::size_t size = 0; size < kSmall.size(); ++size) {
    const std::string bytes = kSmall.substr(0, size);
    const std::string error = ParseError(bytes);
    ExpectOneLine(error);
    EXPECT_NE(error.find(size == 0 ? "empty" : "cut short"), std::string::npos) << error;
    WriteBytes(directory / "images.npy", bytes);
    EXPECT_EQ(ReadError(directory, "images.npy"), error);
  }
}

TEST(ArrayFile, MutatedBytesNeverCrash) {
  const TemporaryDirectory directory;
  std::mt19937 random(20240817);
  const std::vector<std::string> seeds = {kSmall, NpyFile(Dictionary("|b1", "(5,)"), std::string(5, '\1')),
                                          NpyFile(Dictionary("<f8", "(1, 1, 2)"), "0123456789abcdef", 2),
                                          NpyFile(Dictionary("<U1", "()"), "abcd", 3)};
  const std::string likely = "{}[]()'\",:<>|=-+0123456789 \nLfiubVOTrueFalse";
  int failures = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = likely[random() % likely.size()]; break;
        case 2: bytes.erase(at, 1 + random() % 3); break;
        case 3: bytes.insert(at, 1 + random() % 3, likely[random() % likely.size()]); break;
      }
      if (bytes.empty()) break;
    }
    const std::string error = ParseError(bytes);
    if (error.empty()) continue;
    ++failures;
    ExpectOneLine(error);
    if (round % 20 != 0) continue;
    WriteBytes(directory / "images.npy", bytes);
    EXPECT_EQ(ReadError(directory, "images.npy"), error);
  }
  EXPECT_GT(failures, 10000);
}

TEST(ArrayFile, ReadsStandardInput) {
  const TemporaryDirectory directory;
  std::vector<float> values(3 * 1024 * 1024 / 4 + 1);  // more than two steps of a growing buffer
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::string shape = "(" + std::to_string(values.size()) + ",)";
  const std::string file = NpyFile(Dictionary("<f4", shape), Bytes(values));
  WriteBytes(directory / "in.npy", file);
  WriteBytes(directory / "cut.npy", file.substr(0, file.size() - 1));
  WriteBytes(directory / "long.npy", file + "x");
  WriteBytes(directory / "tail.npy", kSmall + "x");
  WriteBytes(directory / "vast.npy", NpyFile(Dictionary("<f4", "(1152921504606846976,)"), "1234"));
  strata_array array;
  char error[STRATA_ERROR_SIZE] = "";
  {
    const StandardInputFrom input(directory / "in.npy");
    ASSERT_TRUE(strata_array_read("-", &array, error, sizeof error)) << error;
    ASSERT_EQ(array.bytes, static_cast<std::int64_t>(values.size() * 4));
    EXPECT_EQ(std::memcmp(array.data, values.data(), values.size() * 4), 0);
    strata_array_free(&array);
  }
  const std::string bytes = std::to_string(values.size() * 4);
  struct Case {
    const char* name;
    std::string error;
  };
  for (const Case& c : std::vector<Case>{
           {"cut.npy", "standard input is cut short: its header promises " + bytes + " bytes of data, " +
                           std::to_string(values.size() * 4 - 1) + " are there"},
           {"long.npy",
            "standard input goes on after its data: its header promises " + bytes + " bytes of data, more are there"},
           {"tail.npy", "standard input goes on after its data: its header promises 24 bytes of data, more are there"},
           {"vast.npy",
            "standard input is cut short: its header promises 4611686018427387904 bytes of data, 4 are there"},
           {".", "standard input is a directory, expected an npy file"},
       }) {
    const StandardInputFrom input(directory / c.name);
    EXPECT_FALSE(strata_array_read("-", &array, error, sizeof error));
    EXPECT_EQ(error, c.error);
  }
}

TEST(ArrayFile, ReadsAndWritesPipes) {
  const TemporaryDirectory directory;
  const std::string path = directory / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string data(200000, 'y');
  const strata_array written = ArrayOf(STRATA_U8, {200000}, data);
  std::thread writer([&] { EXPECT_TRUE(strata_array_write(&written, path.c_str(), nullptr, 0)); });
  strata_array read;
  char error[STRATA_ERROR_SIZE] = "";
  EXPECT_TRUE(strata_array_read(path.c_str(), &read, error, sizeof error)) << error;
  writer.join();
  EXPECT_EQ(read.bytes, 200000);
  strata_array_free(&read);
  EXPECT_EQ(directory.Names(), std::vector<std::string>{"pipe"});
}

TEST(ArrayFile, WriteErrors) {
  const TemporaryDirectory directory;
  mkdir((directory / "folder").c_str(), 0777);
  WriteBytes(directory / "file", "");
  const strata_array array = ArrayOf(STRATA_U8, {2}, kTwoBytes);
  const auto failure = [&](const std::string& path) {
    char error[STRATA_ERROR_SIZE] = "";
    EXPECT_FALSE(strata_array_write(&array, path.c_str(), error, sizeof error));
    return std::string(error);
  };
  EXPECT_EQ(failure(directory / "folder"),
            "cannot write `" + (directory / "folder") + "`: it is a directory, expected a file");
  EXPECT_EQ(failure(directory / "none/a.npy"),
            "cannot write `" + (directory / "none/a.npy") + "`: no such file or directory");
  EXPECT_EQ(failure(directory / "file/a.npy"), "cannot write `" + (directory / "file/a.npy") + "`: not a directory");
  EXPECT_EQ(failure("/dev/full"), "cannot write `/dev/full`: no space left on device");
  EXPECT_TRUE(strata_array_write(&array, "/dev/null", nullptr, 0));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_EQ(directory.Names().size(), 2U);
}

TEST(ArrayFile, AFullDiskLeavesTheOldFileAndNothingElse) {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.npy";
  WriteBytes(path, "old");
  const std::string data(4096, 'x');
  const strata_array array = ArrayOf(STRATA_U8, {4096}, data);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  char error[STRATA_ERROR_SIZE] = "";
  const bool written = strata_array_write(&array, path.c_str(), error, sizeof error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(written);
  EXPECT_EQ(error, "cannot write `" + path + "`: file too large");
  EXPECT_EQ(ReadBytes(path), "old");
  EXPECT_EQ(directory.Names(), std::vector<std::string>{"a.npy"});
}

TEST(ArrayFile, ReplacesWhatALinkPointsToAndKeepsItsMode) {
  const TemporaryDirectory directory;
  WriteBytes(directory / "real.npy", "old");
  ASSERT_EQ(chmod((directory / "real.npy").c_str(), 0640), 0);
  ASSERT_EQ(symlink("real.npy", (directory / "link.npy").c_str()), 0);
  const strata_array array = ArrayOf(STRATA_U8, {2}, kTwoBytes);
  ASSERT_TRUE(strata_array_write(&array, (directory / "link.npy").c_str(), nullptr, 0));
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link.npy"));
  EXPECT_EQ(ParseError(ReadBytes(directory / "real.npy")), "");
  struct stat facts = {};
  ASSERT_EQ(stat((directory / "real.npy").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0640U);
}

TEST(ArrayFile, WritesALongNameInTheWorkingDirectory) {
  const TemporaryDirectory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory / "");
  const strata_array array = ArrayOf(STRATA_U8, {2}, kTwoBytes);
  const std::string name = std::string(251, 'n') + ".npy";  // the longest a file system takes
  char error[STRATA_ERROR_SIZE] = "";
  EXPECT_TRUE(strata_array_write(&array, name.c_str(), error, sizeof error)) << error;
  std::filesystem::current_path(before);
  EXPECT_EQ(directory.Names(), std::vector<std::string>{name});
}

TEST(ArrayFile, StagedFilesAppearTogetherOrNotAtAll) {
  const TemporaryDirectory directory;
  const strata_array array = ArrayOf(STRATA_U8, {2}, kTwoBytes);
  const std::string a_path = directory / "a.npy";
  const std::string b_path = directory / "b.npy";
  strata_array_output a = {.array = &array, .path = a_path.c_str(), .target = nullptr, .temporary = nullptr};
  strata_array_output b = {.array = &array, .path = b_path.c_str(), .target = nullptr, .temporary = nullptr};
  ASSERT_TRUE(strata_array_stage(&a, nullptr, 0));
  ASSERT_TRUE(strata_array_stage(&b, nullptr, 0));
  EXPECT_FALSE(std::filesystem::exists(a_path));
  EXPECT_FALSE(std::filesystem::exists(b_path));
  ASSERT_TRUE(strata_array_commit(&a, nullptr, 0));
  strata_array_discard(&a);
  strata_array_discard(&b);
  EXPECT_EQ(directory.Names(), std::vector<std::string>{"a.npy"});
}

}  // namespace
}  // namespace strata::testing
