#include "compiler/syntax/imports.h"

#include <filesystem>
#include <map>
#include <vector>

#include "compiler/source/catalogue.h"
#include "compiler/syntax/parse.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

class Importer {
 public:
  Importer(Sources& sources, Diagnostics& diagnostics) : sources_(sources), diagnostics_(diagnostics) {}

  void LoadImportsOf(ast::File& file, const std::string& key) {
    open_.push_back({key, {}});
    for (ast::Item& item : file.items) {
      if (auto* import = std::get_if<ast::Import>(&item)) Load(*import);
    }
    open_.pop_back();
  }

  // Paths that lead to one file are one.
  static std::string KeyOf(const fs::path& path) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    return error ? path.lexically_normal().string() : canonical.string();
  }

 private:
  void Load(ast::Import& import) {
    const fs::path importer(sources_.Get(import.span.file).Name());
    const std::string path = (importer.parent_path() / import.path).string();
    const std::string key = KeyOf(path);
    open_.back().import = import.path_span;
    for (size_t i = 0; i < open_.size(); ++i) {
      if (open_[i].key != key) continue;
      ReportCycle(import, i);
      return;
    }
    const auto [loaded, is_new] = files_.emplace(key, nullptr);
    if (is_new) loaded->second = Read(path, key, import);
    import.file = loaded->second;
  }

  std::shared_ptr<const ast::File> Read(const std::string& path, const std::string& key, const ast::Import& import) {
    FileId id;
    const size_t mark = diagnostics_.Mark();
    if (!LoadSource(path, sources_, diagnostics_, &id)) {
      // What has no place of its own was found where the file is named.
      for (Diagnostic& diagnostic : diagnostics_.TakeSince(mark)) {
        if (diagnostic.labels.empty()) diagnostic.labels.push_back({import.path_span, "imported here"});
        diagnostics_.Adopt(std::move(diagnostic));
      }
      return nullptr;
    }
    std::optional<ast::File> file = Parse(id, sources_, diagnostics_, {.keeps_parts = true});
    if (!file) return nullptr;
    auto shared = std::make_shared<ast::File>(std::move(*file));
    LoadImportsOf(*shared, key);
    return shared;
  }

  // `first` is the file of `open_` that is imported again.
  void ReportCycle(const ast::Import& import, size_t first) {
    std::string chain;
    for (size_t i = first; i < open_.size(); ++i) chain += fs::path(open_[i].key).filename().string() + " -> ";
    const std::string name = fs::path(open_[first].key).filename().string();
    Diagnostic& diagnostic = diagnostics_.Report(kinds::ImportCycle, import.path_span, name, chain + name);
    diagnostic.Primary(first + 1 == open_.size() ? "this is the file itself" : "closes the cycle");
    if (first + 1 < open_.size()) diagnostic.Label(open_[first].import, "the cycle begins here");
    diagnostic.Help("put what both files need into a third one");
  }

  struct Open {
    std::string key;
    Span import;  // the import that is being followed
  };

  Sources& sources_;
  Diagnostics& diagnostics_;
  std::vector<Open> open_;  // from the model file down
  std::map<std::string, std::shared_ptr<const ast::File>> files_;
};

}  // namespace

void LoadImports(ast::File& file, Sources& sources, Diagnostics& diagnostics) {
  Importer(sources, diagnostics).LoadImportsOf(file, Importer::KeyOf(sources.Get(file.id).Name()));
}

}  // namespace strata
