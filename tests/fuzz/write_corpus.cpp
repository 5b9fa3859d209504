// Writes every program of the repository as a file of its own, for the fuzzer to start from: write_corpus FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/programs.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_corpus FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  size_t number = 0;
  for (const strata::testing::Program& program : strata::testing::AllPrograms()) {
    std::ofstream(folder / std::to_string(number++), std::ios::binary) << program.text;
  }
  return 0;
}
