#include "compiler/weights/weights_block.h"

#include <algorithm>
#include <cctype>

#include "compiler/source/catalogue.h"

namespace strata {
namespace weights {
namespace {

using Mapping = WeightsSource::Mapping;

std::optional<size_t> FindWeight(const Network& network, std::string_view path) {
  const auto found = std::ranges::find(network.weights, path, &NetworkWeight::path);
  if (found == network.weights.end()) return std::nullopt;
  return static_cast<size_t>(found - network.weights.begin());
}

// A string literal of the language.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += {'\\', letter};
    } else if (byte < ' ' || byte == 0x7f) {
      quoted += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

// Whether a path can stand without quotes: identifiers between slashes.
bool IsPlainPath(std::string_view path) {
  char before = '/';
  for (const char letter : path) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool starts = std::isalpha(byte) != 0 || letter == '_';
    const bool fits = before == '/' ? starts : starts || std::isdigit(byte) != 0 || letter == '/';
    if (!fits) return false;
    before = letter;
  }
  return before != '/';
}

std::string NamesText(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
  return text + "]";
}

// The order these names stand for. On failure nothing, with what is wrong.
std::optional<AxisOrder> ParseOrder(const NetworkWeight& weight, const std::vector<std::string>& names,
                                    std::string* error) {
  AxisOrder order;
  for (const std::string& name : names) {
    const std::optional<size_t> axis = FindAxis(weight.shape, name);
    if (!axis) {
      *error = "`" + name + "` is no axis of it";
      return std::nullopt;
    }
    if (std::find(order.begin(), order.end(), *axis) != order.end()) {
      *error = "`" + name + "` is there twice";
      return std::nullopt;
    }
    order.push_back(*axis);
  }
  for (size_t axis = 0; axis < weight.shape.size(); ++axis) {
    if (std::find(order.begin(), order.end(), axis) != order.end()) continue;
    *error = "`" + weight.shape[axis].name + "` is missing";
    return std::nullopt;
  }
  return order;
}

std::optional<AxisOrder> CheckOrder(const NetworkWeight& weight, const Mapping& mapping, Diagnostics& diagnostics) {
  if (mapping.order.empty()) return LayerOrder(weight.shape.size());
  std::string error;
  std::optional<AxisOrder> order = ParseOrder(weight, mapping.order, &error);
  if (order) return order;
  Diagnostic& diagnostic = diagnostics.Report(kinds::WeightOrder, mapping.order_span, NamesText(mapping.order),
                                              weight.path, ToString(weight.shape));
  diagnostic.Primary(error);

  // Each name as it was probably meant.
  std::vector<std::string_view> axes;
  for (const Axis& axis : weight.shape) axes.push_back(axis.name);
  std::vector<std::string> meant = mapping.order;
  for (std::string& name : meant) {
    const std::string_view nearest = NearestName(name, axes);
    if (!FindAxis(weight.shape, name) && !nearest.empty()) name = nearest;
  }
  if (const std::optional<AxisOrder> meant_order = ParseOrder(weight, meant, &error)) {
    diagnostic.Help("write `as " + NamesText(meant) + "`", Applicability::MachineApplicable,
                    {{mapping.span, MappingText(weight, mapping.source, *meant_order)}});
  }
  return std::nullopt;
}

CheckedMapping CheckMapping(const Network& network, const Mapping& mapping, Diagnostics& diagnostics) {
  CheckedMapping checked{&mapping, FindWeight(network, mapping.path), std::nullopt};
  if (checked.weight) {
    checked.order = CheckOrder(network.weights[*checked.weight], mapping, diagnostics);
    return checked;
  }
  std::vector<std::string_view> paths;
  paths.reserve(network.weights.size());
  for (const NetworkWeight& weight : network.weights) paths.push_back(weight.path);
  Diagnostic& diagnostic = diagnostics.Report(kinds::WeightPathUnknown, mapping.path_span, network.name, mapping.path);
  checked.weight = FindWeight(network, NearestName(mapping.path, paths));
  if (!checked.weight) return checked;
  const NetworkWeight& nearest = network.weights[*checked.weight];
  std::string error;
  const bool has_order = !mapping.order.empty();
  const std::optional<AxisOrder> order =
      has_order ? ParseOrder(nearest, mapping.order, &error) : LayerOrder(nearest.shape.size());
  std::vector<Edit> edits;
  if (order) edits.push_back({mapping.span, MappingText(nearest, mapping.source, *order)});
  const auto applicability = order ? Applicability::MachineApplicable : Applicability::HasPlaceholders;
  diagnostic.Help("there is `" + nearest.path + "`", applicability, std::move(edits));
  return checked;
}

}  // namespace

std::vector<CheckedMapping> CheckMappings(const Network& network, Diagnostics& diagnostics) {
  std::vector<CheckedMapping> all;
  if (!network.weights_source) return all;
  for (const Mapping& mapping : network.weights_source->mappings) {
    const auto first =
        std::ranges::find(all, mapping.path, [](const CheckedMapping& one) { return one.mapping->path; });
    if (first != all.end()) {
      diagnostics.Report(kinds::WeightMappedTwice, mapping.path_span, mapping.path)
          .Label(first->mapping->path_span, "mapped here already");
    } else {
      all.push_back(CheckMapping(network, mapping, diagnostics));
    }
  }
  return all;
}

std::string MappingText(const NetworkWeight& weight, const std::string& source, const AxisOrder& order) {
  const std::string path = IsPlainPath(weight.path) ? weight.path : Quoted(weight.path);
  const std::string as = IsLayerOrder(order) ? "" : " as " + OrderText(weight.shape, order);
  return path + " = " + Quoted(source) + as;
}

}  // namespace weights

void CheckWeightsBlock(const Network& network, Diagnostics& diagnostics) {
  weights::CheckMappings(network, diagnostics);
}

}  // namespace strata
