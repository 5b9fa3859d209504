#include <sstream>

#include "compiler/schedule/overloaded.h"
#include "compiler/schedule/schedule.h"

namespace strata {

namespace {

std::string List(const std::vector<Dim>& dims) {
  std::string text = "[";
  for (size_t k = 0; k < dims.size(); ++k) text += (k == 0 ? "" : ", ") + dims[k].ToString();
  return text + "]";
}

std::string_view Word(Buffer::Kind kind) {
  switch (kind) {
    case Buffer::Kind::Input: return "input";
    case Buffer::Kind::Output: return "output";
    case Buffer::Kind::Arena: return "arena";
    case Buffer::Kind::Constant: return "constant";
  }
  return "";
}

// `arena2+16[64 * batch, 8, 1]`: buffer, offset, strides.
std::string Text(const Schedule& schedule, const Access& access) {
  std::string text =
      std::string(Word(schedule.buffers[static_cast<size_t>(access.buffer)].kind)) + std::to_string(access.buffer);
  if (!access.offset.Is(0)) text += "+" + access.offset.ToString();
  return text + List(access.strides);
}

std::string Columns(int64_t rows, int64_t last_rows, const Dim& columns) {
  std::string text = "rows " + std::to_string(rows);
  if (!columns.Constant()) {
    text += " then 8, 4, 2, 1 as they fit";
  } else if (last_rows != rows) {
    text += " then " + std::to_string(last_rows);
  }
  return text;
}

void Reads(std::ostream& out, const Schedule& schedule, const std::vector<Access>& reads) {
  for (const Access& read : reads) out << ", " << Text(schedule, read);
}

void PrintSteps(std::ostream& out, const Schedule& schedule, const std::vector<Step>& steps, const std::string& indent);

// Lines after the first begin with `next`.
void PrintKernel(std::ostream& out, const Schedule& schedule, const Step& step, const std::string& next) {
  std::visit(Overloaded{
                 [&](const Nest& nest) {
                   out << "nest       over " << List(nest.extents);
                   for (size_t axis = 0, count = 0; axis < nest.reduced.size(); ++axis) {
                     if (nest.reduced[axis]) out << (count++ == 0 ? " reducing axis " : ", ") << axis;
                   }
                   out << ", " << nest.stages.size() << (nest.stages.size() == 1 ? " stage" : " stages");
                   if (nest.lane_block > 0) out << ", blocks of " << nest.lane_block;
                   out << next << "reads  ";
                   for (size_t k = 0; k < nest.reads.size(); ++k)
                     out << (k == 0 ? "" : ", ") << Text(schedule, nest.reads[k]);
                   if (nest.reads.empty()) out << "nothing";
                   out << next << "writes " << Text(schedule, nest.write);
                 },
                 [&](const Tile& tile) {
                   out << "tile       over " << List(tile.outer) << " x " << tile.columns.ToString() << " columns x ";
                   if (tile.groups > 1) out << tile.groups << " groups of ";
                   out << tile.channels << " channels, depth " << tile.Depth();
                   if (!tile.segments.empty()) {
                     out << " (";
                     for (const Tile::Segment& segment : tile.segments) out << segment.count << " x ";
                     out << "run of " << tile.run << ")";
                   }
                   out << next << "tiles  " << Columns(tile.rows, tile.last_rows, tile.columns) << "; panels of "
                       << tile.panel_width << " channels, " << tile.panels << " a task; "
                       << (tile.channels_outer ? "channels" : "columns") << " outermost";
                   out << next << "reads  " << Text(schedule, tile.input) << ", constant" << tile.weights;
                   Reads(out, schedule, tile.epilogue.reads);
                   out << next << "writes " << Text(schedule, tile.output);
                 },
                 [&](const Depthwise& depthwise) {
                   out << "depthwise  over " << List(depthwise.outer) << " x " << depthwise.columns.ToString()
                       << " columns x " << depthwise.channels << " channels, " << depthwise.taps.size() << " taps";
                   if (depthwise.multiplier > 1) out << ", " << depthwise.multiplier << " outputs a channel";
                   out << next << "tiles  " << Columns(depthwise.rows, depthwise.last_rows, depthwise.columns);
                   out << next << "reads  " << Text(schedule, depthwise.input) << ", constant" << depthwise.weights;
                   Reads(out, schedule, depthwise.epilogue.reads);
                   out << next << "writes " << Text(schedule, depthwise.output);
                 },
                 [&](const Pool& pool) {
                   out << "pool       over " << List(pool.extents) << ", window [";
                   for (size_t axis = 0; axis < pool.axes.size(); ++axis) {
                     out << (axis == 0 ? "" : ", ") << pool.axes[axis].size;
                   }
                   out << "]" << next << "reads  " << Text(schedule, pool.input);
                   Reads(out, schedule, pool.epilogue.reads);
                   out << next << "writes " << Text(schedule, pool.output);
                 },
                 [&](const Prefix& prefix) {
                   out << "prefix     over " << List(prefix.extents) << " along axis " << prefix.axis;
                   out << next << "reads  " << Text(schedule, prefix.input);
                   out << next << "writes " << Text(schedule, prefix.output);
                 },
                 [&](const Resample& resample) {
                   out << "resample   over " << List(resample.extents) << " along axis " << resample.axis;
                   out << next << "reads  " << Text(schedule, resample.input) << ", " << Text(schedule, resample.first)
                       << ", " << Text(schedule, resample.count);
                   if (resample.weights) out << ", " << Text(schedule, *resample.weights);
                   out << next << "writes " << Text(schedule, resample.output);
                 },
                 [&](const Gather& gather) {
                   out << "gather     over " << List(gather.extents) << ", of " << gather.rows.ToString() << " rows";
                   out << next << "reads  " << Text(schedule, gather.table) << ", " << Text(schedule, gather.indices);
                   out << next << "writes " << Text(schedule, gather.output);
                 },
                 [&](const Loop& loop) {
                   out << "loop       " << loop.count.ToString() << " rounds of";
                   PrintSteps(out, schedule, loop.steps, next);
                 },
             },
             step.kernel);
}

// `indent` begins a line.
void PrintSteps(std::ostream& out, const Schedule& schedule, const std::vector<Step>& steps,
                const std::string& indent) {
  for (size_t k = 0; k < steps.size(); ++k) {
    const Step& step = steps[k];
    out << indent << k << "  " << step.origin;
    const std::string next = indent + "    ";
    out << next;
    PrintKernel(out, schedule, step, next);
    out << next << "tasks  " << step.tasks.ToString() << ", " << step.flops.ToString() << " flops";
  }
}

}  // namespace

std::string Print(const Schedule& schedule) {
  std::ostringstream out;
  out << "target " << schedule.target->name << ": vectors of " << schedule.target->lanes << ", "
      << schedule.target->registers << " registers\n\nsteps";
  PrintSteps(out, schedule, schedule.steps, "\n  ");
  out << "\n\nbuffers\n";
  for (size_t k = 0; k < schedule.buffers.size(); ++k) {
    const Buffer& buffer = schedule.buffers[k];
    out << "  " << Word(buffer.kind) << k << ": " << buffer.elements.ToString() << " elements";
    if (buffer.dtype != DType::F32) out << " of " << Name(buffer.dtype);
    if (buffer.kind == Buffer::Kind::Arena) out << " at byte " << buffer.offset.ToString();
    if (buffer.kind == Buffer::Kind::Constant) {
      const PackedConstant& constant = schedule.constants[static_cast<size_t>(buffer.index)];
      out << " at byte " << constant.offset;
      if (constant.panels) out << ", in panels of " << constant.panel_width;
    }
    out << "\n";
  }
  if (!schedule.derived.empty()) out << "\n";
  for (const Schedule::Derived& derived : schedule.derived) {
    out << "  " << derived.name << " = ";
    if (derived.largest_of.size() == 1) {
      out << derived.largest_of[0].ToString() << "\n";
      continue;
    }
    for (size_t k = 0; k < derived.largest_of.size(); ++k) {
      out << (k == 0 ? "max(" : ", ") << derived.largest_of[k].ToString();
    }
    out << ")\n";
  }
  out << "\nworkspace " << schedule.arena_bytes.ToString() << " bytes, constants " << schedule.constant_bytes
      << " bytes\n";
  return out.str();
}

}  // namespace strata
