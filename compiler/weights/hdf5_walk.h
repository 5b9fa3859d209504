// libhdf5's part of reading an HDF5 file: runs in a process of its own (hdf5.cpp).
#pragma once

#include <span>

#include <nlohmann/json.hpp>

namespace strata::weights {

// {"error": "", "datasets": [...], "attributes": {...}}: Hdf5Contents, field by field. Names and texts
// are byte strings, for nothing says that they are UTF-8. May crash where the bytes are damaged.
nlohmann::json WalkHdf5(std::span<const unsigned char> bytes);

}  // namespace strata::weights
