#include "compiler/check/config.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

struct ConfigType {
  std::string_view name;
  std::string_view expected;  // for messages
  bool (*accepts)(const Value& value);
};
constexpr ConfigType kTypes[] = {
    {"int", "an integer", [](const Value& value) { return value.As<Dim>() != nullptr; }},
    {"float", "a number",
     [](const Value& value) { return value.As<Dim>() != nullptr || value.As<double>() != nullptr; }},
    {"bool", "True or False", [](const Value& value) { return value.As<bool>() != nullptr; }},
    {"str", "a string", [](const Value& value) { return value.As<std::string>() != nullptr; }},
    {"layer", "a layer, as in `Dense(3)`", [](const Value& value) { return value.IsLayer(); }},
};

const ConfigType* FindType(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name, &ConfigType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

// A parameter without a type takes what its default is.
const ConfigType* TypeOf(const ast::ConfigParam& param, const FileContext& context) {
  if (param.type) return FindType(param.type->text);
  const auto found = context.program.defaults.find(&param);
  if (found == context.program.defaults.end()) return nullptr;
  for (const ConfigType& type : kTypes) {
    if (type.accepts(found->second)) return &type;
  }
  return nullptr;
}

// The value as the parameter takes it; reports one of another type, at `span`.
std::optional<Value> Take(const ast::ConfigParam& param, Value value, Span span, std::string_view owner,
                          const FileContext& context) {
  const ConfigType* type = TypeOf(param, context);
  if (value.IsFailed() || type == nullptr) return value;
  const Dim* dim = value.As<Dim>();
  if (!type->accepts(value)) {
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::ArgumentType, span, param.name.text, owner, Describe(value), type->expected);
    if (const auto* layer = value.As<LayerClass>(); layer != nullptr && type->name == "layer") {
      diagnostic.Help("write " + Quoted(std::string(layer->def->name) + "(...)"));
    }
    return std::nullopt;
  }
  if (dim != nullptr && !dim->Constant()) {
    context.diagnostics.Report(kinds::SymbolicArgument, span, param.name.text, owner, dim->ToString())
        .Help("a size that is known only when the model runs can be read inside, from the tensor: `x.height`");
    return std::nullopt;
  }
  if (type->name == "float" && dim != nullptr) value.data = static_cast<double>(*dim->Constant());
  return value;
}

bool IsLayerDefault(const ast::ConfigParam& param) {
  return param.type && param.type->text == "layer" && param.default_value != nullptr;
}

std::vector<std::string_view> Names(const ast::Function& function) {
  std::vector<std::string_view> names;
  for (const ast::ConfigParam& param : function.config) names.push_back(param.name.text);
  return names;
}

std::optional<size_t> Find(const ast::Function& function, std::string_view name) {
  const auto found = std::ranges::find(function.config, name, [](const ast::ConfigParam& p) { return p.name.text; });
  if (found == function.config.end()) return std::nullopt;
  return static_cast<size_t>(found - function.config.begin());
}

// A layer is made anew for each use, as part of its model.
Value MakeLayerDefault(const ast::ConfigParam& param, const ast::Function& function, Elaboration* model,
                       FileContext& context) {
  Scope no_sizes;
  const ast::Expr& expr = *param.default_value;
  const Value value = Evaluator(context, context.constants, no_sizes, model).Evaluate(expr);
  return Take(param, value, expr.span, function.name.text, context).value_or(FailedAt(expr.span));
}

// The arguments of one call, by parameter.
class Binder {
 public:
  Binder(const ast::Function& function, FileContext& context)
      : function_(function), context_(context), written_(function.config.size()) {}

  bool Assign(const ast::Call& call) {
    const ast::Argument* keyword = nullptr;
    size_t next = 0;
    for (const ast::Argument& argument : call.arguments) {
      if (argument.keyword) {
        keyword = &argument;
        AssignKeyword(argument);
      } else if (keyword != nullptr) {
        Report(kinds::PositionalAfterKeyword, argument.span)
            .Label(keyword->span, "a keyword argument stands before it");
      } else if (next == written_.size()) {
        ReportSurplus(call, argument);
      } else {
        written_[next++] = &argument;
      }
      if (is_failed_) return false;
    }
    return true;
  }

  std::optional<std::vector<Value>> Evaluate(Evaluator& caller, Span name_span) {
    std::vector<Value> values;
    for (size_t i = 0; i < written_.size(); ++i) {
      const ast::ConfigParam& param = function_.config[i];
      if (written_[i] == nullptr) {
        values.push_back(Default(param, name_span, caller));
        continue;
      }
      const ast::Expr& expr = *written_[i]->value;
      std::optional<Value> value = Take(param, caller.Evaluate(expr), expr.span, function_.name.text, context_);
      if (!value) is_failed_ = true;
      values.push_back(value.value_or(Value{Failed{}, expr.span, ""}));
    }
    if (is_failed_) return std::nullopt;
    return values;
  }

 private:
  template <typename... Args>
  Diagnostic& Report(const Kind<Args...>& kind, Span span, const std::type_identity_t<Args>&... args) {
    is_failed_ = true;
    return context_.diagnostics.Report(kind, span, args...);
  }

  void AssignKeyword(const ast::Argument& argument) {
    const ast::Name& keyword = *argument.keyword;
    const std::optional<size_t> index = Find(function_, keyword.text);
    if (!index) {
      Diagnostic& diagnostic = Report(kinds::UnknownArgument, keyword.span, function_.name.text, keyword.text);
      const std::string_view nearest = NearestName(keyword.text, Names(function_));
      if (!nearest.empty()) {
        diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                        {{keyword.span, std::string(nearest)}});
      } else if (!function_.config.empty()) {
        diagnostic.Note(function_.name.text + " takes " + ListOf(Names(function_), "and"));
      }
    } else if (written_[*index] != nullptr) {
      Report(kinds::ArgumentTwice, argument.span, keyword.text, function_.name.text)
          .Label(written_[*index]->span, written_[*index]->keyword ? "given here" : "given here, by position");
    } else {
      written_[*index] = &argument;
    }
  }

  void ReportSurplus(const ast::Call& call, const ast::Argument& argument) {
    const size_t limit = written_.size();
    const size_t count = call.arguments.size();
    Report(kinds::TooManyArguments, argument.span, function_.name.text,
           limit == 0 ? "no configuration" : "at most " + Count(limit, "positional argument"),
           std::to_string(count) + (count == 1 ? " is" : " are"))
        .Help("tensors stand in the second pair of parentheses: `" + function_.name.text + "(...)(x)`");
  }

  Value Default(const ast::ConfigParam& param, Span name_span, const Evaluator& caller) {
    if (IsLayerDefault(param)) return MakeLayerDefault(param, function_, caller.model(), context_);
    const auto found = context_.program.defaults.find(&param);
    if (found != context_.program.defaults.end()) return found->second;
    // A default that is wrong has been reported.
    if (param.default_value == nullptr && name_span.IsValid()) {
      const ConfigType* type = TypeOf(param, context_);
      Report(kinds::MissingArgument, name_span, function_.name.text, param.name.text)
          .Label(param.span, "declared here")
          .Help("give it: " + Quoted(param.name.text + "=...") +
                (type == nullptr ? "" : ", " + std::string(type->expected)));
    }
    return {Failed{}, param.span, ""};
  }

  const ast::Function& function_;
  FileContext& context_;
  std::vector<const ast::Argument*> written_;  // parallel to the function's config; null: left out
  bool is_failed_ = false;
};

// Python's `1_000`, `1e-3` without `_`, which from_chars does not read; empty where a `_` stands elsewhere.
std::string WithoutSeparators(std::string_view text) {
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto is_digit = [&](size_t at) {
      return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]));
    };
    if (text[i] != '_') {
      digits += text[i];
    } else if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) {
      return "";
    }
  }
  return digits;
}

// A value written on the command line: a number, True, False, or a string with or without its quotes.
Value ParseSetting(std::string_view text) {
  if (text == "True" || text == "False") return {text == "True", {}, ""};
  const std::string digits = WithoutSeparators(text);
  const char* const end = digits.data() + digits.size();
  int64_t integer = 0;
  if (const auto [at, error] = std::from_chars(digits.data(), end, integer); error == std::errc() && at == end) {
    return {Dim(integer), {}, ""};
  }
  double number = 0;
  if (const auto [at, error] = std::from_chars(digits.data(), end, number);
      error == std::errc() && at == end && std::isfinite(number)) {
    return {number, {}, ""};
  }
  const bool is_quoted =
      text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return {std::string(is_quoted ? text.substr(1, text.size() - 2) : text), {}, ""};
}

void ReportSetting(const ast::ConfigParam& param, const ConfigType& type, const Value& value, std::string_view owner,
                   const FileContext& context) {
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::ArgumentType, {}, param.name.text, owner, Describe(value), type.expected);
  const std::string setting = "--set " + param.name.text + "=";
  if (type.name == "bool") diagnostic.Help("write " + Quoted(setting + "True") + " or " + Quoted(setting + "False"));
  if (type.name == "layer")
    diagnostic.Help("a layer is written in the model, where it is the default: only numbers and strings can be set");
}

}  // namespace

void DeclareConfig(const ast::Function& function, FileContext& context) {
  std::unordered_map<std::string_view, Span> seen;
  for (const ast::ConfigParam& param : function.config) {
    const auto [earlier, is_new] = seen.emplace(param.name.text, param.name.span);
    if (!is_new) {
      context.diagnostics.Report(kinds::DuplicateName, param.name.span, "parameter", param.name.text)
          .Label(earlier->second, "declared here before");
    }
    if (param.type && FindType(param.type->text) == nullptr) {
      Diagnostic& diagnostic = context.diagnostics.Report(kinds::UnknownConfigType, param.type->span, param.type->text);
      std::vector<std::string_view> names;
      for (const ConfigType& type : kTypes) names.push_back(type.name);
      const std::string_view nearest = NearestName(param.type->text, names);
      if (nearest.empty()) {
        diagnostic.Note("the types of configuration are " + ListOf(names, "and"));
      } else {
        diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                        {{param.type->span, std::string(nearest)}});
      }
    }
    if (param.default_value == nullptr) {
      if (function.form == ast::Function::Form::Model) {
        const Span end{param.span.file, param.span.end, param.span.end};
        context.diagnostics.Report(kinds::MissingDefault, param.span, param.name.text, function.name.text)
            .Help("write its default, as in " +
                      Quoted(param.name.text + ": " + (param.type ? param.type->text : std::string("int")) + " = ...") +
                      "; `--set " + param.name.text + "=...` changes it",
                  Applicability::HasPlaceholders, {{end, " = ..."}});
      }
      continue;
    }
    Scope no_sizes;
    const ast::Expr& expr = *param.default_value;
    if (IsLayerDefault(param)) {
      Evaluator(context, context.constants, no_sizes, nullptr).ResolveNames(expr);
      continue;
    }
    const Value value = Evaluator(context, context.constants, no_sizes, nullptr).Evaluate(expr);
    const std::optional<Value> taken = Take(param, value, expr.span, function.name.text, context);
    if (taken && !taken->IsFailed()) context.program.defaults.emplace(&param, *taken);
  }
}

std::optional<Value> TakeScalar(const ast::Name& type, Value value, std::string_view owner, FileContext& context) {
  const ConfigType* found = FindType(type.text);
  if (found == nullptr || !found->accepts(value)) {
    context.diagnostics
        .Report(kinds::OperandType, value.span, "constant " + Quoted(owner), Describe(value),
                found == nullptr ? "a number" : found->expected)
        .Label(type.span, "declared here");
    return std::nullopt;
  }
  const Dim* dim = value.As<Dim>();
  if (found->name == "float" && dim != nullptr) value.data = static_cast<double>(*dim->Constant());
  return value;
}

std::optional<std::vector<Value>> BindConfig(const ast::Function& function, const ast::Call* call, Span name_span,
                                             Evaluator& caller, FileContext& context) {
  Binder binder(function, context);
  if (call != nullptr && !binder.Assign(*call)) return std::nullopt;
  return binder.Evaluate(caller, name_span);
}

void MakeLayerDefaults(const ast::Function& function, Elaboration& model, FileContext& context,
                       std::vector<Value>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const ast::ConfigParam& param = function.config[i];
    if (IsLayerDefault(param)) values[i] = MakeLayerDefault(param, function, &model, context);
  }
}

std::string_view SettingName(std::string_view setting) { return setting.substr(0, setting.find('=')); }

std::optional<std::vector<Value>> BindSettings(const ast::Function& function, const std::vector<std::string>& settings,
                                               FileContext& context) {
  std::vector<Value> values;
  bool is_failed = false;
  for (const ast::ConfigParam& param : function.config) {
    const auto found = context.program.defaults.find(&param);
    values.push_back(found == context.program.defaults.end() ? Value{Failed{}, param.span, ""} : found->second);
    for (const std::string& setting : settings) {
      const std::string_view name = SettingName(setting);
      if (name != param.name.text) continue;
      Value value = ParseSetting(std::string_view(setting).substr(name.size() + 1));
      const ConfigType* type = TypeOf(param, context);
      // Where a string is expected, 5 is one too.
      if (type != nullptr && type->name == "str" && value.As<std::string>() == nullptr) {
        value.data = setting.substr(name.size() + 1);
      }
      if (type != nullptr && !type->accepts(value)) {
        is_failed = true;
        ReportSetting(param, *type, value, function.name.text, context);
        break;
      }
      std::optional<Value> taken = Take(param, std::move(value), {}, function.name.text, context);
      is_failed |= !taken;
      if (taken) values.back() = std::move(*taken);
      break;  // that another one follows is reported
    }
  }
  if (is_failed) return std::nullopt;
  return values;
}

void BindConfigNames(const ast::Function& function, const std::vector<Value>& values, Scope& scope) {
  for (size_t i = 0; i < values.size(); ++i) {
    scope.Declare(Binding::Kind::Config, function.config[i].name, values[i]);
  }
}

}  // namespace strata::check
