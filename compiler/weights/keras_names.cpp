#include "compiler/weights/keras_names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "compiler/layers/layer.h"

namespace strata::weights {
namespace {

using Json = nlohmann::json;
using Components = std::vector<std::string>;

// Deeper than Keras nests anything.
constexpr int kMaxDepth = 64;

Components Split(std::string_view path) {
  Components components;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    components.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

std::string Joined(const Components& components, size_t begin = 0, size_t end = std::string::npos) {
  std::string path;
  for (size_t i = begin; i < std::min(end, components.size()); ++i) path += (path.empty() ? "" : "/") + components[i];
  return path;
}

std::optional<size_t> NumberOf(std::string_view text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "conv2d" of "conv2d_12"
std::string_view Stem(std::string_view name) {
  const size_t place = name.rfind('_');
  return place != std::string_view::npos && NumberOf(name.substr(place + 1)) ? name.substr(0, place) : name;
}

// `conv2d_2` before `conv2d_10`, and the forward layer before the backward one, component by component.
bool ComesBefore(const Components& a, const Components& b) {
  const auto key = [](const std::string& name) {
    if (name == "backward_layer") return std::pair(std::string_view("forward_layer"), size_t{1});
    const std::string_view stem = Stem(name);
    const std::optional<size_t> whole = NumberOf(name);
    const size_t number = whole                       ? *whole
                          : stem.size() < name.size() ? *NumberOf(std::string_view(name).substr(stem.size() + 1)) + 1
                                                      : 0;
    return std::pair(whole ? std::string_view() : stem, number);
  };
  return std::ranges::lexicographical_compare(
      a, b, [&](const std::string& x, const std::string& y) { return key(x) < key(y); });
}

// ---- The configuration ----

std::string TextOf(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& Member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

// What the configuration says of an object that the file has a group for.
struct Configured {
  std::string name;
  std::string snake_class;
  const Json* config;
};

bool IsModel(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

// The groups of all objects, as Keras walks over them.
class ConfigWalk {
 public:
  explicit ConfigWalk(const Json& model) { VisitModel(model, "", 0); }

  const std::map<std::string, Configured>& objects() const { return objects_; }
  const std::set<std::string>& models() const { return models_; }
  // The position of a layer's group among all of them; the groups of no layer come last.
  size_t PositionOf(const std::string& group) const {
    const auto found = positions_.find(group);
    return found == positions_.end() ? positions_.size() : found->second;
  }

 private:
  void VisitModel(const Json& model, const std::string& group, int depth) {
    const Json& layers = Member(Member(model, "config"), "layers");
    models_.insert(TextOf(Member(model, "config"), "name"));
    if (!layers.is_array()) return;
    VisitList(layers, group.empty() ? "layers" : group + "/layers", depth);
  }

  // A list's groups are called after classes, with counters of their own.
  void VisitList(const Json& list, const std::string& group, int depth) {
    std::map<std::string, int> counters;
    for (const Json& object : list) {
      const std::string snake_class = SnakeCase(TextOf(object, "class_name"));
      const int count = counters[snake_class]++;
      Visit(object, group + "/" + snake_class + (count > 0 ? "_" + std::to_string(count) : ""), depth + 1);
    }
  }

  void Visit(const Json& object, const std::string& group, int depth) {
    if (depth > kMaxDepth || !object.is_object()) return;
    const std::string class_name = TextOf(object, "class_name");
    const Json& config = Member(object, "config");
    if (!config.is_object()) return;
    positions_.emplace(group, positions_.size());
    objects_[group] = {TextOf(config, "name"), SnakeCase(class_name), &config};
    if (IsModel(class_name)) {
      VisitModel(object, group, depth);
    } else if (class_name == "Bidirectional") {
      VisitBidirectional(config, group, depth);
    } else if (config.contains("layer")) {
      Visit(Member(config, "layer"), group + "/layer", depth + 1);
    } else if (config.contains("cell")) {
      Visit(Member(config, "cell"), group + "/cell", depth + 1);
    } else if (class_name == "StackedRNNCells" && Member(config, "cells").is_array()) {
      VisitList(config["cells"], group + "/cells", depth + 1);
    }
  }

  // Keras 2 writes no backward layer down that it makes itself, and only the original name of the forward one.
  void VisitBidirectional(const Json& config, const std::string& group, int depth) {
    const Json& layer = Member(config, "layer");
    const Json& backward = Member(config, "backward_layer");
    Visit(layer, group + "/forward_layer", depth + 1);
    Visit(backward.is_null() ? layer : backward, group + "/backward_layer", depth + 1);
    if (!backward.is_null()) return;
    for (const char* direction : {"forward", "backward"}) {
      const auto visited = objects_.find(group + "/" + direction + "_layer");
      const std::string prefix = std::string(direction) + "_";
      if (visited != objects_.end() && !visited->second.name.starts_with(prefix))
        visited->second.name.insert(0, prefix);
    }
  }

  std::map<std::string, Configured> objects_;
  std::map<std::string, size_t> positions_;
  std::set<std::string> models_;
};

// ---- Keras 3 ----

// What a class calls the objects in its attributes.
struct Attribute {
  std::string_view name;
  std::string_view called;       // "": after the class of the layer that has it: "lstm_cell"
  std::string_view snake_class;  // "": `called`
};
constexpr Attribute kAttributes[] = {
    {"cell", "", ""},
    {"query_dense", "query", "einsum_dense"},
    {"key_dense", "key", "einsum_dense"},
    {"value_dense", "value", "einsum_dense"},
    {"output_dense", "attention_output", "einsum_dense"},
    {"_query_dense", "query", "einsum_dense"},
    {"_key_dense", "key", "einsum_dense"},
    {"_value_dense", "value", "einsum_dense"},
    {"_output_dense", "attention_output", "einsum_dense"},
};

// "lstm_cell" of "lstm"; all ranks of ConvLSTM share one. Of a layer of another or an unknown class: "cell".
std::string CellOf(std::string_view snake_class) {
  if (snake_class.starts_with("conv_lstm")) return "conv_lstm_cell";
  const std::string cell = std::string(snake_class) + "_cell";
  return KerasVariablesOf(cell).empty() ? "cell" : cell;
}

bool IsList(std::string_view component) {
  return component == "layers" || component == "cells" || component == "_layer_checkpoint_dependencies" ||
         component.starts_with("container");
}

// The state of training at the root of a file, and that of random numbers anywhere.
bool IsTraining(const Components& path) {
  constexpr std::string_view kAtRoot[] = {"optimizer", "_optimizer", "metrics",
                                          "_metrics",  "loss",       "optimizer_weights"};
  return std::ranges::find(kAtRoot, path.front()) != std::end(kAtRoot) ||
         std::ranges::any_of(path, [](const std::string& name) { return Stem(name) == "seed_generator"; });
}

// An object on the way to a variable.
struct Object {
  std::string name;
  std::string snake_class;  // "": nothing says so
  const Json* config = nullptr;
  bool is_model = false;
};

class Keras3Names {
 public:
  Keras3Names(const Hdf5Contents& contents, const Json& config) : contents_(contents), walk_(config) {
    for (const auto& [path, attributes] : contents.attributes) {
      if (path.ends_with("vars") && attributes.contains("name")) has_names_ = true;
    }
  }

  KerasNames Name() {
    GroupVariables();
    KerasNames names;
    names.has_layer_names = has_names_ || !walk_.objects().empty();
    for (const auto* group : InOrder()) {
      const auto& [path, datasets] = *group;
      if (IsTraining(path)) {
        names.training_tensors += datasets.size();
      } else {
        Append(path, datasets, names);
      }
    }
    return names;
  }

 private:
  // Of an object's `vars`, by number.
  using Group = std::pair<const Components, std::map<size_t, size_t>>;

  void GroupVariables() {
    for (size_t i = 0; i < contents_.datasets.size(); ++i) {
      Components path = Split(contents_.datasets[i].path);
      const std::optional<size_t> number = NumberOf(path.back());
      if (path.size() < 2 || path[path.size() - 2] != "vars" || !number) continue;
      path.resize(path.size() - 2);
      if (path.empty()) path = {"vars"};  // of the model itself
      groups_[path][*number] = i;
    }
  }

  std::vector<const Group*> InOrder() const {
    std::vector<const Group*> order;
    for (const Group& group : groups_) order.push_back(&group);
    const auto position = [&](const Group* group) {
      size_t first = walk_.PositionOf("");
      for (size_t i = group->first.size(); i > 0; --i) {
        first = walk_.PositionOf(Joined(group->first, 0, i));
        if (walk_.objects().contains(Joined(group->first, 0, i))) break;
      }
      return first;
    };
    std::ranges::sort(order, [&](const Group* a, const Group* b) {
      const size_t of_a = position(a);
      const size_t of_b = position(b);
      if (of_a != of_b) return of_a < of_b;
      if (ComesBefore(a->first, b->first)) return true;
      return !ComesBefore(b->first, a->first) && a->first < b->first;
    });
    return order;
  }

  // The object of the group that ends behind component `i`; nothing: it is a list of objects.
  std::optional<Object> ObjectAt(const Components& path, size_t i, const Object* around) const {
    const std::string group = Joined(path, 0, i + 1);
    const std::string stored = contents_.Text(group + "/vars", "name");
    const auto configured = walk_.objects().find(group);
    if (stored.empty() && configured == walk_.objects().end() && (has_names_ || IsList(path[i]))) return std::nullopt;

    Object object{.name = path[i], .is_model = i + 1 < path.size() && path[i + 1] == "layers"};
    const auto* attribute = std::ranges::find(kAttributes, path[i], &Attribute::name);
    if (configured != walk_.objects().end()) {
      object.name = configured->second.name;
      object.snake_class = configured->second.snake_class;
      object.config = configured->second.config;
    } else if (i > 0 && IsList(path[i - 1])) {
      object.snake_class = Stem(path[i]);
    } else if (attribute != std::end(kAttributes)) {
      const std::string cell = around == nullptr ? "" : CellOf(around->snake_class);
      object.name = attribute->called.empty() ? cell : attribute->called;
      object.snake_class = attribute->snake_class.empty() ? object.name : attribute->snake_class;
      if (around != nullptr) object.config = around->config;  // a recurrent layer's is its cell's too
    }
    if (!stored.empty()) object.name = stored;
    if (object.snake_class.empty() || KerasVariablesOf(object.snake_class).empty()) {
      object.snake_class = Stem(object.name);
      for (const std::string_view direction : {"forward_", "backward_"}) {
        if (object.snake_class.starts_with(direction)) object.snake_class.erase(0, direction.size());
      }
    }
    return object;
  }

  void Append(const Components& path, const std::map<size_t, size_t>& datasets, KerasNames& names) const {
    std::vector<Object> objects;
    for (size_t i = 0; i < path.size() && path.front() != "vars"; ++i) {
      std::optional<Object> object = ObjectAt(path, i, objects.empty() ? nullptr : &objects.back());
      if (object) objects.push_back(*std::move(object));
    }
    std::string full;
    std::string flat;
    bool in_models = true;
    for (const Object& object : objects) {
      full += object.name + "/";
      in_models = in_models && object.is_model;
      if (!in_models) flat += object.name + "/";
    }
    const std::vector<const KerasVariable*> variables =
        objects.empty() ? std::vector<const KerasVariable*>() : Variables(objects.back(), datasets.size());
    size_t rank = 0;
    for (const auto& [number, dataset] : datasets) {
      const KerasVariable* variable = rank < variables.size() ? variables[rank] : nullptr;
      ++rank;
      if (variable != nullptr && variable->is_for_training) {
        ++names.training_tensors;
        continue;
      }
      const std::string last = variable != nullptr ? std::string(variable->name) : std::to_string(number);
      names.tensors.push_back({.name = flat + last, .path = full + last, .dataset = dataset});
    }
  }

  // What `count` variables are called; empty: it is not clear.
  static std::vector<const KerasVariable*> Variables(const Object& object, size_t count) {
    const std::vector<KerasVariable>& all = KerasVariablesOf(object.snake_class);
    std::vector<std::string_view> flags;
    for (const KerasVariable& variable : all) {
      const bool is_new = !variable.flag.empty() && std::ranges::find(flags, variable.flag) == flags.end();
      if (is_new) flags.push_back(variable.flag);
    }
    const auto chosen = [&](const auto& is_set) {
      std::vector<const KerasVariable*> variables;
      for (const KerasVariable& variable : all) {
        if (variable.flag.empty() || is_set(variable)) variables.push_back(&variable);
      }
      return variables;
    };
    // As the configuration says, or as layers are where nothing is said.
    const auto as_configured = chosen([&](const KerasVariable& variable) {
      if (object.config == nullptr) return variable.flag_default;
      const Json& value = Member(*object.config, std::string(variable.flag).c_str());
      if (value.is_string() && !variable.text.empty()) return value.get<std::string>() == variable.text;
      return value.is_boolean() ? value.get<bool>() : variable.flag_default;
    });
    if (as_configured.size() == count) return as_configured;
    // Else by their number, where that leaves no choice.
    std::vector<const KerasVariable*> only;
    for (unsigned set = 0; set < 1u << flags.size(); ++set) {
      const auto variables = chosen([&](const KerasVariable& variable) {
        const auto place = std::ranges::find(flags, variable.flag) - flags.begin();
        return (set >> place & 1) != 0;
      });
      if (variables.size() != count) continue;
      if (!only.empty()) return {};
      only = variables;
    }
    return only;
  }

  const Hdf5Contents& contents_;
  const ConfigWalk walk_;
  std::map<Components, std::map<size_t, size_t>> groups_;
  bool has_names_ = false;
};

// ---- Keras 2, and what Keras 3 writes in its form ----

// The group that lists the layers; nothing: the file is of another kind.
std::optional<std::string> LegacyRoot(const Hdf5Contents& contents) {
  for (const char* root : {"model_weights", ""}) {
    if (contents.Attribute(root, "layer_names")) return root;
  }
  return std::nullopt;
}

// The names of all models in the configuration.
void CollectModels(const Json& object, int depth, std::set<std::string>& models) {
  if (depth > kMaxDepth) return;
  if (object.is_object() && IsModel(TextOf(object, "class_name")))
    models.insert(TextOf(Member(object, "config"), "name"));
  if (object.is_structured()) {
    for (const Json& inner : object) CollectModels(inner, depth + 1, models);
  }
}

// Whether inference needs no such variable, of a path that ends with its layer's name and its own.
bool IsTrainingVariable(const Components& path) {
  if (path.back() == "seed_generator_state") return true;
  if (path.size() < 2) return false;
  return std::ranges::any_of(KerasVariablesOf(Stem(path[path.size() - 2])), [&](const KerasVariable& variable) {
    return variable.is_for_training && variable.name == path.back();
  });
}

KerasNames NameLegacy(const Hdf5Contents& contents, const std::string& root, const Json& config) {
  KerasNames names;
  std::map<std::string, size_t> dataset_at;
  for (size_t i = 0; i < contents.datasets.size(); ++i) dataset_at.emplace(contents.datasets[i].path, i);
  std::set<std::string> models;
  CollectModels(config, 0, models);
  const std::string in_root = root.empty() ? "" : root + "/";
  std::vector<std::string> layers = *contents.Attribute(root, "layer_names");
  layers.emplace_back("top_level_model_weights");
  std::set<size_t> taken;
  for (const std::string& layer : layers) {
    const auto weights = contents.Attribute(in_root + layer, "weight_names");
    if (!weights) continue;
    for (const std::string& weight : *weights) {
      const auto found = dataset_at.find(in_root + layer + "/" + weight);
      if (found == dataset_at.end()) {
        names.error = "it names `" + Shown(weight) + "` of layer `" + Shown(layer) + "`, which is not there";
        return names;
      }
      if (!taken.insert(found->second).second) continue;
      const std::string path = weight.substr(0, weight.rfind(':'));
      const Components components = Split(path);
      size_t begin = 0;
      while (begin + 2 < components.size() && models.contains(components[begin])) ++begin;
      if (IsTrainingVariable(components)) {
        ++names.training_tensors;
      } else {
        // The model's own name may stand before the layer's: "sequential/encoder/dense/kernel".
        const auto within = std::ranges::find(components, layer);
        const auto outer = static_cast<size_t>(within - components.begin());
        names.tensors.push_back({.name = Joined(components, begin),
                                 .path = within == components.end() ? layer + "/" + path : Joined(components, outer),
                                 .dataset = found->second});
      }
    }
  }
  for (const auto& [path, dataset] : dataset_at) names.training_tensors += IsTraining(Split(path)) ? 1 : 0;
  return names;
}

// Names that two tensors would have are told apart by the nested models; where that does not help they stay.
void MakeUnique(std::vector<KerasTensor>& tensors) {
  std::map<std::string, int> count;
  for (const KerasTensor& tensor : tensors) ++count[tensor.name];
  for (KerasTensor& tensor : tensors) {
    if (count[tensor.name] > 1) tensor.name = tensor.path;
  }
}

const std::vector<KerasVariable> kNoVariables;

const std::map<std::string_view, std::vector<KerasVariable>>& VariableTable() {
  static const std::vector<KerasVariable> kernel = {{"kernel"}, {"bias", "use_bias"}};
  static const std::vector<KerasVariable> separable = {
      {"depthwise_kernel"}, {"pointwise_kernel"}, {"bias", "use_bias"}};
  static const std::vector<KerasVariable> cell = {{"kernel"}, {"recurrent_kernel"}, {"bias", "use_bias"}};
  static const std::vector<KerasVariable> scaled = {{"gamma", "scale"}, {"beta", "center"}};
  static const std::vector<KerasVariable> embeddings = {{"embeddings"}};
  static const std::map<std::string_view, std::vector<KerasVariable>> table = {
      {"dense", kernel},
      {"einsum_dense", {{"kernel"}, {"bias", "bias_axes"}}},
      {"conv1d", kernel},
      {"conv2d", kernel},
      {"conv3d", kernel},
      {"conv1d_transpose", kernel},
      {"conv2d_transpose", kernel},
      {"conv3d_transpose", kernel},
      {"depthwise_conv1d", kernel},
      {"depthwise_conv2d", kernel},
      {"separable_conv1d", separable},
      {"separable_conv2d", separable},
      {"embedding", embeddings},
      {"reversible_embedding", embeddings},
      {"lstm_cell", cell},
      {"gru_cell", cell},
      {"simple_rnn_cell", cell},
      {"conv_lstm_cell", cell},
      {"cell", cell},
      {"batch_normalization",
       {{"gamma", "scale"},
        {"beta", "center"},
        {"moving_mean"},
        {"moving_variance"},
        {"moving_stddev", "renorm", false, "", true},
        {"renorm_mean", "renorm", false, "", true},
        {"renorm_stddev", "renorm", false, "", true}}},
      {"layer_normalization", scaled},
      {"group_normalization", scaled},
      {"rms_normalization", {{"scale"}}},
      // The first one is the wrapped layer's kernel once more.
      {"spectral_normalization", {{"kernel", "", true, "", true}, {"vector_u"}}},
      {"attention", {{"scale", "use_scale", false}, {"concat_score_weight", "score_mode", false, "concat"}}},
      {"additive_attention", {{"scale", "use_scale"}}},
      {"p_re_lu", {{"alpha"}}},
      {"normalization", {{"mean"}, {"variance"}, {"count", "", true, "", true}}},
  };
  return table;
}

}  // namespace

const std::vector<KerasVariable>& KerasVariablesOf(std::string_view snake_class) {
  const auto found = VariableTable().find(snake_class);
  return found == VariableTable().end() ? kNoVariables : found->second;
}

bool IsKerasHdf5(const Hdf5Contents& contents) {
  if (LegacyRoot(contents)) return true;
  return std::ranges::any_of(contents.datasets, [](const Hdf5Dataset& dataset) {
    const size_t last = dataset.path.rfind('/');
    return last != std::string::npos && NumberOf(std::string_view(dataset.path).substr(last + 1)) &&
           ("/" + dataset.path.substr(0, last)).ends_with("/vars");
  });
}

KerasNames NameKerasTensors(const Hdf5Contents& contents, const Json& config) {
  const std::optional<std::string> legacy = LegacyRoot(contents);
  KerasNames names = legacy ? NameLegacy(contents, *legacy, config) : Keras3Names(contents, config).Name();
  MakeUnique(names.tensors);
  return names;
}

}  // namespace strata::weights
