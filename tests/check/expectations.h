// What a program says of its own mistakes, in comments:
//
//   let a = x |> Danse(4)  # expect-error[E0140] {{there is no layer `Danse`}}
//   # expect-warning[W0101]@+1 {{`b` is never used}}
//   let b = x |> Dense(4)
//
// `@+N` and `@-N` name a line below or above; without them it is the comment's own. The text is a part of the message. A
// message belongs to the line of its primary label. Several comments may share a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/diagnostics.h"

namespace strata::testing {

// Where what was reported differs from what the text of the file expects, a line for each difference: a message that is
// expected and did not come, one that came and is not expected, an expectation that is not written as above.
std::vector<std::string> Differences(std::string_view text, const Diagnostics& diagnostics, const Sources& sources);

}  // namespace strata::testing
