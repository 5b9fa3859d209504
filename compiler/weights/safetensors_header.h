// The JSON header of a safetensors file: {"conv2d/kernel": {"dtype": "F32", "shape": [3, 3, 1, 16],
// "data_offsets": [64, 640]}, ...}. Source: https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::weights {

struct SafetensorsTensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> sizes;
  // The bytes [begin, end) behind the header, as the header says.
  int64_t begin = 0;
  int64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsTensor> tensors;  // in the header's order; names may repeat
  // Where the header is wrong: the tensor it concerns, if any, and the end of a sentence.
  std::optional<std::string> wrong_tensor;
  std::string error;
};

// Reads the header's text in one pass that stops at the first fault and builds no tree, so that neither nesting nor
// length costs more than the text itself.
SafetensorsHeader ReadSafetensorsHeader(std::string_view text);

}  // namespace strata::weights
