// Tile: the register-tiled kernel of Contract and Convolve.
//
// A tile holds rows x vectors accumulators in registers. For each element of the reduction it loads the weight vectors and
// then, row by row, splats one input element and multiplies it with each of them: in this order LLVM keeps everything in
// registers.
#include <algorithm>

#include "compiler/codegen/emitter.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

// One vector of output channels of a tile.
struct Vector {
  int64_t weights;  // offset in the weights, from the task's first panel
  int64_t channel;  // offset of the first channel, from the task's first
  int64_t lanes;    // how many lanes are channels
};

class TileEmitter {
 public:
  TileEmitter(Emitter& emitter, const Tile& tile) : emitter_(emitter), tile_(tile) {
    panel_elements_ = tile.Depth() * tile.panel_width;
    group_panels_ = tile.Panels();
    blocks_ = (group_panels_ + tile.panels - 1) / tile.panels;
  }

  void Emit(llvm::Value* begin, llvm::Value* end) {
    Values extents;
    llvm::Value* blocks = emitter_.Int(blocks_ * tile_.groups);
    if (tile_.channels_outer) extents.push_back(blocks);
    for (const Dim& extent : tile_.outer) extents.push_back(emitter_.Size(extent));
    extents.push_back(emitter_.Size(tile_.ColumnTiles()));
    if (!tile_.channels_outer) extents.push_back(blocks);
    const size_t first_outer = tile_.channels_outer ? 1 : 0;
    emitter_.ForPoints(extents, begin, end, [&](const Values& point) {
      outer_.assign(point.begin() + static_cast<std::ptrdiff_t>(first_outer),
                    point.begin() + static_cast<std::ptrdiff_t>(first_outer + tile_.outer.size()));
      EmitTask(tile_.channels_outer ? point.front() : point.back(), point[first_outer + tile_.outer.size()]);
    });
  }

 private:
  llvm::IRBuilder<>& ir() { return emitter_.ir(); }

  // Block of panels number `block`, column tile number `column_tile`.
  void EmitTask(llvm::Value* block, llvm::Value* column_tile) {
    llvm::Value* group = emitter_.Int(0);
    if (tile_.groups > 1) {
      group = ir().CreateUDiv(block, emitter_.Int(blocks_));
      block = ir().CreateURem(block, emitter_.Int(blocks_));
    }
    llvm::Value* panel = emitter_.Add(emitter_.Multiply(group, emitter_.Int(group_panels_)),
                                      emitter_.Multiply(block, emitter_.Int(tile_.panels)));
    weights_ = emitter_.Offset(emitter_.Buffer(tile_.weights), emitter_.Multiply(panel, emitter_.Int(panel_elements_)));
    for (size_t k = 0; k < tile_.weight_strides.size(); ++k) {
      weights_ = emitter_.Offset(weights_, emitter_.Multiply(outer_[k], emitter_.Size(tile_.weight_strides[k])));
    }
    channel_ = emitter_.Add(emitter_.Multiply(group, emitter_.Int(tile_.channels)),
                            emitter_.Multiply(block, emitter_.Int(tile_.panels * tile_.panel_width)));
    group_offset_ = emitter_.Multiply(group, emitter_.Int(tile_.group_stride));

    const int64_t block_channels = tile_.panels * tile_.panel_width;
    const int64_t last_channels = tile_.channels - (blocks_ - 1) * block_channels;
    const auto emit = [&](int64_t channels) {
      EmitColumnTile(emitter_, tile_.columns, tile_.rows, tile_.last_rows, column_tile,
                     [&](int64_t rows, llvm::Value* column) { EmitChannels(rows, column, channels); });
    };
    if (last_channels == block_channels) return emit(block_channels);
    if (blocks_ == 1) return emit(last_channels);
    emitter_.If(
        ir().CreateICmpSLT(block, emitter_.Int(blocks_ - 1)), [&] { emit(block_channels); },
        [&] { emit(last_channels); });
  }

  // All `channels` of the block for one tile of rows.
  void EmitChannels(int64_t rows, llvm::Value* column, int64_t channels) {
    const int64_t lanes = emitter_.lanes();
    const int64_t per_panel = tile_.panel_width / lanes;
    const int64_t at_once = VectorsAtOnce(emitter_.target(), rows);
    input_ = InputAddress(column);
    // Whole panels, as many at once as the vectors fill, in a loop; what is left in straight line.
    const int64_t panels_at_once = std::max<int64_t>(1, at_once / per_panel);
    const int64_t loops = channels / (panels_at_once * tile_.panel_width);
    const int64_t looped = loops * panels_at_once;
    emitter_.For(emitter_.Int(0), emitter_.Int(loops), 1, [&](llvm::Value* i) {
      llvm::Value* panel = emitter_.Multiply(i, emitter_.Int(panels_at_once));
      EmitVectors(rows, column, emitter_.Multiply(panel, emitter_.Int(panel_elements_)),
                  emitter_.Multiply(panel, emitter_.Int(tile_.panel_width)), Split(panels_at_once * tile_.panel_width),
                  at_once);
    });
    const int64_t rest = channels - looped * tile_.panel_width;
    if (rest > 0) {
      EmitVectors(rows, column, emitter_.Int(looped * panel_elements_), emitter_.Int(looped * tile_.panel_width),
                  Split(rest), at_once);
    }
  }

  // The vectors of `channels` channels that begin with a panel.
  std::vector<Vector> Split(int64_t channels) const {
    const int64_t lanes = emitter_.lanes();
    std::vector<Vector> vectors;
    for (int64_t channel = 0; channel < channels; channel += lanes) {
      vectors.push_back({.weights = channel / tile_.panel_width * panel_elements_ + channel % tile_.panel_width,
                         .channel = channel,
                         .lanes = std::min(lanes, channels - channel)});
    }
    return vectors;
  }

  void EmitVectors(int64_t rows, llvm::Value* column, llvm::Value* weights_offset, llvm::Value* channel_offset,
                   const std::vector<Vector>& vectors, int64_t at_once) {
    llvm::Value* weights = emitter_.Offset(weights_, weights_offset);
    llvm::Value* channel = emitter_.Add(channel_, channel_offset);
    for (size_t first = 0; first < vectors.size(); first += static_cast<size_t>(at_once)) {
      const size_t last = std::min(vectors.size(), first + static_cast<size_t>(at_once));
      EmitKernel(
          rows, column, weights, channel,
          {vectors.begin() + static_cast<std::ptrdiff_t>(first), vectors.begin() + static_cast<std::ptrdiff_t>(last)});
    }
  }

  llvm::Value* InputAddress(llvm::Value* column) {
    Values index = outer_;
    index.push_back(column);
    return emitter_.Offset(emitter_.Address(tile_.input, index), group_offset_);
  }

  // The product-sum of one register tile, and its epilogue.
  void EmitKernel(int64_t rows, llvm::Value* column, llvm::Value* weights, llvm::Value* channel,
                  const std::vector<Vector>& vectors) {
    rows_ = rows;
    vectors_ = vectors;
    const int64_t accumulators = rows * static_cast<int64_t>(vectors.size());
    // With few accumulators several sums run side by side, so that one FMA need not wait for the one before.
    ways_ = std::clamp<int64_t>(8 / accumulators, 1, std::min<int64_t>(4, tile_.run));
    unroll_ = std::max(ways_, std::clamp<int64_t>(16 / accumulators, 1, 4));
    Values sums(static_cast<size_t>(accumulators * ways_), emitter_.Splat(0.0));
    sums = EmitSegments(0, input_, weights, std::move(sums));
    // ((0 + 1) + (2 + 3))
    for (size_t ways = static_cast<size_t>(ways_); ways > 1; ways = (ways + 1) / 2) {
      const size_t half = (ways + 1) / 2;
      for (size_t way = 0; way + half < ways; ++way) {
        for (size_t k = 0; k < static_cast<size_t>(accumulators); ++k) {
          llvm::Value*& sum = sums[way * static_cast<size_t>(accumulators) + k];
          sum = ir().CreateFAdd(sum, sums[(way + half) * static_cast<size_t>(accumulators) + k]);
        }
      }
    }
    for (int64_t row = 0; row < rows; ++row) {
      for (size_t v = 0; v < vectors.size(); ++v) {
        llvm::Value* mask = emitter_.Mask(emitter_.Int(vectors[v].lanes));
        Values index = outer_;
        index.push_back(emitter_.Add(column, emitter_.Int(row)));
        index.push_back(emitter_.Add(channel, emitter_.Int(vectors[v].channel)));
        llvm::Value* sum = sums[static_cast<size_t>(row) * vectors.size() + v];
        llvm::Value* result = EmitEpilogue(emitter_, tile_.epilogue, sum, index, mask);
        emitter_.Store(result, tile_.output, index, mask);
      }
    }
  }

  // Loops over segments from number `k` on, then over the run.
  Values EmitSegments(size_t k, llvm::Value* input, llvm::Value* weights, Values sums) {
    if (k == tile_.segments.size()) return EmitRun(input, weights, std::move(sums));
    const Tile::Segment& segment = tile_.segments[k];
    int64_t inner = tile_.run * tile_.panel_width;
    for (size_t j = k + 1; j < tile_.segments.size(); ++j) inner *= tile_.segments[j].count;
    const auto body = [&](llvm::Value* i, const Values& carried) {
      return EmitSegments(k + 1, emitter_.Offset(input, emitter_.Multiply(i, emitter_.Size(segment.stride))),
                          emitter_.Offset(weights, emitter_.Multiply(i, emitter_.Int(inner))), carried);
    };
    if (!IsShort()) return emitter_.For(emitter_.Int(0), emitter_.Int(segment.count), 1, sums, body);
    for (int64_t i = 0; i < segment.count; ++i) sums = body(emitter_.Int(i), sums);
    return sums;
  }

  // Whether the whole reduction is so short that it needs no loop.
  bool IsShort() const { return tile_.Depth() * rows_ * static_cast<int64_t>(vectors_.size()) <= 512; }

  Values EmitRun(llvm::Value* input, llvm::Value* weights, Values sums) {
    const int64_t looped = IsShort() ? 0 : tile_.run / unroll_ * unroll_;
    sums =
        emitter_.For(emitter_.Int(0), emitter_.Int(looped), unroll_, sums, [&](llvm::Value* i, const Values& carried) {
          Values next = carried;
          for (int64_t u = 0; u < unroll_; ++u) EmitElement(input, weights, i, u, next);
          return next;
        });
    for (int64_t r = looped; r < tile_.run; ++r) EmitElement(input, weights, emitter_.Int(looped), r - looped, sums);
    return sums;
  }

  // Adds the product for element `base + u` of the run.
  void EmitElement(llvm::Value* input, llvm::Value* weights, llvm::Value* base, int64_t u, Values& sums) {
    const llvm::Align align(4);
    const llvm::Align vector_align(static_cast<uint64_t>(emitter_.lanes()) *
                                   4);  // panels are aligned, rows are vectors
    const int64_t column_stride = *tile_.input.strides.back().Constant();
    llvm::Value* element = emitter_.Offset(input, base);
    llvm::Value* panel_row = emitter_.Offset(weights, emitter_.Multiply(base, emitter_.Int(tile_.panel_width)));
    Values factors;
    for (const Vector& vector : vectors_) {
      llvm::Value* address = emitter_.Offset(panel_row, u * tile_.panel_width + vector.weights);
      factors.push_back(ir().CreateAlignedLoad(emitter_.VectorType(), address, vector_align));
    }
    const size_t way = static_cast<size_t>(u % ways_) * static_cast<size_t>(rows_) * vectors_.size();
    for (int64_t row = 0; row < rows_; ++row) {
      llvm::Value* address = emitter_.Offset(element, row * column_stride + u);
      llvm::Value* splat = emitter_.Splat(ir().CreateAlignedLoad(ir().getFloatTy(), address, align));
      for (size_t v = 0; v < vectors_.size(); ++v) {
        llvm::Value*& sum = sums[way + static_cast<size_t>(row) * vectors_.size() + v];
        sum = ir().CreateIntrinsic(llvm::Intrinsic::fma, {emitter_.VectorType()}, {splat, factors[v], sum});
      }
    }
  }

  Emitter& emitter_;
  const Tile& tile_;
  int64_t panel_elements_;  // of one panel
  int64_t group_panels_;    // panels of one group
  int64_t blocks_;          // tasks over the channels of one group

  // The task at hand.
  Values outer_;
  llvm::Value* weights_ = nullptr;
  llvm::Value* channel_ = nullptr;
  llvm::Value* group_offset_ = nullptr;
  llvm::Value* input_ = nullptr;
  // The register tile at hand.
  int64_t rows_ = 0;
  std::vector<Vector> vectors_;
  int64_t ways_ = 1;
  int64_t unroll_ = 1;
};

}  // namespace

void EmitTile(Emitter& emitter, const Tile& tile, llvm::Value* begin, llvm::Value* end) {
  TileEmitter(emitter, tile).Emit(begin, end);
}

}  // namespace strata::codegen
