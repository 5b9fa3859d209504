// Where each intermediate value lies in the workspace.
#pragma once

#include "compiler/schedule/schedule.h"

namespace strata {

// Sets the offsets of the arena's buffers and Schedule::arena_bytes: buffers whose lifetimes do not meet may share memory.
void PlanArena(Schedule& schedule);

}  // namespace strata
