// Models written by hand, for testing what runs a model.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/strata.h"

namespace strata::testing {

// What the next calls of any model here shall do.
struct FakeBehaviour {
  std::int64_t workspace_size = 256;
  std::int32_t run_code = STRATA_OK;
  std::int64_t output_batch = -1;  // the batch that `sizes` claims for the outputs; negative: the inputs'
  int runs = 0;                    // counts the calls of `run`
};
extern FakeBehaviour fake_behaviour;

// x: f32[batch, 2] -> y: f32[batch, 2], a copy.
extern const strata_model kIdentity;

// image: f32[batch, height: 8, width: 8, channels: 1] -> probs: f32[batch, classes: 10], the first ten pixels.
extern const strata_model kDigits;

// img: u8[batch, height: H, width: H], half: i32[batch, rows: H / 2] where H % 2 == 0
// -> total: i64[batch], the sum of both; first: u8[batch], the first pixel.
extern const strata_model kPair;

}  // namespace strata::testing
