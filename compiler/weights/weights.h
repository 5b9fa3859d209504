// Weights files: reading them, and matching their tensors with what a network needs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/source/diagnostics.h"

namespace strata {

// A file's tensors. Headers are read at once, elements on demand.
class WeightsFile {
 public:
  struct Entry {
    std::string name;
    std::string dtype;  // the file's word for it: "F32"
    std::vector<int64_t> sizes;
    int64_t bytes = 0;        // that its elements take in the file, unpacked
    bool is_readable = true;  // its elements have float32 equals
    std::string fault = {};   // why it cannot be read although they have: the end of a sentence. Empty: nothing says so
  };

  virtual ~WeightsFile() = default;
  const std::vector<Entry>& Entries() const { return entries_; }
  // How many tensors are not among the entries, for only training needs them: an optimizer's.
  size_t TrainingTensors() const { return training_tensors_; }
  // Whether layers have no names of their own there: they are called after their classes and counted in the order of
  // Keras' model.layers.
  bool CallsLayersByClass() const { return calls_layers_by_class_; }
  // What is wrong with the elements of entry `index`, where only reading all of them tells (an archive's checksum): the
  // end of a sentence, "it is cut short: ...". Empty: nothing. BindWeights asks for each entry it binds.
  virtual std::string Damage(size_t /*index*/) const { return {}; }
  // The elements of entry `index`, which has no damage, as float32, row-major. Not for several threads at once.
  virtual std::vector<float> Read(size_t index) const = 0;

 protected:
  std::vector<Entry> entries_;
  size_t training_tensors_ = 0;
  bool calls_layers_by_class_ = false;
};

struct OpenOptions {
  Severity if_missing = Severity::Error;  // `check` warns
  // The file is one that a model needs: where it is missing, `--random-weights` does for a trial.
  bool is_for_model = true;
};

// Opens a .safetensors, .npz, .keras or HDF5 file, told apart by their first bytes, or a folder of .npy files. Reports
// what is wrong (missing, cut short, absurd header) at `span`, the place that names the file (it may be invalid: the
// command line), and returns null.
std::shared_ptr<const WeightsFile> OpenWeightsFile(const std::string& path, Span span, Diagnostics& diagnostics,
                                                   const OpenOptions& options = {});

// The float32 elements for each of a network's weights, by path, in the order the layer stores them.
class BoundWeights {
 public:
  using Loader = std::function<std::vector<float>()>;
  std::vector<float> Load(const std::string& path) const;  // the path must be one of the network's
  void Bind(std::string path, Loader loader);

 private:
  std::vector<std::pair<std::string, Loader>> loaders_;  // sorted by path
};

// Reports what is wrong with the `weights` block whatever a file holds: a path that is no weight's, one mapped twice,
// an order of axes that is none of its weight's. BindWeights does so itself; this is for `check` without a file.
void CheckWeightsBlock(const Network& network, Diagnostics& diagnostics);

struct BindOptions {
  // `check` reads headers alone.
  bool read_elements = true;
};

// Matches each weight of the network with a tensor: by the `weights` block, by path, after dropping one common first
// component, behind the names of nested models, or where Keras chose the names by class and rank, which is reported
// (docs/weights.md). Reports every missing, extra or wrongly shaped tensor, with the expected shape, the nearest name and,
// where one fits, the permutation. `path` names the file; where it is not the program's own (`--weights`), what concerns the
// file has no place. Returns nothing where there was an error.
std::optional<BoundWeights> BindWeights(const Network& network, std::shared_ptr<const WeightsFile> file,
                                        const std::string& path, Diagnostics& diagnostics,
                                        const BindOptions& options = {});

// Seeded values scaled as the initializers would: for trying a model out before it is trained. Deterministic across
// machines.
BoundWeights RandomWeights(const Network& network, uint64_t seed);

}  // namespace strata
