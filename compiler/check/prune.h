// Takes out of a network what no output needs, so that it needs no weights either.
#pragma once

#include "compiler/check/network.h"

namespace strata::check {

void Prune(Network& network);

}  // namespace strata::check
