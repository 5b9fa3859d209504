// A model as the table of Keras' model.summary(): its layers, what they give, their parameters, what they read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"

namespace strata {

// A layer or an input. It refers to the network.
struct SummaryRow {
  struct Connection {
    std::string name;    // of the layer or input
    size_t application;  // which application of that layer
    size_t result;       // which of its results
  };
  std::string name;
  std::string type;                        // "Conv2D", "InputLayer"
  std::vector<const Shape*> outputs = {};  // of its last application; none of what a wrapper holds
  int64_t parameters = 0;
  std::vector<const NetworkWeight*> weights = {};
  std::optional<bool> trainable = {};        // nothing where there are no weights
  std::vector<Connection> connections = {};  // of all its applications
  std::vector<SummaryRow> wrapped = {};      // the layers that a wrapper holds
};

struct SummaryTable {
  std::string name;  // the model's
  bool is_chain;     // each layer reads the one before: no connections are shown
  std::vector<SummaryRow> rows = {};
  int64_t trainable = 0;  // parameters
  int64_t fixed = 0;
};

// In Keras' order: by distance from the outputs.
SummaryTable Summarize(const Network& network);

struct SummaryOptions {
  std::optional<size_t> line_length = {};  // at least kMinSummaryLine; nothing: as Keras chooses it
  size_t columns = 80;                     // of the terminal, by which Keras chooses
  bool shows_trainable = false;
  bool expands = false;        // also the layers that wrappers hold
  bool names_symbols = false;  // sizes that are not constant by their expression, not `None`
};
inline constexpr size_t kMinSummaryLine = 40;

// What Keras 3.15 prints.
std::string Summary(const Network& network, const SummaryOptions& options = {});
// The same as a table of Markdown.
std::string SummaryMarkdown(const Network& network, const SummaryOptions& options = {});
// One line of JSON: docs/summary.schema.json.
std::string SummaryJson(const Network& network);

}  // namespace strata
