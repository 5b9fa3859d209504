#include "compiler/codegen/math.h"

#include <initializer_list>
#include <limits>

namespace strata::codegen {

namespace {

llvm::Value* Fma(Emitter& emitter, llvm::Value* a, llvm::Value* b, llvm::Value* c) {
  return emitter.ir().CreateIntrinsic(llvm::Intrinsic::fma, {a->getType()}, {a, b, c});
}

// c[0] * x^(n-1) + ... + c[n-1]
llvm::Value* Polynomial(Emitter& emitter, llvm::Value* x, std::initializer_list<double> coefficients) {
  llvm::Value* sum = nullptr;
  for (double coefficient : coefficients) {
    llvm::Value* constant = llvm::ConstantFP::get(x->getType(), coefficient);
    sum = sum == nullptr ? constant : Fma(emitter, sum, x, constant);
  }
  return sum;
}

// x limited to [low, high]; NaN stays NaN.
llvm::Value* Clamp(Emitter& emitter, llvm::Value* x, double low, double high) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Constant* least = llvm::ConstantFP::get(x->getType(), low);
  llvm::Constant* most = llvm::ConstantFP::get(x->getType(), high);
  x = ir.CreateSelect(ir.CreateFCmpOGT(least, x), least, x);
  return ir.CreateSelect(ir.CreateFCmpOLT(most, x), most, x);
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

namespace {

// As many lanes of float64.
llvm::Value* Widen(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  return ir.CreateFPExt(x, llvm::VectorType::get(ir.getDoubleTy(), emitter.VectorType()->getElementCount()));
}

llvm::Constant* SplatDouble(llvm::Value* like, double value) { return llvm::ConstantFP::get(like->getType(), value); }

// sin(x + quarters * pi / 2). The rest of x after quarter turns, in float64 with pi / 2 in two parts, is off by less than
// 2^-60 for |x| up to 1e9. The polynomials are Cephes' (sinf.c).
llvm::Value* SinOfTurned(Emitter& emitter, llvm::Value* x, int quarters) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* wide = Widen(emitter, x);
  // Adding 1.5 * 2^52 leaves the rounded integer in the low bits.
  llvm::Value* magic = SplatDouble(wide, 6755399441055744.0);
  llvm::Value* shifted = Fma(emitter, wide, SplatDouble(wide, 0.63661977236758134308), magic);
  llvm::Value* turns = ir.CreateFSub(shifted, magic);
  llvm::Value* rest = Fma(emitter, turns, SplatDouble(wide, -1.57079632679489661923), wide);
  rest = Fma(emitter, turns, SplatDouble(wide, -6.123233995736766e-17), rest);
  llvm::Value* r = Clamp(emitter, ir.CreateFPTrunc(rest, emitter.VectorType()), -0.7854, 0.7854);
  auto* longs = llvm::VectorType::get(ir.getInt64Ty(), emitter.VectorType()->getElementCount());
  llvm::Value* quadrant = ir.CreateTrunc(ir.CreateBitCast(shifted, longs), IntVector(emitter));
  quadrant = ir.CreateAdd(quadrant, SplatInt(emitter, quarters));

  llvm::Value* z = ir.CreateFMul(r, r);
  llvm::Value* sine = Polynomial(emitter, z, {-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1});
  sine = Fma(emitter, ir.CreateFMul(sine, z), r, r);
  llvm::Value* cosine =
      Polynomial(emitter, z, {2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5, 1.0});
  llvm::Value* zero = SplatInt(emitter, 0);
  llvm::Value* is_odd = ir.CreateICmpNE(ir.CreateAnd(quadrant, SplatInt(emitter, 1)), zero);
  llvm::Value* is_negative = ir.CreateICmpNE(ir.CreateAnd(quadrant, SplatInt(emitter, 2)), zero);
  llvm::Value* result = ir.CreateSelect(is_odd, cosine, sine);
  return ir.CreateSelect(is_negative, ir.CreateFNeg(result), result);
}

// log|x| in float64 for floats: 2 atanh((m - 1) / (m + 1)) with m in [sqrt(1/2), sqrt(2)), to 1e-12 of the result.
llvm::Value* LogOfSize(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  llvm::Value* size = ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  llvm::Value* bits = ir.CreateBitCast(size, IntVector(emitter));
  llvm::Value* exponent = ir.CreateAShr(ir.CreateSub(bits, SplatInt(emitter, 0x3F3504F3)), SplatInt(emitter, 23));
  llvm::Value* mantissa = ir.CreateSub(bits, ir.CreateShl(exponent, SplatInt(emitter, 23)));
  llvm::Value* m = Widen(emitter, ir.CreateBitCast(mantissa, emitter.VectorType()));
  llvm::Value* one = SplatDouble(m, 1.0);
  llvm::Value* s = ir.CreateFDiv(ir.CreateFSub(m, one), ir.CreateFAdd(m, one));
  llvm::Value* tail =
      Polynomial(emitter, ir.CreateFMul(s, s), {2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2.0});
  llvm::Value* e = ir.CreateSIToFP(exponent, m->getType());
  llvm::Value* result = Fma(emitter, e, SplatDouble(m, 0.69314718055994530942), ir.CreateFMul(s, tail));
  // Denormals count as 0.
  result = ir.CreateSelect(ir.CreateFCmpOLT(size, emitter.Splat(1.17549435e-38)), SplatDouble(m, -kInfinity), result);
  result = ir.CreateSelect(ir.CreateFCmpOEQ(size, emitter.Splat(kInfinity)), SplatDouble(m, kInfinity), result);
  return ir.CreateSelect(ir.CreateFCmpUNO(x, x), Widen(emitter, x), result);
}

// e^t for t in float64, as a float: infinity and 0 beyond its range.
llvm::Value* ExpOfWide(Emitter& emitter, llvm::Value* t) {
  llvm::IRBuilder<>& ir = emitter.ir();
  t = Clamp(emitter, t, -200, 200);
  llvm::Value* whole =
      ir.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, ir.CreateFMul(t, SplatDouble(t, 1.44269504088896340736)));
  llvm::Value* r = Fma(emitter, whole, SplatDouble(t, -0.69314718055994530942), t);
  llvm::Value* result = Polynomial(
      emitter, r,
      {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0});
  // NaN has no integer; what it becomes does no harm.
  llvm::Value* n = ir.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {IntVector(emitter), t->getType()}, {whole});
  auto* longs = llvm::VectorType::get(ir.getInt64Ty(), emitter.VectorType()->getElementCount());
  llvm::Value* exponent = ir.CreateZExt(ir.CreateAdd(n, SplatInt(emitter, 1023)), longs);
  llvm::Value* scale = ir.CreateBitCast(ir.CreateShl(exponent, llvm::ConstantInt::get(longs, 52)), t->getType());
  return ir.CreateFPTrunc(ir.CreateFMul(result, scale), emitter.VectorType());
}

struct WideDivision {
  llvm::Value* quotient;
  llvm::Value* rest;
};

// floor(x / y) and x - y * floor(x / y) in float64, for y neither 0 nor infinite.
WideDivision DivideWide(Emitter& emitter, llvm::Value* x, llvm::Value* y) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* a = Widen(emitter, x);
  llvm::Value* b = Widen(emitter, y);
  llvm::Value* zero = SplatDouble(a, 0.0);
  llvm::Value* one = SplatDouble(a, 1.0);
  llvm::Value* quotient = ir.CreateUnaryIntrinsic(llvm::Intrinsic::floor, ir.CreateFDiv(a, b));
  llvm::Value* rest = Fma(emitter, ir.CreateFNeg(quotient), b, a);
  // A quotient just below an integer may have been rounded up to it: the rest then has the other sign than y.
  llvm::Value* is_high = ir.CreateFCmpOLT(ir.CreateFMul(rest, b), zero);
  quotient = ir.CreateSelect(is_high, ir.CreateFSub(quotient, one), quotient);
  rest = ir.CreateSelect(is_high, ir.CreateFAdd(rest, b), rest);
  return {quotient, rest};
}

llvm::Value* IsInfinite(Emitter& emitter, llvm::Value* x) {
  llvm::IRBuilder<>& ir = emitter.ir();
  return ir.CreateFCmpOEQ(ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x),
                          llvm::ConstantFP::getInfinity(emitter.VectorType()));
}

// Whether one is negative and the other positive.
llvm::Value* HaveOtherSigns(Emitter& emitter, llvm::Value* x, llvm::Value* y) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* zero = emitter.Splat(0.0);
  return ir.CreateOr(ir.CreateAnd(ir.CreateFCmpOLT(x, zero), ir.CreateFCmpOGT(y, zero)),
                     ir.CreateAnd(ir.CreateFCmpOGT(x, zero), ir.CreateFCmpOLT(y, zero)));
}

}  // namespace

llvm::Value* EmitSin(Emitter& emitter, llvm::Value* x) { return SinOfTurned(emitter, x, 0); }
llvm::Value* EmitCos(Emitter& emitter, llvm::Value* x) { return SinOfTurned(emitter, x, 1); }

llvm::Value* EmitPower(Emitter& emitter, llvm::Value* x, llvm::Value* y) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* zero = emitter.Splat(0.0);
  llvm::Value* one = emitter.Splat(1.0);
  llvm::Value* result = ExpOfWide(emitter, ir.CreateFMul(Widen(emitter, y), LogOfSize(emitter, x)));
  // Of a negative number there are powers with whole exponents only.
  const auto is_whole = [&](llvm::Value* value) {
    return ir.CreateFCmpOEQ(ir.CreateUnaryIntrinsic(llvm::Intrinsic::floor, value), value);
  };
  llvm::Value* is_odd = ir.CreateAnd(is_whole(y), ir.CreateNot(is_whole(ir.CreateFMul(y, emitter.Splat(0.5)))));
  llvm::Value* sign = ir.CreateICmpSLT(ir.CreateBitCast(x, IntVector(emitter)), SplatInt(emitter, 0));
  llvm::Value* has_none = ir.CreateAnd(ir.CreateFCmpOLT(x, zero), ir.CreateNot(is_whole(y)));
  has_none = ir.CreateAnd(has_none, ir.CreateNot(IsInfinite(emitter, x)));
  result = ir.CreateSelect(has_none, llvm::ConstantFP::getNaN(emitter.VectorType()), result);
  result = ir.CreateSelect(ir.CreateAnd(sign, is_odd), ir.CreateFNeg(result), result);
  // 1 whatever the other one is, a NaN or infinite.
  llvm::Value* is_one = ir.CreateOr(ir.CreateFCmpOEQ(x, one), ir.CreateFCmpOEQ(y, zero));
  is_one = ir.CreateOr(is_one, ir.CreateAnd(ir.CreateFCmpOEQ(x, emitter.Splat(-1.0)), IsInfinite(emitter, y)));
  return ir.CreateSelect(is_one, one, result);
}

llvm::Value* EmitFloorDivide(Emitter& emitter, llvm::Value* x, llvm::Value* y) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* quotient = ir.CreateFPTrunc(DivideWide(emitter, x, y).quotient, emitter.VectorType());
  llvm::Value* below = ir.CreateSelect(HaveOtherSigns(emitter, x, y), emitter.Splat(-1.0), emitter.Splat(0.0));
  llvm::Value* by_infinity = ir.CreateAnd(IsInfinite(emitter, y), ir.CreateNot(IsInfinite(emitter, x)));
  by_infinity = ir.CreateAnd(by_infinity, ir.CreateFCmpORD(x, x));
  quotient = ir.CreateSelect(by_infinity, below, quotient);
  return ir.CreateSelect(ir.CreateFCmpOEQ(y, emitter.Splat(0.0)), ir.CreateFDiv(x, y), quotient);
}

llvm::Value* EmitModulo(Emitter& emitter, llvm::Value* x, llvm::Value* y) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* rest = ir.CreateFPTrunc(DivideWide(emitter, x, y).rest, emitter.VectorType());
  llvm::Value* by_infinity = ir.CreateAnd(IsInfinite(emitter, y), ir.CreateNot(IsInfinite(emitter, x)));
  rest = ir.CreateSelect(by_infinity, ir.CreateSelect(HaveOtherSigns(emitter, x, y), y, x), rest);
  return ir.CreateSelect(ir.CreateFCmpOEQ(y, emitter.Splat(0.0)), llvm::ConstantFP::getNaN(emitter.VectorType()), rest);
}

}  // namespace strata::codegen
