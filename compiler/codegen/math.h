// Elementary functions of float32 vectors, as polynomials in registers: LLVM's own would become calls, one for each lane.
//
// Errors stand beside each function in units in the last place (ulp) of the result, over all finite arguments whose result
// is a normal number, as the test measures them. Denormal arguments and results are 0. NaN gives NaN.
#pragma once

#include "compiler/codegen/emitter.h"

namespace strata::codegen {

llvm::Value* EmitExp(Emitter& emitter, llvm::Value* x);      // 2 ulp; 0 and infinity beyond the range
llvm::Value* EmitExpm1(Emitter& emitter, llvm::Value* x);    // 4 ulp
llvm::Value* EmitLog(Emitter& emitter, llvm::Value* x);      // 2 ulp; -infinity at 0, NaN below
llvm::Value* EmitLog1p(Emitter& emitter, llvm::Value* x);    // 4 ulp
llvm::Value* EmitTanh(Emitter& emitter, llvm::Value* x);     // 5 ulp
llvm::Value* EmitSigmoid(Emitter& emitter, llvm::Value* x);  // 4 ulp
llvm::Value* EmitErf(Emitter& emitter, llvm::Value* x);      // 6 ulp
// For |x| up to 1e9; beyond, the angle loses its meaning and the result is some number from -1 to 1.
llvm::Value* EmitSin(Emitter& emitter, llvm::Value* x);  // 2 ulp
llvm::Value* EmitCos(Emitter& emitter, llvm::Value* x);  // 2 ulp
// Special values as C's pow has them.
llvm::Value* EmitPower(Emitter& emitter, llvm::Value* x, llvm::Value* y);  // 1 ulp
// Python's // and %, exact where |x / y| is below 2^29. By 0: x / y, and NaN.
llvm::Value* EmitFloorDivide(Emitter& emitter, llvm::Value* x, llvm::Value* y);
llvm::Value* EmitModulo(Emitter& emitter, llvm::Value* x, llvm::Value* y);

}  // namespace strata::codegen
