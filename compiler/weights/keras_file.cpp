#include "compiler/weights/keras_file.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <span>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "compiler/weights/hdf5.h"
#include "compiler/weights/keras_names.h"
#include "compiler/weights/zip_archive.h"
#include "runtime/text.h"

namespace strata {
namespace weights {
namespace {

using Json = nlohmann::json;

constexpr const char* kArchiveConfig = "config.json";
constexpr const char* kArchiveMetadata = "metadata.json";
constexpr const char* kArchiveWeights = "model.weights.h5";

// Deeper than any model, and shallow enough to be walked.
constexpr int kMaxJsonDepth = 200;
constexpr uint64_t kMaxJsonBytes = uint64_t{256} << 20;
// Weights hardly get smaller where they are packed, and zeros do not get larger than this.
constexpr uint64_t kMaxUnpackedRatio = 100;
constexpr uint64_t kSmallBytes = uint64_t{64} << 20;

// The bytes of an HDF5 file, wherever they are.
struct Image {
  std::shared_ptr<const FileBytes> file;  // in which they lie
  std::span<const unsigned char> bytes;
  // Where they are an archive's entry, stored as it is: its checksum is compared when elements are read. Null: they are not.
  std::shared_ptr<const ZipArchive> archive;
  ZipArchive::Entry entry;
};

class Hdf5File : public WeightsFile {
 public:
  Hdf5File(Image image, std::vector<Entry> entries, std::vector<Hdf5Dataset> datasets, const KerasNames& names)
      : image_(std::move(image)), datasets_(std::move(datasets)) {
    entries_ = std::move(entries);
    training_tensors_ = names.training_tensors;
    calls_layers_by_class_ = !names.has_layer_names;
  }

  std::string Damage(size_t /*index*/) const override {
    if (!image_.archive) return {};
    if (!is_checked_) {
      damage_ = image_.archive->Check(image_.entry);
      is_checked_ = true;
    }
    return damage_;
  }

  std::vector<float> Read(size_t index) const override {
    const Hdf5Dataset& dataset = datasets_[index];
    STRATA_CHECK(dataset.type.has_value() && dataset.error.empty());
    return image_.file->Floats(*dataset.type, image_.bytes.subspan(dataset.offset, dataset.bytes));
  }

 private:
  const Image image_;
  std::vector<Hdf5Dataset> datasets_;
  mutable bool is_checked_ = false;
  mutable std::string damage_;
};

Json ParseJson(std::string_view text) {
  bool is_deep = false;
  const auto is_shallow = [&](int depth, Json::parse_event_t, Json&) {
    is_deep = is_deep || depth > kMaxJsonDepth;
    return !is_deep;
  };
  Json json = Json::parse(text, is_shallow, /*allow_exceptions=*/false);
  return is_deep ? Json(Json::value_t::discarded) : json;
}

std::string TextOf(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

WeightsFile::Entry EntryOf(const std::string& name, const Hdf5Dataset& dataset) {
  return {.name = name,
          .dtype = dataset.dtype,
          .sizes = dataset.sizes,
          .bytes = static_cast<int64_t>(dataset.bytes),
          .is_readable = dataset.type.has_value(),
          .fault = dataset.error};
}

std::optional<KerasFile> OpenImage(Image image, const std::string& archived_config, const FileReport& report) {
  const auto& [path, span, diagnostics] = report;
  Hdf5Contents contents = ReadHdf5(image.bytes);
  if (!contents.error.empty()) {
    diagnostics.Report(contents.is_cut_short ? kinds::WeightsCutShort : kinds::WeightsDamaged, span, path,
                       Shown(contents.error));
    return std::nullopt;
  }
  KerasFile file;
  file.config = archived_config.empty() ? contents.Text("", "model_config") : archived_config;
  file.keras_version = contents.Text("", "keras_version");
  if (file.keras_version.empty()) file.keras_version = contents.Text("model_weights", "keras_version");

  std::vector<WeightsFile::Entry> entries;
  std::vector<Hdf5Dataset> datasets;
  KerasNames names;
  if (IsKerasHdf5(contents)) {
    names = NameKerasTensors(contents, ParseJson(file.config));
    if (!names.error.empty()) {
      diagnostics.Report(kinds::WeightsDamaged, span, path, names.error);
      return std::nullopt;
    }
    for (KerasTensor& tensor : names.tensors) {
      entries.push_back(EntryOf(tensor.name, contents.datasets[tensor.dataset]));
      datasets.push_back(contents.datasets[tensor.dataset]);
      file.paths.push_back(std::move(tensor.path));
    }
  } else {
    for (Hdf5Dataset& dataset : contents.datasets) {
      entries.push_back(EntryOf(dataset.path, dataset));
      file.paths.push_back(dataset.path);
      datasets.push_back(std::move(dataset));
    }
  }
  if (!CheckNames(entries, report)) return std::nullopt;
  file.weights = std::make_shared<Hdf5File>(std::move(image), std::move(entries), std::move(datasets), names);
  return file;
}

}  // namespace

bool IsKerasArchive(const ZipArchive& archive) {
  return archive.Find(kArchiveWeights) != nullptr || archive.Find(kArchiveConfig) != nullptr;
}

std::optional<KerasFile> OpenHdf5(std::shared_ptr<const FileBytes> bytes, const FileReport& report) {
  Image image{.file = bytes, .bytes = {bytes->data(), bytes->size()}, .archive = {}, .entry = {}};
  return OpenImage(std::move(image), "", report);
}

std::optional<KerasFile> OpenKerasArchive(std::shared_ptr<const FileBytes> bytes, std::unique_ptr<ZipArchive> opened,
                                          const FileReport& report) {
  const auto& [path, span, diagnostics] = report;
  const std::shared_ptr<const ZipArchive> archive = std::move(opened);
  // Gives `take` an entry piece by piece. Where it is wrong, that is reported.
  const auto unpack = [&](const ZipArchive::Entry& entry, uint64_t most, const ZipArchive::Take& take) {
    std::string error = entry.error;
    if (error.empty() && entry.bytes > most)
      error = "it unpacks to " + std::to_string(entry.bytes) + " bytes, more than is believed";
    if (error.empty()) error = archive->Unpack(entry, take);
    if (!error.empty()) diagnostics.Report(kinds::TensorUnreadable, span, Shown(entry.name), path, error);
    return error.empty();
  };
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const ZipArchive::Entry* entry = archive->Find(name);
    std::string whole;
    const auto take = [&](std::span<const unsigned char> piece) { whole.append(piece.begin(), piece.end()); };
    if (entry != nullptr && !unpack(*entry, kMaxJsonBytes, take)) return std::nullopt;
    return whole;
  };
  const std::optional<std::string> config = text(kArchiveConfig);
  const std::optional<std::string> metadata = config ? text(kArchiveMetadata) : std::nullopt;
  if (!metadata) return std::nullopt;
  const std::string version = TextOf(ParseJson(*metadata), "keras_version");

  const ZipArchive::Entry* entry = archive->Find(kArchiveWeights);
  if (entry == nullptr) return KerasFile{.config = *config, .keras_version = version, .weights = {}, .paths = {}};
  Image image{.file = bytes, .bytes = {}, .archive = archive, .entry = *entry};
  if (const auto stored = entry->error.empty() ? archive->Stored(*entry) : std::nullopt) {
    image.bytes = *stored;
  } else {
    int number = 0;
    image.archive = nullptr;
    image.file = FileBytes::MapTemporary(
        [&](std::FILE* file) {
          const uint64_t most = std::max(kSmallBytes, bytes->size() * kMaxUnpackedRatio);
          return unpack(*entry, most, [&](std::span<const unsigned char> piece) {
            if (std::fwrite(piece.data(), 1, piece.size(), file) < piece.size()) number = errno;
          });
        },
        &number);
    if (number != 0) {
      const std::string why = std::string("it cannot be unpacked: ") + strata_system_error(number);
      diagnostics.Report(kinds::TensorUnreadable, span, Shown(entry->name), path, why);
    }
    if (!image.file || number != 0) return std::nullopt;
    image.bytes = {image.file->data(), image.file->size()};
  }
  std::optional<KerasFile> file = OpenImage(std::move(image), *config, report);
  if (file && !version.empty()) file->keras_version = version;
  return file;
}

}  // namespace weights
}  // namespace strata
