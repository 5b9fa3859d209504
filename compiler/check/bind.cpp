#include "compiler/check/bind.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/layers/activations.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

using List = ConfigValue::List;

bool IsFailedWithin(const Value& value) {
  if (value.IsFailed()) return true;
  const Sequence* sequence = value.As<Sequence>();
  return sequence != nullptr && std::ranges::any_of(sequence->items, IsFailedWithin);
}

bool IsIntegers(const List& list, size_t count) {
  return list.size() == count &&
         std::ranges::all_of(list, [](const ConfigValue& entry) { return entry.AsDim() != nullptr; });
}

bool IsAxis(const ConfigValue& value) { return value.AsDim() != nullptr || value.AsString() != nullptr; }

ConfigValue Repeat(const ConfigValue& value, int count) {
  return {.data = List(static_cast<size_t>(count), value), .axis = "", .span = value.span};
}

std::optional<ConfigValue> NormalizePads(const Param& param, const ConfigValue& value) {
  if (value.AsDim() != nullptr) return Repeat(Repeat(value, 2), param.count);
  const List* list = value.AsList();
  // Along one axis the pair stands for itself.
  if (param.count == 1 && list != nullptr && IsIntegers(*list, 2)) return Repeat(value, 1);
  if (list == nullptr || list->size() != static_cast<size_t>(param.count)) return std::nullopt;
  List pads;
  for (const ConfigValue& entry : *list) {
    if (entry.AsDim() != nullptr) {
      pads.push_back(Repeat(entry, 2));
    } else if (entry.AsList() != nullptr && IsIntegers(*entry.AsList(), 2)) {
      pads.push_back(entry);
    } else {
      return std::nullopt;
    }
  }
  return ConfigValue{.data = std::move(pads), .axis = "", .span = value.span};
}

// What a parameter takes, for messages.
std::string Expected(const Param& param) {
  const std::string count = std::to_string(param.count);
  std::string text;
  switch (param.type) {
    case ParamType::Int: text = "an integer"; break;
    case ParamType::Float: text = "a number"; break;
    case ParamType::Bool: text = "True or False"; break;
    case ParamType::Choice: {
      const std::vector<std::string_view>& choices = param.choices;
      for (size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) text += i + 1 < choices.size() ? ", " : " or ";
        text += Quoted("\"" + std::string(choices[i]) + "\"");
      }
      break;
    }
    case ParamType::Sizes: text = "an integer or a tuple of " + count; break;
    case ParamType::Pads:
      text = param.count == 1 ? "an integer or a pair of them"
                              : "an integer, a tuple of " + count + " or a tuple of " + count + " pairs";
      break;
    case ParamType::Activation: text = "the name of an activation"; break;
    case ParamType::Axis: text = "an axis (its name or position)"; break;
    case ParamType::Axes: text = "an axis (its name or position) or a list of them"; break;
    case ParamType::Shape: text = "a tuple of integers"; break;
    case ParamType::Text: text = "a string"; break;
    case ParamType::Layer: text = "a layer, as in `Dense(3)`"; break;
    case ParamType::Tensor: text = "a tensor"; break;
    case ParamType::Tensors: text = "tensors"; break;
    case ParamType::Operand: text = "a tensor or a number"; break;
    case ParamType::Slices: text = "slices"; break;
    case ParamType::Training: text = "anything"; break;
  }
  return param.none_allowed || param.type == ParamType::Activation ? text + " or None" : text;
}

// Every integer in a value.
void CollectIntegers(const ConfigValue& value, std::vector<const ConfigValue*>& integers) {
  if (value.AsDim() != nullptr) integers.push_back(&value);
  if (value.AsList() == nullptr) return;
  for (const ConfigValue& entry : *value.AsList()) CollectIntegers(entry, integers);
}

// What stands for an input's shape in Keras, and how a signature says it.
bool IsShapeArgument(std::string_view name) {
  return name == "input_shape" || name == "input_dim" || name == "batch_shape" || name == "batch_input_shape" ||
         name == "input_length";
}

std::string SignatureAxes(std::string_view argument, const std::optional<ConfigValue>& value) {
  std::vector<std::string> sizes;
  std::string batch = "batch";
  if (value && value->AsDim() != nullptr) sizes.push_back(ToString(*value));
  if (value && value->AsList() != nullptr) {
    for (const ConfigValue& entry : *value->AsList()) sizes.push_back(ToString(entry));
    if (argument.starts_with("batch_") && !sizes.empty()) {
      if (sizes.front() != "None") batch += ": " + sizes.front();
      sizes.erase(sizes.begin());
    }
  }
  static const std::vector<std::vector<std::string_view>> kNames = {
      {"features"}, {"time", "features"}, {"height", "width", "channels"}, {"depth", "height", "width", "channels"}};
  if (sizes.empty() || sizes.size() > kNames.size()) return "f32[" + batch + ", ...]";
  std::string text = "f32[" + batch;
  const std::vector<std::string_view>& names = kNames[sizes.size() - 1];
  for (size_t i = 0; i < sizes.size(); ++i) {
    text += ", " + std::string(names[i]);
    if (sizes[i] != "None") text += ": " + sizes[i];
  }
  return text + "]";
}

class Binder {
 public:
  Binder(const LayerDef& def, const ast::Call& call, Span name_span, Evaluator& evaluator, FileContext& context)
      : def_(def),
        call_(call),
        name_span_(name_span),
        evaluator_(evaluator),
        context_(context),
        values_(def.params.size()),
        written_(def.params.size(), nullptr) {
    result_.tensors.resize(def.TensorParams().size());
  }

  BoundArguments Bind(const BindFunctionOptions& options = {}) {
    if (options.piped) {
      piped_ = static_cast<size_t>(std::ranges::find_if(def_.params, TakesTensors) - def_.params.begin());
    }
    first_ = options.first;
    ReportPositionalStrides();
    AssignPositional();
    AssignKeywords();
    for (size_t i = 0; i < values_.size(); ++i) {
      if (def_.params[i].type == ParamType::Tensors) {
        BindTensors(i);
      } else if (written_[i] != nullptr) {
        BindValue(i);
      } else {
        SetDefault(i);
      }
    }
    ReportMissing();
    std::vector<bool> given(written_.size());
    for (size_t i = 0; i < written_.size(); ++i) {
      given[i] = written_[i] != nullptr || (def_.params[i].type == ParamType::Tensors && !rest_.empty());
    }
    result_.args = Args(def_, std::move(values_), std::move(given));
    return std::move(result_);
  }

 private:
  const std::string_view& ClassName() const {
    return def_.form == LayerDef::Form::Function ? def_.function_name : def_.name;
  }

  std::optional<size_t> Find(std::string_view name) const {
    const auto found = std::ranges::find(def_.params, name, &Param::name);
    if (found == def_.params.end()) return std::nullopt;
    return static_cast<size_t>(found - def_.params.begin());
  }

  // What is given by keyword only stands last.
  size_t PositionalCount() const {
    return static_cast<size_t>(std::ranges::count(def_.params, false, &Param::keyword_only));
  }

  Diagnostics& diagnostics() { return context_.diagnostics; }

  // The argument with the comma that goes with it.
  Span WithComma(size_t index) const {
    Span span = call_.arguments[index].span;
    if (index > 0) {
      span.begin = call_.arguments[index - 1].span.end;
    } else if (call_.arguments.size() > 1) {
      span.end = call_.arguments[1].span.begin;
    }
    return span;
  }

  // Keras 1 read `Conv2D(32, 3, 3)` as a kernel of 3 by 3; along one axis there is nothing to confuse.
  void ReportPositionalStrides() {
    const std::optional<size_t> kernel = Find("kernel_size");
    const std::vector<ast::Argument>& arguments = call_.arguments;
    if (!kernel || def_.params[*kernel].count != 2) return;
    if (Find("strides") != *kernel + 1 || arguments.size() < *kernel + 2) return;
    for (size_t i = 0; i <= *kernel + 1; ++i) {
      if (arguments[i].keyword) return;
    }
    const ast::Argument& size = arguments[*kernel];
    const ast::Argument& strides = arguments[*kernel + 1];
    if (size.value->As<ast::IntLiteral>() == nullptr || strides.value->As<ast::IntLiteral>() == nullptr) return;
    const std::string height(context_.sources.Text(size.span));
    const std::string width(context_.sources.Text(strides.span));
    // A positional argument cannot follow a keyword.
    const bool is_last = arguments.size() == *kernel + 2 || arguments[*kernel + 2].keyword;
    const std::string tuple = "kernel_size=(" + height + ", " + width + ")";
    std::vector<Edit> as_kernel, as_strides;
    if (is_last) {
      as_kernel = {{Join(size.span, strides.span), tuple}};
      as_strides = {{strides.span, "strides=" + width}};
    }
    diagnostics()
        .Report(kinds::PositionalStrides, strides.span, ClassName())
        .Primary("is `strides`, not part of the kernel")
        .Help("for a kernel of " + height + " by " + width + ", write " + Quoted(tuple), Applicability::MaybeIncorrect,
              std::move(as_kernel))
        .Help("for a window that moves by " + width + ", write `strides=" + width + "`", Applicability::MaybeIncorrect,
              std::move(as_strides));
    result_.is_usable = false;
  }

  void AssignPositional() {
    const std::vector<ast::Argument>& arguments = call_.arguments;
    const size_t limit = PositionalCount();
    const auto is_positional = [](const ast::Argument& argument) { return !argument.keyword; };
    const auto count = static_cast<size_t>(std::ranges::count_if(arguments, is_positional));
    size_t next = 0;
    const ast::Argument* keyword = nullptr;
    const ast::Argument* first = nullptr;
    for (const ast::Argument& argument : arguments) {
      if (argument.keyword) {
        if (keyword == nullptr) keyword = &argument;
        continue;
      }
      if (keyword != nullptr) {
        diagnostics()
            .Report(kinds::PositionalAfterKeyword, argument.span)
            .Label(keyword->span, "a keyword argument stands before it");
        result_.is_usable = false;
        return;
      }
      if (next == piped_ && def_.params[next].type != ParamType::Tensors) ++next;
      if (next < limit && def_.params[next].type == ParamType::Tensors) {
        // All that follow, where the first one is no list of them.
        if (first == nullptr) first = &argument;
        rest_.push_back(&argument);
        if (next == piped_ || !IsList(*first)) continue;
        ++next;
        continue;
      }
      if (next == limit) {
        diagnostics().Report(kinds::TooManyArguments, argument.span, ClassName(),
                             limit == 0 ? "no positional argument" : "at most " + Count(limit, "positional argument"),
                             std::to_string(count) + (count == 1 ? " is" : " are"));
        result_.is_usable = false;
        return;
      }
      written_[next++] = &argument;
    }
  }

  void AssignKeywords() {
    for (size_t i = 0; i < call_.arguments.size(); ++i) {
      const ast::Argument& argument = call_.arguments[i];
      if (!argument.keyword) continue;
      std::optional<size_t> index = Find(argument.keyword->text);
      if (!index) index = ReportUnknown(i);
      if (!index) continue;
      if (written_[*index] != nullptr) {
        diagnostics()
            .Report(kinds::ArgumentTwice, argument.span, def_.params[*index].name, ClassName())
            .Label(written_[*index]->span, written_[*index]->keyword ? "given here" : "given here, by position");
        continue;
      }
      written_[*index] = &argument;
    }
  }

  // Returns the parameter that was surely meant.
  std::optional<size_t> ReportUnknown(size_t argument_index) {
    const ast::Argument& argument = call_.arguments[argument_index];
    const ast::Name& keyword = *argument.keyword;
    if (IsShapeArgument(keyword.text)) {
      ReportShapeArgument(argument_index);
      return std::nullopt;
    }
    Diagnostic& diagnostic = diagnostics().Report(kinds::UnknownArgument, keyword.span, ClassName(), keyword.text);
    std::vector<std::string_view> names;
    for (size_t i = 0; i < written_.size(); ++i) {
      if (written_[i] == nullptr) names.push_back(def_.params[i].name);
    }
    const std::string_view nearest = NearestName(keyword.text, names);
    if (!nearest.empty()) {
      diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                      {{keyword.span, std::string(nearest)}});
      return Find(nearest);
    }
    std::vector<std::string_view> own;
    for (const Param& param : def_.params) {
      if (!param.keyword_only && param.type != ParamType::Training) own.push_back(param.name);
    }
    if (!own.empty()) diagnostic.Note(std::string(ClassName()) + " takes " + ListOf(own, "and"));
    result_.is_usable = false;
    return std::nullopt;
  }

  void ReportShapeArgument(size_t argument_index) {
    const ast::Argument& argument = call_.arguments[argument_index];
    const std::string& name = argument.keyword->text;
    const Value value = evaluator_.Evaluate(*argument.value);
    const std::optional<ConfigValue> config = ToConfig(value);
    Diagnostic& diagnostic = diagnostics().Report(kinds::ShapeArgument, argument.span, name, ClassName());
    diagnostic.Note("the shapes of the inputs stand in the model's signature: " +
                    Quoted("image: " + SignatureAxes(name, config)));
    diagnostic.Help("delete it", Applicability::MaybeIncorrect, {{WithComma(argument_index), ""}});
  }

  void ReportMissing() {
    if (!result_.is_usable) return;
    for (size_t i = 0; i < values_.size(); ++i) {
      const Param& param = def_.params[i];
      if (written_[i] != nullptr || param.default_value || i == piped_) continue;
      if (param.type == ParamType::Tensors && !rest_.empty()) continue;
      diagnostics()
          .Report(kinds::MissingArgument, name_span_, ClassName(), param.name)
          .Help("give it: " + Quoted(std::string(param.name) + "=...") + ", " + Expected(param),
                Applicability::HasPlaceholders);
      result_.is_usable = false;
    }
  }

  void SetDefault(size_t i) {
    if (def_.params[i].default_value) values_[i] = *def_.params[i].default_value;
  }

  // The string that a bare name stands for where one of a few is expected; empty where it is none of them.
  static std::string_view MeantString(const Param& param, std::string_view name) {
    if (param.type == ParamType::Choice) return NearestName(name, param.choices);
    if (param.type == ParamType::Activation) return NearestName(name, ActivationNames());
    return "";
  }

  // Numbers as they are written, names by their value.
  std::string WrittenText(const ast::Argument& argument, const ConfigValue& config) const {
    const std::string_view text = context_.sources.Text(argument.value->span);
    const bool is_name = std::isalpha(static_cast<unsigned char>(text.front())) != 0 || text.front() == '_';
    return is_name ? ToString(config) : std::string(text);
  }

  Value Evaluate(const Param& param, const ast::Argument& argument) {
    if (first_ != nullptr && &argument == call_.arguments.data()) return *first_;
    if (param.type == ParamType::Axis || param.type == ParamType::Axes) return evaluator_.EvaluateAxis(*argument.value);
    const auto* name = argument.value->As<ast::NameRef>();
    if (name != nullptr && evaluator_.scope().Find(name->name) == nullptr) {
      const std::string meant(MeantString(param, name->name));
      if (!meant.empty()) {
        diagnostics()
            .Report(kinds::ArgumentType, argument.value->span, param.name, ClassName(),
                    "the bare name " + Quoted(name->name), "a string")
            .Help("write `\"" + meant + "\"`", Applicability::MachineApplicable,
                  {{argument.value->span, "\"" + meant + "\""}});
        return {meant, argument.value->span, ""};
      }
    }
    return evaluator_.Evaluate(*argument.value);
  }

  void BindValue(size_t i) {
    const Param& param = def_.params[i];
    const ast::Argument& argument = *written_[i];
    SetDefault(i);
    if (param.type == ParamType::Training) return;
    const Value value = Evaluate(param, argument);
    if (IsFailedWithin(value)) {
      Spoil(param);
      return;
    }
    if (TakesTensors(param)) {
      BindTensor(i, argument, value);
      return;
    }
    std::optional<ConfigValue> config = ToConfig(value);
    if (param.type == ParamType::Layer && !(config && config->IsNone() && param.none_allowed)) {
      const std::shared_ptr<const LayerArg> layer = evaluator_.ToLayerArg(value, param, ClassName());
      if (layer == nullptr) {
        Spoil(param);
        return;
      }
      config = ConfigValue{.data = layer};
    }
    std::optional<ConfigValue> normal = config ? Normalize(param, *config) : std::nullopt;
    if (!normal) {
      ReportType(param, argument, value);
      Spoil(param);
      return;
    }
    if (!CheckIntegers(param, *config) || !CheckChoice(param, argument, *normal)) {
      Spoil(param);
      return;
    }
    normal->span = argument.value->span;
    normal->written = WrittenText(argument, *config);
    if (param.name == "name") BindName(*normal);
    values_[i] = std::move(*normal);
  }

  std::vector<Value>& TensorsOf(size_t i) {
    size_t place = 0;
    for (size_t k = 0; k < i; ++k) place += TakesTensors(def_.params[k]) ? 1 : 0;
    return result_.tensors[place];
  }

  // A tensor, or a number that stands for one.
  void BindTensor(size_t i, const ast::Argument& argument, const Value& value) {
    const Param& param = def_.params[i];
    if (value.As<Tensor>() != nullptr) {
      TensorsOf(i).push_back(value);
      values_[i].span = argument.value->span;
      return;
    }
    const bool is_number = value.As<Dim>() != nullptr || value.As<double>() != nullptr || value.As<bool>() != nullptr;
    if (param.type == ParamType::Operand && is_number) {
      values_[i] = *ToConfig(value);
      values_[i].written = WrittenText(argument, values_[i]);
      return;
    }
    ReportType(param, argument, value);
    result_.is_usable = false;
  }

  void BindTensors(size_t i) {
    const Param& param = def_.params[i];
    if (written_[i] != nullptr) rest_.push_back(written_[i]);
    for (const ast::Argument* argument : rest_) {
      values_[i].span = argument->value->span;
      const Value value = evaluator_.Evaluate(*argument->value);
      if (IsFailedWithin(value)) {
        result_.is_usable = false;
        continue;
      }
      const Sequence* sequence = value.As<Sequence>();
      const std::vector<Value> items = sequence != nullptr ? sequence->items : std::vector<Value>{value};
      for (const Value& item : items) {
        if (item.As<Tensor>() != nullptr) {
          TensorsOf(i).push_back(item);
          continue;
        }
        ReportType(param, *argument, item);
        result_.is_usable = false;
        break;
      }
    }
  }

  // Whether an argument is a list or tuple, of which one stands for all tensors.
  bool IsList(const ast::Argument& argument) const {
    if (argument.value->As<ast::ListExpr>() != nullptr || argument.value->As<ast::TupleExpr>() != nullptr) return true;
    const auto* name = argument.value->As<ast::NameRef>();
    const Binding* binding = name == nullptr ? nullptr : evaluator_.scope().Find(name->name);
    return binding != nullptr && binding->value.As<Sequence>() != nullptr;
  }

  // A wrong value leaves the layer without a shape if it could change one.
  void Spoil(const Param& param) {
    const bool keeps_shape = param.type == ParamType::Activation || param.type == ParamType::Float ||
                             param.type == ParamType::Text || param.name == "dtype";
    if (!keeps_shape || !param.default_value) result_.is_usable = false;
  }

  void ReportType(const Param& param, const ast::Argument& argument, const Value& value) {
    const auto* quotient = argument.value->As<ast::Binary>();
    const bool is_quotient = quotient != nullptr && quotient->op == ast::BinaryOperator::Divide;
    const bool wants_integer = param.type == ParamType::Int || param.type == ParamType::Sizes;
    if (is_quotient && wants_integer && value.As<double>() != nullptr) {
      const Span span = argument.value->span;
      ReportInexact(std::string(context_.sources.Text(span)), span, *quotient, context_);
      return;
    }
    Diagnostic& diagnostic = diagnostics().Report(kinds::ArgumentType, argument.value->span, param.name, ClassName(),
                                                  Describe(value), Expected(param));
    const double* number = value.As<double>();
    const bool is_whole =
        number != nullptr && *number == static_cast<double>(static_cast<int32_t>(std::clamp(*number, -2e9, 2e9)));
    if (is_whole && wants_integer) {
      const std::string text = std::to_string(static_cast<int32_t>(*number));
      diagnostic.Help("write " + Quoted(text), Applicability::MachineApplicable, {{argument.value->span, text}});
    }
  }

  bool CheckIntegers(const Param& param, const ConfigValue& value) {
    const bool needs_constant = param.type == ParamType::Int || param.type == ParamType::Sizes ||
                                param.type == ParamType::Pads || param.type == ParamType::Float ||
                                param.type == ParamType::Axis || param.type == ParamType::Axes;
    std::vector<const ConfigValue*> integers;
    CollectIntegers(value, integers);
    for (const ConfigValue* integer : integers) {
      const std::optional<int64_t> number = integer->AsDim()->Constant();
      if (!number) {
        if (!needs_constant) continue;
        diagnostics().Report(kinds::SymbolicArgument, integer->span, param.name, ClassName(),
                             integer->AsDim()->ToString());
        return false;
      }
      if (param.min && *number < *param.min) {
        diagnostics().Report(kinds::ArgumentTooSmall, integer->span, param.name, ClassName(), *number, *param.min);
        return false;
      }
      if (param.type != ParamType::Float && (*number > kMaxSize || *number < -kMaxSize)) {
        diagnostics().Report(kinds::ArgumentTooLarge, integer->span, param.name, ClassName(), *number, kMaxSize);
        return false;
      }
    }
    return true;
  }

  // Offers the nearest of what is accepted, in the quotes that were written.
  void SuggestString(Diagnostic& diagnostic, const ast::Argument& argument, std::string_view text,
                     const std::vector<std::string_view>& candidates) {
    const std::string_view nearest = NearestName(text, candidates);
    if (nearest.empty()) {
      diagnostic.Note("accepted are " + ListOf(candidates, "and"));
      return;
    }
    const std::string_view written = context_.sources.Text(argument.value->span);
    const std::string quote(1, written.starts_with("'") ? '\'' : '"');
    diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                    {{argument.value->span, quote + std::string(nearest) + quote}});
  }

  bool CheckChoice(const Param& param, const ast::Argument& argument, const ConfigValue& value) {
    const std::string* text = value.AsString();
    if (text == nullptr) return true;
    if (param.type == ParamType::Choice && std::ranges::find(param.choices, *text) == param.choices.end()) {
      Diagnostic& diagnostic =
          diagnostics().Report(kinds::UnknownChoice, argument.value->span, param.name, ClassName(), *text);
      SuggestString(diagnostic, argument, *text, param.choices);
      return false;
    }
    if (param.type == ParamType::Activation && !IsActivation(*text)) {
      Diagnostic& diagnostic = diagnostics().Report(kinds::UnknownActivation, argument.value->span, *text);
      SuggestString(diagnostic, argument, *text, ActivationNames());
      return false;
    }
    return true;
  }

  void BindName(const ConfigValue& value) {
    const std::string* name = value.AsString();
    if (name == nullptr) return;
    if (name->empty() || name->find('/') != std::string::npos) {
      diagnostics().Report(kinds::LayerNameForm, value.span, *name,
                           name->empty() ? "is empty" : "has a `/`, which separates the parts of a weight's path");
      return;
    }
    result_.name = *name;
    result_.name_span = value.span;
  }

  const LayerDef& def_;
  const ast::Call& call_;
  Span name_span_;
  Evaluator& evaluator_;
  FileContext& context_;
  std::vector<ConfigValue> values_;              // parallel to def.params
  std::vector<const ast::Argument*> written_;    // likewise; null: left out
  std::vector<const ast::Argument*> rest_ = {};  // what a parameter of several tensors takes by position
  size_t piped_ = SIZE_MAX;                      // the parameter that a pipe gives
  const Value* first_ = nullptr;                 // of the first argument, where it is evaluated already
  BoundArguments result_;
};

}  // namespace

std::optional<ConfigValue> Normalize(const Param& param, const ConfigValue& value) {
  if (value.IsNone() && param.none_allowed) return value;
  const List* list = value.AsList();
  switch (param.type) {
    case ParamType::Int: return value.AsDim() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Bool: return value.AsBool() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Text: return value.AsString() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Choice: {
      if (value.AsString() == nullptr) return std::nullopt;
      // Keras takes `padding="SAME"`, too.
      std::string lower = *value.AsString();
      for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      ConfigValue choice = value;
      if (std::ranges::find(param.choices, lower) != param.choices.end()) choice.data = std::move(lower);
      return choice;
    }
    case ParamType::Float: {
      if (value.AsFloat() != nullptr || value.AsDim() == nullptr) {
        return value.AsFloat() != nullptr ? std::optional(value) : std::nullopt;
      }
      ConfigValue number = value;
      // A symbolic one is reported later.
      if (const auto constant = value.AsDim()->Constant()) number.data = static_cast<double>(*constant);
      return number;
    }
    case ParamType::Sizes:
      if (value.AsDim() != nullptr) return Repeat(value, param.count);
      if (list == nullptr || !IsIntegers(*list, static_cast<size_t>(param.count))) return std::nullopt;
      return value;
    case ParamType::Pads: return NormalizePads(param, value);
    case ParamType::Activation: {
      if (value.IsNone()) return ConfigValue{.data = std::string("linear"), .axis = "", .span = value.span};
      return value.AsString() != nullptr ? std::optional(value) : std::nullopt;
    }
    case ParamType::Axis: return IsAxis(value) ? std::optional(value) : std::nullopt;
    case ParamType::Axes:
      if (IsAxis(value)) return Repeat(value, 1);
      if (list == nullptr || !std::ranges::all_of(*list, IsAxis)) return std::nullopt;
      return value;
    case ParamType::Shape:
      if (list == nullptr || !IsIntegers(*list, list->size())) return std::nullopt;
      return value;
    case ParamType::Layer: return value.AsLayer() != nullptr ? std::optional(value) : std::nullopt;
    // The tensors themselves are no configuration.
    case ParamType::Tensor:
    case ParamType::Tensors:
    case ParamType::Operand:
    case ParamType::Slices: return value.IsNone() ? std::optional(value) : std::nullopt;
    case ParamType::Training: return value;
  }
  return std::nullopt;
}

BoundArguments BindArguments(const LayerDef& def, const ast::Call& call, Span name_span, Evaluator& evaluator,
                             FileContext& context) {
  return Binder(def, call, name_span, evaluator, context).Bind();
}

BoundArguments BindFunction(const LayerDef& def, const ast::Call& call, const BindFunctionOptions& options,
                            Evaluator& evaluator, FileContext& context) {
  return Binder(def, call, NameSpan(*call.callee), evaluator, context).Bind(options);
}

}  // namespace strata::check
