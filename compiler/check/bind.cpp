#include "compiler/check/bind.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "compiler/check/arithmetic.h"
#include "compiler/check/assign.h"
#include "compiler/check/parameter.h"
#include "compiler/layers/activations.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

bool IsFailedWithin(const Value& value) {
  if (value.IsFailed()) return true;
  const Sequence* sequence = value.As<Sequence>();
  return sequence != nullptr && std::ranges::any_of(sequence->items, IsFailedWithin);
}

// Every integer in a value.
void CollectIntegers(const ConfigValue& value, std::vector<const ConfigValue*>& integers) {
  if (value.AsDim() != nullptr) integers.push_back(&value);
  if (value.AsList() == nullptr) return;
  for (const ConfigValue& entry : *value.AsList()) CollectIntegers(entry, integers);
}

class Binder {
 public:
  Binder(const LayerDef& def, const ast::Call& call, Span name_span, Evaluator& evaluator, FileContext& context)
      : def_(def),
        call_(call),
        name_span_(name_span),
        evaluator_(evaluator),
        context_(context),
        values_(def.params.size()) {
    result_.tensors.resize(def.TensorParams().size());
  }

  BoundArguments Bind(const BindFunctionOptions& options = {}) {
    if (options.piped) {
      piped_ = static_cast<size_t>(std::ranges::find_if(def_.params, TakesTensors) - def_.params.begin());
    }
    first_ = options.first;
    Assignment assignment = AssignArguments(def_, call_, piped_, evaluator_, context_);
    written_ = std::move(assignment.written);
    rest_ = std::move(assignment.rest);
    result_.is_usable = assignment.is_usable;
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
  Diagnostics& diagnostics() { return context_.diagnostics; }

  void ReportMissing() {
    if (!result_.is_usable) return;
    for (size_t i = 0; i < values_.size(); ++i) {
      const Param& param = def_.params[i];
      if (written_[i] != nullptr || param.default_value || i == piped_) continue;
      if (param.type == ParamType::Tensors && !rest_.empty()) continue;
      diagnostics()
          .Report(kinds::MissingArgument, name_span_, NameOf(def_), param.name)
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

  // `[a, b]` of tensors, as in `Concatenate([a, b])`; elsewhere the names in an `axis` are those of axes.
  bool ListsTensors(const ast::Expr& expr) const {
    const auto is_tensor = [&](const ast::ExprPtr& element) {
      const auto* name = element == nullptr ? nullptr : element->As<ast::NameRef>();
      const Binding* binding = name == nullptr ? nullptr : evaluator_.scope().Find(name->name);
      return binding != nullptr && binding->value.As<Tensor>() != nullptr;
    };
    const auto* list = expr.As<ast::ListExpr>();
    if (list != nullptr) return std::ranges::all_of(list->elements, is_tensor, &ast::AxisExpr::size);
    const auto* tuple = expr.As<ast::TupleExpr>();
    return tuple != nullptr && std::ranges::all_of(tuple->elements, is_tensor);
  }

  static bool IsTensors(const Value& value) {
    const auto* sequence = value.As<Sequence>();
    if (sequence == nullptr) return value.As<Tensor>() != nullptr;
    return !sequence->items.empty() && std::ranges::all_of(sequence->items, IsTensors);
  }

  Value Evaluate(const Param& param, const ast::Argument& argument) {
    if (first_ != nullptr && &argument == call_.arguments.data()) return *first_;
    const bool is_axis = param.type == ParamType::Axis || param.type == ParamType::Axes;
    const bool holds_tensors = !argument.keyword && ListsTensors(*argument.value);
    if (is_axis && !holds_tensors) {
      return evaluator_.EvaluateAxis(*argument.value, argument.span);
    }
    const auto* name = argument.value->As<ast::NameRef>();
    if (name != nullptr && evaluator_.scope().Find(name->name) == nullptr) {
      const std::string meant(MeantString(param, name->name));
      if (!meant.empty()) {
        diagnostics()
            .Report(kinds::ArgumentType, argument.value->span, param.name, NameOf(def_),
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
      config = LayersOf(param, argument, value);
      if (!config) {
        Spoil(param);
        return;
      }
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

  // A wrong value leaves the layer without a shape if it could change one.
  void Spoil(const Param& param) {
    const bool keeps_shape = param.type == ParamType::Activation || param.type == ParamType::Float ||
                             param.type == ParamType::Text || param.name == "dtype";
    if (!keeps_shape || !param.default_value) result_.is_usable = false;
  }

  // A layer of this class around a list, as if it were written; it gets its name with the one that holds it.
  static std::shared_ptr<const LayerArg> HolderOf(std::string_view class_name, ConfigValue layers, Span span) {
    const LayerDef& def = *FindLayer(class_name);
    std::vector<ConfigValue> values;
    for (const Param& param : def.params) values.push_back(param.default_value.value_or(ConfigValue{}));
    std::vector<bool> given(values.size());
    values.front() = std::move(layers);
    given.front() = true;
    return std::make_shared<const LayerArg>(
        LayerArg{&def, Args(def, std::move(values), std::move(given)), "", span, span});
  }

  // Nothing after a message.
  std::optional<ConfigValue> LayersOf(const Param& param, const ast::Argument& argument, const Value& value) {
    const Sequence* list = value.As<Sequence>();
    if (param.count == 0 && (list == nullptr || param.choices.empty())) {
      const std::shared_ptr<const LayerArg> layer = evaluator_.ToLayerArg(value, param, NameOf(def_));
      return layer == nullptr ? std::nullopt : std::optional(ConfigValue{.data = layer});
    }
    if (list == nullptr || list->items.empty()) {
      ReportType(param, argument, value);
      return std::nullopt;
    }
    ConfigValue::List layers;
    for (const Value& item : list->items) {
      const std::shared_ptr<const LayerArg> layer = evaluator_.ToLayerArg(item, param, NameOf(def_));
      if (layer == nullptr) return std::nullopt;
      layers.push_back({.data = layer, .axis = "", .span = item.span});
    }
    ConfigValue all{.data = std::move(layers), .axis = "", .span = value.span};
    return param.count == 1 ? all : ConfigValue{.data = HolderOf(param.choices.front(), std::move(all), value.span)};
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
    Diagnostic& diagnostic = diagnostics().Report(kinds::ArgumentType, argument.value->span, param.name, NameOf(def_),
                                                  Describe(value), Expected(param));
    if (IsTensors(value) && def_.form == LayerDef::Form::Layer) {
      OfferApplication(argument, diagnostic);
      result_.has_tensor = true;
    }
    if (param.type == ParamType::Shape) OfferWithoutNone(value, diagnostic);
    const bool is_number = value.As<Dim>() != nullptr || value.As<double>() != nullptr;
    if (param.type == ParamType::Tensor && is_number && def_.params.size() == 1) {
      const std::string text(context_.sources.Text(argument.value->span));
      diagnostic.Help("a number takes the type of the tensor beside it: write " + Quoted(text),
                      Applicability::MaybeIncorrect, {{Join(name_span_, call_.parentheses), text}});
    }
    const double* number = value.As<double>();
    const bool is_whole =
        number != nullptr && *number == static_cast<double>(static_cast<int32_t>(std::clamp(*number, -2e9, 2e9)));
    if (is_whole && wants_integer) {
      const std::string text = std::to_string(static_cast<int32_t>(*number));
      diagnostic.Help("write " + Quoted(text), Applicability::MachineApplicable, {{argument.value->span, text}});
    }
  }

  // `(None, 28, 28)`: Keras' way to write the batch, or a size that is left.
  static void OfferWithoutNone(const Value& value, Diagnostic& diagnostic) {
    const Sequence* list = value.As<Sequence>();
    if (list == nullptr) return;
    for (size_t i = 0; i < list->items.size(); ++i) {
      const Value& item = list->items[i];
      if (item.As<None>() == nullptr) continue;
      if (i == 0 && list->items.size() > 1) {
        const Span first{item.span.file, item.span.begin, list->items[1].span.begin};
        diagnostic.Help("the batch is not counted: leave `None` out", Applicability::MaybeIncorrect, {{first, ""}});
      } else {
        diagnostic.Help("write -1 for the size that is left", Applicability::MaybeIncorrect, {{item.span, "-1"}});
      }
      return;
    }
  }

  // `Dense(4, x)` for `Dense(4)(x)`.
  void OfferApplication(const ast::Argument& argument, Diagnostic& diagnostic) const {
    const Span end{call_.parentheses.file, call_.parentheses.end, call_.parentheses.end};
    const std::string tensor = "(" + std::string(context_.sources.Text(argument.value->span)) + ")";
    const bool is_applied = context_.sources.Text({end.file, end.begin, end.begin + 1}) == "(";
    std::vector<Edit> edits;
    if (!is_applied) {
      const auto index = static_cast<size_t>(&argument - call_.arguments.data());
      edits = {{WithComma(call_, index), ""}, {end, tensor}};
    }
    diagnostic.Help("a layer is applied by a second pair of parentheses: " +
                        Quoted(std::string(def_.name) + (call_.arguments.size() == 1 ? "()" : "(...)") + tensor),
                    Applicability::MaybeIncorrect, std::move(edits));
  }

  bool CheckIntegers(const Param& param, const ConfigValue& value) {
    const bool needs_constant = param.type == ParamType::Int || param.type == ParamType::Sizes ||
                                param.type == ParamType::Pads || param.type == ParamType::Float ||
                                param.type == ParamType::Numbers || param.type == ParamType::Axis ||
                                param.type == ParamType::Axes;
    std::vector<const ConfigValue*> integers;
    CollectIntegers(value, integers);
    for (const ConfigValue* integer : integers) {
      const std::optional<int64_t> number = integer->AsDim()->Constant();
      if (!number) {
        if (!needs_constant) continue;
        diagnostics().Report(kinds::SymbolicArgument, integer->span, param.name, NameOf(def_),
                             integer->AsDim()->ToString());
        return false;
      }
      if (param.min && *number < *param.min) {
        diagnostics().Report(kinds::ArgumentTooSmall, integer->span, param.name, NameOf(def_), *number, *param.min);
        return false;
      }
      const bool is_real = param.type == ParamType::Float || param.type == ParamType::Numbers;
      if (!is_real && (*number > kMaxSize || *number < -kMaxSize)) {
        diagnostics().Report(kinds::ArgumentTooLarge, integer->span, param.name, NameOf(def_), *number, kMaxSize);
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
    // What has a name is mended where the name was given it.
    Span span = argument.value->span;
    const auto* name = argument.value->As<ast::NameRef>();
    const Binding* binding = name == nullptr ? nullptr : evaluator_.scope().Find(name->name);
    if (binding != nullptr) span = binding->value.span;
    const char quote = span.IsValid() ? context_.sources.Text(span).front() : ' ';
    std::vector<Edit> edits;
    if (quote == '"' || quote == '\'') edits.push_back({span, quote + std::string(nearest) + quote});
    if (binding != nullptr && !edits.empty()) diagnostic.Label(span, Quoted(name->name) + " is given here");
    diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable, std::move(edits));
  }

  bool CheckChoice(const Param& param, const ast::Argument& argument, const ConfigValue& value) {
    const std::string* text = value.AsString();
    if (text == nullptr) return true;
    if (param.type == ParamType::Choice && std::ranges::find(param.choices, *text) == param.choices.end()) {
      Diagnostic& diagnostic =
          diagnostics().Report(kinds::UnknownChoice, argument.value->span, param.name, NameOf(def_), *text);
      SuggestString(diagnostic, argument, *text, param.choices);
      return false;
    }
    const bool is_known = IsActivation(*text) || std::ranges::find(param.choices, *text) != param.choices.end();
    if (param.type == ParamType::Activation && !is_known) {
      if (const ActivationDef* activation = FindActivation(*text)) {
        ReportActivation(*activation, argument);
        return false;
      }
      Diagnostic& diagnostic = diagnostics().Report(kinds::UnknownActivation, argument.value->span, *text);
      SuggestString(diagnostic, argument, *text, ActivationNames());
      return false;
    }
    return true;
  }

  // A function that a layer cannot apply, as it changes the shape or takes more than its tensor.
  void ReportActivation(const ActivationDef& activation, const ast::Argument& argument) {
    std::string call(activation.name);
    call += activation.params.empty() ? "()" : "(...)";
    diagnostics()
        .Report(kinds::ActivationNotByName, argument.value->span, activation.name, activation.not_by_name)
        .Primary("is no activation of a layer")
        .Help("apply it as a step of its own: " + Quoted("|> " + call), Applicability::HasPlaceholders);
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
  std::vector<ConfigValue> values_;            // parallel to def.params
  std::vector<const ast::Argument*> written_;  // as in Assignment
  std::vector<const ast::Argument*> rest_;     // likewise
  size_t piped_ = SIZE_MAX;                    // the parameter that a pipe gives
  const Value* first_ = nullptr;               // of the first argument, where it is evaluated already
  BoundArguments result_;
};

}  // namespace

std::optional<ConfigValue> BindCallArgument(const LayerDef& def, const Param& param, const Value& value,
                                            FileContext& context) {
  if (value.IsFailed()) return std::nullopt;
  const std::optional<ConfigValue> config = ToConfig(value);
  std::optional<ConfigValue> normal = config ? Normalize(param, *config) : std::nullopt;
  if (!normal) {
    context.diagnostics.Report(kinds::ArgumentType, value.span, param.name, def.name, Describe(value), Expected(param));
    return std::nullopt;
  }
  normal->span = value.span;
  return normal;
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
