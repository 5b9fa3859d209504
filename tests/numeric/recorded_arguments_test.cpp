// What the recordings of Keras show of each layer: every argument with another value than its default, every value of an
// argument that has a closed set of them, and every two of these values together. Whether a mask travels to the layer
// counts as an argument of it.
//
// Not asked for: what only training reads (ParamType::Training), what every layer takes by keyword (`name`, `dtype`,
// `trainable`), which no result depends on, and the values of the tables below.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/check/check.h"
#include "compiler/layers/activations.h"
#include "compiler/layers/example.h"
#include "compiler/layers/params.h"
#include "compiler/syntax/parse.h"
#include "tests/numeric/keras_case.h"
#include "tests/numeric/support.h"

namespace strata::testing {
namespace {

constexpr std::string_view kDefault = "its default";
constexpr std::string_view kOther = "another value";
constexpr std::string_view kGiven = "a tensor";
constexpr std::string_view kAbsent = "nothing";
constexpr std::string_view kMask = "(a mask that travels)";

// Values that no program can have: the compiler refuses them.
struct Refused {
  std::string_view param;
  std::string_view value;
};
constexpr Refused kRefused[] = {{"sparse", "True"}, {"stateful", "True"}};

// Values that Keras cannot record.
struct NotRecorded {
  std::string_view layer;  // "": any
  std::string_view param;
  std::string_view value;  // "": any
};
constexpr NotRecorded kNotRecorded[] = {
    {"", "flash_attention", "True"},                     // needs a GPU
    {"Equalization", "data_format", ""},                 // gives the input itself, in which Keras then finds a cycle
    {"Discretization", "num_bins", ""},                  // only without boundaries, which adapt() then finds
    {"Softmax", "(a mask that travels)", "a tensor"},    // lacks the last axis, which Keras refuses
    {"Embedding", "(a mask that travels)", "a tensor"},  // of numbers that are positions: nothing makes one
};

// Two values that do not go together.
struct Apart {
  std::string_view layer;  // what its name begins with; "": any
  std::string_view params[2];
  std::string_view values[2];
};
constexpr Apart kApart[] = {
    // Keras refuses them.
    {"Conv", {"strides", "dilation_rate"}, {kOther, kOther}},
    {"MultiHeadAttention", {"value_dim", "dropout"}, {kOther, kDefault}},  // with JAX
    {"Resizing", {"crop_to_aspect_ratio", "pad_to_aspect_ratio"}, {"True", "True"}},
    {"Normalization", {"mean", "variance"}, {kDefault, kOther}},
    {"Normalization", {"mean", "variance"}, {kOther, kDefault}},
    {"CategoryEncoding", {"output_mode", "count_weights"}, {"'one_hot'", kGiven}},
    {"CategoryEncoding", {"output_mode", "count_weights"}, {"'multi_hot'", kGiven}},
    {"CategoryEncoding", {"output_mode", "count_weights"}, {"'binary'", kGiven}},
    // Keras reads a mask over images only where it writes out the steps, and forgets the other there.
    {"ConvLSTM", {"zero_output_for_mask", "mask"}, {"True", kGiven}},
    {"ConvLSTM", {"zero_output_for_mask", kMask}, {"True", kGiven}},
    // The mask would be over the channels.
    {"GlobalAveragePooling1D", {"data_format", kMask}, {"channels_first", kGiven}},
};

bool IsRefused(std::string_view param, std::string_view value) {
  return std::ranges::any_of(kRefused, [&](const Refused& row) { return row.param == param && row.value == value; });
}

bool IsAskedFor(std::string_view layer, std::string_view param, std::string_view value) {
  return !IsRefused(param, value) && std::ranges::none_of(kNotRecorded, [&](const NotRecorded& row) {
    return (row.layer.empty() || row.layer == layer) && row.param == param && (row.value.empty() || row.value == value);
  });
}

bool GoTogether(std::string_view layer, const std::pair<std::string, std::string>& a,
                const std::pair<std::string, std::string>& b) {
  return std::ranges::none_of(kApart, [&](const Apart& row) {
    return layer.starts_with(row.layer) && row.params[0] == a.first && row.params[1] == b.first &&
           row.values[0] == a.second && row.values[1] == b.second;
  });
}

// The arguments of a layer that results depend on, those of its call behind those of the layer.
std::vector<const Param*> ParamsOf(const LayerDef& def) {
  const std::vector<Param> common = CommonParams();
  std::vector<const Param*> params;
  for (const std::vector<Param>* of : {&def.params, &def.call_params}) {
    for (const Param& param : *of) {
      const bool is_common = std::ranges::find(common, param.name, &Param::name) != common.end();
      if (param.type != ParamType::Training && !is_common) params.push_back(&param);
    }
  }
  return params;
}

bool IsClosed(const Param& param) { return param.type == ParamType::Bool || param.type == ParamType::Choice; }

bool IsTensor(const Param& param) { return param.type == ParamType::Tensor || param.type == ParamType::Tensors; }

// Every value that a recording must have.
std::vector<std::string> RequiredValues(const Param& param) {
  std::vector<std::string> values;
  if (param.type == ParamType::Bool) values = {"True", "False"};
  for (const std::string_view choice : param.choices) values.push_back("'" + std::string(choice) + "'");
  if (param.type == ParamType::Activation) {
    for (const std::string_view name : ActivationNames()) values.push_back("'" + std::string(name) + "'");
  }
  if (param.none_allowed && !IsTensor(param) && param.type != ParamType::Activation) values.emplace_back("None");
  if (IsTensor(param)) {
    values = {std::string(kGiven)};
  } else if (!IsClosed(param) && param.choices.empty()) {
    values.emplace_back(kOther);
  }
  return values;
}

// The classes of values of which every two of two arguments must occur together.
std::vector<std::string> Classes(const Param& param) {
  if (param.name == "data_format") return {"channels_last", "channels_first"};
  if (param.type == ParamType::Bool) return {"True", "False"};
  if (IsTensor(param)) {
    if (!param.none_allowed) return {};
    return {std::string(kGiven), std::string(kAbsent)};
  }
  if (!param.default_value) return {};
  if (param.type != ParamType::Choice) return {std::string(kDefault), std::string(kOther)};
  std::vector<std::string> values;
  for (const std::string_view choice : param.choices) values.push_back("'" + std::string(choice) + "'");
  if (param.none_allowed) values.emplace_back("None");
  return values;
}

struct Shown {
  std::map<std::string, std::set<std::string>> values;  // of each argument
  std::set<std::pair<std::pair<std::string, std::string>, std::pair<std::string, std::string>>> pairs;  // of classes
};

bool IsValid(const std::string& program) {
  Sources sources;
  Diagnostics diagnostics;
  const auto file = Parse(sources.Add("test.strata", program), sources, diagnostics);
  return file && Check(*file, sources, diagnostics).has_value();
}

class Recordings {
 public:
  Recordings() {
    for (const std::string& name : KerasCaseNames()) {
      const Network network = CheckProgram(ReadKerasCase(name).program);
      for (const NetworkNode& node : network.nodes) {
        const NetworkLayer& layer = network.layers[static_cast<size_t>(node.layer)];
        std::vector<const NetworkValue*> inputs;
        for (const int input : node.inputs) inputs.push_back(&network.values[static_cast<size_t>(input)]);
        Add(*layer.def, layer.args, &node, inputs);
      }
    }
  }

  const Shown& Of(const LayerDef& def) { return shown_[def.name]; }

 private:
  void Add(const LayerDef& def, const Args& args, const NetworkNode* node,
           const std::vector<const NetworkValue*>& inputs) {
    Shown& shown = shown_[def.name];
    std::vector<std::pair<std::string, std::string>> classes;
    size_t tensor_param = 0;
    for (const Param* param : ParamsOf(def)) {
      const std::string name(param->name);
      const bool is_of_call = !def.call_params.empty() && param >= def.call_params.data() &&
                              param < def.call_params.data() + def.call_params.size();
      if (is_of_call && node == nullptr) continue;
      std::string value;
      if (IsTensor(*param)) {
        value = node->counts[tensor_param++] > 0 ? kGiven : kAbsent;
        shown.values[name].insert(value);
      } else {
        if (is_of_call && !node->call_args) continue;
        const ConfigValue& config = (is_of_call ? *node->call_args : args).Get(name);
        AddInner(config);
        value = ToString(config);
        shown.values[name].insert(value);
        if (const LayerArg* layer = config.AsLayer()) {
          shown.values[name].insert("'" + std::string(layer->def->name) + "'");
        }
        const bool is_default = param->default_value && value == ToString(*param->default_value);
        if (!is_default) shown.values[name].insert(std::string(kOther));
        if (!IsClosed(*param)) value = is_default ? kDefault : kOther;
      }
      if (name == "data_format") value = IsChannelsFirst(value, inputs) ? "channels_first" : "channels_last";
      classes.emplace_back(name, value);
    }
    if (node != nullptr && (def.mask.is_read || def.mask.of_results)) {
      const bool is_masked = std::ranges::any_of(inputs, [](const auto* input) { return input->mask_axes > 0; });
      classes.emplace_back(kMask, is_masked ? kGiven : kAbsent);
      shown.values[std::string(kMask)].insert(classes.back().second);
    }
    for (size_t a = 0; a < classes.size(); ++a) {
      for (size_t b = a + 1; b < classes.size(); ++b) shown.pairs.insert({classes[a], classes[b]});
    }
  }

  void AddInner(const ConfigValue& value) {
    if (const LayerArg* layer = value.AsLayer()) Add(*layer->def, layer->args, nullptr, {});
    if (const ConfigValue::List* list = value.AsList()) {
      for (const ConfigValue& entry : *list) AddInner(entry);
    }
  }

  // As written, or as the names say.
  static bool IsChannelsFirst(const std::string& value, const std::vector<const NetworkValue*>& inputs) {
    if (value != "None") return value == "'channels_first'";
    if (inputs.empty()) return false;
    const Shape& shape = inputs.front()->type.shape;
    for (size_t k = 1; k + 1 < shape.size(); ++k) {
      if (shape[k].name == "channels" || shape[k].name == "features") return true;
    }
    return false;
  }

  std::map<std::string_view, Shown> shown_;
};

Recordings& All() {
  static Recordings recordings;
  return recordings;
}

TEST(RecordedArguments, HaveEveryValue) {
  for (const LayerDef* def : AllLayers()) {
    const Shown& shown = All().Of(*def);
    for (const Param* param : ParamsOf(*def)) {
      const auto found = shown.values.find(std::string(param->name));
      for (const std::string& value : RequiredValues(*param)) {
        if (!IsAskedFor(def->name, param->name, value)) continue;
        EXPECT_TRUE(found != shown.values.end() && found->second.contains(value))
            << "no recording of " << def->name << " with " << param->name << " = " << value;
      }
    }
    if ((def->mask.is_read || def->mask.of_results) && IsAskedFor(def->name, kMask, kGiven)) {
      const auto found = shown.values.find(std::string(kMask));
      EXPECT_TRUE(found != shown.values.end() && found->second.contains(std::string(kGiven)))
          << "no recording of " << def->name << " with a mask";
    }
  }
}

TEST(RecordedArguments, HaveEveryTwoTogether) {
  for (const LayerDef* def : AllLayers()) {
    const Shown& shown = All().Of(*def);
    std::vector<std::pair<std::string, std::string>> all;
    for (const Param* param : ParamsOf(*def)) {
      for (std::string& value : Classes(*param)) all.emplace_back(param->name, std::move(value));
    }
    if (def->mask.is_read || def->mask.of_results) {
      for (const std::string_view value : {kGiven, kAbsent}) all.emplace_back(kMask, value);
    }
    for (size_t a = 0; a < all.size(); ++a) {
      for (size_t b = a + 1; b < all.size(); ++b) {
        if (all[a].first == all[b].first || !GoTogether(def->name, all[a], all[b])) continue;
        if (!IsAskedFor(def->name, all[a].first, all[a].second)) continue;
        if (!IsAskedFor(def->name, all[b].first, all[b].second)) continue;
        EXPECT_TRUE(shown.pairs.contains({all[a], all[b]}))
            << "no recording of " << def->name << " with " << all[a].first << " = " << all[a].second << " and "
            << all[b].first << " = " << all[b].second;
      }
    }
  }
}

// The table above says what the compiler does.
TEST(RecordedArguments, AreLeftOutWhereTheCompilerRefusesThem) {
  std::set<std::string_view> refused;
  for (const LayerDef* def : AllLayers()) {
    for (const Param& param : def->params) {
      if (!IsRefused(param.name, "True")) continue;
      const LayerExample& example = def->examples.front();
      std::string call(example.call);
      call.insert(call.rfind(')'), ", " + std::string(param.name) + "=True");
      LayerExample with = example;
      with.call = call;
      EXPECT_FALSE(IsValid(ProgramOf(*def, with))) << call;
      refused.insert(param.name);
    }
  }
  EXPECT_EQ(refused.size(), std::size(kRefused));
}

}  // namespace
}  // namespace strata::testing
