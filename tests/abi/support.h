// Models built by the compiler under test, and programs around them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/strata.h"

namespace strata::testing {

// A new folder, removed at the end with all that is in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& Path() const { return path_; }
  // The path of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string ReadFile(const std::string& path);

// Runs a program found in PATH. Fails the test, with its messages, unless it ends with status 0; returns what it
// prints.
std::string Succeed(const std::vector<std::string>& arguments, const std::string& folder = ".");

inline const std::string kDigits = "examples/digits/digits.strata";
inline const std::string kLayers = "tests/abi/layers.strata";  // has no weights file

inline const std::vector<std::string> kTargets = {"avx2", "avx512"};
bool ProcessorRuns(const std::string& target);

// `strata build` of a model file; gives all of them but digits seeded weights.
void Build(const std::string& file, const std::string& emit, const std::string& output,
           const std::vector<std::string>& more = {});

// A model in this process.
class LoadedModel {
 public:
  // Builds a shared library from a model file and loads it.
  LoadedModel(const std::string& file, const std::string& target);
  ~LoadedModel();
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  // The only symbol of all these models is the batch.
  const strata_model& Descriptor() const { return *model_; }
  // Elements of each input, then of each output.
  std::vector<int64_t> Elements(int64_t batch) const;
  int32_t Run(int64_t batch, const std::vector<const void*>& inputs, const std::vector<void*>& outputs, void* workspace,
              const strata_parallel* parallel = nullptr) const;

 private:
  Folder folder_;
  void* library_ = nullptr;
  const strata_model* model_ = nullptr;
};

}  // namespace strata::testing
