#include "compiler/codegen/math.h"

#include <initializer_list>

namespace strata::codegen {

namespace {

llvm::Value* Fma(Emitter& emitter, llvm::Value* a, llvm::Value* b, llvm::Value* c) {
  return emitter.ir().CreateIntrinsic(llvm::Intrinsic::fma, {a->getType()}, {a, b, c});
}

// c[0] * x^(n-1) + ... + c[n-1]
llvm::Value* Polynomial(Emitter& emitter, llvm::Value* x, std::initializer_list<double> coefficients) {
  llvm::Value* sum = nullptr;
  for (double coefficient : coefficients) {
    llvm::Value* constant = emitter.Splat(coefficient);
    sum = sum == nullptr ? constant : Fma(emitter, sum, x, constant);
  }
  return sum;
}

// x limited to [low, high]; NaN stays NaN.
llvm::Value* Clamp(Emitter& emitter, llvm::Value* x, double low, double high) {
  llvm::IRBuilder<>& ir = emitter.ir();
  x = ir.CreateSelect(ir.CreateFCmpOGT(emitter.Splat(low), x), emitter.Splat(low), x);
  return ir.CreateSelect(ir.CreateFCmpOLT(emitter.Splat(high), x), emitter.Splat(high), x);
}

llvm::VectorType* IntVector(Emitter& emitter) {
  return llvm::VectorType::get(emitter.ir().getInt32Ty(), emitter.VectorType()->getElementCount());
}

llvm::Value* SplatInt(Emitter& emitter, int32_t value) {
  return llvm::ConstantInt::get(IntVector(emitter), static_cast<uint64_t>(value), /*IsSigned=*/true);
}

// 2^n for integers n from -126 to 127, built from the exponent's bits.
llvm::Value* PowerOfTwo(Emitter& emitter, llvm::Value* n) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* bits = ir.CreateShl(ir.CreateAdd(n, SplatInt(emitter, 127)), SplatInt(emitter, 23));
  return ir.CreateBitCast(bits, emitter.VectorType());
}

// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2. Cephes' expf coefficients (S. Moshier, Cephes Math Library 2.2, expf.c).
llvm::Value* ExpTail(Emitter& emitter, llvm::Value* r) {
  return Polynomial(
      emitter, r,
      {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1});
}

}  // namespace

// e^x = 2^n * e^r with n = round(x / ln 2) and r = x - n ln 2.
llvm::Value* EmitExp(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  const double lowest = -87.33654;   // below, the result is denormal
  const double highest = 88.722832;  // above, it is infinite
  llvm::Value* clamped = Clamp(emitter, x, lowest, highest);
  // Adding 1.5 * 2^23 leaves the rounded integer in the low bits; NaN does no harm there.
  llvm::Value* magic = emitter.Splat(12582912.0);
  llvm::Value* shifted = Fma(emitter, clamped, emitter.Splat(1.44269504088896341), magic);
  llvm::Value* whole = ir.CreateFSub(shifted, magic);
  llvm::Value* n = ir.CreateSub(ir.CreateBitCast(shifted, IntVector(emitter)), SplatInt(emitter, 0x4B400000));
  llvm::Value* r = Fma(emitter, whole, emitter.Splat(-0.693359375), clamped);
  r = Fma(emitter, whole, emitter.Splat(2.12194440e-4), r);
  llvm::Value* result = Fma(emitter, ExpTail(emitter, r), ir.CreateFMul(r, r), r);
  result = ir.CreateFAdd(result, emitter.Splat(1.0));
  // In two factors, as 2^128 is no float.
  llvm::Value* half = ir.CreateAShr(n, SplatInt(emitter, 1));
  result = ir.CreateFMul(result, PowerOfTwo(emitter, half));
  result = ir.CreateFMul(result, PowerOfTwo(emitter, ir.CreateSub(n, half)));
  result = ir.CreateSelect(ir.CreateFCmpOLT(x, emitter.Splat(lowest)), emitter.Splat(0.0), result);
  return ir.CreateSelect(ir.CreateFCmpOGT(x, emitter.Splat(highest)),
                         llvm::ConstantFP::getInfinity(emitter.VectorType()), result);
}

llvm::Value* EmitExpm1(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* near_zero = Fma(emitter, ExpTail(emitter, x), ir.CreateFMul(x, x), x);
  llvm::Value* far = ir.CreateFSub(EmitExp(emitter, x), emitter.Splat(1.0));
  llvm::Value* is_near = ir.CreateFCmpOLT(ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x), emitter.Splat(0.34657359));
  return ir.CreateSelect(is_near, near_zero, far);
}

// log x = e ln 2 + log m with m in [sqrt(1/2), sqrt(2)). Cephes' logf coefficients (logf.c).
llvm::Value* EmitLog(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* bits = ir.CreateBitCast(x, IntVector(emitter));
  // The bits of sqrt(1/2): taking them off makes the exponent field count from there.
  llvm::Value* from_root = ir.CreateSub(bits, SplatInt(emitter, 0x3F3504F3));
  llvm::Value* exponent = ir.CreateAShr(from_root, SplatInt(emitter, 23));
  llvm::Value* mantissa_bits = ir.CreateSub(bits, ir.CreateShl(exponent, SplatInt(emitter, 23)));
  llvm::Value* m = ir.CreateFSub(ir.CreateBitCast(mantissa_bits, emitter.VectorType()), emitter.Splat(1.0));
  llvm::Value* e = ir.CreateSIToFP(exponent, emitter.VectorType());
  llvm::Value* square = ir.CreateFMul(m, m);
  llvm::Value* tail = Polynomial(emitter, m,
                                 {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                                  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  llvm::Value* y = ir.CreateFMul(ir.CreateFMul(m, square), tail);
  y = Fma(emitter, e, emitter.Splat(-2.12194440e-4), y);
  y = Fma(emitter, square, emitter.Splat(-0.5), y);
  llvm::Value* result = Fma(emitter, e, emitter.Splat(0.693359375), ir.CreateFAdd(m, y));
  llvm::Value* infinity = llvm::ConstantFP::getInfinity(emitter.VectorType());
  result = ir.CreateSelect(ir.CreateFCmpOEQ(x, infinity), infinity, result);
  // Denormals count as 0.
  result = ir.CreateSelect(ir.CreateFCmpOLT(x, emitter.Splat(1.17549435e-38)),
                           llvm::ConstantFP::getInfinity(emitter.VectorType(), /*Negative=*/true), result);
  return ir.CreateSelect(ir.CreateFCmpUGE(x, emitter.Splat(0.0)), ir.CreateSelect(ir.CreateFCmpUNO(x, x), x, result),
                         llvm::ConstantFP::getNaN(emitter.VectorType()));
}

// log(1 + x) with the rounding error of 1 + x made good: log(u) x / (u - 1) with u = 1 + x (W. Kahan; see D. Goldberg,
// "What every computer scientist should know about floating-point arithmetic", theorem 4).
llvm::Value* EmitLog1p(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* u = ir.CreateFAdd(x, emitter.Splat(1.0));
  llvm::Value* rounded = ir.CreateFSub(u, emitter.Splat(1.0));
  llvm::Value* log = EmitLog(emitter, u);
  llvm::Value* corrected = ir.CreateFMul(log, ir.CreateFDiv(x, rounded));
  corrected = ir.CreateSelect(ir.CreateFCmpOEQ(rounded, emitter.Splat(0.0)), x, corrected);
  // At infinity and -1 the quotient is no number, or log alone is the answer.
  llvm::Value* infinity = llvm::ConstantFP::getInfinity(emitter.VectorType());
  return ir.CreateSelect(ir.CreateFCmpOEQ(x, infinity), x, corrected);
}

// A quotient of polynomials in x^2, odd in x; the coefficients are those of Eigen's ptanh_float.
llvm::Value* EmitTanh(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* clamped = Clamp(emitter, x, -7.90531110763549805, 7.90531110763549805);
  llvm::Value* square = ir.CreateFMul(clamped, clamped);
  llvm::Value* over = ir.CreateFMul(
      clamped, Polynomial(emitter, square,
                          {-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                           1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03}));
  llvm::Value* under = Polynomial(
      emitter, square, {1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03});
  llvm::Value* is_tiny = ir.CreateFCmpOLT(ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x), emitter.Splat(0.0004));
  return ir.CreateSelect(is_tiny, x, ir.CreateFDiv(over, under));
}

llvm::Value* EmitSigmoid(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* power = EmitExp(emitter, ir.CreateFNeg(x));
  return ir.CreateFDiv(emitter.Splat(1.0), ir.CreateFAdd(power, emitter.Splat(1.0)));
}

// A quotient of polynomials in x^2, odd in x; the coefficients are those of Eigen's erf for float.
llvm::Value* EmitErf(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* clamped = Clamp(emitter, x, -4.0, 4.0);
  llvm::Value* square = ir.CreateFMul(clamped, clamped);
  llvm::Value* over = ir.CreateFMul(
      clamped, Polynomial(emitter, square,
                          {-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
                           -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02}));
  llvm::Value* under = Polynomial(emitter, square,
                                  {-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03,
                                   -7.37332916720468e-03, -1.42647390514189e-02});
  // Near 0 it is 2 / sqrt(pi) x; the quotient's parts would be denormal.
  llvm::Value* is_tiny = ir.CreateFCmpOLT(ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x), emitter.Splat(0.0004));
  llvm::Value* quotient = Clamp(emitter, ir.CreateFDiv(over, under), -1.0, 1.0);
  return ir.CreateSelect(is_tiny, ir.CreateFMul(x, emitter.Splat(1.1283791670955126)), quotient);
}

}  // namespace strata::codegen
