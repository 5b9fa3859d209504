// What every step's code is written with: loops, sizes, addresses and vectors over an IRBuilder.
//
// A vector value has the target's lanes, whatever its elements are. In registers f16 and bf16 are f32, which each function
// rounds to what they can hold, and bool is i1. A mask of null means all lanes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/codegen/llvm_ir.h"
#include "compiler/schedule/schedule.h"
#include "compiler/shape/dtype.h"

namespace strata::codegen {

using Values = std::vector<llvm::Value*>;

// A buffer that the code touches.
struct BufferAddress {
  llvm::Value* address;
  DType dtype;
};

class Emitter {
 public:
  // Writes into `function` from the end of its entry block. `buffers` gives the address of each buffer the code will
  // touch, `symbols` the value (i64) of each symbolic size.
  Emitter(llvm::Function& function, const Target& target, std::map<int, BufferAddress> buffers,
          std::map<std::string, llvm::Value*> symbols);

  llvm::IRBuilder<>& ir() { return ir_; }
  const Target& target() const { return target_; }
  int lanes() const { return target_.lanes; }

  // ---- Scalars ----
  llvm::Value* Int(int64_t value);
  llvm::Value* Size(const Dim& dim);
  llvm::Value* Add(llvm::Value* a, llvm::Value* b);  // i64; nothing is emitted for 0 and 1
  llvm::Value* Multiply(llvm::Value* a, llvm::Value* b);
  llvm::Value* Minimum(llvm::Value* a, llvm::Value* b);
  llvm::Value* Maximum(llvm::Value* a, llvm::Value* b);

  // ---- Control ----
  // for (i = begin; i < end; i += step): `body` gets i and the carried values and returns their next ones. Returns the
  // carried values after the loop. Constant loops of one round leave no loop behind.
  Values For(llvm::Value* begin, llvm::Value* end, int64_t step, const Values& carried,
             const std::function<Values(llvm::Value* i, const Values& carried)>& body);
  void For(llvm::Value* begin, llvm::Value* end, int64_t step, const std::function<void(llvm::Value* i)>& body);
  // Visits the points [begin, end) of the index space in row-major order, counting indices up instead of dividing.
  void ForPoints(const Values& extents, llvm::Value* begin, llvm::Value* end,
                 const std::function<void(const Values& index)>& body);
  void If(llvm::Value* condition, const std::function<void()>& then, const std::function<void()>& otherwise = nullptr);
  // Visits [begin, end) in vectors: `body` gets the first lane's index and the mask, which is null except in the last
  // round, where the range is not a multiple of the lanes.
  Values ForLanes(llvm::Value* begin, llvm::Value* end, const Values& carried,
                  const std::function<Values(llvm::Value* i, llvm::Value* mask, const Values& carried)>& body);
  void ForLanes(llvm::Value* begin, llvm::Value* end,
                const std::function<void(llvm::Value* i, llvm::Value* mask)>& body);

  // ---- Memory ----
  llvm::Value* Buffer(int buffer) { return buffers_.at(buffer).address; }
  DType TypeOf(const Access& access) const { return buffers_.at(access.buffer).dtype; }
  // The address `elements` after `base`, both counted in float32.
  llvm::Value* Offset(llvm::Value* base, llvm::Value* elements);
  llvm::Value* Offset(llvm::Value* base, int64_t elements) { return Offset(base, Int(elements)); }
  // The address of a point. An index that is null counts as 0.
  llvm::Value* Address(const Access& access, const Values& index);
  // A vector of what `access` reads from a point on, along the last axis of `index`: a splat, a load or a gather.
  // Masked-off lanes are 0.
  llvm::Value* Load(const Access& access, const Values& index, llvm::Value* mask);
  // The same for elements of this type `stride` from each other.
  llvm::Value* Load(DType dtype, llvm::Value* address, const Dim& stride, llvm::Value* mask);
  llvm::Value* Load(llvm::Value* address, const Dim& stride, llvm::Value* mask) {
    return Load(DType::F32, address, stride, mask);
  }
  // Writes neighbours from a point on.
  void Store(llvm::Value* value, const Access& access, const Values& index, llvm::Value* mask);
  // Writes the vector's first element.
  void StoreFirst(llvm::Value* value, const Access& access, const Values& index);
  // One element, as a number of 64 bits. Not for floats.
  llvm::Value* LoadInteger(const Access& access, const Values& index);
  llvm::Value* Splat(llvm::Value* scalar);
  llvm::Value* Splat(double value);

  // A constant; integers are exact.
  llvm::Value* Splat(DType dtype, double value, int64_t integer);

  llvm::VectorType* VectorType() { return vector_; }
  llvm::VectorType* VectorType(DType dtype);  // in registers
  // Lanes as they were in f32, limited to what the type can hold.
  llvm::Value* Round(DType dtype, llvm::Value* vector);
  // Lanes [0, count) on; null where that is all of them.
  llvm::Value* Mask(llvm::Value* count);
  llvm::Value* LaneNumbers();  // <0, 1, 2, ...> as i64

 private:
  llvm::Type* ElementType(DType dtype);  // in memory
  llvm::Value* FromMemory(DType dtype, llvm::Value* vector);
  llvm::Value* ToMemory(DType dtype, llvm::Value* vector);

  Values Loop(llvm::Value* begin, llvm::Value* end, int64_t step, const Values& carried,
              const std::function<Values(llvm::Value* i, const Values& carried)>& body);
  void DisableUnrolling(llvm::BranchInst* branch);

  llvm::Function& function_;
  const Target& target_;
  llvm::IRBuilder<> ir_;
  llvm::VectorType* vector_;
  std::map<int, BufferAddress> buffers_;
  std::map<std::string, llvm::Value*> symbols_;
};

// A vector as another type: core::Map's Cast.
llvm::Value* EmitCast(Emitter& emitter, llvm::Value* value, DType from, DType to);

// The value of an elementwise expression. `operand` gives the vector for an operand, `index` that for a position along a
// result axis, as i64.
llvm::Value* EmitExpression(Emitter& emitter, const std::vector<core::Map::Node>& nodes,
                            const std::function<llvm::Value*(int operand)>& operand,
                            const std::function<llvm::Value*(int axis)>& index);

// One output vector's epilogue: `reads` at `index`, the last entry of which is the first lane's channel.
llvm::Value* EmitEpilogue(Emitter& emitter, const Epilogue& epilogue, llvm::Value* result, const Values& index,
                          llvm::Value* mask);

// ---- Reductions ----

// Reductions carry what stands for the elements so far: a vector, and for ArgMax and ArgMin also that of its positions
// (i32).
// Where a reduction starts.
Values Identity(Emitter& emitter, core::Reduce::Kind kind, DType dtype);
// Combines what two parts of the elements gave; Sum for Mean. Max and Min pass NaN on.
Values Combine(Emitter& emitter, core::Reduce::Kind kind, DType dtype, const Values& a, const Values& b);
// All lanes combined, in every lane.
Values AcrossLanes(Emitter& emitter, core::Reduce::Kind kind, DType dtype, Values values);

// Splits columns into tiles of at most `rows`: visits the tile with number `tile` by calling `body` with a constant row
// count and the first column; several times where the tile is the odd rest of a symbolic number.
void EmitColumnTile(Emitter& emitter, const Dim& columns, int64_t rows, int64_t last_rows, llvm::Value* tile,
                    const std::function<void(int64_t rows, llvm::Value* column)>& body);

// The code of each kind of step, for its tasks [begin, end).
void EmitNest(Emitter& emitter, const Nest& nest, llvm::Value* begin, llvm::Value* end);
void EmitTile(Emitter& emitter, const Tile& tile, llvm::Value* begin, llvm::Value* end);
void EmitDepthwise(Emitter& emitter, const Depthwise& depthwise, llvm::Value* begin, llvm::Value* end);
void EmitPool(Emitter& emitter, const Pool& pool, llvm::Value* begin, llvm::Value* end);
void EmitPrefix(Emitter& emitter, const Prefix& prefix, llvm::Value* begin, llvm::Value* end);
void EmitResample(Emitter& emitter, const Resample& resample, llvm::Value* begin, llvm::Value* end);
// `code`: of an index outside the table.
void EmitGather(Emitter& emitter, const Gather& gather, int32_t code, llvm::Value* begin, llvm::Value* end);

}  // namespace strata::codegen
