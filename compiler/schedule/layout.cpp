// Where values lie: buffers, strides, room around what a convolution pads.
#include <algorithm>

#include "compiler/schedule/build_nest.h"
#include "compiler/schedule/scheduler.h"
#include "compiler/source/check.h"

namespace strata {

using core::Extents;
using core::ValueId;

Dim Product(const Extents& extents) {
  Dim product = 1;
  for (const Dim& extent : extents) product *= extent;
  return product;
}

std::vector<Dim> RowMajorStrides(const Extents& extents) {
  std::vector<Dim> strides(extents.size(), 1);
  for (size_t axis = extents.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * extents[axis];
  return strides;
}

bool IsRowMajor(const Extents& extents, const std::vector<Dim>& strides) {
  Dim expected = 1;
  for (size_t axis = extents.size(); axis-- > 0;) {
    if (extents[axis].Is(1)) continue;
    if (!(strides[axis] == expected)) return false;
    expected *= extents[axis];
  }
  return true;
}

bool HasUnitLastStride(const Extents& extents, const Layout& layout) {
  return extents.empty() || layout.strides.back().Is(1) || extents.back().Is(1);
}

std::optional<Layout> LayoutBefore(const core::Graph& graph, const Extents& from, const Extents& to,
                                   const Layout& layout) {
  Layout before{.buffer = layout.buffer, .offset = layout.offset, .strides = std::vector<Dim>(from.size(), 1)};
  size_t begin = 0;
  for (size_t axis = 0; axis < to.size(); ++axis) {
    if (to[axis].Is(1)) continue;
    size_t end = begin;
    Dim product = 1;
    while (end < from.size() && !graph.AreEqual(product, to[axis])) product *= from[end++];
    if (!graph.AreEqual(product, to[axis])) return std::nullopt;
    Dim stride = layout.strides[axis];
    for (size_t k = end; k-- > begin;) {
      before.strides[k] = stride;
      stride *= from[k];
    }
    begin = end;
  }
  for (; begin < from.size(); ++begin) {
    if (!from[begin].Is(1)) return std::nullopt;
  }
  return before;
}

Layout Without(const Layout& layout, int axis, const Dim& at) {
  Layout part = layout;
  part.offset += at * layout.strides[static_cast<size_t>(axis)];
  part.strides.erase(part.strides.begin() + axis);
  return part;
}

bool Halo::IsEmpty() const {
  const auto is_zero = [](const Dim& size) { return size.Is(0); };
  return std::ranges::all_of(low, is_zero) && std::ranges::all_of(high, is_zero);
}

int Scheduler::AddBuffer(Buffer buffer) {
  schedule_.buffers.push_back(std::move(buffer));
  return static_cast<int>(schedule_.buffers.size()) - 1;
}

int Scheduler::AddConstant(PackedConstant constant, Dim elements) {
  const DType dtype = constant.literal->dtype;
  constant.offset = schedule_.constant_bytes;
  constant.bytes = *elements.Constant() * Bytes(dtype);
  schedule_.constant_bytes += (constant.bytes + 63) / 64 * 64;
  schedule_.constants.push_back(std::move(constant));
  return AddBuffer({.kind = Buffer::Kind::Constant,
                    .index = static_cast<int>(schedule_.constants.size()) - 1,
                    .elements = std::move(elements),
                    .dtype = dtype});
}

Layout Scheduler::NewBuffer(const Extents& extents, DType dtype, const Halo& halo, const std::string& origin) {
  Extents padded = extents;
  for (size_t axis = 0; axis < extents.size(); ++axis) padded[axis] += halo.low[axis] + halo.high[axis];
  Layout layout{.buffer = AddBuffer({.kind = Buffer::Kind::Arena, .elements = Product(padded), .dtype = dtype}),
                .offset = 0,
                .strides = RowMajorStrides(padded)};
  for (size_t axis = 0; axis < extents.size(); ++axis) layout.offset += halo.low[axis] * layout.strides[axis];
  FillHalo(extents, halo, layout, origin);
  return layout;
}

// Zeros before and after each axis: whole slabs along the axes before it, which cover the corners.
void Scheduler::FillHalo(const Extents& extents, const Halo& halo, const Layout& layout, const std::string& origin) {
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    for (const bool high : {false, true}) {
      const Dim& width = high ? halo.high[axis] : halo.low[axis];
      if (width.Is(0)) continue;
      Extents slab = extents;
      Access write = layout;
      slab[axis] = width;
      write.offset += (high ? extents[axis] : Dim(0) - width) * layout.strides[axis];
      for (size_t later = axis + 1; later < extents.size(); ++later) {
        slab[later] += halo.low[later] + halo.high[later];
        write.offset += (Dim(0) - halo.low[later]) * layout.strides[later];
      }
      steps_.push_back(FillNest(slab, write, 0, DType::F32, origin + ".halo"));
    }
  }
}

const Layout& Scheduler::Allocate(ValueId value, const std::string& origin) {
  std::optional<Layout>& layout = LayoutOf(value);
  if (layout) return *layout;
  const Extents& extents = ExtentsOf(value);
  if (const auto reshape = written_reshapes_.find(value); reshape != written_reshapes_.end()) {
    layout = LayoutBefore(graph_, extents, ExtentsOf(reshape->second), Allocate(reshape->second, origin));
    STRATA_CHECK(layout.has_value());
  } else if (const auto place = concat_places_.find(value); place != concat_places_.end()) {
    Layout part = Allocate(place->second.whole, origin);
    part.offset += place->second.offset * part.strides[static_cast<size_t>(place->second.axis)];
    layout = std::move(part);
  } else if (const auto output = written_outputs_.find(value); output != written_outputs_.end()) {
    layout = outputs_[output->second];
  } else {
    const auto halo = halos_.find(value);
    layout =
        NewBuffer(extents, DTypeOf(value), halo == halos_.end() ? Halo::None(extents.size()) : halo->second, origin);
  }
  return *layout;
}

const Layout& Scheduler::Read(ValueId value) {
  std::optional<Layout>& layout = LayoutOf(value);
  if (!layout) {
    const auto* constant = graph_.ProducerAs<core::Constant>(value);
    STRATA_CHECK(constant != nullptr);
    layout = Layout{.buffer = AddConstant({.literal = constant->literal}, Product(ExtentsOf(value))),
                    .offset = 0,
                    .strides = RowMajorStrides(ExtentsOf(value))};
  }
  return *layout;
}

Layout Scheduler::Copy(ValueId value, const Halo& halo, const std::string& origin) {
  Layout copy = NewBuffer(ExtentsOf(value), DTypeOf(value), halo, origin);
  steps_.push_back(CopyNest(ExtentsOf(value), Read(value), copy, DTypeOf(value), origin + ".copy"));
  return copy;
}

Layout Scheduler::ReadVectors(ValueId value, const std::string& origin) {
  if (HasUnitLastStride(ExtentsOf(value), Read(value))) return Read(value);
  return Copy(value, Halo::None(ExtentsOf(value).size()), origin);
}

Layout Scheduler::ReadPadded(ValueId value, const Halo& halo, const std::string& origin) {
  if (halo.IsEmpty() || Computes(value)) return ReadVectors(value, origin);
  auto copy = padded_copies_.find(value);
  if (copy == padded_copies_.end()) copy = padded_copies_.emplace(value, Copy(value, halos_.at(value), origin)).first;
  return copy->second;
}

Access Scheduler::Broadcast(ValueId operand, const std::vector<int>& axes, const Extents& extents) {
  const Layout& layout = Read(operand);
  Access access{.buffer = layout.buffer, .offset = layout.offset, .strides = std::vector<Dim>(extents.size(), 0)};
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    if (!ExtentsOf(operand)[axis].Is(1)) access.strides[static_cast<size_t>(axes[axis])] = layout.strides[axis];
  }
  return access;
}

}  // namespace strata
