#include "compiler/measure/caller.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "compiler/shape/dtype.h"

namespace strata {

namespace {

// Of a symbolic size that is neither the batch nor given.
constexpr int64_t kUsualSize = 128;

}  // namespace

SymbolSizes SizesOf(const strata_model& model, int64_t batch, const SymbolSizes& given) {
  SymbolSizes sizes;
  for (int k = 0; k < model.symbol_count; ++k) sizes[model.symbols[k]] = kUsualSize;
  for (int k = 0; k < model.input_count; ++k) {
    if (model.inputs[k].axes[0].symbol >= 0) sizes[model.symbols[model.inputs[k].axes[0].symbol]] = batch;
  }
  for (const auto& [name, size] : given) sizes[name] = size;
  return sizes;
}

int64_t Evaluate(const Dim& dim, const SymbolSizes& symbols) {
  const auto value = dim.Evaluate([&](std::string_view name) -> std::optional<int64_t> {
    const auto found = symbols.find(name);
    return found == symbols.end() ? std::nullopt : std::optional(found->second);
  });
  return value.value_or(0);
}

Block NewBlock(int64_t bytes) {
  const size_t rounded = static_cast<size_t>((bytes + 63) / 64 * 64);
  return Block(std::aligned_alloc(64, std::max<size_t>(rounded, 64)));
}

Caller::Caller(const strata_model& model, const SymbolSizes& symbols) : model_(model) {
  for (int k = 0; k < model.symbol_count; ++k) symbols_.push_back(symbols.at(model.symbols[k]));
  size_t axes = 0;
  for (int k = 0; k < model.input_count; ++k) axes += static_cast<size_t>(model.inputs[k].rank);
  for (int k = 0; k < model.output_count; ++k) axes += static_cast<size_t>(model.outputs[k].rank);
  std::vector<int64_t> sizes(axes);
  workspace_bytes_ = model.workspace_size(symbols_.data());
  if (model.sizes(symbols_.data(), sizes.data()) != STRATA_OK || workspace_bytes_ < 0) return;
  workspace_ = NewBlock(workspace_bytes_);
  size_t axis = 0;
  std::minstd_rand generator(1);
  std::normal_distribution<float> values;
  const auto make = [&](const strata_tensor& tensor) {
    int64_t count = 1;
    for (int k = 0; k < tensor.rank; ++k) count *= sizes[axis++];
    const DType dtype = static_cast<DType>(tensor.dtype);
    const int64_t bytes = count * Bytes(dtype);
    array_bytes_ += bytes;
    Block block = NewBlock(bytes);
    if (block != nullptr && dtype == DType::F32) {
      std::generate_n(static_cast<float*>(block.get()), count, [&] { return values(generator); });
    } else if (block != nullptr) {
      std::memset(block.get(), 0, static_cast<size_t>(bytes));
    }
    arrays_.push_back(std::move(block));
    return arrays_.back().get();
  };
  for (int k = 0; k < model.input_count; ++k) inputs_.push_back(make(model.inputs[k]));
  for (int k = 0; k < model.output_count; ++k) outputs_.push_back(make(model.outputs[k]));
}

int32_t Caller::Run(const strata_parallel* parallel) {
  if (workspace_ == nullptr) return workspace_bytes_ < 0 ? static_cast<int32_t>(-workspace_bytes_) : STRATA_BAD_SIZE;
  return model_.run(symbols_.data(), inputs_.data(), outputs_.data(), workspace_.get(), parallel);
}

void Caller::ErrorText(int32_t code, char* text, int64_t size) const {
  model_.error_text_for(code, symbols_.data(), text, size);
}

}  // namespace strata
