// Checks a JSON value against a JSON schema (draft 4, the part that the schemas of our tests use).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace strata::testing {

// What is wrong with the value, each as "/runs/0/tool: has no `driver`"; empty where it conforms. Throws
// std::runtime_error where the schema uses a keyword that is not known here, so that none is passed over.
std::vector<std::string> SchemaViolations(const nlohmann::json& schema, const nlohmann::json& value);

}  // namespace strata::testing
