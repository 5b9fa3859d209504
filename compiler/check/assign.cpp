#include "compiler/check/assign.h"

#include <algorithm>
#include <utility>

#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

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

// Arguments as PyTorch and NumPy call them.
struct ForeignArgument {
  std::string_view name;
  std::string_view meant;  // Keras' name; "": there is none
  std::string_view help = {};
};
constexpr std::string_view kInputSizes = "the sizes of the input are known";
constexpr ForeignArgument kForeignArguments[] = {
    {"batch_first", "", "the batch axis comes first"},
    {"bias", "use_bias"},
    {"dilation", "dilation_rate"},
    {"dim", "axis"},
    {"embedding_dim", "output_dim"},
    {"eps", "epsilon"},
    {"hidden_size", "units"},
    {"in_channels", "", kInputSizes},
    {"in_features", "", kInputSizes},
    {"input_size", "", kInputSizes},
    {"inplace", "", "every layer gives a new tensor, in memory that is planned"},
    {"kernel", "kernel_size"},
    {"num_embeddings", "input_dim"},
    {"num_features", "", kInputSizes},
    {"out_channels", "filters"},
    {"out_features", "units"},
    {"p", "rate"},
};

const ForeignArgument* ForeignOf(std::string_view name) {
  const auto* found = std::ranges::find(kForeignArguments, name, &ForeignArgument::name);
  return found == std::end(kForeignArguments) ? nullptr : found;
}

class Assigner {
 public:
  Assigner(const LayerDef& def, const ast::Call& call, size_t piped, Evaluator& evaluator, FileContext& context)
      : def_(def),
        call_(call),
        piped_(piped),
        evaluator_(evaluator),
        context_(context),
        name_(NameOf(def)),
        result_{.written = std::vector<const ast::Argument*>(def.params.size(), nullptr)} {}

  Assignment Assign() {
    ReportPositionalStrides();
    AssignPositional();
    AssignKeywords();
    return std::move(result_);
  }

 private:
  std::optional<size_t> Find(std::string_view name) const {
    const auto found = std::ranges::find(def_.params, name, &Param::name);
    if (found == def_.params.end()) return std::nullopt;
    return static_cast<size_t>(found - def_.params.begin());
  }

  // What is given by keyword only stands last.
  size_t PositionalCount() const {
    return static_cast<size_t>(std::ranges::count(def_.params, false, &Param::keyword_only));
  }

  // Whether an argument is a list or tuple, of which one stands for all tensors.
  bool IsList(const ast::Argument& argument) const {
    if (argument.value->As<ast::ListExpr>() != nullptr || argument.value->As<ast::TupleExpr>() != nullptr) return true;
    const auto* name = argument.value->As<ast::NameRef>();
    const Binding* binding = name == nullptr ? nullptr : evaluator_.scope().Find(name->name);
    return binding != nullptr && binding->value.As<Sequence>() != nullptr;
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
    context_.diagnostics.Report(kinds::PositionalStrides, strides.span, name_)
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
        context_.diagnostics.Report(kinds::PositionalAfterKeyword, argument.span)
            .Label(keyword->span, "a keyword argument stands before it");
        result_.is_usable = false;
        return;
      }
      if (next == piped_ && def_.params[next].type != ParamType::Tensors) ++next;
      if (next < limit && def_.params[next].type == ParamType::Tensors) {
        // All that follow, where the first one is no list of them.
        if (first == nullptr) first = &argument;
        result_.rest.push_back(&argument);
        if (next == piped_ || !IsList(*first)) continue;
        ++next;
        continue;
      }
      if (next == limit) {
        context_.diagnostics.Report(
            kinds::TooManyArguments, argument.span, name_,
            limit == 0 ? "no positional argument" : "at most " + Count(limit, "positional argument"),
            std::to_string(count) + (count == 1 ? " is" : " are"));
        result_.is_usable = false;
        return;
      }
      result_.written[next++] = &argument;
    }
  }

  void AssignKeywords() {
    for (size_t i = 0; i < call_.arguments.size(); ++i) {
      const ast::Argument& argument = call_.arguments[i];
      if (!argument.keyword) continue;
      std::optional<size_t> index = Find(argument.keyword->text);
      if (!index) index = ReportUnknown(i);
      if (!index) continue;
      if (result_.written[*index] != nullptr) {
        context_.diagnostics.Report(kinds::ArgumentTwice, argument.span, def_.params[*index].name, name_)
            .Label(result_.written[*index]->span,
                   result_.written[*index]->keyword ? "given here" : "given here, by position");
        continue;
      }
      result_.written[*index] = &argument;
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
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::UnknownArgument, keyword.span, name_, keyword.text);
    std::vector<std::string_view> names;
    for (size_t i = 0; i < result_.written.size(); ++i) {
      if (result_.written[i] == nullptr) names.push_back(def_.params[i].name);
    }
    const std::string_view nearest = NearestName(keyword.text, names);
    if (!nearest.empty()) {
      diagnostic.Help("did you mean " + Quoted(nearest) + "?", Applicability::MachineApplicable,
                      {{keyword.span, std::string(nearest)}});
      return Find(nearest);
    }
    if (ReportForeign(argument_index, diagnostic)) return Find(ForeignOf(keyword.text)->meant);
    std::vector<std::string_view> own;
    for (const Param& param : def_.params) {
      if (!param.keyword_only && param.type != ParamType::Training) own.push_back(param.name);
    }
    if (!own.empty()) diagnostic.Note(std::string(name_) + " takes " + ListOf(own, "and"));
    result_.is_usable = false;
    return std::nullopt;
  }

  // What an argument of another framework is called here. False: it is none.
  bool ReportForeign(size_t argument_index, Diagnostic& diagnostic) {
    const ast::Argument& argument = call_.arguments[argument_index];
    const ForeignArgument* foreign = ForeignOf(argument.keyword->text);
    if (foreign == nullptr) return false;
    if (foreign->meant.empty()) {
      diagnostic.Help("delete it: " + std::string(foreign->help), Applicability::MaybeIncorrect,
                      {{WithComma(call_, argument_index), ""}});
      return true;
    }
    const std::optional<size_t> place = Find(foreign->meant);
    if (!place || result_.written[*place] != nullptr) return false;
    diagnostic.Help("Keras calls it " + Quoted(foreign->meant), Applicability::MaybeIncorrect,
                    {{argument.keyword->span, std::string(foreign->meant)}});
    return true;
  }

  void ReportShapeArgument(size_t argument_index) {
    const ast::Argument& argument = call_.arguments[argument_index];
    const std::string& name = argument.keyword->text;
    const Value value = evaluator_.Evaluate(*argument.value);
    const std::optional<ConfigValue> config = ToConfig(value);
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::ShapeArgument, argument.span, name, name_);
    diagnostic.Note("the shapes of the inputs stand in the model's signature: " +
                    Quoted("image: " + SignatureAxes(name, config)));
    diagnostic.Help("delete it", Applicability::MaybeIncorrect, {{WithComma(call_, argument_index), ""}});
  }

  const LayerDef& def_;
  const ast::Call& call_;
  size_t piped_;
  Evaluator& evaluator_;
  FileContext& context_;
  std::string_view name_;
  Assignment result_;
};

}  // namespace

Assignment AssignArguments(const LayerDef& def, const ast::Call& call, size_t piped, Evaluator& evaluator,
                           FileContext& context) {
  return Assigner(def, call, piped, evaluator, context).Assign();
}

Span WithComma(const ast::Call& call, size_t index) {
  Span span = call.arguments[index].span;
  if (index > 0) {
    span.begin = call.arguments[index - 1].span.end;
  } else if (call.arguments.size() > 1) {
    span.end = call.arguments[1].span.begin;
  }
  return span;
}

std::string_view NameOf(const LayerDef& def) {
  return def.form == LayerDef::Form::Function ? def.function_name : def.name;
}

}  // namespace strata::check
