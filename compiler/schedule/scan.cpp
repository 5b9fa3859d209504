// Scan: a Loop over the steps of its body.
#include <numeric>

#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/scheduler.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

namespace {

// The buffers from number `first` on that hold nothing from one round to the next.
std::set<int> LocalBuffers(const Schedule& schedule, size_t first, const std::vector<Step>& steps) {
  std::set<int> locals;
  for (size_t b = first; b < schedule.buffers.size(); ++b) {
    if (schedule.buffers[b].kind == Buffer::Kind::Arena) locals.insert(static_cast<int>(b));
  }
  // Errors are looked at after the last round.
  for (const Step& step : steps) {
    if (const auto* gather = std::get_if<Gather>(&step.kernel)) locals.erase(gather->error);
  }
  return locals;
}

}  // namespace

// A carry has two places, of which a round reads one and writes the other; the steps of sequences and of stacked results
// are read and written where they lie.
void Scheduler::VisitScan(const core::Operation& operation, const core::Scan& scan) {
  const size_t carries = static_cast<size_t>(scan.carries);
  const size_t sequences = static_cast<size_t>(scan.sequences);
  const Dim count = ExtentsOf(operation.operands[carries])[static_cast<size_t>(scan.sequence_axes[0])];
  const Dim round = Dim::Symbol(std::string(kRound));
  const Dim position = scan.reverse ? count - 1 - round : round;

  std::vector<Layout> inputs;
  std::vector<Layout> outputs;
  for (size_t k = 0; k < carries; ++k) {
    const ValueId initial = operation.operands[k];
    core::Extents both = ExtentsOf(initial);
    both.insert(both.begin(), 2);
    const Layout places = NewBuffer(both, DTypeOf(initial), Halo::None(both.size()), operation.origin);
    steps_.push_back(CopyNest(ExtentsOf(initial), Read(initial), Without(places, 0, 0), DTypeOf(initial),
                              operation.origin + ".initial"));
    inputs.push_back(Without(places, 0, Modulo(round, 2)));
    outputs.push_back(Without(places, 0, Modulo(round + 1, 2)));
    LayoutOf(operation.results[k]) = Without(places, 0, Modulo(count, 2));
  }
  for (size_t k = carries; k < operation.operands.size(); ++k) {
    const Layout& operand = Read(operation.operands[k]);
    const bool is_sequence = k < carries + sequences;
    inputs.push_back(is_sequence ? Without(operand, scan.sequence_axes[k - carries], position) : operand);
  }
  for (size_t k = carries; k < operation.results.size(); ++k) {
    outputs.push_back(
        Without(Allocate(operation.results[k], operation.origin), scan.result_axes[k - carries], position));
  }

  Loop loop{.count = count};
  const size_t first_buffer = schedule_.buffers.size();
  loop.steps = Scheduler(*scan.body, context_, std::move(inputs), std::move(outputs)).Run();
  loop.locals = LocalBuffers(schedule_, first_buffer, loop.steps);
  Step step{.origin = operation.origin, .tasks = 1, .flops = 0};
  for (const Step& inner : loop.steps) step.flops += inner.flops * count;
  step.kernel = std::move(loop);
  steps_.push_back(std::move(step));
}

}  // namespace strata
