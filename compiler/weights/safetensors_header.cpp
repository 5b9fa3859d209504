#include "compiler/weights/safetensors_header.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace strata::weights {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxRank = 32;

// Takes the parser's events. Each returns whether to go on.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  SafetensorsHeader Take() { return std::move(header_); }

  bool null() override { return Scalar(); }
  bool boolean(bool /*value*/) override { return Scalar(); }
  bool number_integer(number_integer_t /*value*/) override { return Scalar(); }  // only where it is negative
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return Scalar(); }
  bool binary(binary_t& /*value*/) override { return Scalar(); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::List) return Scalar();
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return Scalar();
    if (list_.size() == kMaxRank) return Fail("its `" + field_ + "` has more than 32 numbers");
    list_.push_back(static_cast<int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (place_ != Place::Tensor || field_ != "dtype") return Scalar();
    dtype_ = std::move(value);
    return true;
  }

  bool key(string_t& value) override {
    if (place_ == Place::File) tensor_.name = value;
    if (place_ == Place::Tensor) field_ = value;
    return true;
  }

  bool start_object(std::size_t /*size*/) override {
    switch (place_) {
      case Place::Start: place_ = Place::File; return true;
      case Place::File:
        if (tensor_.name == "__metadata__") return Ignore();
        place_ = Place::Tensor;
        return true;
      case Place::Tensor: return IsKnownField() ? Scalar() : Ignore();
      case Place::List: return Scalar();
      case Place::Ignored: return Ignore();
    }
    return false;
  }

  bool end_object() override {
    if (place_ == Place::Ignored) return EndIgnored();
    if (place_ == Place::File) {
      place_ = Place::Start;
      return true;
    }
    place_ = Place::File;
    return FinishTensor();
  }

  bool start_array(std::size_t /*size*/) override {
    if (place_ == Place::Ignored) return Ignore();
    if (place_ != Place::Tensor || field_ == "dtype") return Scalar();
    if (!IsKnownField()) return Ignore();
    list_.clear();
    place_ = Place::List;
    return true;
  }

  bool end_array() override {
    if (place_ == Place::Ignored) return EndIgnored();
    (field_ == "shape" ? shape_ : offsets_) = list_;
    place_ = Place::Tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) override {
    header_.error = "its header is not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  enum class Place { Start, File, Tensor, List, Ignored };

  bool Fail(std::string error) {
    if (place_ == Place::Tensor || place_ == Place::List) header_.wrong_tensor = tensor_.name;
    header_.error = std::move(error);
    return false;
  }

  bool IsKnownField() const { return field_ == "dtype" || field_ == "shape" || field_ == "data_offsets"; }

  // A value of another form than the place asks for.
  bool Scalar() {
    switch (place_) {
      case Place::Start: return Fail("its header is not a JSON object");
      case Place::File: return Fail("its header has a `" + tensor_.name.substr(0, 100) + "` that is not a JSON object");
      case Place::Tensor:
        if (!IsKnownField()) return true;
        return Fail(field_ == "dtype" ? "its `dtype` is not a string" : "its `" + field_ + "` is not a list");
      case Place::List: return Fail("its `" + field_ + "` holds something else than whole numbers from 0 to 2**63 - 1");
      case Place::Ignored: return true;
    }
    return false;
  }

  // An object or array in which nothing is of interest.
  bool Ignore() {
    if (place_ != Place::Ignored) around_ignored_ = place_;
    place_ = Place::Ignored;
    ++ignored_depth_;
    return true;
  }

  bool EndIgnored() {
    if (--ignored_depth_ == 0) place_ = around_ignored_;
    return true;
  }

  bool FinishTensor() {
    const char* missing = !dtype_ ? "dtype" : !shape_ ? "shape" : !offsets_ ? "data_offsets" : nullptr;
    if (missing != nullptr || offsets_->size() != 2) {
      header_.wrong_tensor = tensor_.name;
      header_.error = missing != nullptr ? "it has no `" + std::string(missing) + "`"
                                         : "its `data_offsets` are " + std::to_string(offsets_->size()) + ", not 2";
      return false;
    }
    tensor_.dtype = *std::exchange(dtype_, std::nullopt);
    tensor_.sizes = *std::exchange(shape_, std::nullopt);
    const std::vector<int64_t> offsets = *std::exchange(offsets_, std::nullopt);
    tensor_.begin = offsets[0];
    tensor_.end = offsets[1];
    header_.tensors.push_back(std::exchange(tensor_, {}));
    return true;
  }

  SafetensorsHeader header_;
  Place place_ = Place::Start;
  Place around_ignored_ = Place::Start;
  size_t ignored_depth_ = 0;
  std::string field_;
  std::vector<int64_t> list_;
  // The tensor whose object is open.
  SafetensorsTensor tensor_;
  std::optional<std::string> dtype_;
  std::optional<std::vector<int64_t>> shape_;
  std::optional<std::vector<int64_t>> offsets_;
};

}  // namespace

SafetensorsHeader ReadSafetensorsHeader(std::string_view text) {
  HeaderReader reader;
  Json::sax_parse(text.begin(), text.end(), &reader);
  return reader.Take();
}

}  // namespace strata::weights
