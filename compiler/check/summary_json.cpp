// The summary for programs.
#include <nlohmann/json.hpp>

#include "compiler/check/summary.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

// Numbers, and expressions over the symbols as texts.
Json SizesOf(const Shape& shape) {
  Json sizes = Json::array();
  for (const Axis& axis : shape) {
    if (const std::optional<int64_t> size = axis.size.Constant()) {
      sizes.push_back(*size);
    } else {
      sizes.push_back(axis.size.ToString());
    }
  }
  return sizes;
}

Json AxesOf(const Shape& shape) {
  Json names = Json::array();
  for (const Axis& axis : shape) names.push_back(axis.name);
  return names;
}

Json JsonOf(const SummaryRow& row) {
  Json outputs = Json::array();
  for (const Shape* shape : row.outputs) outputs.push_back({{"axes", AxesOf(*shape)}, {"sizes", SizesOf(*shape)}});
  Json weights = Json::array();
  for (const NetworkWeight* weight : row.weights) {
    weights.push_back({{"path", weight->path}, {"axes", AxesOf(weight->shape)}, {"sizes", SizesOf(weight->shape)}});
  }
  Json inputs = Json::array();
  for (const SummaryRow::Connection& from : row.connections) {
    inputs.push_back({{"layer", from.name}, {"application", from.application}, {"result", from.result}});
  }
  Json layers = Json::array();
  for (const SummaryRow& inner : row.wrapped) layers.push_back(JsonOf(inner));
  Json json = {{"name", row.name}, {"type", row.type}, {"outputs", outputs}, {"parameters", row.parameters}};
  json["trainable"] = row.trainable ? Json(*row.trainable) : Json(nullptr);
  json["weights"] = std::move(weights);
  json["inputs"] = std::move(inputs);
  json["layers"] = std::move(layers);
  return json;
}

Json Total(int64_t parameters) { return {{"parameters", parameters}, {"bytes", parameters * Bytes(DType::F32)}}; }

}  // namespace

std::string SummaryJson(const Network& network) {
  const SummaryTable table = Summarize(network);
  Json layers = Json::array();
  for (const SummaryRow& row : table.rows) layers.push_back(JsonOf(row));
  const Json json = {{"model", table.name},
                     {"doc", network.doc},
                     {"layers", std::move(layers)},
                     {"total", Total(table.trainable + table.fixed)},
                     {"trainable", Total(table.trainable)},
                     {"non_trainable", Total(table.fixed)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace strata
