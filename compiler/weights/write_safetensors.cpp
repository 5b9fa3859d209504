#include "compiler/weights/write_safetensors.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "compiler/source/check.h"
#include "compiler/source/output.h"
#include "compiler/weights/elements.h"

namespace strata {
namespace {

constexpr size_t kAlignment = 8;

// The header's length in 8 bytes, and the header with spaces behind it, so that the elements are aligned.
std::string Header(const WeightsFile& file, const std::vector<NamedTensor>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  int64_t end = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::vector<int64_t>& sizes = file.Entries()[tensor.entry].sizes;
    const int64_t begin = end;
    const std::optional<int64_t> bytes = weights::ByteCount(sizes, sizeof(float));
    STRATA_CHECK(bytes.has_value());  // of a file that is there
    end += *bytes;
    header[tensor.name] = {{"dtype", "F32"}, {"shape", sizes}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + text;
}

}  // namespace

Result<> WriteSafetensors(const std::string& path, const WeightsFile& file, const std::vector<NamedTensor>& tensors) {
  Output output(path);
  if (Result<> opened = output.Open(); !opened) return opened;
  if (Result<> written = output.Write(Header(file, tensors)); !written) return written;
  for (const NamedTensor& tensor : tensors) {
    const std::string damage = file.Damage(tensor.entry);
    if (!damage.empty()) {
      return Failure{"`" + weights::Shown(file.Entries()[tensor.entry].name) + "` cannot be read: " + damage};
    }
    const std::vector<float> elements = file.Read(tensor.entry);
    const std::string_view bytes(reinterpret_cast<const char*>(elements.data()), elements.size() * sizeof(float));
    if (Result<> written = output.Write(bytes); !written) return written;
  }
  return output.Finish();
}

}  // namespace strata
