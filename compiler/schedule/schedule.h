// How a graph is computed on a target: a list of steps over buffers. Every choice that costs or saves time is made here
// (layouts, tiles, loop orders, the parallel split, the arena); codegen only writes it down in LLVM IR.
//
// Sizes, strides and offsets are Dims, so the batch and later other axes may vary from call to call. Strides and offsets
// count elements, not bytes.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/core/graph.h"
#include "compiler/schedule/target.h"

namespace strata {

// Memory that steps read and write.
struct Buffer {
  enum class Kind { Input, Output, Arena, Constant };
  Kind kind;
  int index = 0;  // of the graph's input or output, or of Schedule::constants
  Dim elements;
  DType dtype = DType::F32;
  Dim offset;  // in the arena, in bytes: a multiple of 64

  Dim Bytes() const { return elements * strata::Bytes(dtype); }
};

// The elements of a value, laid out in a buffer: element (i, j, ...) is at offset + i * strides[0] + j * strides[1] ...
struct Layout {
  int buffer = -1;
  Dim offset;
  std::vector<Dim> strides;
};

// A step's read or write: a Layout over the axes of the step's loops. A stride of 0 repeats.
using Access = Layout;

// Computes every element of an index space, one output element a point. Stages run in order for each point of the axes
// that are not reduced; the last stage is written.
struct Nest {
  struct Stage {
    std::optional<core::Reduce::Kind> reduce;  // over all reduced axes
    // Map::Function::Operand `i` is reads[i], or stage i - reads.size().
    std::vector<core::Map::Node> nodes;
  };
  std::vector<Dim> extents;
  std::vector<bool> reduced;
  std::vector<Access> reads;
  Access write;              // its last stride is 1, or 0 where writes_rows
  bool writes_rows = false;  // the last stage's result has no reduced axes (write's strides are 0 there)
  std::vector<Stage> stages;
  // Where nothing but the last axis is left to split, tasks take blocks of this many of its elements; otherwise 0.
  int64_t lane_block = 0;

  Dim LaneBlocks() const { return CeilDivide(extents.back(), lane_block); }
};

// What happens to a result in registers before it is stored: operand 0 is the result, operand i > 0 is reads[i - 1], over
// the axes outer..., column, channel.
struct Epilogue {
  std::vector<core::Map::Node> nodes;
  std::vector<Access> reads;
};

// Contract and Convolve: register tiles of `rows` columns (pixels, or rows of a matrix) by `panels` panels of output
// channels, over a reduction of segments of contiguous runs.
//
//   for each outer index, column, channel:
//     result = epilogue(sum over segments s, r < run: input[outer, column * column_stride + s + r] * weights[s, r, channel])
struct Tile {
  struct Segment {
    int64_t count;
    Dim stride;  // of the input
  };
  std::vector<Dim> outer;  // extents: batch, rows ...
  Dim columns;
  Access input;   // over outer..., column; the column's stride is constant
  Access output;  // over outer..., column, channel; the channel's stride is 1
  std::vector<Segment> segments;
  int64_t run = 0;
  int64_t groups = 1;
  int64_t group_stride = 0;  // of the input from group to group
  int64_t channels = 0;      // of one group
  int weights = -1;          // buffer: [group][panel][segments...][run][panel_width]
  // Where the weights are computed: their strides over the outer axes. Empty where they are the same for all.
  std::vector<Dim> weight_strides;
  int64_t panel_width = 32;
  Epilogue epilogue;

  // Constant columns run as equal tiles of `rows` and a last one of `last_rows`; symbolic ones as tiles of `rows` and
  // then of 8, 4, 2 and 1 rows.
  int64_t rows = 1;
  int64_t last_rows = 0;
  int64_t panels = 1;           // how many panels one task covers
  bool channels_outer = false;  // loop order: panels outermost, or outer and columns outermost

  Dim ColumnTiles() const { return CeilDivide(columns, rows); }
  // Elements of the reduction.
  int64_t Depth() const;
  // Of one group's channels.
  int64_t Panels() const { return (channels + panel_width - 1) / panel_width; }
  // Of one outer index, where there are several.
  int64_t WeightElements() const { return groups * Panels() * Depth() * panel_width; }
};

// How many vectors of channels a register tile of `rows` rows takes at once: two (more gain nothing once eight accumulators
// hide the FMA's latency), or as many as make up for few rows.
int64_t VectorsAtOnce(const Target& target, int64_t rows);

// A convolution with one input channel a group, vectorized over channels.
struct Depthwise {
  std::vector<Dim> outer;
  Dim columns;
  int64_t channels = 0;    // of the output
  int64_t multiplier = 1;  // output channels for each input channel
  Access input;            // over outer..., column, input channel
  Access output;           // over outer..., column, channel
  std::vector<Dim> taps;   // input offset of each kernel position
  int weights = -1;        // buffer: [tap][channel]
  Epilogue epilogue;
  int64_t rows = 1;  // columns held in registers at once, as in Tile
  int64_t last_rows = 0;

  Dim ColumnTiles() const { return CeilDivide(columns, rows); }
};

// Sliding windows, vectorized over the last axis, which has no window.
struct Pool {
  core::Window::Kind kind;
  std::vector<Dim> extents;  // of the output
  std::vector<Dim> input_extents;
  std::vector<core::Window::Axis> axes;
  Access input;       // over the input's axes
  Access output;      // over the output's axes
  Epilogue epilogue;  // over the output's axes
};

// Running sums or products along one axis.
struct Prefix {
  core::Prefix::Kind kind;
  std::vector<Dim> extents;
  size_t axis;
  Access input;
  Access output;
};

// Windows of their own along one axis, as in core::Resample, vectorized over the last one, which is another.
struct Resample {
  core::Resample::Kind kind;
  std::vector<Dim> extents;  // of the output
  size_t axis;
  Access input;
  Access first;  // over the places along the axis, as is `count`
  Access count;
  std::optional<Access> weights;  // over places, taps and, with a stride of 0, the last axis
  Access output;
};

// Rows of a table: output[i..., r...] = table[indices[i...], r...].
struct Gather {
  std::vector<Dim> extents;  // of the output
  size_t index_axes = 0;     // how many of them are the indices'
  Access table;              // over r...
  Dim row_stride;
  Dim rows;
  Access indices;  // over i...
  Access output;   // its last stride is 1
  int error = -1;  // buffer of one i32: gets the failure's code where an index is not in [0, rows)
  int failure = 0;
};

struct Step;

// Steps that run `count` times, in order. Their accesses may depend on the round, whose number is the symbol kRound.
struct Loop {
  std::vector<Step> steps;
  Dim count;
  std::set<int> locals;  // buffers of the arena that hold nothing from one round to the next
};
inline constexpr std::string_view kRound = "scan.round";

struct Step {
  std::string origin;  // the layers it computes: "conv2d+re_lu"
  std::variant<Nest, Tile, Depthwise, Pool, Prefix, Resample, Gather, Loop> kernel;
  Dim tasks;  // independent pieces of work: what parallel_for is asked for
  Dim flops;  // multiplications and additions
  Dim bytes;  // read and written at least
};

// The buffers a step reads or writes.
std::set<int> BuffersOf(const Step& step);
// "nest", "tile" ...
std::string_view KernelName(const Step& step);

// A constant as it stands in the read-only section.
struct PackedConstant {
  std::shared_ptr<const core::Literal> literal;
  // Panels: the literal as a matrix of `rows` by groups * channels, as Tile::weights says; otherwise row-major.
  bool panels = false;
  int64_t groups = 1;
  int64_t panel_width = 0;
  int64_t offset = 0;  // in the section, in bytes: a multiple of 64
  int64_t bytes = 0;

  // Its bytes, little endian.
  std::string Pack() const;
};

struct Schedule {
  // A size that is computed once, on entry: the largest of these, which may name earlier ones.
  struct Derived {
    std::string name;
    std::vector<Dim> largest_of;
  };

  const Target* target;
  std::vector<std::string> symbols;
  std::vector<Derived> derived;  // not among `symbols`
  // What the model asks of its symbols, each with a text of its own.
  std::vector<core::Guard> guards;
  // Further codes that a run may return, from STRATA_FIRST_GUARD + guards.size() on.
  std::vector<std::string> failures;
  // Sizes and the like that are negative only for symbols that the model has no meaning for.
  std::vector<Dim> not_negative;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<PackedConstant> constants;
  int64_t constant_bytes = 0;
  Dim arena_bytes;
};

struct ScheduleOptions {
  int64_t l2_bytes = int64_t{1} << 20;  // of the processor the code is for
};

// `graph` as Optimize returns it.
Schedule MakeSchedule(const core::Graph& graph, const Target& target, const ScheduleOptions& options = {});

// One step a line with its tile, and the buffers: what `--emit=schedule` prints.
std::string Print(const Schedule& schedule);

}  // namespace strata
