#include "compiler/schedule/schedule.h"

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
  std::visit(Overloaded{[&](const Nest& nest) {
                          add_all(nest.reads);
                          buffers.insert(nest.write.buffer);
                        },
                        [&](const Pool& pool) {
                          buffers.insert({pool.input.buffer, pool.output.buffer});
                          add_all(pool.epilogue.reads);
                        },
                        [&](const auto& product) {  // Tile, Depthwise
                          buffers.insert({product.input.buffer, product.output.buffer, product.weights});
                          add_all(product.epilogue.reads);
                        }},
             step.kernel);
  return buffers;
}

int WrittenBuffer(const Step& step) {
  return std::visit(Overloaded{[](const Nest& nest) { return nest.write.buffer; },
                               [](const auto& other) { return other.output.buffer; }},
                    step.kernel);
}

std::vector<float> PackedConstant::Pack() const {
  const std::vector<float>& data = literal->data;
  if (!panels) return data;
  const int64_t columns = literal->sizes.back();
  const int64_t rows = static_cast<int64_t>(data.size()) / columns;
  const int64_t channels = columns / groups;
  const int64_t group_panels = (channels + panel_width - 1) / panel_width;
  std::vector<float> packed(static_cast<size_t>(groups * group_panels * rows * panel_width), 0.0F);
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      const int64_t panel = group * group_panels + channel / panel_width;
      for (int64_t row = 0; row < rows; ++row) {
        packed[static_cast<size_t>((panel * rows + row) * panel_width + channel % panel_width)] =
            data[static_cast<size_t>(row * columns + group * channels + channel)];
      }
    }
  }
  return packed;
}

}  // namespace strata
