#include "compiler/schedule/schedule.h"

#include <bit>
#include <cmath>

#include "compiler/schedule/overloaded.h"

namespace strata {

int64_t Tile::Depth() const {
  int64_t depth = run;
  for (const Segment& segment : segments) depth *= segment.count;
  return depth;
}

int64_t VectorsAtOnce(const Target& target, int64_t rows) {
  for (int64_t vectors : {8, 4, 2}) {
    // With one row a weight vector is used once: it is the FMA's memory operand and needs no register.
    const int64_t registers = rows * vectors + (rows == 1 ? 1 : vectors) + 1;
    if (registers <= target.registers && (vectors == 2 || rows * vectors <= 16)) return vectors;
  }
  return 1;
}

std::set<int> BuffersOf(const Step& step) {
  std::set<int> buffers;
  const auto add_all = [&](const std::vector<Access>& accesses) {
    for (const Access& access : accesses) buffers.insert(access.buffer);
  };
  std::visit(
      Overloaded{[&](const Nest& nest) {
                   add_all(nest.reads);
                   buffers.insert(nest.write.buffer);
                 },
                 [&](const Pool& pool) {
                   buffers.insert({pool.input.buffer, pool.output.buffer});
                   add_all(pool.epilogue.reads);
                 },
                 [&](const Prefix& prefix) { buffers.insert({prefix.input.buffer, prefix.output.buffer}); },
                 [&](const Resample& resample) {
                   buffers.insert(
                       {resample.input.buffer, resample.first.buffer, resample.count.buffer, resample.output.buffer});
                   if (resample.weights) buffers.insert(resample.weights->buffer);
                 },
                 [&](const Gather& gather) {
                   buffers.insert({gather.table.buffer, gather.indices.buffer, gather.output.buffer, gather.error});
                 },
                 [&](const Loop& loop) {
                   for (const Step& inner : loop.steps) buffers.merge(BuffersOf(inner));
                 },
                 [&](const auto& product) {  // Tile, Depthwise
                   buffers.insert({product.input.buffer, product.output.buffer, product.weights});
                   add_all(product.epilogue.reads);
                 }},
      step.kernel);
  return buffers;
}

std::string_view KernelName(const Step& step) {
  return std::visit(Overloaded{[](const Nest&) { return "nest"; }, [](const Tile&) { return "tile"; },
                               [](const Depthwise&) { return "depthwise"; }, [](const Pool&) { return "pool"; },
                               [](const Prefix&) { return "prefix"; }, [](const Resample&) { return "resample"; },
                               [](const Gather&) { return "gather"; }, [](const Loop&) { return "loop"; }},
                    step.kernel);
}

namespace {

// The bits of the f16 nearest to `value`.
uint32_t HalfBits(float value) {
  const uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  const float size = std::abs(value);
  if (std::isnan(value)) return sign | 0x7E00;
  if (size >= 65520) return sign | 0x7C00;
  if (size < 0x1p-14F) return sign | static_cast<uint32_t>(std::nearbyint(std::ldexp(size, 24)));
  int exponent = 0;
  const float fraction = std::frexp(size, &exponent);  // in [1/2, 1)
  // A fraction rounded up to 1 carries into the exponent.
  return sign | ((static_cast<uint32_t>(exponent + 14) << 10) +
                 static_cast<uint32_t>(std::nearbyint(std::ldexp(fraction, 11))) - 0x400);
}

// The bits of a float as it lies in memory.
uint32_t BitsOf(DType dtype, float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (dtype == DType::F16) return HalfBits(value);
  if (dtype != DType::BF16) return bits;
  if (std::isnan(value)) return bits >> 16 | 0x40;
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

// Calls `append(element)` for each element of the panels, in order; those beyond the channels are null.
template <typename Append>
void ForPanels(const PackedConstant& constant, const Append& append) {
  const int64_t columns = constant.literal->sizes.back();
  int64_t rows = 1;
  for (size_t axis = 0; axis + 1 < constant.literal->sizes.size(); ++axis) rows *= constant.literal->sizes[axis];
  const int64_t channels = columns / constant.groups;
  for (int64_t group = 0; group < constant.groups; ++group) {
    for (int64_t first = 0; first < channels; first += constant.panel_width) {
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t lane = first; lane < first + constant.panel_width; ++lane) {
          append(lane < channels ? std::optional(row * columns + group * channels + lane) : std::nullopt);
        }
      }
    }
  }
}

}  // namespace

std::string PackedConstant::Pack() const {
  std::string packed;
  packed.reserve(static_cast<size_t>(bytes));
  const auto append = [&](const void* element, size_t size) { packed.append(static_cast<const char*>(element), size); };
  if (panels) {
    const float zero = 0;
    ForPanels(*this, [&](std::optional<int64_t> element) {
      append(element ? &literal->data[static_cast<size_t>(*element)] : &zero, sizeof zero);
    });
    return packed;
  }
  const size_t size = static_cast<size_t>(strata::Bytes(literal->dtype));
  for (float value : literal->data) {
    const uint32_t bits = BitsOf(literal->dtype, value);
    append(&bits, size);
  }
  for (int64_t value : literal->integers) append(&value, size);
  return packed;
}

}  // namespace strata
