#include "compiler/core/graph.h"

namespace strata::core {
namespace {

struct Namer {
  std::string_view operator()(const Input&) const { return "Input"; }
  std::string_view operator()(const Weight&) const { return "Weight"; }
  std::string_view operator()(const Constant&) const { return "Constant"; }
  std::string_view operator()(const Contract&) const { return "Contract"; }
  std::string_view operator()(const Convolve&) const { return "Convolve"; }
  std::string_view operator()(const Window&) const { return "Window"; }
  std::string_view operator()(const Map&) const { return "Map"; }
  std::string_view operator()(const Reduce&) const { return "Reduce"; }
  std::string_view operator()(const Prefix&) const { return "Prefix"; }
  std::string_view operator()(const Resample&) const { return "Resample"; }
  std::string_view operator()(const Gather&) const { return "Gather"; }
  std::string_view operator()(const Transpose&) const { return "Transpose"; }
  std::string_view operator()(const Reshape&) const { return "Reshape"; }
  std::string_view operator()(const Slice&) const { return "Slice"; }
  std::string_view operator()(const Pad&) const { return "Pad"; }
  std::string_view operator()(const Concat&) const { return "Concat"; }
  std::string_view operator()(const Scan&) const { return "Scan"; }
  std::string_view operator()(const Group&) const { return "Group"; }
};

}  // namespace

const Graph* BodyOf(const Op& op) {
  if (const auto* scan = std::get_if<Scan>(&op)) return scan->body.get();
  if (const auto* group = std::get_if<Group>(&op)) return group->body.get();
  return nullptr;
}

std::string_view Name(const Op& op) { return std::visit(Namer(), op); }

std::string GatherError(std::string_view origin, const Dim& rows) {
  return std::string(origin) + ": an index is not in 0 .. " + (rows - 1).ToString();
}

std::string GuardError(const Guard& guard, const std::function<int64_t(std::string_view symbol)>& value) {
  std::string text;
  for (const std::string& symbol : guard.value.Symbols()) {
    text += (text.empty() ? "" : ", ") + symbol + " = " + std::to_string(value(symbol));
  }
  return text + (text.empty() ? "" : ": ") + guard.text;
}

}  // namespace strata::core
