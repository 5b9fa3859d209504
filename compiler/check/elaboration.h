// What elaboration works on: the file's names, and the model that is being built.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/check/scope.h"
#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"

namespace strata::check {

// Sizes and counts of elements beyond these are mistakes; below them all arithmetic fits 64 bits.
inline constexpr int64_t kMaxSize = 2147483647;
inline constexpr int64_t kMaxElements = int64_t{1} << 40;

struct FileContext {
  const ast::File& file;
  const Sources& sources;
  Diagnostics& diagnostics;
  Scope constants;
  std::unordered_map<std::string_view, const ast::Function*> functions;
};

// A model under construction. The vectors run parallel to those of the network.
struct Elaboration {
  Network network;
  std::vector<Site> node_sites;
  std::vector<std::string> value_names;  // as messages call it: an input's or `let`'s name; "" for others
  std::vector<Span> type_spans;          // where an input's type is written; invalid for others
  // What a mistake makes of a value's shape: in doubt itself, or computed from one that is.
  enum class Taint { None, Follows, Wrong };
  std::vector<Taint> taints;
  struct LayerState {
    bool is_usable;        // its arguments are right
    int first_node = -1;   // its first application
    Span wrapped_at = {};  // where it is an argument of another layer; invalid: nowhere
  };
  std::vector<LayerState> layer_states;
  std::unordered_map<std::string, int> name_counters;  // of each class stem
  std::unordered_map<std::string, Span> layer_names;   // where each instance name was given

  const TensorType& TypeOf(int value) const { return network.values[static_cast<size_t>(value)].type; }
  const NetworkLayer& LayerOfNode(int node) const {
    return network.layers[static_cast<size_t>(network.nodes[static_cast<size_t>(node)].layer)];
  }
  const Site& SiteOfNode(int node) const { return node_sites[static_cast<size_t>(node)]; }
  Taint TaintOf(int value) const { return taints[static_cast<size_t>(value)]; }
  // The layer's or input's name, or that of the `let`.
  std::string NameOf(int value) const;
};

// "2 tensors", "1 tensor".
std::string Count(size_t count, std::string_view what);
std::string Quoted(std::string_view text);  // in backquotes
// "`a`, `b` and `c`", quoted; `last` joins the last two.
std::string ListOf(const std::vector<std::string_view>& names, std::string_view last);

// Reports a tensor of more elements than can be counted.
bool ReportTooLarge(const Shape& shape, const std::string& owner, Span span, Diagnostics& diagnostics);

// Where the first help rewrites a declaration that a secondary label marks, that label becomes the primary one: what is
// to be changed is what is wrong.
void PointAtDeclaration(Diagnostic& diagnostic, Span declaration);

// Reports that something of the language is not built yet.
void ReportNotSupported(Diagnostics& diagnostics, Span span, std::string_view what);

}  // namespace strata::check
