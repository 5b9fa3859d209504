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
  std::string_view operator()(const Transpose&) const { return "Transpose"; }
  std::string_view operator()(const Reshape&) const { return "Reshape"; }
  std::string_view operator()(const Slice&) const { return "Slice"; }
  std::string_view operator()(const Pad&) const { return "Pad"; }
  std::string_view operator()(const Concat&) const { return "Concat"; }
  std::string_view operator()(const Group&) const { return "Group"; }
};

}  // namespace

std::string_view Name(const Op& op) { return std::visit(Namer(), op); }

}  // namespace strata::core
