// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/source/check.h"
#include "compiler/source/diagnostics.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

// A path, relative to where Strata ran or absolute, as a URI reference.
std::string UriOf(std::string_view path) {
  static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return uri;
}

// `[a](b)` would be a link. Without one the text is left as it is, for readers that know no escapes.
std::string Escaped(std::string_view text) {
  if (text.find("](") == std::string_view::npos) return std::string(text);
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '[' || c == ']') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

Json Message(std::string_view text) { return {{"text", Escaped(text)}}; }

// How many UTF-16 code units a text of UTF-8 has, and one more: a column. Four bytes make two units, all others one.
size_t ColumnAfter(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units + 1;
}

class Renderer {
 public:
  explicit Renderer(const Sources& sources) : sources_(sources) {}

  Json Render(const Diagnostics& diagnostics, std::string_view strata_version) {
    Json results = Json::array();
    for (const Diagnostic* diagnostic : diagnostics.Sorted()) results.push_back(ResultOf(*diagnostic));
    Json driver = {{"name", "Strata"}, {"version", strata_version}, {"rules", std::move(rules_)}};
    Json run = {
        {"tool", {{"driver", std::move(driver)}}}, {"columnKind", "utf16CodeUnits"}, {"results", std::move(results)}};
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0-rtm.5.json"},
            {"version", "2.1.0"},
            {"runs", Json::array({std::move(run)})}};
  }

 private:
  // The number of a code's rule. Those that are met are listed.
  size_t RuleIndex(std::string_view code) {
    const auto [found, is_new] = rule_indices_.emplace(code, rules_.size());
    if (!is_new) return found->second;
    const std::vector<KindInfo>& kinds = AllKinds();
    const auto kind = std::ranges::find(kinds, code, &KindInfo::code);
    STRATA_CHECK(kind != kinds.end());
    const std::string_view page = ExplainPage(code);
    // Behind the title.
    const std::string_view body = page.substr(std::min(page.find("\n\n"), page.size() - 2) + 2);
    rules_.push_back({{"id", code},
                      {"name", kind->name},
                      {"shortDescription", {{"text", ExplainTitle(code)}}},
                      {"fullDescription", {{"text", body.substr(0, body.find("\n\n"))}}},
                      {"help", {{"text", page}, {"markdown", page}}},
                      {"defaultConfiguration", {{"level", NameOf(kind->severity)}}}});
    return found->second;
  }

  Json RegionOf(const Span& span) const {
    const SourceFile& file = sources_.Get(span.file);
    const uint32_t line = file.Locate(span.begin).line;
    const uint32_t end_line = file.Locate(span.end).line;
    const auto column = [&](uint32_t of_line, uint32_t offset) {
      return ColumnAfter(file.Text().substr(file.LineStart(of_line), offset - file.LineStart(of_line)));
    };
    return {{"startLine", line},
            {"startColumn", column(line, span.begin)},
            {"endLine", end_line},
            {"endColumn", column(end_line, span.end)}};
  }

  Json ArtifactOf(FileId file) const { return {{"uri", UriOf(sources_.Get(file).Name())}}; }

  Json LocationOf(const Label& label) const {
    Json location = {
        {"physicalLocation", {{"artifactLocation", ArtifactOf(label.span.file)}, {"region", RegionOf(label.span)}}}};
    if (!label.text.empty()) location["message"] = Message(label.text);
    return location;
  }

  Json FixOf(const Help& help) const {
    std::map<int32_t, Json> replacements;
    for (const Edit& edit : help.edits) {
      Json replacement = {{"deletedRegion", RegionOf(edit.span)}};
      if (!edit.text.empty()) replacement["insertedContent"] = {{"text", edit.text}};
      replacements[edit.span.file.index].push_back(std::move(replacement));
    }
    Json changes = Json::array();
    for (auto& [file, of_file] : replacements) {
      changes.push_back({{"artifactLocation", ArtifactOf({file})}, {"replacements", std::move(of_file)}});
    }
    return {{"description", Message(help.text)},
            {"artifactChanges", std::move(changes)},
            {"properties", {{"applicability", NameOf(help.applicability)}}}};
  }

  Json ResultOf(const Diagnostic& diagnostic) {
    // The message and all that stands below the lines of the program.
    std::string text = diagnostic.message;
    for (const std::string& note : diagnostic.notes) text += "\nnote: " + note;
    for (const Help& help : diagnostic.helps) text += "\nhelp: " + help.text;
    Json result = {{"ruleId", diagnostic.code},
                   {"ruleIndex", RuleIndex(diagnostic.code)},
                   {"level", NameOf(diagnostic.gravity.severity)},
                   {"message", Message(text)}};
    for (const Label& label : diagnostic.labels) {
      const bool is_primary = &label == &diagnostic.labels.front();
      result[is_primary ? "locations" : "relatedLocations"].push_back(LocationOf(label));
    }
    for (const Help& help : diagnostic.helps) {
      const bool is_fix = !help.edits.empty() && help.applicability != Applicability::HasPlaceholders;
      if (is_fix) result["fixes"].push_back(FixOf(help));
    }
    return result;
  }

  const Sources& sources_;
  Json rules_ = Json::array();
  std::map<std::string_view, size_t> rule_indices_;
};

}  // namespace

std::string RenderSarif(const Diagnostics& diagnostics, const Sources& sources, std::string_view strata_version) {
  // A file's name need not be UTF-8.
  return Renderer(sources).Render(diagnostics, strata_version).dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace strata
