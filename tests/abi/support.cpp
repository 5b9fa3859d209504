#include "tests/abi/support.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/process.h"

namespace strata::testing {

Folder::Folder() : path_((std::filesystem::temp_directory_path() / "strata-abi.XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder for temporary files");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::Write(const std::string& name, const std::string& text) const {
  std::ofstream(*this / name, std::ios::binary) << text;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Succeed(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> words = {"/usr/bin/env"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const ProcessResult result = RunProcess({.arguments = words, .directory = folder});
  std::string command;
  for (const std::string& argument : arguments) command += argument + " ";
  EXPECT_EQ(result.status, 0) << command << "\n" << result.errors;
  return result.output;
}

bool ProcessorRuns(const std::string& target) {
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (target == "avx2") return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

void Build(const std::string& file, const std::string& emit, const std::string& output,
           const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {StrataProgram(), "build", file, "--emit=" + emit, "-o", output};
  if (file != kDigits) arguments.push_back("--random-weights=1");
  arguments.insert(arguments.end(), more.begin(), more.end());
  Succeed(arguments);
}

LoadedModel::LoadedModel(const std::string& file, const std::string& target) {
  Build(file, "shared", folder_ / "model.so", {"--target=" + target});
  library_ = dlopen((folder_ / "model.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  const std::string symbol = std::filesystem::path(file).stem().string() + "_model";
  model_ = static_cast<const strata_model*>(dlsym(library_, symbol.c_str()));
  if (model_ == nullptr) throw std::runtime_error(dlerror());
}

LoadedModel::~LoadedModel() {
  if (library_ != nullptr) dlclose(library_);
}

std::vector<int64_t> LoadedModel::Elements(int64_t batch) const {
  std::vector<strata_tensor> tensors(model_->inputs, model_->inputs + model_->input_count);
  tensors.insert(tensors.end(), model_->outputs, model_->outputs + model_->output_count);
  size_t rank = 0;
  for (const strata_tensor& tensor : tensors) rank += static_cast<size_t>(tensor.rank);
  std::vector<int64_t> sizes(rank);
  EXPECT_EQ(model_->sizes(&batch, sizes.data()), STRATA_OK);
  std::vector<int64_t> elements;
  size_t axis = 0;
  for (const strata_tensor& tensor : tensors) {
    int64_t count = 1;
    for (int32_t k = 0; k < tensor.rank; ++k) count *= sizes[axis++];
    elements.push_back(count);
  }
  return elements;
}

int32_t LoadedModel::Run(int64_t batch, const std::vector<const void*>& inputs, const std::vector<void*>& outputs,
                         void* workspace, const strata_parallel* parallel) const {
  return model_->run(&batch, inputs.data(), outputs.data(), workspace, parallel);
}

}  // namespace strata::testing
