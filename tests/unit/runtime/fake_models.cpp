#include "tests/unit/runtime/fake_models.h"

#include <cstring>
#include <string>

namespace strata::testing {

FakeBehaviour fake_behaviour;

namespace {

constexpr std::int32_t kOddGuard = STRATA_FIRST_GUARD;

const char* const kSymbols[] = {"batch", "H"};

const strata_axis kBatch = {.name = "batch", .text = "batch", .size = 0, .symbol = 0};

const strata_axis kPairs[] = {kBatch, {.name = "", .text = "2", .size = 2, .symbol = STRATA_FIXED}};
const strata_tensor kX[] = {{.name = "x", .axes = kPairs, .rank = 2, .dtype = STRATA_F32}};
const strata_tensor kY[] = {{.name = "y", .axes = kPairs, .rank = 2, .dtype = STRATA_F32}};

const strata_axis kImageAxes[] = {kBatch,
                                  {.name = "height", .text = "8", .size = 8, .symbol = STRATA_FIXED},
                                  {.name = "width", .text = "8", .size = 8, .symbol = STRATA_FIXED},
                                  {.name = "channels", .text = "1", .size = 1, .symbol = STRATA_FIXED}};
const strata_axis kProbsAxes[] = {kBatch, {.name = "classes", .text = "10", .size = 10, .symbol = STRATA_FIXED}};
const strata_tensor kImage[] = {{.name = "image", .axes = kImageAxes, .rank = 4, .dtype = STRATA_F32}};
const strata_tensor kProbs[] = {{.name = "probs", .axes = kProbsAxes, .rank = 2, .dtype = STRATA_F32}};

const strata_axis kSquareAxes[] = {kBatch,
                                   {.name = "height", .text = "H", .size = 0, .symbol = 1},
                                   {.name = "width", .text = "H", .size = 0, .symbol = 1}};
const strata_axis kHalfAxes[] = {kBatch, {.name = "rows", .text = "H / 2", .size = 0, .symbol = STRATA_COMPUTED}};
const strata_tensor kPairInputs[] = {{.name = "img", .axes = kSquareAxes, .rank = 3, .dtype = STRATA_U8},
                                     {.name = "half", .axes = kHalfAxes, .rank = 2, .dtype = STRATA_I32}};
const strata_tensor kPairOutputs[] = {{.name = "total", .axes = &kBatch, .rank = 1, .dtype = STRATA_I64},
                                      {.name = "first", .axes = &kBatch, .rank = 1, .dtype = STRATA_U8}};

std::int64_t OutputBatch(const std::int64_t* symbols) {
  return fake_behaviour.output_batch < 0 ? symbols[0] : fake_behaviour.output_batch;
}

std::int64_t WorkspaceSize(const std::int64_t*) { return fake_behaviour.workspace_size; }

std::int32_t Start(void* workspace) {
  ++fake_behaviour.runs;
  if (fake_behaviour.workspace_size > 0) {
    std::memset(workspace, 0xff, static_cast<std::size_t>(fake_behaviour.workspace_size));
  }
  return reinterpret_cast<std::uintptr_t>(workspace) % 128 == 0 ? fake_behaviour.run_code : STRATA_MISALIGNED;
}

std::int64_t ErrorTextFor(std::int32_t code, const std::int64_t* symbols, char* buffer, std::int64_t size) {
  const std::string height = symbols == nullptr ? "H" : "H = " + std::to_string(symbols[1]);
  const std::string text = code == kOddGuard         ? height + ": `half` needs H % 2 == 0"
                           : code == STRATA_BAD_SIZE ? "a size overflows 64 bits"
                                                     : "code " + std::to_string(code);
  if (size > 0) {
    const std::size_t length = text.copy(buffer, static_cast<std::size_t>(size - 1));
    buffer[length] = '\0';
  }
  return static_cast<std::int64_t>(text.size());
}

std::int64_t ErrorText(std::int32_t code, char* buffer, std::int64_t size) {
  return ErrorTextFor(code, nullptr, buffer, size);
}

std::int32_t IdentitySizes(const std::int64_t* symbols, std::int64_t* sizes) {
  if (symbols[0] > INT64_MAX / 8) return STRATA_BAD_SIZE;
  const std::int64_t all[] = {symbols[0], 2, OutputBatch(symbols), 2};
  std::memcpy(sizes, all, sizeof all);
  return STRATA_OK;
}

std::int32_t IdentityRun(const std::int64_t* symbols, const void* const* inputs, void* const* outputs, void* workspace,
                         const strata_parallel*) {
  std::memcpy(outputs[0], inputs[0], static_cast<std::size_t>(symbols[0]) * 8);
  return Start(workspace);
}

std::int32_t DigitsSizes(const std::int64_t* symbols, std::int64_t* sizes) {
  const std::int64_t all[] = {symbols[0], 8, 8, 1, OutputBatch(symbols), 10};
  std::memcpy(sizes, all, sizeof all);
  return STRATA_OK;
}

std::int32_t DigitsRun(const std::int64_t* symbols, const void* const* inputs, void* const* outputs, void* workspace,
                       const strata_parallel*) {
  for (std::int64_t i = 0; i < symbols[0]; ++i) {
    std::memcpy(static_cast<float*>(outputs[0]) + 10 * i, static_cast<const float*>(inputs[0]) + 64 * i, 40);
  }
  return Start(workspace);
}

std::int32_t PairSizes(const std::int64_t* symbols, std::int64_t* sizes) {
  if (symbols[1] % 2 != 0) return kOddGuard;
  const std::int64_t all[] = {symbols[0], symbols[1], symbols[1], symbols[0], symbols[1] / 2, symbols[0], symbols[0]};
  std::memcpy(sizes, all, sizeof all);
  return STRATA_OK;
}

std::int32_t PairRun(const std::int64_t* symbols, const void* const* inputs, void* const* outputs, void* workspace,
                     const strata_parallel*) {
  const std::int64_t pixels = symbols[1] * symbols[1];
  const std::int64_t rows = symbols[1] / 2;
  for (std::int64_t i = 0; i < symbols[0]; ++i) {
    const auto* img = static_cast<const std::uint8_t*>(inputs[0]) + i * pixels;
    const auto* half = static_cast<const std::int32_t*>(inputs[1]) + i * rows;
    std::int64_t total = 0;
    for (std::int64_t j = 0; j < pixels; ++j) total += img[j];
    for (std::int64_t j = 0; j < rows; ++j) total += half[j];
    static_cast<std::int64_t*>(outputs[0])[i] = total;
    static_cast<std::uint8_t*>(outputs[1])[i] = img[0];
  }
  return Start(workspace);
}

}  // namespace

const strata_model kIdentity = {.abi_version = STRATA_ABI_VERSION,
                                .alignment = 128,
                                .name = "identity",
                                .doc = "",
                                .source = "identity.strata",
                                .target = "avx2",
                                .symbol_count = 1,
                                .input_count = 1,
                                .output_count = 1,
                                .symbols = kSymbols,
                                .inputs = kX,
                                .outputs = kY,
                                .sizes = IdentitySizes,
                                .workspace_size = WorkspaceSize,
                                .run = IdentityRun,
                                .error_text = ErrorText,
                                .error_text_for = ErrorTextFor};

const strata_model kDigits = {.abi_version = STRATA_ABI_VERSION,
                              .alignment = 128,
                              .name = "digits",
                              .doc = "Digits, 8x8 grey images, ten classes.",
                              .source = "examples/digits/digits.strata",
                              .target = "avx512",
                              .symbol_count = 1,
                              .input_count = 1,
                              .output_count = 1,
                              .symbols = kSymbols,
                              .inputs = kImage,
                              .outputs = kProbs,
                              .sizes = DigitsSizes,
                              .workspace_size = WorkspaceSize,
                              .run = DigitsRun,
                              .error_text = ErrorText,
                              .error_text_for = ErrorTextFor};

const strata_model kPair = {.abi_version = STRATA_ABI_VERSION,
                            .alignment = 128,
                            .name = "pair",
                            .doc = "",
                            .source = "pair.strata",
                            .target = "avx2",
                            .symbol_count = 2,
                            .input_count = 2,
                            .output_count = 2,
                            .symbols = kSymbols,
                            .inputs = kPairInputs,
                            .outputs = kPairOutputs,
                            .sizes = PairSizes,
                            .workspace_size = WorkspaceSize,
                            .run = PairRun,
                            .error_text = ErrorText,
                            .error_text_for = ErrorTextFor};

}  // namespace strata::testing
