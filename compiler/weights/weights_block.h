// The mappings of a `weights` block, checked against the network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/weights/axis_order.h"
#include "compiler/weights/weights.h"

namespace strata::weights {

struct CheckedMapping {
  const WeightsSource::Mapping* mapping;
  // Index into Network::weights. Where the path is no weight's: the weight that was probably meant, if any.
  std::optional<size_t> weight;
  // The file's order of the weight's axes. Nothing where the mapping is wrong, which has been reported.
  std::optional<AxisOrder> order;
};

// One for each mapping, but only the first of those for one weight.
std::vector<CheckedMapping> CheckMappings(const Network& network, Diagnostics& diagnostics);

// `stem/kernel = "conv1.weight" as [filters, channels, height, width]`; without `as` where `order` is the layer's.
std::string MappingText(const NetworkWeight& weight, const std::string& source, const AxisOrder& order);

}  // namespace strata::weights
