#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/driver/commands.h"
#include "compiler/source/catalogue.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/write_safetensors.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;
using Entry = WeightsFile::Entry;

// Elements, and bytes in the file.
struct Totals {
  int64_t elements = 0;
  int64_t bytes = 0;
};

Totals Sum(const WeightsFile& file) {
  Totals totals;
  for (const Entry& entry : file.Entries()) {
    totals.elements += weights::ByteCount(entry.sizes, 1).value_or(0);
    totals.bytes += entry.bytes;
  }
  return totals;
}

std::string Counted(size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// A name as a terminal takes it: bytes that are no text are shown as `?`.
std::string Printable(std::string name) {
  for (char& letter : name) {
    if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') letter = '?';
  }
  return name;
}

void PrintText(const std::string& path, const WeightsFile& file) {
  size_t widths[3] = {};
  std::vector<std::array<std::string, 4>> rows;
  for (const Entry& entry : file.Entries()) {
    rows.push_back(
        {Printable(entry.name), Printable(entry.dtype), weights::SizesText(entry.sizes), std::to_string(entry.bytes)});
  }
  const Totals totals = Sum(file);
  size_t bytes_width = std::to_string(totals.bytes).size();
  for (const auto& row : rows) {
    for (size_t i = 0; i < 3; ++i) widths[i] = std::max(widths[i], row[i].size());
    bytes_width = std::max(bytes_width, row[3].size());
  }
  for (const auto& row : rows) {
    std::printf("%-*s  %-*s  %-*s  %*s bytes\n", static_cast<int>(widths[0]), row[0].c_str(),
                static_cast<int>(widths[1]), row[1].c_str(), static_cast<int>(widths[2]), row[2].c_str(),
                static_cast<int>(bytes_width), row[3].c_str());
  }
  std::printf("%s: %s, %lld numbers, %lld bytes\n", path.c_str(), Counted(rows.size(), "tensor").c_str(),
              static_cast<long long>(totals.elements), static_cast<long long>(totals.bytes));
  if (file.TrainingTensors() > 0) {
    std::printf("left out: %s that only training needs\n", Counted(file.TrainingTensors(), "tensor").c_str());
  }
}

void PrintJson(const std::string& path, const WeightsFile& file) {
  Json tensors = Json::array();
  for (const Entry& entry : file.Entries()) {
    Json tensor = {{"name", entry.name}, {"dtype", entry.dtype}, {"shape", entry.sizes}, {"bytes", entry.bytes}};
    if (!entry.fault.empty()) tensor["fault"] = entry.fault;
    tensors.push_back(std::move(tensor));
  }
  const Totals totals = Sum(file);
  const Json all = {{"file", path},
                    {"tensors", std::move(tensors)},
                    {"numbers", totals.elements},
                    {"bytes", totals.bytes},
                    {"training_tensors", file.TrainingTensors()}};
  std::printf("%s\n", all.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

// Writes what can be a weight; says which tensors cannot.
void Convert(const std::string& path, const WeightsFile& file, const std::string& output, Diagnostics& diagnostics) {
  std::vector<NamedTensor> tensors;
  for (size_t i = 0; i < file.Entries().size(); ++i) {
    const Entry& entry = file.Entries()[i];
    if (!entry.is_readable) {
      std::printf("left out: %s %s %s\n", Printable(entry.name).c_str(), Printable(entry.dtype).c_str(),
                  weights::SizesText(entry.sizes).c_str());
    } else if (!entry.fault.empty()) {
      diagnostics.Report(kinds::TensorUnreadable, Span(), Printable(entry.name), path, entry.fault);
    } else {
      tensors.push_back({.name = entry.name, .entry = i});
    }
  }
  if (diagnostics.HasErrors()) return;
  if (const Result<> written = WriteSafetensors(output, file, tensors); !written) {
    diagnostics.Report(kinds::OutputFailed, Span(), written.Message());
  } else if (output != "-") {
    std::printf("%s: %s\n", output.c_str(), Counted(tensors.size(), "tensor").c_str());
  }
}

}  // namespace

void AddWeights(CLI::App& app, int& status) {
  auto options = std::make_shared<SessionOptions>();
  auto output = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("weights", "List the tensors of a weights file, or convert it");
  command->add_option("FILE", options->file, "Weights file: .safetensors, .npz, .keras, .h5, or a folder of .npy")
      ->required();
  command->add_option("--convert", *output, "Write its tensors as float32 to this .safetensors file instead")
      ->type_name("FILE");
  command->add_option("--format", options->format, "The list and messages as text or as JSON")
      ->check(OneOf({"text", "json"}))
      ->capture_default_str();
  command->add_option("--color", options->color, "Colours of messages: auto (on terminals), always, never")
      ->check(OneOf({"auto", "always", "never"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  strata weights digits.safetensors\n"
      "  strata weights model.keras --convert=model.safetensors");
  command->callback([options, output, &status] {
    Session session(*options);
    if (const auto file = OpenWeightsFile(options->file, Span(), session.diagnostics(), {.is_for_model = false})) {
      if (!output->empty()) {
        Convert(options->file, *file, *output, session.diagnostics());
      } else if (options->format == "json") {
        PrintJson(options->file, *file);
      } else {
        PrintText(options->file, *file);
      }
    }
    status = session.Finish();
  });
}

}  // namespace strata
