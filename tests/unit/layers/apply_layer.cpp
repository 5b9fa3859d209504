#include "tests/unit/layers/apply_layer.h"

#include <algorithm>
#include <cstdlib>

#include "compiler/source/check.h"

namespace strata::testing {
namespace {

constexpr std::string_view kInputNames[] = {"a", "b", "c"};

Axis ParseAxis(std::string text) {
  Axis axis;
  if (text.back() == '!') {
    axis.deliberate_one = true;
    text.pop_back();
  }
  const size_t colon = text.find(": ");
  std::string size = text;
  if (colon != std::string::npos) {
    axis.name = text.substr(0, colon);
    size = text.substr(colon + 2);
  } else if (text.find_first_not_of("0123456789") != std::string::npos) {
    axis.name = text;
  }
  if (!axis.name.empty() && axis.name.back() == '*') {
    axis.provisional = true;
    axis.name.pop_back();
  }
  const bool is_number = size.find_first_not_of("0123456789") == std::string::npos;
  axis.size = is_number ? Dim(std::atoll(size.c_str())) : size == "?" ? Dim::Unknown() : Dim::Symbol(size);
  return axis;
}

// A layer with its arguments and the text that could have made it.
struct Written {
  const LayerDef* def;
  Args args;
  std::vector<TensorType> types;
  Sources sources;
  FileId file;
  std::vector<Span> inputs;
  std::vector<Span> input_types;
  Span name;
  Span call;

  Written(std::string_view layer, const std::vector<std::string_view>& inputs_text, NamedArguments arguments) {
    def = FindLayer(layer);
    STRATA_CHECK(def != nullptr);
    const bool is_piped = inputs_text.size() == 1;
    std::string text;
    const auto write = [&](std::string_view piece) {
      const auto begin = static_cast<uint32_t>(text.size());
      text += piece;
      return Span{FileId{0}, begin, static_cast<uint32_t>(text.size())};
    };
    for (size_t i = 0; i < inputs_text.size(); ++i) {
      types.push_back(ParseType(inputs_text[i]));
      const Span input_name = write(is_piped ? "x" : kInputNames[i]);
      write(": ");
      input_types.push_back(write(ToString(types.back())));
      inputs.push_back(Join(input_name, input_types.back()));
      write("\n");
    }
    if (is_piped) write("x |> ");
    name = write(layer);
    write("(");
    std::vector<ConfigValue> values;
    std::vector<bool> given;
    for (const Param& param : def->params) {
      values.push_back(param.default_value.value_or(ConfigValue{}));
      given.push_back(false);
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      const auto param = std::ranges::find(def->params, arguments[i].first, &Param::name);
      STRATA_CHECK(param != def->params.end());
      const auto index = static_cast<size_t>(param - def->params.begin());
      if (i > 0) write(", ");
      write(std::string(arguments[i].first) + "=");
      values[index] = arguments[i].second;
      values[index].span = write(ToString(arguments[i].second));
      if (const ConfigValue::List* list = values[index].AsList()) {
        ConfigValue::List entries = *list;
        for (ConfigValue& entry : entries) entry.span = values[index].span;
        values[index].data = std::move(entries);
      }
      given[index] = true;
    }
    const Span end = write(")");
    call = Join(name, end);
    if (!is_piped) write("(a, b)");
    write("\n");
    args = Args(*def, std::move(values), std::move(given));
    file = sources.Add("test.strata", std::move(text));
  }

  // The inputs are those of the first parameter.
  std::vector<size_t> Counts() const {
    std::vector<size_t> counts(def->TensorParams().size());
    if (!counts.empty()) counts.front() = types.size();
    return counts;
  }

  std::vector<TensorType> Infer(Diagnostics& diagnostics) const {
    InferContext context{.args = args,
                         .class_name = def->name,
                         .inputs = {},
                         .name_span = name,
                         .call_span = call,
                         .diagnostics = diagnostics,
                         .piped = types.size() == 1,
                         .counts = Counts()};
    for (size_t i = 0; i < types.size(); ++i) {
      context.inputs.push_back(
          {types[i], inputs[i], std::string(types.size() == 1 ? "x" : kInputNames[i]), input_types[i]});
    }
    return def->infer(context);
  }
};

std::vector<double> CountUp(size_t count) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i + 1);
  return values;
}

size_t Count(const std::vector<int64_t>& sizes) {
  int64_t count = 1;
  for (const int64_t size : sizes) count *= size;
  return static_cast<size_t>(count);
}

}  // namespace

TensorType ParseType(std::string_view text) {
  const size_t open = text.find('[');
  TensorType type;
  type.dtype = *ParseDType(text.substr(0, open));
  std::string rest(text.substr(open + 1, text.size() - open - 2));
  while (!rest.empty()) {
    const size_t comma = rest.find(", ");
    type.shape.push_back(ParseAxis(rest.substr(0, comma)));
    rest = comma == std::string::npos ? "" : rest.substr(comma + 2);
  }
  return type;
}

std::string ShowType(const TensorType& type) {
  std::string text = std::string(Name(type.dtype)) + "[";
  for (size_t i = 0; i < type.shape.size(); ++i) {
    const Axis& axis = type.shape[i];
    if (i > 0) text += ", ";
    text += axis.name;
    if (axis.provisional) text += "*";
    const bool is_bare = !axis.name.empty() && axis.size.AsSymbol() == axis.name;
    if (!axis.name.empty() && !is_bare) text += ": ";
    if (!is_bare) text += axis.size.ToString();
    if (axis.deliberate_one) text += "!";
  }
  return text + "]";
}

Applied Apply(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments) {
  const Written written(layer, inputs, std::move(arguments));
  Diagnostics diagnostics;
  const std::vector<TensorType> types = written.Infer(diagnostics);
  STRATA_CHECK(types.size() == 1);
  Applied applied;
  applied.type = ShowType(types.front());
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    applied.codes.emplace_back(diagnostic->code);
    applied.messages += std::string(diagnostic->code) + ": " + diagnostic->message + "\n";
    for (const Label& label : diagnostic->labels) {
      applied.messages += "  `" + std::string(written.sources.Text(label.span)) + "`: " + label.text + "\n";
    }
    for (const std::string& note : diagnostic->notes) applied.messages += "  note: " + note + "\n";
    for (const Help& help : diagnostic->helps) {
      applied.messages += "  help: " + help.text + "\n";
      if (help.edits.empty()) continue;
      applied.fixed.push_back(ApplyEdits(written.sources.Get(written.file).Text(), help.edits));
    }
  }
  return applied;
}

core::Graph ExpandLayer(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments) {
  const Written written(layer, inputs, std::move(arguments));
  Diagnostics diagnostics;
  const std::vector<TensorType> outputs = written.Infer(diagnostics);
  STRATA_CHECK(!diagnostics.HasErrors());
  core::Graph graph;
  graph.symbols = {"batch"};
  core::Builder builder(graph);
  ExpandContext context{.builder = builder,
                        .args = written.args,
                        .inputs = {},
                        .input_types = written.types,
                        .output_types = outputs,
                        .weight = {},
                        .counts = written.Counts(),
                        .masks = std::vector<std::optional<core::ValueId>>(written.types.size()),
                        .result_masks = std::vector<std::optional<core::ValueId>>(outputs.size())};
  for (const TensorType& type : written.types) context.inputs.push_back(builder.Input(Sizes(type.shape), type.dtype));
  context.weight = [&](std::string_view name) -> std::optional<core::ValueId> {
    const auto weight = std::ranges::find(written.def->weights, name, &WeightDef::name);
    if (weight == written.def->weights.end()) return std::nullopt;
    const std::optional<Shape> shape = weight->shape(written.args, written.types);
    if (!shape) return std::nullopt;
    std::vector<int64_t> sizes;
    for (const Axis& axis : *shape) sizes.push_back(*axis.size.Constant());
    return builder.Weight(std::string(name), sizes);
  };
  graph.outputs = written.def->expand(context);
  STRATA_CHECK(graph.outputs.size() == 1);
  STRATA_CHECK(graph.Get(graph.outputs.front()).extents == Sizes(outputs.front().shape));
  core::Verify(graph);
  return graph;
}

Computed Compute(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments,
                 const std::vector<std::vector<double>>& values,
                 const std::vector<std::pair<std::string, std::vector<double>>>& weights, int64_t batch) {
  const core::Graph graph = ExpandLayer(layer, inputs, std::move(arguments));
  std::vector<core::Array> arrays;
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    core::Array array;
    for (const Dim& extent : graph.Get(graph.inputs[i]).extents) {
      array.sizes.push_back(*extent.Evaluate([&](std::string_view) { return batch; }));
    }
    array.data = i < values.size() ? values[i] : CountUp(Count(array.sizes));
    STRATA_CHECK(array.data.size() == Count(array.sizes));
    arrays.push_back(std::move(array));
  }
  core::Environment environment;
  environment.symbols = {{"batch", batch}};
  environment.weight = [&](const std::string& path) {
    core::Array array;
    for (const core::Operation& operation : graph.operations) {
      const auto* weight = std::get_if<core::Weight>(&operation.op);
      if (weight == nullptr || weight->path != path) continue;
      for (const Dim& extent : graph.Get(operation.Result()).extents) array.sizes.push_back(*extent.Constant());
    }
    const auto given = std::ranges::find(weights, path, &std::pair<std::string, std::vector<double>>::first);
    array.data = given != weights.end() ? given->second : CountUp(Count(array.sizes));
    STRATA_CHECK(array.data.size() == Count(array.sizes));
    return array;
  };
  const core::Array result = core::Interpret(graph, arrays, environment).front();
  return {result.sizes, result.data};
}

std::string ShowWeights(std::string_view layer, const std::vector<std::string_view>& inputs, NamedArguments arguments) {
  const Written written(layer, inputs, std::move(arguments));
  std::string text;
  for (const WeightDef& weight : written.def->weights) {
    const std::optional<Shape> shape = weight.shape(written.args, written.types);
    if (!shape) continue;
    text += std::string(weight.name) + ": " + ToString(*shape) + (weight.trainable ? "" : " (fixed)") + "\n";
  }
  return text;
}

}  // namespace strata::testing
