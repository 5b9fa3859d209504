#include "compiler/check/suggest.h"

#include <utility>

#include "compiler/check/history.h"
#include "compiler/layers/messages.h"

namespace strata::check {
namespace {

// Layers that take axes away, the likeliest first. All their arguments have defaults.
constexpr std::string_view kReducers[] = {"Flatten", "GlobalAveragePooling2D"};

// How far up from the result a layer is put in.
constexpr int kMaxDistance = 16;

// The type a layer gives, or nothing where it reports a mistake.
std::optional<TensorType> TryInfer(const LayerDef& def, const Args& args, const TensorType& input,
                                   const std::vector<size_t>& counts = {}) {
  Diagnostics scratch;
  InferContext context{.args = args,
                       .class_name = def.name,
                       .inputs = {{input, {}, "", {}}},
                       .name_span = {},
                       .call_span = {},
                       .diagnostics = scratch,
                       .counts = counts};
  std::vector<TensorType> types = def.infer(context);
  if (scratch.HasErrors() || types.size() != 1) return std::nullopt;
  return std::move(types.front());
}

Args Defaults(const LayerDef& def) {
  std::vector<ConfigValue> values;
  for (const Param& param : def.params) values.push_back(param.default_value.value_or(ConfigValue{}));
  return Args(def, std::move(values), std::vector<bool>(def.params.size()));
}

// The nodes that lead to `value`, itself last, as far as each has one input.
std::vector<int> ChainTo(const Network& network, int value) {
  std::vector<int> chain;
  while (chain.size() < kMaxDistance) {
    const int node = network.values[static_cast<size_t>(value)].node;
    if (node < 0 || network.nodes[static_cast<size_t>(node)].inputs.size() != 1) break;
    chain.push_back(node);
    value = network.nodes[static_cast<size_t>(node)].inputs.front();
  }
  return chain;
}

// Whether `reducer` before the node number `first` of the chain (counted from the result) gives the declared sizes.
bool FitsWith(const LayerDef& reducer, const Elaboration& model, const std::vector<int>& chain, size_t first,
              const Shape& declared) {
  const Network& network = model.network;
  const int input = network.nodes[static_cast<size_t>(chain[first])].inputs.front();
  std::optional<TensorType> type = TryInfer(reducer, Defaults(reducer), model.TypeOf(input));
  for (size_t i = first + 1; type && i-- > 0;) {
    const NetworkLayer& layer = model.LayerOfNode(chain[i]);
    type = TryInfer(*layer.def, layer.args, *type, network.nodes[static_cast<size_t>(chain[i])].counts);
  }
  return type && SizesFit(type->shape, declared);
}

// Puts `layer()` before the layer at `site`, on a line of its own where that one stands on one.
std::vector<Edit> InsertBefore(const Site& site, const std::string& layer, const Sources& sources) {
  if (site.argument.IsValid()) {
    const Span begin{site.argument.file, site.argument.begin, site.argument.begin};
    const Span end{site.argument.file, site.argument.end, site.argument.end};
    return {{begin, layer + "("}, {end, ")"}};
  }
  if (!site.pipe.IsValid()) return {};
  const Span begin{site.pipe.file, site.pipe.begin, site.pipe.begin};
  const SourceFile& file = sources.Get(site.pipe.file);
  const uint32_t line_start = file.LineStart(file.Locate(site.pipe.begin).line);
  const std::string indent(file.Text().substr(line_start, site.pipe.begin - line_start));
  const bool is_line_of_its_own = indent.find_first_not_of(" \t") == std::string::npos;
  return {{begin, "|> " + layer + (is_line_of_its_own ? "\n" + indent : " ")}};
}

}  // namespace

bool SizesFit(const Shape& actual, const Shape& declared) {
  if (actual.size() != declared.size()) return false;
  for (size_t i = 0; i < actual.size(); ++i) {
    const Dim& a = actual[i].size;
    const Dim& d = declared[i].size;
    if (a.IsKnown() && d.IsKnown() && !(a == d)) return false;
  }
  return true;
}

std::optional<Help> SuggestLayer(const Elaboration& model, int value, const Shape& declared, const Sources& sources) {
  const std::vector<int> chain = ChainTo(model.network, value);
  for (const std::string_view name : kReducers) {
    const LayerDef* reducer = FindLayer(name);
    if (reducer == nullptr) continue;
    // Before the first of the layers that map only some axes and so expect the others to be gone; else before the last.
    std::optional<size_t> place;
    for (size_t i = 0; i < chain.size() && FitsWith(*reducer, model, chain, i, declared); ++i) {
      if (!place || !model.LayerOfNode(chain[i]).def->axes_note.empty()) place = i;
    }
    if (!place) continue;
    const std::string call = std::string(name) + "()";
    const Site& site = model.SiteOfNode(chain[*place]);
    const std::string before(sources.Text(site.name));
    std::vector<Edit> edits = InsertBefore(site, call, sources);
    const bool is_piped = site.pipe.IsValid();
    return Help{"insert " + Quoted(is_piped ? "|> " + call : call) + " before " + Quoted(before),
                edits.empty() ? Applicability::HasPlaceholders : Applicability::MaybeIncorrect, std::move(edits)};
  }
  return std::nullopt;
}

std::optional<Help> SuggestLastStep(const Elaboration& model, int value, const Shape& declared) {
  Shape last = model.TypeOf(value).shape;
  const std::optional<size_t> time = FindAxis(last, "time");
  if (!time) return std::nullopt;
  last.erase(last.begin() + static_cast<std::ptrdiff_t>(*time));
  if (!SizesFit(last, declared)) return std::nullopt;
  for (const int node : ChainTo(model.network, value)) {
    const NetworkLayer& layer = model.LayerOfNode(node);
    const auto recurrent = RecurrentLayer({&layer.args, layer.call_span});
    if (!recurrent || !recurrent->args->Bool("return_sequences")) continue;
    return Help{"`return_sequences=False` in " + Quoted(recurrent->args->def().name) + " gives the last step alone",
                Applicability::MaybeIncorrect, SetArgument(*recurrent, "return_sequences", "False")};
  }
  return std::nullopt;
}

std::optional<Help> SuggestArgument(const Elaboration& model, int node, const Dim& actual, const Dim& size,
                                    const Sources& sources) {
  const NetworkLayer& layer = model.LayerOfNode(node);
  const std::string wanted = size.ToString();
  for (const Param& param : layer.def->params) {
    if (param.type != ParamType::Int || !layer.args.Given(param.name)) continue;
    const Span span = layer.args.SpanOf(param.name);
    // What a constant or an arithmetic expression gives is not to be replaced.
    const bool is_literal = sources.Text(span) == actual.ToString();
    if (!is_literal || !size.Constant() || layer.args.Int(param.name) != actual.Constant()) continue;
    return Help{"give " + Quoted(layer.def->name) + " " + wanted + " " + std::string(param.name),
                Applicability::MaybeIncorrect,
                {{span, wanted}}};
  }
  return std::nullopt;
}

}  // namespace strata::check
