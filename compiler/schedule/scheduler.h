// From a graph to steps: each operation becomes a step or, where it only renames elements, a layout. Internal to the
// schedule; its parts stand in files of their own.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/schedule/schedule.h"

namespace strata {

// ---- layout.cpp ----

Dim Product(const core::Extents& extents);
std::vector<Dim> RowMajorStrides(const core::Extents& extents);
// Strides along axes of one element do not matter.
bool IsRowMajor(const core::Extents& extents, const std::vector<Dim>& strides);
bool HasUnitLastStride(const core::Extents& extents, const Layout& layout);
// Where the elements of a value with extents `from` lie if their Reshape to `to` lies at `layout`: every axis of `to` is
// some of `from` one after the other, or of one element. Nothing where that is not so.
std::optional<Layout> LayoutBefore(const core::Graph& graph, const core::Extents& from, const core::Extents& to,
                                   const Layout& layout);
// The part of `layout` at position `at` of an axis, without that axis.
Layout Without(const Layout& layout, int axis, const Dim& at);

// Zeros around a value: for each axis how many before and after.
struct Halo {
  std::vector<Dim> low;
  std::vector<Dim> high;

  bool IsEmpty() const;
  static Halo None(size_t rank) { return {std::vector<Dim>(rank, 0), std::vector<Dim>(rank, 0)}; }
};

// What a value of a Group's body that is one of its inputs is outside.
core::ValueId OuterValue(const core::Graph& body, const core::Operation& group, core::ValueId inner);

// ---- products.cpp ----

// The labels of a Contract by the parts they play in a Tile.
struct TileLabels {
  std::vector<int> outer;  // of the result
  std::optional<int> column;
  int channel = 0;
  std::vector<int> summed;  // in the left operand's order; the last one is the run
};

// What the schedulers of a graph and of its Scans' bodies share.
struct ScheduleContext {
  const Target& target;
  const ScheduleOptions& options;
  Schedule& schedule;
};

class Scheduler {
 public:
  // `inputs` and `outputs`: where the graph's inputs are and its outputs go.
  Scheduler(const core::Graph& graph, const ScheduleContext& context, std::vector<Layout> inputs,
            std::vector<Layout> outputs);

  std::vector<Step> Run();

 private:
  // ---- make_schedule.cpp: what will be asked of each value; operations that only move elements ----
  bool Computes(core::ValueId value) const;
  void CountUses();
  void ChooseReshapes();
  void CollectHalos();
  std::pair<const core::Convolve*, core::ValueId> ConvolveOf(const core::Operation& operation) const;
  void ChooseOutputs();
  void ChooseConcatPlaces();
  void RequireSizes();
  void Visit(const core::Operation& operation);
  void VisitTranspose(const core::Operation& operation, const core::Transpose& transpose);
  void VisitSlice(const core::Operation& operation, const core::Slice& slice);
  void VisitReshape(const core::Operation& operation);
  void VisitPad(const core::Operation& operation, const core::Pad& pad);
  void VisitConcat(const core::Operation& operation, const core::Concat& concat);
  void VisitPrefix(const core::Operation& operation, const core::Prefix& prefix);
  void VisitResample(const core::Operation& operation, const core::Resample& resample);
  void VisitGather(const core::Operation& operation, const core::Gather& gather);
  void VisitGroup(const core::Operation& operation, const core::Group& group);
  void CopyOutputs();

  // ---- layout.cpp: where values lie ----
  const core::Extents& ExtentsOf(core::ValueId value) const { return graph_.Get(value).extents; }
  DType DTypeOf(core::ValueId value) const { return graph_.Get(value).dtype; }
  std::optional<Layout>& LayoutOf(core::ValueId value) { return layouts_[static_cast<size_t>(value.index)]; }
  int AddBuffer(Buffer buffer);
  int AddConstant(PackedConstant constant, Dim elements);
  Layout NewBuffer(const core::Extents& extents, DType dtype, const Halo& halo, const std::string& origin);
  void FillHalo(const core::Extents& extents, const Halo& halo, const Layout& layout, const std::string& origin);
  // Where a computed value goes.
  const Layout& Allocate(core::ValueId value, const std::string& origin);
  // The layout of a value that exists. A constant gets its buffer when it is first read.
  const Layout& Read(core::ValueId value);
  Layout Copy(core::ValueId value, const Halo& halo, const std::string& origin);
  // The value with vectors along its last axis.
  Layout ReadVectors(core::ValueId value, const std::string& origin);
  // The value with vectors along its last axis and at least `halo` around it.
  Layout ReadPadded(core::ValueId value, const Halo& halo, const std::string& origin);
  // How an operand that runs along `axes` of a space with these extents is read over all of its axes.
  Access Broadcast(core::ValueId operand, const std::vector<int>& axes, const core::Extents& extents);

  // ---- products.cpp: Contract, Convolve, Window, and the Map after them ----
  Epilogue EpilogueOf(const core::Map* map, const core::Operation& operation);
  Halo HaloOf(const core::Convolve& convolve, core::ValueId input) const;
  void VisitContract(const core::Operation& anchor, const core::Contract& contract, const core::Map* map,
                     const core::Operation& operation);
  void ContractByNest(const core::Operation& anchor, const core::Contract& contract, const core::Map* map,
                      const core::Operation& operation);
  void VisitConvolve(const core::Operation& anchor, const core::Convolve& convolve, const core::Map* map,
                     const core::Operation& operation);
  void VisitWindow(const core::Operation& anchor, const core::Window& window, const core::Map* map,
                   const core::Operation& operation);
  void JoinColumns(Tile& tile) const;
  Layout CopyInOrder(core::ValueId operand, const std::vector<int>& labels, const std::vector<int>& order,
                     const std::string& origin);
  void PackWeights(Tile& tile, std::shared_ptr<const core::Literal> literal);
  void PackOperand(Tile& tile, core::ValueId right, const core::Contract& contract, const TileLabels& labels,
                   const std::string& origin);
  void AddTile(Tile tile, const std::string& origin, bool is_matrix);
  void AddDepthwise(Depthwise depthwise, core::ValueId weights, const std::string& origin);

  // ---- rows.cpp: Maps and Reduces ----
  struct Rows;
  void VisitRows(const core::Operation& operation);
  int Inline(Rows& rows, std::vector<core::Map::Node>& nodes, core::ValueId value, const std::vector<int>& axes);

  // ---- scan.cpp ----
  void VisitScan(const core::Operation& operation, const core::Scan& scan);

  struct ConcatPlace {
    core::ValueId whole;
    int axis;
    Dim offset;
  };

  const core::Graph& graph_;
  const ScheduleContext& context_;
  const Target& target_;
  Schedule& schedule_;
  std::vector<Layout> inputs_;
  std::vector<Layout> outputs_;
  std::vector<Step> steps_;
  std::vector<std::optional<Layout>> layouts_;  // by ValueId
  std::map<core::ValueId, int> uses_;
  std::map<core::ValueId, Halo> halos_;              // what convolutions read around each value
  std::map<core::ValueId, Layout> padded_copies_;    // of values that are not computed, with their halos
  std::map<core::ValueId, size_t> written_outputs_;  // computed outputs, and which one they are written as
  std::map<core::ValueId, ConcatPlace> concat_places_;
  std::map<core::ValueId, core::ValueId> written_reshapes_;  // computed values, and the Reshape they are computed as
};

}  // namespace strata
