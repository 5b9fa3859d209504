// One reader for each format of weights file.
#pragma once

#include <memory>
#include <string>

#include "compiler/weights/file_bytes.h"
#include "compiler/weights/keras_file.h"
#include "compiler/weights/weights.h"

namespace strata::weights {

class ZipArchive;

// What a reader reports with.
struct FileReport {
  const std::string& path;
  Span span;
  Diagnostics& diagnostics;
};

// A file of at least 9 bytes. Null where something is wrong with it, which is reported.
std::unique_ptr<WeightsFile> OpenSafetensors(std::shared_ptr<const FileBytes> bytes, const FileReport& report);
std::unique_ptr<WeightsFile> OpenNpz(std::unique_ptr<ZipArchive> archive, const FileReport& report);
std::unique_ptr<WeightsFile> OpenNpyFolder(const FileReport& report);
std::optional<KerasFile> OpenHdf5(std::shared_ptr<const FileBytes> bytes, const FileReport& report);
bool IsKerasArchive(const ZipArchive& archive);
std::optional<KerasFile> OpenKerasArchive(std::shared_ptr<const FileBytes> bytes, std::unique_ptr<ZipArchive> archive,
                                          const FileReport& report);

// The length of the JSON header that a safetensors file's first 8 bytes tell.
uint64_t SafetensorsHeaderLength(const FileBytes& bytes);
// The longest header that is believed: the limit of the format's own library.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// At most this many diagnostics of one sort; the last says how many more there are.
inline constexpr size_t kMaxReported = 10;

// Reports two entries of one name. Returns whether there are none.
bool CheckNames(const std::vector<WeightsFile::Entry>& entries, const FileReport& report);

}  // namespace strata::weights
