#include <nlohmann/json.hpp>

#include "compiler/source/render_text.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const Label& label, bool is_primary, const Sources& sources) {
  const SourceFile& file = sources.Get(label.span.file);
  const LineColumn begin = file.Locate(label.span.begin);
  const LineColumn end = file.Locate(label.span.end);
  return {{"file", file.Name()},      {"begin", label.span.begin}, {"end", label.span.end},
          {"line", begin.line},       {"column", begin.column},    {"end_line", end.line},
          {"end_column", end.column}, {"text", label.text},        {"primary", is_primary}};
}

Json ToJson(const Help& help, const Sources& sources) {
  Json edits = Json::array();
  for (const Edit& edit : help.edits) {
    edits.push_back({{"file", sources.Get(edit.span.file).Name()},
                     {"begin", edit.span.begin},
                     {"end", edit.span.end},
                     {"text", edit.text}});
  }
  return {{"text", help.text}, {"applicability", NameOf(help.applicability)}, {"edits", std::move(edits)}};
}

Json ToJson(const Diagnostic& diagnostic, const Sources& sources) {
  Json file;
  Json labels = Json::array();
  for (const Label& label : diagnostic.labels) {
    const bool is_primary = labels.empty();
    if (is_primary) file = sources.Get(label.span.file).Name();
    labels.push_back(ToJson(label, is_primary, sources));
  }
  Json helps = Json::array();
  for (const Help& help : diagnostic.helps) helps.push_back(ToJson(help, sources));
  return {{"code", diagnostic.code},       {"severity", NameOf(diagnostic.gravity.severity)},
          {"message", diagnostic.message}, {"file", std::move(file)},
          {"labels", std::move(labels)},   {"notes", diagnostic.notes},
          {"helps", std::move(helps)},     {"rendered", RenderOne(diagnostic, sources, false)}};
}

}  // namespace

std::string RenderJson(const Diagnostics& diagnostics, const Sources& sources) {
  std::string out;
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    // A file's name need not be UTF-8.
    out += ToJson(*diagnostic, sources).dump(-1, ' ', false, Json::error_handler_t::replace);
    out += "\n";
  }
  return out;
}

}  // namespace strata
