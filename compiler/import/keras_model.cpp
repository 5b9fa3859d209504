#include "compiler/import/keras_model.h"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "compiler/source/catalogue.h"
#include "compiler/weights/file_bytes.h"
#include "compiler/weights/keras_file.h"

namespace strata::import {
namespace {

// Deeper than any model, and shallow enough to be walked.
constexpr int kMaxDepth = 200;

std::nullopt_t Fail(const std::string& path, const std::string& what, Diagnostics& diagnostics) {
  diagnostics.Report(kinds::ImportUnreadable, {}, path, what)
      .Help(
          "`strata import` reads what `model.save(\"model.keras\")`, `model.save(\"model.h5\")` and `model.to_json()` "
          "of Keras write");
  return std::nullopt;
}

// Discarded where the text is none, or nested too deeply.
Json ParseJson(std::string_view text) {
  const auto is_shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw std::length_error("depth");
    return true;
  };
  try {
    return Json::parse(text, is_shallow, /*allow_exceptions=*/false);
  } catch (const std::length_error&) {
    return Json(Json::value_t::discarded);
  }
}

std::optional<KerasModel> ReadConfig(const std::string& path, std::string_view text, std::string version,
                                     Diagnostics& diagnostics) {
  KerasModel file{.model = ParseJson(text)};
  const Json& json = file.model;
  if (!json.is_object()) return Fail(path, "its configuration is not JSON", diagnostics);
  if (!json.contains("class_name") || !json["class_name"].is_string() || !json.contains("config")) {
    return Fail(path, "its JSON is not the configuration of a model", diagnostics);
  }
  if (version.empty() && json.contains("keras_version") && json["keras_version"].is_string()) {
    version = json["keras_version"];
  }
  // Where the version is not known: only Keras 3 says of which module a class is.
  file.major = json.contains("module") ? 3 : 2;
  std::from_chars(version.data(), version.data() + version.size(), file.major);
  return file;
}

}  // namespace

std::optional<KerasModel> ReadKerasModel(const std::string& path, Diagnostics& diagnostics) {
  int error = 0;
  const std::shared_ptr<const weights::FileBytes> bytes = weights::FileBytes::Map(path, &error);
  if (bytes != nullptr) {
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return Fail(path, "it is empty", diagnostics);
    if (text[first] == '{') return ReadConfig(path, text, "", diagnostics);
    const bool is_keras = text.starts_with("PK\x03\x04") || text.starts_with("\x89HDF\r\n\x1a\n");
    if (!is_keras) return Fail(path, "it is neither a `.keras` archive nor an HDF5 file nor JSON", diagnostics);
  }
  // Where it could not be mapped, that is reported there.
  std::optional<KerasFile> file = OpenKerasFile(path, {}, diagnostics);
  if (!file) return std::nullopt;
  if (file->config.empty()) return Fail(path, "it holds weights without a model", diagnostics);
  std::optional<KerasModel> model = ReadConfig(path, file->config, file->keras_version, diagnostics);
  if (!model) return std::nullopt;
  model->weights = std::move(file->weights);
  model->paths = std::move(file->paths);
  return model;
}

}  // namespace strata::import
