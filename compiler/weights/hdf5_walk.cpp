#define H5_USE_110_API  // what Debian 12 has; later versions still offer it

#include "compiler/weights/hdf5_walk.h"

#include <hdf5.h>

#include <array>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace strata::weights {
namespace {

using Json = nlohmann::json;

// Keras' deepest models nest a dozen groups.
constexpr size_t kMaxDepth = 200;
constexpr size_t kMaxObjects = 1'000'000;
constexpr size_t kMaxNameBytes = 4096;
constexpr hsize_t kMaxStrings = 1'000'000;
constexpr hsize_t kMaxRank = 32;

// An identifier of libhdf5, closed at the end of its scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  operator hid_t() const { return id_; }
  bool IsOpen() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

Json Binary(std::string_view text) { return Json::binary({text.begin(), text.end()}); }

// ---- The file as libhdf5 opens it: the mapped bytes themselves, not a copy ----

std::span<const unsigned char> image;  // of the one file that this process reads

void* ImageMemory(size_t size, H5FD_file_image_op_t /*operation*/, void* /*data*/) {
  return size == image.size() ? const_cast<unsigned char*>(image.data()) : nullptr;
}
void* ImageCopy(void* to, const void* /*from*/, size_t /*size*/, H5FD_file_image_op_t /*operation*/, void* /*data*/) {
  return to;  // the same memory
}
void* ImageGrown(void* /*memory*/, size_t /*size*/, H5FD_file_image_op_t /*operation*/, void* /*data*/) {
  return nullptr;
}
herr_t ImageFree(void* /*memory*/, H5FD_file_image_op_t /*operation*/, void* /*data*/) { return 0; }

hid_t OpenImage() {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5FD_file_image_callbacks_t callbacks = {ImageMemory, ImageCopy, ImageGrown, ImageFree, nullptr, nullptr, nullptr};
  if (H5Pset_fapl_core(access, 1 << 16, /*backing_store=*/0) < 0 ||
      H5Pset_file_image_callbacks(access, &callbacks) < 0 ||
      H5Pset_file_image(access, const_cast<unsigned char*>(image.data()), image.size()) < 0) {
    return H5I_INVALID_HID;
  }
  return H5Fopen("mapped", H5F_ACC_RDONLY, access);
}

// What libhdf5 says of its last failure, at the place where it happened.
std::string LastError() {
  std::string reason;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned number, const H5E_error2_t* error, void* text) -> herr_t {
        if (number == 0 && error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
        return 0;
      },
      &reason);
  return reason;
}

// ---- Types ----

// NumPy's name of an integer or float type.
std::string NumberName(hid_t type, std::string_view family, char kind) {
  const size_t bytes = H5Tget_size(type);
  if (H5Tget_order(type) == H5T_ORDER_BE && bytes > 1) return std::string(">") + kind + std::to_string(bytes);
  return std::string(family) + std::to_string(8 * bytes);
}

struct Fields {
  size_t sign, exponent_at, exponent_bits, mantissa_at, mantissa_bits;
  bool operator==(const Fields&) const = default;
};

std::string FloatName(hid_t type) {
  Fields fields{};
  if (H5Tget_fields(type, &fields.sign, &fields.exponent_at, &fields.exponent_bits, &fields.mantissa_at,
                    &fields.mantissa_bits) < 0) {
    return "object";
  }
  const std::string name = NumberName(type, "float", 'f');
  if (H5Tget_size(type) == 2 && fields == Fields{15, 7, 8, 0, 7}) return name == "float16" ? "bfloat16" : ">bf2";
  const bool is_ieee =
      fields == Fields{15, 10, 5, 0, 10} || fields == Fields{31, 23, 8, 0, 23} || fields == Fields{63, 52, 11, 0, 52};
  return is_ieee ? name : "float of " + std::to_string(8 * H5Tget_size(type)) + " bits that is not IEEE's";
}

std::string TypeName(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return FloatName(type);
    case H5T_INTEGER:
      return H5Tget_sign(type) == H5T_SGN_NONE ? NumberName(type, "uint", 'u') : NumberName(type, "int", 'i');
    case H5T_ENUM: return H5Tget_size(type) == 1 ? "bool" : "object";  // as h5py writes it
    case H5T_STRING: return "string";
    default: return "object";
  }
}

// ---- The walk ----

class Walk {
 public:
  Json Run() {
    const Handle file(OpenImage(), H5Fclose);
    if (!file.IsOpen()) {
      Fail(LastError());
    } else {
      const Handle root(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose);
      if (!root.IsOpen()) Fail("its root group cannot be read: " + LastError());
      if (root.IsOpen()) VisitGroup(root, "");
    }
    return {{"error", Binary(error_)}, {"datasets", std::move(datasets_)}, {"attributes", std::move(attributes_)}};
  }

 private:
  void Fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }

  void VisitGroup(hid_t group, const std::string& path) {
    ReadAttributes(group, path);
    std::vector<std::string> names;
    hsize_t index = 0;
    const herr_t listed = H5Literate(
        group, H5_INDEX_NAME, H5_ITER_INC, &index,
        [](hid_t /*group*/, const char* name, const H5L_info_t* /*link*/, void* all) -> herr_t {
          auto& list = *static_cast<std::vector<std::string>*>(all);
          list.emplace_back(name);
          return list.size() > kMaxObjects ? -1 : 0;
        },
        &names);
    if (listed < 0) return Fail(In(path) + " cannot be listed: " + LastError());
    for (const std::string& name : names) {
      if (!error_.empty()) return;
      VisitLink(group, name, path.empty() ? name : path + "/" + name);
    }
  }

  static std::string In(const std::string& path) { return path.empty() ? "its root group" : "its `" + path + "`"; }

  void VisitLink(hid_t group, const std::string& name, const std::string& path) {
    if (++objects_ > kMaxObjects) return Fail("it has more than " + std::to_string(kMaxObjects) + " objects");
    if (path.size() > kMaxNameBytes)
      return Fail("it has a name of more than " + std::to_string(kMaxNameBytes) + " bytes");
    H5L_info_t link;
    if (H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0) return Fail(In(path) + " cannot be read");
    if (link.type == H5L_TYPE_EXTERNAL) return Fail(In(path) + " leads to another file, which is not followed");
    if (link.type != H5L_TYPE_HARD) return Fail(In(path) + " leads to another place, which is not followed");
    H5O_info_t object;
    if (H5Oget_info_by_name2(group, name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
      return Fail(In(path) + " cannot be read: " + LastError());
    }
    if (object.type == H5O_TYPE_DATASET) return VisitDataset(group, name, path);
    if (object.type != H5O_TYPE_GROUP) return;
    if (++depth_ > kMaxDepth) return Fail("its groups nest deeper than " + std::to_string(kMaxDepth));
    if (!groups_.insert(object.addr).second) return Fail(In(path) + " is a group that stands at two places");
    const Handle inner(H5Gopen2(group, name.c_str(), H5P_DEFAULT), H5Gclose);
    if (!inner.IsOpen()) return Fail(In(path) + " cannot be read: " + LastError());
    VisitGroup(inner, path);
    --depth_;
  }

  void VisitDataset(hid_t group, const std::string& name, const std::string& path) {
    const Handle dataset(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.IsOpen()) return Fail(In(path) + " cannot be read: " + LastError());
    const Handle type(H5Dget_type(dataset), H5Tclose);
    const Handle space(H5Dget_space(dataset), H5Sclose);
    const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
    if (!type.IsOpen() || !space.IsOpen() || !creation.IsOpen()) {
      return Fail(In(path) + " cannot be read: " + LastError());
    }
    std::string error;
    std::vector<int64_t> sizes;
    const int rank = H5Sget_simple_extent_ndims(space);
    if (H5Sget_simple_extent_type(space) == H5S_NULL) error = "it has no elements";
    if (rank < 0 || rank > static_cast<int>(kMaxRank)) return Fail(In(path) + " has no shape");
    std::array<hsize_t, kMaxRank> extents{};
    if (rank > 0 && H5Sget_simple_extent_dims(space, extents.data(), nullptr) < 0)
      return Fail(In(path) + " has no shape");
    for (int axis = 0; axis < rank; ++axis) sizes.push_back(static_cast<int64_t>(extents[static_cast<size_t>(axis)]));
    if (error.empty()) error = StorageError(creation);
    const haddr_t offset = error.empty() ? H5Dget_offset(dataset) : HADDR_UNDEF;
    ReadAttributes(dataset, path);
    datasets_.push_back({{"path", Binary(path)},
                         {"dtype", Binary(TypeName(type))},
                         {"sizes", std::move(sizes)},
                         {"has_place", offset != HADDR_UNDEF},
                         {"offset", offset == HADDR_UNDEF ? 0 : static_cast<uint64_t>(offset)},
                         {"bytes", static_cast<uint64_t>(H5Dget_storage_size(dataset))},
                         {"element_bytes", static_cast<uint64_t>(H5Tget_size(type))},
                         {"error", Binary(error)}});
  }

  // Why the elements do not lie in the file one behind the other. Keras writes them so.
  static std::string StorageError(hid_t creation) {
    switch (H5Pget_layout(creation)) {
      case H5D_CONTIGUOUS: break;
      case H5D_CHUNKED:
        return H5Pget_nfilters(creation) > 0 ? "its elements are compressed in chunks, expected in one piece"
                                             : "its elements are stored in chunks, expected in one piece";
      case H5D_COMPACT: return "its elements are stored within its header";
      default: return "its elements are stored in other files";
    }
    return H5Pget_external_count(creation) == 0 ? "" : "its elements are stored in another file";
  }

  void ReadAttributes(hid_t object, const std::string& path) {
    Json read = Json::object();
    struct Context {
      Walk* walk;
      Json* read;
    } context{this, &read};
    hsize_t index = 0;
    H5Aiterate2(
        object, H5_INDEX_NAME, H5_ITER_INC, &index,
        [](hid_t place, const char* name, const H5A_info_t* /*info*/, void* data) -> herr_t {
          auto& [walk, all] = *static_cast<Context*>(data);
          if (++walk->objects_ > kMaxObjects) return -1;
          const Handle attribute(H5Aopen(place, name, H5P_DEFAULT), H5Aclose);
          if (attribute.IsOpen()) ReadStrings(attribute, name, *all);
          return 0;
        },
        &context);
    if (!read.empty()) attributes_.push_back({{"path", Binary(path)}, {"texts", std::move(read)}});
  }

  // An attribute that is no text is left out; so is one that cannot be read: what needs it will miss it.
  static void ReadStrings(hid_t attribute, std::string_view name, Json& read) {
    const Handle type(H5Aget_type(attribute), H5Tclose);
    const Handle space(H5Aget_space(attribute), H5Sclose);
    if (!type.IsOpen() || !space.IsOpen()) return;
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    if (count < 0 || static_cast<hsize_t>(count) > kMaxStrings) return;
    Json texts = Json::array();
    if (count > 0 && H5Tget_class(type) == H5T_STRING) {
      if (!(H5Tis_variable_str(type) > 0 ? ReadVariable(attribute, type, space, static_cast<size_t>(count), texts)
                                         : ReadFixed(attribute, type, static_cast<size_t>(count), texts))) {
        return;
      }
    } else if (count > 0) {
      return;
    }
    read.push_back({std::string(name), std::move(texts)});
  }

  static bool ReadVariable(hid_t attribute, hid_t type, hid_t space, size_t count, Json& texts) {
    const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
    if (H5Tset_size(memory, H5T_VARIABLE) < 0 || H5Tset_cset(memory, H5Tget_cset(type)) < 0) return false;
    std::vector<char*> strings(count, nullptr);
    if (H5Aread(attribute, memory, strings.data()) < 0) return false;
    for (const char* text : strings) texts.push_back(Binary(text == nullptr ? "" : text));
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, strings.data());
    return true;
  }

  static bool ReadFixed(hid_t attribute, hid_t type, size_t count, Json& texts) {
    const size_t width = H5Tget_size(type);
    if (width == 0 || width > H5Aget_storage_size(attribute)) return false;
    std::string bytes(count * width, '\0');
    if (H5Aread(attribute, type, bytes.data()) < 0) return false;
    for (size_t i = 0; i < count; ++i) {
      const std::string_view text = std::string_view(bytes).substr(i * width, width);
      texts.push_back(Binary(text.substr(0, std::min(text.find('\0'), width))));
    }
    return true;
  }

  std::string error_;
  Json datasets_ = Json::array();
  Json attributes_ = Json::array();
  std::set<haddr_t> groups_;
  size_t objects_ = 0;
  size_t depth_ = 0;
};

}  // namespace

Json WalkHdf5(std::span<const unsigned char> bytes) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  image = bytes;
  return Walk().Run();
}

}  // namespace strata::weights
