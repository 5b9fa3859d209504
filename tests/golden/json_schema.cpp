#include "tests/golden/json_schema.h"

#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

namespace strata::testing {

namespace {

using nlohmann::json;

bool HasType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "null") return value.is_null();
  throw std::runtime_error("no such type in a schema: " + type);
}

// URIs and references to them have no blanks and no characters that are to be written as %XX.
bool HasFormat(const std::string& text, const std::string& format) {
  if (format == "uri") return std::regex_match(text, std::regex("[A-Za-z][A-Za-z0-9+.-]*:[!-~]*"));
  if (format == "uri-reference") return std::regex_match(text, std::regex("([!#-;=?-\\[\\]_a-z~]|%[0-9A-F]{2})*"));
  if (format == "date-time") return std::regex_match(text, std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*"));
  throw std::runtime_error("no such format in a schema: " + format);
}

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  void Check(const json& schema, const json& value, const std::string& place) {
    for (const auto& [keyword, rule] : schema.items()) {
      const auto found = Keywords().find(keyword);
      if (found == Keywords().end()) throw std::runtime_error("no such keyword in a schema: " + keyword);
      if (found->second != nullptr) found->second(*this, schema, rule, value, place);
    }
  }

  std::vector<std::string> violations;

 private:
  using Rule = void (*)(Checker&, const json& schema, const json& rule, const json& value, const std::string& place);

  void Require(bool holds, const std::string& place, const std::string& what) {
    if (!holds) violations.push_back((place.empty() ? "/" : place) + ": " + what);
  }

  bool Accepts(const json& schema, const json& value) const {
    Checker checker(root_);
    checker.Check(schema, value, "");
    return checker.violations.empty();
  }

  size_t CountAccepting(const json& schemas, const json& value) const {
    return static_cast<size_t>(
        std::count_if(schemas.begin(), schemas.end(), [&](const json& schema) { return Accepts(schema, value); }));
  }

  static void Type(Checker& checker, const json&, const json& rule, const json& value, const std::string& place) {
    const std::vector<std::string> types =
        rule.is_string() ? std::vector<std::string>{rule} : rule.get<std::vector<std::string>>();
    const bool holds =
        std::any_of(types.begin(), types.end(), [&](const std::string& type) { return HasType(value, type); });
    checker.Require(holds, place, "is " + value.dump().substr(0, 80) + ", not of type " + rule.dump());
  }

  static void Members(Checker& checker, const json& schema, const json& value, const std::string& place) {
    if (!value.is_object()) return;
    const json& known = schema.contains("properties") ? schema["properties"] : json::object();
    const json& others = schema.contains("additionalProperties") ? schema["additionalProperties"] : json(true);
    for (const auto& [name, member] : value.items()) {
      const std::string at = place + "/" + name;
      if (known.contains(name)) {
        checker.Check(known[name], member, at);
      } else if (others.is_object()) {
        checker.Check(others, member, at);
      } else {
        checker.Require(others.get<bool>(), at, "is not known");
      }
    }
  }

  static const std::map<std::string, Rule>& Keywords() {
    using V = const json&;
    using P = const std::string&;
    static const std::map<std::string, Rule> keywords = {
        // These say nothing about the value.
        {"$schema", nullptr},
        {"id", nullptr},
        {"title", nullptr},
        {"description", nullptr},
        {"default", nullptr},
        {"definitions", nullptr},
        {"$ref",
         [](Checker& c, V, V rule, V value, P place) {
           const std::string target = rule;
           if (!target.starts_with("#")) throw std::runtime_error("a schema refers to another file: " + target);
           c.Check(c.root_.at(json::json_pointer(target.substr(1))), value, place);
         }},
        {"type", Type},
        {"enum",
         [](Checker& c, V, V rule, V value, P place) {
           const bool holds = std::find(rule.begin(), rule.end(), value) != rule.end();
           c.Require(holds, place, value.dump() + " is none of " + rule.dump());
         }},
        {"properties", [](Checker& c, V schema, V, V value, P place) { Members(c, schema, value, place); }},
        {"additionalProperties",
         [](Checker& c, V schema, V, V value, P place) {
           if (!schema.contains("properties")) Members(c, schema, value, place);
         }},
        {"required",
         [](Checker& c, V, V rule, V value, P place) {
           if (!value.is_object()) return;
           for (const std::string name : rule) c.Require(value.contains(name), place, "has no `" + name + "`");
         }},
        {"items",
         [](Checker& c, V, V rule, V value, P place) {
           if (!value.is_array()) return;
           for (size_t i = 0; i < value.size(); ++i) c.Check(rule, value[i], place + "/" + std::to_string(i));
         }},
        {"minItems",
         [](Checker& c, V, V rule, V value, P place) {
           if (value.is_array()) c.Require(value.size() >= rule.get<size_t>(), place, "has too few elements");
         }},
        {"maxItems",
         [](Checker& c, V, V rule, V value, P place) {
           if (value.is_array()) c.Require(value.size() <= rule.get<size_t>(), place, "has too many elements");
         }},
        {"uniqueItems",
         [](Checker& c, V, V rule, V value, P place) {
           if (!value.is_array() || !rule.get<bool>()) return;
           c.Require(std::set<json>(value.begin(), value.end()).size() == value.size(), place, "has equal elements");
         }},
        {"minimum",
         [](Checker& c, V, V rule, V value, P place) {
           if (value.is_number()) c.Require(value >= rule, place, value.dump() + " is less than " + rule.dump());
         }},
        {"maximum",
         [](Checker& c, V, V rule, V value, P place) {
           if (value.is_number()) c.Require(value <= rule, place, value.dump() + " is more than " + rule.dump());
         }},
        {"pattern",
         [](Checker& c, V, V rule, V value, P place) {
           if (!value.is_string()) return;
           const bool holds = std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
           c.Require(holds, place, value.dump() + " does not match " + rule.dump());
         }},
        {"format",
         [](Checker& c, V, V rule, V value, P place) {
           if (value.is_string()) c.Require(HasFormat(value, rule), place, value.dump() + " is no " + rule.dump());
         }},
        {"anyOf",
         [](Checker& c, V, V rule, V value, P place) {
           c.Require(c.CountAccepting(rule, value) > 0, place, "conforms to none of several schemas");
         }},
        {"oneOf",
         [](Checker& c, V, V rule, V value, P place) {
           c.Require(c.CountAccepting(rule, value) == 1, place, "does not conform to exactly one of several schemas");
         }},
    };
    return keywords;
  }

  const json& root_;
};

}  // namespace

std::vector<std::string> SchemaViolations(const json& schema, const json& value) {
  Checker checker(schema);
  checker.Check(schema, value, "");
  return checker.violations;
}

}  // namespace strata::testing
