// What elaboration works on: the file's names, and the model that is being built.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/network.h"
#include "compiler/check/scope.h"
#include "compiler/shape/facts.h"
#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"

namespace strata::check {

// Sizes and counts of elements beyond these are mistakes; below them all arithmetic fits 64 bits.
inline constexpr int64_t kMaxSize = 2147483647;
inline constexpr int64_t kMaxElements = int64_t{1} << 40;

// Repetitions, layers and applications in one model beyond this are a mistake, not a network.
inline constexpr int64_t kMaxUnrolled = 50000;

// What all files of a compilation share.
struct Program {
  std::unordered_map<const ast::ConfigParam*, Value> defaults;
  std::unordered_set<const ast::Function*> recursive;  // reported where they are declared, and never applied
  std::unordered_set<const ast::Function*> applied;    // elaborated at least once
  std::set<std::pair<std::string_view, std::pair<int32_t, uint32_t>>> reported_in_blocks;  // code and place
};

struct FileContext {
  const ast::File& file;
  const Sources& sources;
  Diagnostics& diagnostics;
  Program& program;
  Scope constants = Scope();
  std::unordered_map<std::string_view, FunctionName> functions = {};  // of the file and of those it imports
  bool misses_names = false;                    // an item or an imported file could not be read: any name may be its
  std::vector<StepType>* step_types = nullptr;  // see CheckOptions; of the file itself, not of its imports
};

// A block with its configuration.
struct BlockInstance {
  FunctionName name;
  std::vector<Value> config;  // parallel to the function's
  Span name_span;             // the block's name where the instance is made
  // What the calls in its body made at the first application, in order; every further application uses it again.
  std::unordered_map<const ast::Call*, std::vector<Value>> made = {};
  std::unordered_map<const ast::Call*, size_t> used = {};  // how many of them, by the application in progress
};

// A model under construction. The vectors run parallel to those of the network.
struct Elaboration {
  const ast::Function& function;  // the model, whose `where` says what is known of its symbols
  Network network = {};
  Facts facts = {};
  std::vector<AnyOf> stated = {};  // what is believed beside the facts: of several conditions at least one holds
  std::deque<BlockInstance> blocks = {};
  BlockInstance* instance = nullptr;  // whose body is being elaborated; null: the model's own
  int64_t unrolled = 0;               // counts up to kMaxUnrolled
  std::unordered_map<const TypedConstant*, int> constants = {};  // the network's values for them
  std::vector<Site> node_sites = {};
  std::vector<std::string> value_names = {};  // as messages call it: an input's or `let`'s name; "" for others
  std::vector<Span> type_spans = {};          // where an input's type is written; invalid for others
  // What a mistake makes of a value's shape: in doubt itself, or computed from one that is.
  enum class Taint { None, Follows, Wrong };
  std::vector<Taint> taints = {};
  std::vector<bool> type_doubts = {};  // whether a mistake leaves the value's element type in doubt
  struct LayerState {
    bool is_usable;        // its arguments are right
    int first_node = -1;   // its first application
    Span wrapped_at = {};  // where it is an argument of another layer; invalid: nowhere
  };
  std::vector<LayerState> layer_states = {};
  bool has_masks = false;               // some value has one
  std::set<int> mask_drops = {};        // nodes that drop or take one that a layer would read, reported
  std::map<int, int> mask_takers = {};  // nodes that took a value's mask (TakesMasks), by the value
  std::unordered_map<std::string, int> name_counters = {};  // of each class stem
  std::unordered_map<std::string, Span> layer_names = {};   // where each instance name was given

  const TensorType& TypeOf(int value) const { return network.values[static_cast<size_t>(value)].type; }
  const NetworkLayer& LayerOfNode(int node) const {
    return network.layers[static_cast<size_t>(network.nodes[static_cast<size_t>(node)].layer)];
  }
  const Site& SiteOfNode(int node) const { return node_sites[static_cast<size_t>(node)]; }
  Taint TaintOf(int value) const { return taints[static_cast<size_t>(value)]; }
  bool HasSureType(int value) const {
    return TaintOf(value) == Taint::None && !type_doubts[static_cast<size_t>(value)];
  }
  // The layer's or input's name, or that of the `let`.
  std::string NameOf(int value) const;

  // Adds a value; returns its index.
  int AddValue(TensorType type, Span span, int node, Taint taint = Taint::None);
  // The network's value for the constant, one for all its uses.
  Tensor AddConstant(const std::shared_ptr<const TypedConstant>& constant, Span span);
  // A view of the value with other names of its axes: a layer `Rename` of its own.
  int AddRenamed(int value, Shape shape, const Site& site);
  // How many axes the mask covers that a layer of several tensors finds at the value now.
  size_t JointMaskAxes(int value) const;

  // A condition that must hold when the model runs: proven, or tested on entry from now on and believed. False where it
  // never holds. `need` begins the text of the guard, which ends with the condition: "Conv2D at unet.strata:7 needs ".
  bool Require(const Condition& condition, const std::string& need, Span span) {
    return Require(Formula{{condition}}, need, span);
  }
  bool Require(const Formula& formula, const std::string& need, Span span);
  // What of the formula is not decided; nothing where `truth` is True or False.
  Formula OpenPart(const Formula& formula, Truth& truth) const;

 private:
  Truth Decide(const AnyOf& any) const;
};

// "unet.strata:31"
std::string PlaceText(const Sources& sources, Span span);

// The help that states conditions in the model's `where`; false where nothing useful could be stated.
bool OfferWhere(Diagnostic& diagnostic, const Elaboration& model, const std::vector<Condition>& needed);
// Likewise the formula as it is.
void OfferStating(Diagnostic& diagnostic, const Elaboration& model, const Formula& formula);

// "2 tensors", "1 tensor".
std::string Count(size_t count, std::string_view what);
std::string Quoted(std::string_view text);  // in backquotes
// "`a`, `b` and `c`", quoted; `last` joins the last two.
std::string ListOf(const std::vector<std::string_view>& names, std::string_view last);

// Reports a tensor of more elements than can be counted.
bool ReportTooLarge(const Shape& shape, const std::string& owner, Span span, Diagnostics& diagnostics);

// Whether an expression can stand in a message.
bool IsShort(std::string_view text, size_t longest);

// Where the first help rewrites a declaration that a secondary label marks, that label becomes the primary one: what is
// to be changed is what is wrong.
void PointAtDeclaration(Diagnostic& diagnostic, Span declaration);

}  // namespace strata::check
