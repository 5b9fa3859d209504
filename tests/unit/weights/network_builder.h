// A network made by hand: layers of one class with weights of given shapes, without operations.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/network.h"

namespace strata::testing {

// A network in a program whose text only serves as a place for messages.
class NetworkBuilder {
 public:
  explicit NetworkBuilder(std::string program = "") {
    file_ = sources.Add("digits.strata", std::move(program));
    network.name = "digits";
  }

  // The first place of `text` in the program; no place if it is not there.
  Span At(std::string_view text) const {
    const size_t begin = sources.Get(file_).Text().find(text);
    if (begin == std::string_view::npos) return {};
    return {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + text.size())};
  }

  // A weight of the layer of that instance name, which is added where it is new. `class_name` is where its label goes.
  void AddWeight(std::string_view class_name, const std::string& layer, const std::string& weight, Shape shape,
                 std::string_view initializer = "glorot_uniform") {
    if (network.layers.empty() || network.layers.back().name != layer) {
      network.layers.push_back({.def = FindLayer(class_name),
                                .name = layer,
                                .args = {},
                                .name_span = At(class_name),
                                .call_span = {},
                                .weights = {}});
    }
    names_.push_back(weight);
    definitions_.push_back({.name = names_.back(), .doc = "", .initializer = initializer, .shape = {}});
    network.weights.push_back({.path = layer + "/" + weight,
                               .suffix = weight,
                               .layer = static_cast<int>(network.layers.size()) - 1,
                               .def = &definitions_.back(),
                               .shape = std::move(shape)});
  }

  void AddConv2D(const std::string& layer, int64_t size, int64_t channels, int64_t filters) {
    AddWeight("Conv2D", layer, "kernel",
              {{.name = "height", .size = size},
               {.name = "width", .size = size},
               {.name = "channels", .size = channels},
               {.name = "filters", .size = filters}});
    AddWeight("Conv2D", layer, "bias", {{.name = "filters", .size = filters}}, "zeros");
  }

  void AddDense(const std::string& layer, int64_t features, int64_t units) {
    AddWeight("Dense", layer, "kernel", {{.name = "features", .size = features}, {.name = "units", .size = units}});
    AddWeight("Dense", layer, "bias", {{.name = "units", .size = units}}, "zeros");
  }

  // `weights digits from "path"`; `span_text` is the path as the program has it.
  void SetSource(const std::string& path, std::string_view span_text) {
    network.weights_source = WeightsSource{.path = path, .span = At(span_text), .mappings = {}};
  }

  void Map(const std::string& path, const std::string& source, std::vector<std::string> order,
           std::string_view span_text) {
    network.weights_source->mappings.push_back(
        {path, source, std::move(order), At(span_text), At(span_text), At(span_text), At(span_text)});
  }

  Sources sources;
  Network network;

 private:
  FileId file_;
  std::deque<std::string> names_;
  std::deque<WeightDef> definitions_;
};

}  // namespace strata::testing
