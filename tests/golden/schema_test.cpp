// What `--format=json` and `--format=sarif` write conforms to its schema: docs/diagnostics.schema.json, and SARIF's own.
#include "tests/golden/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/golden/page.h"
#include "tests/support/process.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json OurSchema() { return json::parse(ReadBytes("docs/diagnostics.schema.json")); }
json SarifSchema() { return json::parse(ReadBytes("tests/golden/schemas/sarif-2.1.0-rtm.5.json")); }

// docs/summary.schema.json, of a chain, a graph and wrappers.
TEST(SchemaTest, SummaryAsJson) {
  const json schema = json::parse(ReadBytes("docs/summary.schema.json"));
  for (const char* path :
       {"examples/digits/digits.strata", "examples/two_in/two_in.strata", "examples/tagger/tagger.strata"}) {
    const ProcessResult result =
        RunProcess({.arguments = {StrataProgram(), "summary", path, "--format=json"}, .directory = "."});
    EXPECT_EQ(result.status, 0) << result.errors;
    EXPECT_THAT(SchemaViolations(schema, json::parse(result.output)), IsEmpty()) << path;
  }
}

TEST(JsonSchemaTest, SaysWhatIsWrongAndWhere) {
  const json schema =
      json::parse(R"({"type": "object", "required": ["a"], "additionalProperties": false, "properties": {
      "a": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true, "items": {"$ref": "#/definitions/n"}},
      "b": {"oneOf": [{"type": "string", "pattern": "^x"}, {"type": ["null", "boolean"]}]}},
      "definitions": {"n": {"type": "integer", "minimum": 0, "maximum": 9}}})");
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1, 2}}, {"b", "xy"}}), IsEmpty());
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1, 10}}}), ElementsAre("/a/1: 10 is more than 9"));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {-1}}}), ElementsAre("/a/0: -1 is less than 0"));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1.5}}}), ElementsAre("/a/0: is 1.5, not of type \"integer\""));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1, 1}}}), ElementsAre("/a: has equal elements"));
  EXPECT_THAT(SchemaViolations(schema, {{"a", json::array()}}), ElementsAre("/a: has too few elements"));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1, 2, 3}}}), ElementsAre("/a: has too many elements"));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1}}, {"b", "y"}}), ElementsAre(HasSubstr("/b: does not conform")));
  EXPECT_THAT(SchemaViolations(schema, {{"a", {1}}, {"c", 1}}), ElementsAre("/c: is not known"));
  EXPECT_THAT(SchemaViolations(schema, json::object()), ElementsAre("/: has no `a`"));
  EXPECT_THROW(SchemaViolations({{"dependencies", 1}}, 1), std::runtime_error);
}

// The lines of JSON in a text.
std::vector<json> JsonLines(const std::string& text) {
  std::vector<json> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("{\"code\":")) values.push_back(json::parse(line));
  }
  return values;
}

TEST(SchemaTest, JsonOfTheGoldenFiles) {
  const json schema = OurSchema();
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/golden")) {
    if (entry.path().extension() != ".golden") continue;
    for (const json& value : JsonLines(ReadBytes(entry.path()))) {
      EXPECT_THAT(SchemaViolations(schema, value), IsEmpty()) << entry.path();
      ++count;
    }
  }
  EXPECT_GT(count, 20u);
}

TEST(SchemaTest, JsonOfTheDocumentation) {
  const std::vector<json> values = JsonLines(ReadBytes("docs/diagnostics-json.md"));
  ASSERT_EQ(values.size(), 1u);
  EXPECT_THAT(SchemaViolations(OurSchema(), values[0]), IsEmpty());
}

// The program of a page of `strata explain` that fails, in JSON and in SARIF.
void ExpectAlike(const PageBlock& fails, const json& ours, const json& sarif) {
  const TemporaryDirectory folder;
  const std::string name = "ein Programm.strata";
  WriteBytes(folder / name, fails.text);
  const auto check = [&](const std::string& format) {
    return RunProcess({.arguments = {StrataProgram(), "check", format, name}, .directory = folder / ""}).errors;
  };
  const std::vector<json> values = JsonLines(check("--format=json"));
  for (const json& value : values) EXPECT_THAT(SchemaViolations(ours, value), IsEmpty());

  const json log = json::parse(check("--format=sarif"));
  EXPECT_THAT(SchemaViolations(sarif, log), IsEmpty());
  const json& results = log["runs"][0]["results"];
  ASSERT_EQ(results.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(results[i]["ruleId"], values[i]["code"]);
    EXPECT_EQ(results[i]["level"], values[i]["severity"]);
    const json& rule = log["runs"][0]["tool"]["driver"]["rules"][results[i]["ruleIndex"].get<size_t>()];
    EXPECT_EQ(rule["id"], values[i]["code"]);
    EXPECT_EQ(results[i].value("locations", json::array()).empty(), values[i]["labels"].empty());
  }
}

// They fail with every kind that a program can fail with.
TEST(SchemaTest, JsonAndSarifOfEveryPage) {
  const json ours = OurSchema();
  const json sarif = SarifSchema();
  for (const Page& page : ReadPages()) {
    SCOPED_TRACE(page.code);
    for (const PageBlock& block : page.blocks) {
      if (block.fence == "strata fails") ExpectAlike(block, ours, sarif);
    }
  }
}

// Lines are counted from 1, columns in units of UTF-16 from 1; what is inserted has an empty region.
TEST(SchemaTest, SarifRegionsAndFixes) {
  const TemporaryDirectory folder;
  WriteBytes(folder / "a b.strata",
             "model m(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) {\r\n"
             "  return (x, \"\U0001F600é\") |> Danse(2)\r\n"
             "}\r\n");
  const json log = json::parse(
      RunProcess({.arguments = {StrataProgram(), "check", "--format=sarif", "a b.strata"}, .directory = folder / ""})
          .errors);
  EXPECT_THAT(SchemaViolations(SarifSchema(), log), IsEmpty());
  const json& run = log["runs"][0];
  EXPECT_EQ(run["columnKind"], "utf16CodeUnits");
  const json& result = run["results"][0];
  const json region = {{"startLine", 2}, {"startColumn", 24}, {"endLine", 2}, {"endColumn", 29}};
  const json artifact = {{"uri", "a%20b.strata"}};
  EXPECT_EQ(result["message"]["text"], "there is no layer `Danse`\nhelp: did you mean `Dense`?");
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["region"], region);
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["artifactLocation"], artifact);
  const json& change = result["fixes"][0]["artifactChanges"][0];
  EXPECT_EQ(change["artifactLocation"], artifact);
  EXPECT_EQ(change["replacements"][0]["deletedRegion"], region);
  EXPECT_EQ(change["replacements"][0]["insertedContent"]["text"], "Dense");
  EXPECT_EQ(result["fixes"][0]["properties"]["applicability"], "machine-applicable");
  EXPECT_EQ(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "there is no such layer");
}

TEST(SchemaTest, SarifOfARightProgram) {
  const ProcessResult result = RunProcess(
      {.arguments = {StrataProgram(), "check", "--format=sarif", "examples/digits/digits.strata"}, .directory = "."});
  EXPECT_EQ(result.output, "");
  const json log = json::parse(result.errors);
  EXPECT_THAT(SchemaViolations(SarifSchema(), log), IsEmpty());
  EXPECT_TRUE(log["runs"][0]["results"].empty());
}

}  // namespace
}  // namespace strata::testing
