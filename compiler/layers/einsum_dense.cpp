#include <algorithm>
#include <cctype>
#include <map>

#include "compiler/layers/activations.h"
#include "compiler/layers/einsum.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// ---- The equation ----

// The axes of one tensor: a name or letter for each, and where `...` stands.
struct Subscript {
  enum class Ellipsis { None, Before, After };
  struct Label {
    std::string text;
    size_t at;  // in the equation
  };
  std::vector<Label> labels;
  Ellipsis ellipsis = Ellipsis::None;
  size_t begin = 0;  // in the equation
  size_t end = 0;

  std::optional<size_t> Find(std::string_view text) const {
    const auto found = std::ranges::find(labels, text, &Label::text);
    if (found == labels.end()) return std::nullopt;
    return static_cast<size_t>(found - labels.begin());
  }
};

// "abc,cd->abd", "...x,xy->...y", "ab...,bc->ac...", or in words "batch time features, features units -> batch time units".
struct Equation {
  Subscript input, kernel, result;
  bool is_letters = true;
};

struct Fault {
  size_t begin = 0;
  size_t end = 0;
  std::string what;
  std::string primary = {};
};

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The names between `begin` and `end`, each a word still.
std::variant<Subscript, Fault> ParseSubscript(std::string_view text, size_t begin, size_t end) {
  using Ellipsis = Subscript::Ellipsis;
  while (begin < end && text[begin] == ' ') ++begin;
  while (end > begin && text[end - 1] == ' ') --end;
  Subscript subscript{.labels = {}, .begin = begin, .end = end};
  size_t i = begin;
  while (i < end) {
    if (text[i] == ' ') {
      ++i;
    } else if (text.substr(i, std::min<size_t>(3, end - i)) == "...") {
      if (subscript.ellipsis != Ellipsis::None)
        return Fault{i, i + 3, "`...` stands twice among the axes of one tensor"};
      if (i != begin && i + 3 != end) return Fault{i, i + 3, "`...` stands between axes, not before or after them"};
      subscript.ellipsis = i == begin ? Ellipsis::Before : Ellipsis::After;
      i += 3;
    } else if (IsNameByte(text[i])) {
      const size_t first = i;
      while (i < end && IsNameByte(text[i])) ++i;
      subscript.labels.push_back({std::string(text.substr(first, i - first)), first});
    } else {
      return Fault{i, i + 1, "`" + std::string(1, text[i]) + "` has no meaning in an equation"};
    }
  }
  if (subscript.labels.empty())
    return Fault{begin, std::max(end, begin + 1), "the equation leaves out the axes of a tensor"};
  return subscript;
}

void SplitLetters(Subscript& subscript) {
  std::vector<Subscript::Label> letters;
  for (const Subscript::Label& word : subscript.labels) {
    for (size_t i = 0; i < word.text.size(); ++i) letters.push_back({word.text.substr(i, 1), word.at + i});
  }
  subscript.labels = std::move(letters);
}

std::variant<Equation, Fault> ParseEquation(std::string_view text) {
  const size_t comma = text.find(',');
  const size_t arrow = text.find("->");
  if (arrow == std::string_view::npos) return Fault{0, text.size(), "the equation does not tell the result's axes"};
  if (comma == std::string_view::npos || comma > arrow) {
    return Fault{0, arrow, "the equation does not tell the kernel's axes"};
  }
  if (const size_t second = text.find(',', comma + 1); second != std::string_view::npos) {
    return Fault{second, second + 1, "the equation has another `,`: it is about the input and the kernel alone"};
  }
  if (const size_t second = text.find("->", arrow + 2); second != std::string_view::npos) {
    return Fault{second, second + 2, "the equation has another `->`"};
  }
  Equation equation;
  bool has_words = false, are_letters = true;
  const std::tuple<Subscript*, size_t, size_t> parts[] = {
      {&equation.input, 0, comma}, {&equation.kernel, comma + 1, arrow}, {&equation.result, arrow + 2, text.size()}};
  for (const auto& [subscript, begin, end] : parts) {
    std::variant<Subscript, Fault> parsed = ParseSubscript(text, begin, end);
    if (Fault* fault = std::get_if<Fault>(&parsed)) return *fault;
    *subscript = std::get<Subscript>(std::move(parsed));
    has_words |= subscript->labels.size() > 1;
    for (const Subscript::Label& label : subscript->labels) are_letters = are_letters && label.text.size() == 1;
  }
  equation.is_letters = are_letters || !has_words;
  for (const auto& [subscript, begin, end] : parts) {
    if (equation.is_letters) SplitLetters(*subscript);
    for (size_t i = 0; i < subscript->labels.size(); ++i) {
      const Subscript::Label& label = subscript->labels[i];
      if (*subscript->Find(label.text) == i) continue;
      return Fault{label.at, label.at + label.text.size(), "the axis `" + label.text + "` stands twice in one tensor"};
    }
  }
  if (equation.kernel.ellipsis != Subscript::Ellipsis::None) {
    return Fault{equation.kernel.begin, equation.kernel.end,
                 "`...` stands for axes of the kernel, which has its own alone"};
  }
  if (equation.input.ellipsis != equation.result.ellipsis) {
    return Fault{equation.result.begin, equation.result.end,
                 "`...` stands at different places in the input and the result", "as in `...x,xy->...y`"};
  }
  for (const Subscript::Label& label : equation.kernel.labels) {
    if (equation.input.Find(label.text) || equation.result.Find(label.text)) continue;
    return Fault{label.at, label.at + label.text.size(),
                 "the kernel has `" + label.text + "`, which neither input nor result has",
                 "would be summed over alone"};
  }
  for (const Subscript::Label& label : equation.result.labels) {
    if (equation.input.Find(label.text) || equation.kernel.Find(label.text)) continue;
    return Fault{label.at, label.at + label.text.size(),
                 "the result has `" + label.text + "`, which neither input nor kernel has"};
  }
  return equation;
}

Equation EquationOf(const Args& args) {
  std::variant<Equation, Fault> parsed = ParseEquation(args.Text("equation"));
  STRATA_CHECK(std::holds_alternative<Equation>(parsed));
  return std::get<Equation>(std::move(parsed));
}

// "d" or "units heads" as labels of the result.
std::vector<std::string> BiasLabels(const Args& args, bool is_letters) {
  std::vector<std::string> labels;
  const std::string* text = args.Get("bias_axes").AsString();
  if (text == nullptr) return labels;
  std::string word;
  for (const char c : *text + " ") {
    if (c != ' ') word += c;
    if (!word.empty() && (c == ' ' || is_letters)) labels.push_back(std::exchange(word, ""));
  }
  return labels;
}

// ---- Axes and sizes ----

// How many axes of the input `...` stands for.
size_t Elided(const Equation& equation, const Shape& input) { return input.size() - equation.input.labels.size(); }

// Where the first label of a tensor stands among its axes.
size_t FirstLabel(const Equation& equation, const Shape& input) {
  return equation.input.ellipsis == Subscript::Ellipsis::Before ? Elided(equation, input) : 0;
}

// The entry of `output_shape` for a label of the result; nothing where this is the batch or open.
std::optional<Dim> Written(const Args& args, const Equation& equation, const Shape& input, size_t label) {
  const bool has_batch = FirstLabel(equation, input) == 0;  // among the labels
  if (has_batch && label == 0) return std::nullopt;
  const ConfigValue& entry = args.List("output_shape")[label - (has_batch ? 1 : 0)];
  if (entry.IsNone()) return std::nullopt;
  return *entry.AsDim();
}

// The size of any label; nothing where `output_shape` leaves it open and the input does not have it.
std::optional<Dim> SizeOf(const Args& args, const Equation& equation, const Shape& input, const std::string& label) {
  if (const std::optional<size_t> axis = equation.input.Find(label)) {
    return input[FirstLabel(equation, input) + *axis].size;
  }
  return Written(args, equation, input, *equation.result.Find(label));
}

// ---- Shape rule ----

// The text between `begin` and `end` of an argument, or all of it where it is not written as one string.
Span Within(const InferContext& context, std::string_view name, size_t begin, size_t end) {
  Span span = ArgumentSpan(context, name);
  const ConfigValue& value = context.args.Get(name);
  if (value.AsString() == nullptr || value.written.size() != value.AsString()->size() + 2) return span;
  span.end = span.begin + static_cast<uint32_t>(end) + 1;
  span.begin += static_cast<uint32_t>(begin) + 1;
  return span;
}

Diagnostic& LabelInput(InferContext& context, Diagnostic& diagnostic) {
  return diagnostic.Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`");
}

Diagnostic& Report(InferContext& context, const Fault& fault) {
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::EinsumSubscripts,
                                                      Within(context, "equation", fault.begin, fault.end), fault.what);
  if (!fault.primary.empty()) diagnostic.Primary(fault.primary);
  return diagnostic;
}

Diagnostic& ReportLabel(InferContext& context, const Subscript::Label& label, const std::string& what) {
  return Report(context, {label.at, label.at + label.text.size(), what});
}

bool CheckInput(InferContext& context, const Equation& equation) {
  const Shape& shape = context.input().shape;
  const size_t count = equation.input.labels.size();
  const bool has_ellipsis = equation.input.ellipsis != Subscript::Ellipsis::None;
  if (has_ellipsis ? count > shape.size() : count != shape.size()) {
    LabelInput(context,
               Report(context, {equation.input.begin, equation.input.end,
                                "the equation names " + std::to_string(count) + (count == 1 ? " axis" : " axes") +
                                    " of the input, which has " + std::to_string(shape.size())}))
        .Help(count < shape.size() ? "`...` stands for the others: `...x,xy->...y`"
                                   : "name the axes that are there, the batch first");
    return false;
  }
  for (size_t i = 0; i < count && !equation.is_letters; ++i) {
    const std::optional<size_t> named = FindAxis(shape, equation.input.labels[i].text);
    const size_t axis = FirstLabel(equation, shape) + i;
    if (!named || *named == axis) continue;
    LabelInput(context,
               ReportLabel(context, equation.input.labels[i],
                           "axis " + std::to_string(axis) + " of the input is named `" + equation.input.labels[i].text +
                               "`, which is its axis " + std::to_string(*named)));
    return false;
  }
  const bool is_batch_named = FirstLabel(equation, shape) == 0;
  const Subscript::Label& first = equation.input.labels.front();
  if (is_batch_named && equation.result.labels.front().text != first.text) {
    ReportLabel(context, equation.result.labels.front(),
                "the result does not begin with `" + first.text + "`, the batch axis")
        .Note("each sample of a batch is computed by itself");
    return false;
  }
  if (const std::optional<size_t> at = equation.kernel.Find(first.text); is_batch_named && at) {
    ReportLabel(context, equation.kernel.labels[*at], "the kernel has `" + first.text + "`, the batch axis")
        .Note("each sample of a batch is computed by itself");
    return false;
  }
  return true;
}

bool CheckOutputShape(InferContext& context, const Equation& equation) {
  const Shape& shape = context.input().shape;
  const std::vector<ConfigValue>& sizes = context.args.List("output_shape");
  const Span span = ArgumentSpan(context, "output_shape");
  const size_t has_batch = FirstLabel(equation, shape) == 0 ? 1 : 0;
  const size_t needed = equation.result.labels.size() - has_batch;
  std::string names;
  for (size_t i = has_batch; i < equation.result.labels.size(); ++i) {
    names += (names.empty() ? "`" : ", `") + equation.result.labels[i].text + "`";
  }
  if (sizes.size() != needed) {
    context.diagnostics
        .Report(kinds::OutputShape, span,
                "has " + std::to_string(sizes.size()) + (sizes.size() == 1 ? " size" : " sizes") + ", the result " +
                    std::to_string(needed) + (needed == 1 ? " axis" : " axes") + " to size")
        .Primary("the axes are " + names)
        .Note(has_batch == 1 ? "the batch is not counted" : "what `...` stands for is not counted");
    return false;
  }
  for (size_t i = has_batch; i < equation.result.labels.size(); ++i) {
    const Subscript::Label& label = equation.result.labels[i];
    const std::optional<Dim> written = Written(context.args, equation, shape, i);
    const std::optional<size_t> axis = equation.input.Find(label.text);
    const ConfigValue& entry = sizes[i - has_batch];
    const Span place = entry.span.IsValid() ? entry.span : span;
    if (!written && !axis) {
      context.diagnostics
          .Report(kinds::OutputShape, place,
                  "leaves the size of `" + label.text + "` open, which the input does not have")
          .Primary("`None` takes the input's size");
      return false;
    }
    if (written && written->Constant().value_or(1) < 1) {
      context.diagnostics.Report(kinds::SizeNotPositive, place, "output_shape", *written->Constant());
      return false;
    }
    if (!written || !axis) continue;
    const Dim& size = shape[FirstLabel(equation, shape) + *axis].size;
    if (!size.IsKnown() || context.AreEqual(*written, size)) continue;
    LabelInput(context, context.diagnostics.Report(kinds::OutputShape, place,
                                                   "gives `" + label.text + "` the size " + written->ToString() +
                                                       ", the input's is " + size.ToString()))
        .Help("`None` takes the input's size", Applicability::MaybeIncorrect, {{place, "None"}});
    return false;
  }
  return true;
}

// The kernel is read when the model is compiled.
bool CheckKernel(InferContext& context, const Equation& equation) {
  const Shape& shape = context.input().shape;
  for (const Subscript::Label& label : equation.kernel.labels) {
    const std::optional<Dim> size = SizeOf(context.args, equation, shape, label.text);
    if (!size || !size->IsKnown() || size->Constant()) continue;
    LabelInput(context,
               context.diagnostics
                   .Report(kinds::SizeNotConstant, Within(context, "equation", label.at, label.at + label.text.size()),
                           "`" + label.text + "`", size->ToString())
                   .Primary("an axis of the kernel, so its size must be a constant"))
        .Help("give the number in the signature, as in `features: 16`");
    return false;
  }
  return true;
}

bool CheckBias(InferContext& context, const Equation& equation) {
  const bool is_given = context.args.Get("bias_axes").AsString() != nullptr;
  if (is_given && BiasLabels(context.args, equation.is_letters).empty()) {
    context.diagnostics.Report(kinds::EinsumSubscripts, ArgumentSpan(context, "bias_axes"), "the bias has no axes")
        .Help("without `bias_axes` there is no bias");
    return false;
  }
  for (const std::string& label : BiasLabels(context.args, equation.is_letters)) {
    const std::optional<size_t> at = equation.result.Find(label);
    const bool is_batch = at && *at == 0 && FirstLabel(equation, context.input().shape) == 0;
    if (at && !is_batch) {
      const std::optional<Dim> size = SizeOf(context.args, equation, context.input().shape, label);
      if (!size || !size->IsKnown() || size->Constant()) continue;
      context.diagnostics
          .Report(kinds::SizeNotConstant, ArgumentSpan(context, "bias_axes"), "`" + label + "`", size->ToString())
          .Primary("the bias has a number for each of them, so their number must be a constant");
      return false;
    }
    context.diagnostics
        .Report(kinds::EinsumSubscripts, ArgumentSpan(context, "bias_axes"),
                is_batch ? "the bias has `" + label + "`, the batch axis"
                         : "the bias has `" + label + "`, which the result does not have")
        .Label(Within(context, "equation", equation.result.begin, equation.result.end), "the result's axes");
    return false;
  }
  return true;
}

Shape ResultShape(const InferContext& context, const Equation& equation) {
  const Shape& shape = context.input().shape;
  const size_t first = FirstLabel(equation, shape);
  Shape result(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(first));
  const size_t labels = equation.result.labels.size();
  for (size_t i = 0; i < labels; ++i) {
    const std::string& label = equation.result.labels[i].text;
    Axis axis;
    if (const std::optional<size_t> of_input = equation.input.Find(label)) {
      axis = shape[first + *of_input];
    } else {
      axis.size = *SizeOf(context.args, equation, shape, label);
      const bool is_last = i + 1 == labels && equation.result.ellipsis != Subscript::Ellipsis::After;
      if (is_last) axis.name = "features";
      axis.provisional = is_last;
    }
    const bool is_batch = result.empty();
    if (!equation.is_letters && !is_batch && axis.name != label) axis = {.name = label, .size = axis.size};
    result.push_back(std::move(axis));
  }
  if (equation.result.ellipsis == Subscript::Ellipsis::After) {
    result.insert(result.end(), shape.end() - static_cast<std::ptrdiff_t>(Elided(equation, shape)), shape.end());
  }
  // A made name that is there already is left out.
  for (size_t i = 0; i < result.size(); ++i) {
    if (result[i].name.empty()) continue;
    for (size_t k = 0; k < result.size(); ++k) {
      if (k != i && result[k].name == result[i].name) result[result[k].provisional ? k : i].name.clear();
    }
  }
  return result;
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const TensorType unknown = {.dtype = DType::F32, .shape = {context.input().shape.front(), {.size = Dim::Unknown()}}};
  std::variant<Equation, Fault> parsed = ParseEquation(context.args.Text("equation"));
  if (const Fault* fault = std::get_if<Fault>(&parsed)) {
    Report(context, *fault)
        .Note(
            "an equation names the axes of the input, of the kernel and of the result: `abc,cd->abd`, `...x,xy->...y`, "
            "or "
            "`batch time features, features units -> batch time units`");
    return {unknown};
  }
  const Equation& equation = std::get<Equation>(parsed);
  const bool is_right = CheckInput(context, equation) && CheckOutputShape(context, equation) &&
                        CheckKernel(context, equation) && CheckBias(context, equation);
  if (!is_right) return {unknown};
  const Shape shape = ResultShape(context, equation);
  LintActivation(context, shape);
  return {{.dtype = DType::F32, .shape = shape}};
}

// ---- Weights ----

std::optional<Shape> KernelShape(const Args& args, const std::vector<TensorType>& inputs) {
  const Equation equation = EquationOf(args);
  Shape kernel;
  for (const Subscript::Label& label : equation.kernel.labels) {
    kernel.push_back({.name = label.text, .size = *SizeOf(args, equation, inputs.front().shape, label.text)});
  }
  return kernel;
}

// From its first axis on all axes of the result, of size 1 where the bias is one for all.
std::optional<Shape> BiasShape(const Args& args, const std::vector<TensorType>& inputs) {
  const Equation equation = EquationOf(args);
  const Shape& shape = inputs.front().shape;
  const std::vector<std::string> labels = BiasLabels(args, equation.is_letters);
  if (labels.empty()) return std::nullopt;
  Shape bias;
  for (const Subscript::Label& label : equation.result.labels) {
    const bool is_own = std::ranges::find(labels, label.text) != labels.end();
    if (bias.empty() && !is_own) continue;
    bias.push_back({.name = label.text, .size = is_own ? *SizeOf(args, equation, shape, label.text) : Dim(1)});
  }
  if (equation.result.ellipsis == Subscript::Ellipsis::After) {
    for (size_t i = 0; i < Elided(equation, shape); ++i) {
      bias.push_back({.name = "elided" + std::to_string(i), .size = 1});
    }
  }
  return bias;
}

// ---- Expansion ----

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const Equation equation = EquationOf(context.args);
  const Shape& shape = context.input_type().shape;
  std::map<std::string, int> numbers;
  const auto number = [&](const std::string& label) {
    return numbers.emplace(label, static_cast<int>(numbers.size())).first->second;
  };
  const auto labels_of = [&](const Subscript& subscript) {
    std::vector<int> labels;
    for (const Subscript::Label& label : subscript.labels) labels.push_back(number(label.text));
    std::vector<int> elided;
    for (size_t i = 0; i < Elided(equation, shape) && subscript.ellipsis != Subscript::Ellipsis::None; ++i) {
      elided.push_back(number("..." + std::to_string(i)));
    }
    const bool is_before = subscript.ellipsis == Subscript::Ellipsis::Before;
    labels.insert(is_before ? labels.begin() : labels.end(), elided.begin(), elided.end());
    return labels;
  };
  core::ValueId value = AppendEinsum(context.builder, context.input(), labels_of(equation.input),
                                     *context.weight("kernel"), labels_of(equation.kernel), labels_of(equation.result));
  if (const std::optional<core::ValueId> bias = context.weight("bias")) {
    core::MapBuilder map;
    const core::Expr before = map.Operand(0);
    value = context.builder.Map({value, *bias}, before + map.Operand(1));
  }
  return {AppendActivation(context.builder, value, context.args.Text("activation"))};
}

}  // namespace

LayerDef EinsumDense() {
  return {
      .name = "EinsumDense",
      .summary = "A weighted sum along the axes that an equation names.",
      .params =
          {{.name = "equation",
            .type = ParamType::Text,
            .doc = "The axes of the input, of the kernel and of the result: `\"abc,cd->abd\"`, `\"...x,xy->...y\"`, or "
                   "by name, `\"batch time features, features units -> batch time units\"`."},
           {.name = "output_shape",
            .type = ParamType::OpenShape,
            .doc = "Sizes of the result's axes without the batch and what `...` stands for; None: the input's."},
           ActivationName(),
           {.name = "bias_axes",
            .type = ParamType::Text,
            .doc = "The axes of the result that a bias is added along; None: there is no bias.",
            .default_value = None(),
            .none_allowed = true},
           Training("kernel_initializer", Value("glorot_uniform")),
           Training("bias_initializer", Value("zeros")),
           Training("kernel_regularizer"),
           Training("bias_regularizer"),
           Training("kernel_constraint"),
           Training("bias_constraint"),
           Training("lora_rank"),
           Training("lora_alpha"),
           Training("gptq_unpacked_column_size"),
           Training("quantization_config")},
      .infer = Infer,
      .weights = {{.name = "kernel",
                   .doc = "A number for each combination of its axes.",
                   .initializer = "glorot_uniform",
                   .shape = KernelShape},
                  {.name = "bias",
                   .doc = "One number for each element of the axes of the bias.",
                   .initializer = "zeros",
                   .shape = BiasShape}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 3, features: 8]"},
                    .call = "EinsumDense(\"abc,cd->abd\", output_shape=(None, 6), bias_axes=\"d\")",
                    .output = "f32[batch, time: 3, features: 6]"},
                   {.inputs = {"f32[batch, time: 3, features: 8]"},
                    .call = "EinsumDense(\"...x,xy->...y\", 5, \"relu\")",
                    .output = "f32[batch, time: 3, features: 5]"},
                   {.inputs = {"f32[batch, time: 3, features: 8]"},
                    .call = "EinsumDense(\"batch time features, features heads units -> batch time heads units\", "
                            "(None, 2, 3), bias_axes=\"heads units\")",
                    .output = "f32[batch, time: 3, heads: 2, units: 3]"},
                   {.inputs = {"f32[batch, time: 3, features: 8]"},
                    .call = "EinsumDense(\"ab...,bc->ac...\", 4)",
                    .output = "f32[batch, 4, features: 8]"}},
  };
}

}  // namespace strata::layers
