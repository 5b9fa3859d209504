#include "compiler/driver/interface_of.h"

namespace strata {

Interface InterfaceOf(const Network& network) {
  Interface interface{.name = network.name, .doc = network.doc, .source = network.file};
  for (const NetworkInput& input : network.inputs) {
    interface.inputs.push_back({.name = input.name, .type = network.values[static_cast<size_t>(input.value)].type});
  }
  for (const NetworkOutput& output : network.outputs) {
    interface.outputs.push_back({.name = output.name, .type = output.type});
  }
  return interface;
}

}  // namespace strata
