// Configurations of saved models with parts changed, left out or copied elsewhere: each is imported or refused, never a fault.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "compiler/import/import.h"
#include "tests/support/last_words.h"
#include "tests/support/seed.h"

namespace strata::import {
namespace {

constexpr size_t kModels = 800;

std::vector<Json> SavedModels() {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  for (const char* folder : {"tests/numeric/imported", "tests/golden/import"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const fs::path kind = entry.path().extension();
      if (kind == ".keras" || kind == ".h5" || kind == ".json") paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<Json> models;
  for (const fs::path& path : paths) {
    Diagnostics diagnostics;
    if (const std::optional<KerasModel> model = ReadKerasModel(path, diagnostics)) models.push_back(model->model);
  }
  return models;
}

// Every value within another, each once.
void CollectParts(Json& json, std::vector<Json*>& parts) {
  for (Json& entry : json) {
    parts.push_back(&entry);
    if (entry.is_structured()) CollectParts(entry, parts);
  }
}

void Change(Json& model, std::mt19937& random) {
  static const Json kValues = Json::parse(
      R"([null, true, false, 0, -1, 1, 3, 1.5, 1000000000000, "", "same", "relu", [], [1], [1, 2, 3], [null, null],
                      [[[]]], {}, {"class_name": "Dense", "config": {}}, "channels_first", ["dense", 0, 0]])");
  std::vector<Json*> parts;
  if (model.is_structured()) CollectParts(model, parts);
  if (parts.empty()) return;
  Json& part = *parts[random() % parts.size()];
  const Json other = *parts[random() % parts.size()];
  switch (random() % 4) {
    case 0:
    case 1: part = kValues[random() % kValues.size()]; break;
    case 2:
      if (part.is_structured() && !part.empty())
        part.erase(std::next(part.begin(), static_cast<std::ptrdiff_t>(random() % part.size())));
      break;
    default: part = other;
  }
}

TEST(HostileModels, AreImportedOrRefused) {
  const std::vector<Json> models = SavedModels();
  ASSERT_GT(models.size(), 6U);
  std::mt19937 random(testing::Seed());
  size_t imported = 0;
  for (size_t i = 0; i < kModels; ++i) {
    KerasModel file{.model = models[random() % models.size()]};
    for (size_t changes = 1 + random() % 3; changes > 0; --changes) Change(file.model, random);
    const std::string text = file.model.dump(1);
    const testing::LastWords words(text);
    Sources sources;
    Diagnostics diagnostics;
    const ImportOptions options{.path = "model.keras", .output = "model.strata", .weights = ""};
    const bool is_imported = ImportKeras(file, options, sources, diagnostics).has_value();
    EXPECT_NE(is_imported, diagnostics.HasErrors()) << text;
    imported += is_imported ? 1 : 0;
  }
  // Much of what Keras writes is of no account here; yet not all changes are.
  EXPECT_GT(imported, kModels / 20);
  EXPECT_LT(imported, kModels);
}

}  // namespace
}  // namespace strata::import
