// Blocks: instances of them, and what it means to apply one.
#include <algorithm>
#include <utility>

#include "compiler/check/bind.h"
#include "compiler/check/compare.h"
#include "compiler/check/config.h"
#include "compiler/check/model.h"
#include "compiler/check/outputs.h"
#include "compiler/check/signature.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// Whether the tensor's axes would get other names.
bool ChangesNames(const Shape& shape, const Shape& declared) {
  Shape named = shape;
  TakeNames(named, declared);
  for (size_t i = 0; i < shape.size(); ++i) {
    if (named[i].name != shape[i].name) return true;
  }
  return false;
}

// One application of a block: its symbols, its body, its results.
class Application {
 public:
  Application(BlockInstance& instance, const std::vector<Value>& operands, const Site& site, Elaboration& model,
              const Sources& sources)
      : instance_(instance),
        function_(*instance.name.function),
        context_(*instance.name.file),
        operands_(operands),
        site_(site),
        model_(model),
        sources_(sources),
        config_(&context_.constants),
        sizes_(&config_),
        body_(&sizes_),
        evaluator_(context_, body_, sizes_, &model) {}

  Value Run() {
    const size_t first_node = model_.network.nodes.size();
    BlockInstance* const outer = std::exchange(model_.instance, &instance_);
    instance_.used.clear();
    const size_t mark = context_.diagnostics.Mark();
    const size_t errors_before = context_.diagnostics.ErrorCount();
    BindConfigNames(function_, instance_.config, config_);
    const bool is_bound = BindInputs() && RequireWhere();
    AdoptBlockErrors(mark, /*is_body=*/false);
    const size_t body_mark = context_.diagnostics.Mark();
    const std::vector<DeclaredResult> results = EvaluateResults(function_, evaluator_, context_);
    std::vector<CheckedResult> checked;
    if (!is_bound) {
      DropSizeErrors(body_mark);
    } else {
      checked =
          CheckResults(function_, EvaluateBody(function_, evaluator_, model_, context_), results, model_, context_);
      if (context_.diagnostics.ErrorCount() == errors_before) LintUnused(function_, body_, context_);
    }
    AdoptBlockErrors(body_mark, /*is_body=*/true);
    model_.instance = outer;
    return Results(results, checked, first_node);
  }

 private:
  // A symbol that stands alone as an input's size is the size of the tensor given; unknown where that has another rank.
  void BindSymbols(const ast::TensorParam& input, const Shape* shape) {
    for (size_t i = 0; i < input.type.axes.size(); ++i) {
      const auto* symbol = input.type.axes[i].size->As<ast::NameRef>();
      if (symbol == nullptr || sizes_.Find(symbol->name) != nullptr) continue;
      const Span span = input.type.axes[i].size->span;
      sizes_.Declare(Binding::Kind::Symbol, {symbol->name, span},
                     {shape != nullptr ? (*shape)[i].size : Dim::Unknown(), span, ""});
    }
  }

  bool BindInputs() {
    bool have_batch = true;
    for (const ast::TensorParam& input : function_.inputs) {
      have_batch &= RequireBatch(input.type, OwnerOf(input), context_);
    }
    if (!have_batch) return false;
    std::vector<bool> fits;
    for (size_t i = 0; i < operands_.size(); ++i) fits.push_back(HasRank(i));
    for (size_t i = 0; i < operands_.size(); ++i) {
      const ast::TensorParam& input = function_.inputs[i];
      BindSymbols(input, fits[i] ? &model_.TypeOf(ValueOf(i)).shape : nullptr);
    }
    if (!std::ranges::all_of(fits, std::identity())) return false;
    bool are_bound = true;
    for (size_t i = 0; i < operands_.size(); ++i) are_bound &= BindInput(i);
    return are_bound;
  }

  int ValueOf(size_t operand) const { return operands_[operand].As<Tensor>()->index; }
  std::string OwnerOf(const ast::TensorParam& input) const {
    return "input " + Quoted(input.name.text) + " of " + Quoted(function_.name.text);
  }

  bool HasRank(size_t operand) {
    const ast::TensorParam& input = function_.inputs[operand];
    const TensorType& type = model_.TypeOf(ValueOf(operand));
    if (type.shape.size() == input.type.axes.size()) return true;
    if (model_.TaintOf(ValueOf(operand)) != Elaboration::Taint::None) return false;
    context_.diagnostics
        .Report(kinds::InputRank, operands_[operand].span, OwnerOf(input), static_cast<int64_t>(type.shape.size()),
                static_cast<int64_t>(input.type.axes.size()))
        .Primary("is " + ToString(type))
        .Label(input.type.span, "declared here");
    return false;
  }

  bool BindInput(size_t operand) {
    const ast::TensorParam& input = function_.inputs[operand];
    const int value = ValueOf(operand);
    const Shape declared = evaluator_.EvaluateShape(input.type, OwnerOf(input), UnknownNames::InInput);
    const Declaration declaration{
        input.type, declared, "", OwnerOf(input), operands_[operand].span, Declaration::Role::Input};
    const DType dtype = input.type.dtype ? ReadElementType(*input.type.dtype, context_) : DType::F32;
    const bool is_sure = model_.HasSureType(value);
    const size_t mark = context_.diagnostics.Mark();
    bool is_bound = CompareDeclared(value, declaration, model_, context_);
    const std::string values = ValuesText();
    for (Diagnostic& diagnostic : context_.diagnostics.TakeSince(mark)) {
      if (diagnostic.code == kinds::SizeMismatch.code && !values.empty()) {
        diagnostic.Note("here " + Quoted(function_.name.text) + " has " + values);
      }
      context_.diagnostics.Adopt(std::move(diagnostic));
    }
    if (is_bound && is_sure && model_.TypeOf(value).dtype != dtype) {
      const std::string name(Name(dtype));
      context_.diagnostics
          .Report(kinds::DTypeMismatch, operands_[operand].span, OwnerOf(input), Name(model_.TypeOf(value).dtype), name)
          .Label(input.type.dtype->span, "declared here")
          .Help("cast it: " + Quoted(name + "(" + std::string(sources_.Text(operands_[operand].span)) + ")"));
      is_bound = false;
    }
    Value bound = FailedAt(input.name.span);
    if (is_bound) bound.data = Tensor{Named(value, declared)};
    body_.Declare(Binding::Kind::Input, input.name, std::move(bound));
    return is_bound;
  }

  // The tensor with the names that the signature gives it.
  int Named(int value, const Shape& declared) {
    Shape shape = model_.TypeOf(value).shape;
    if (!ChangesNames(shape, declared)) return value;
    TakeNames(shape, declared);
    return model_.AddRenamed(value, std::move(shape), site_);
  }

  // What the block states must hold for this use of it.
  bool RequireWhere() {
    bool holds = true;
    for (const ast::ExprPtr& condition : function_.where) {
      ForEachConjunct(*condition, [&](const ast::Expr& one) { holds &= RequireCondition(one); });
    }
    return holds;
  }

  bool RequireCondition(const ast::Expr& expr) {
    const Value value = evaluator_.EvaluateStated(expr);
    if (value.IsFailed()) return false;
    const std::string need = function_.name.text + " at " + PlaceText(sources_, site_.name) + " needs ";
    const Formula* condition = value.As<Formula>();
    if (condition != nullptr && model_.Require(*condition, need, site_.name)) return true;
    if (const bool* truth = value.As<bool>(); truth != nullptr && *truth) return true;
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::WhereFails, site_.name,
                                                         Quoted(sources_.Text(expr.span)), function_.name.text);
    diagnostic.Primary(ShowSides(expr, evaluator_, sources_)).Label(expr.span, "stated here");
    return false;
  }

  // Sizes of results that are wrong, or that nothing binds, follow from inputs that are.
  void DropSizeErrors(size_t mark) {
    for (Diagnostic& diagnostic : context_.diagnostics.TakeSince(mark)) {
      const bool is_size = diagnostic.code.starts_with("E03") || diagnostic.code == kinds::UnboundSymbol.code;
      if (!is_size) context_.diagnostics.Adopt(std::move(diagnostic));
    }
  }

  // A declaration that does not hold is one cause, whatever the primary label of the message at each use.
  Span CauseOf(const Diagnostic& diagnostic, Span place) const {
    const auto is_declaration = [&](const Label& label) {
      return label.text == "declared here" && Contains(function_.span, label.span);
    };
    const auto found = std::ranges::find_if(diagnostic.labels, is_declaration);
    return found == diagnostic.labels.end() ? place : found->span;
  }

  // Marks what was reported since as a block's: once for one cause, with the use.
  void AdoptBlockErrors(size_t mark, bool is_body) {
    for (Diagnostic& diagnostic : context_.diagnostics.TakeSince(mark)) {
      const Span place = diagnostic.labels.empty() ? Span() : diagnostic.labels.front().span;
      const bool is_own = Contains(function_.span, place);
      if (is_own) {
        const Span cause = CauseOf(diagnostic, place);
        const auto key = std::pair(diagnostic.code, std::pair(cause.file.index, cause.begin));
        if (!context_.program.reported_in_blocks.insert(key).second) continue;
      }
      if ((is_own || is_body) && diagnostic.gravity.severity == Severity::Error) diagnostic.Note(UseText());
      context_.diagnostics.Adopt(std::move(diagnostic));
    }
  }

  // "in `Residual` as used at resnet.strata:20:8, with filters = 16, H = 28"
  std::string UseText() const {
    const SourceFile& file = sources_.Get(site_.name.file);
    const LineColumn place = file.Locate(site_.name.begin);
    std::string text = "in " + Quoted(function_.name.text) + " as used at " + file.Name() + ":" +
                       std::to_string(place.line) + ":" + std::to_string(place.column);
    const std::string values = ValuesText();
    return text + (values.empty() ? "" : ", with " + values);
  }

  // "filters = 16, H = 28"
  std::string ValuesText() const {
    std::string values;
    for (const Scope* scope : {&config_, &sizes_}) {
      for (const Binding& binding : scope->Own()) {
        const std::optional<ConfigValue> config = ToConfig(binding.value);
        if (!config || ToString(*config) == binding.name || ToString(*config) == "?") continue;
        values += (values.empty() ? "" : ", ") + binding.name + " = " + ToString(*config);
      }
    }
    return values;
  }

  Value Results(const std::vector<DeclaredResult>& results, const std::vector<CheckedResult>& checked,
                size_t first_node) {
    Sequence values;
    for (size_t i = 0; i < results.size(); ++i) {
      const std::optional<int> value = i < checked.size() ? checked[i] : std::nullopt;
      Value result{Failed{}, site_.call, ""};
      if (!value) {
        // What was declared, without a doubt of its own.
        result.data = Tensor{model_.AddValue(results[i].type, site_.call, -1, Elaboration::Taint::Wrong)};
      } else if (model_.network.values[static_cast<size_t>(*value)].node >= static_cast<int>(first_node)) {
        TakeNames(model_.network.values[static_cast<size_t>(*value)].type.shape, results[i].type.shape);
        result.data = Tensor{*value};
      } else {
        result.data = Tensor{Named(*value, results[i].type.shape)};
      }
      values.items.push_back(std::move(result));
    }
    if (values.items.size() == 1) return std::move(values.items.front());
    return {std::move(values), site_.call, ""};
  }

  BlockInstance& instance_;
  const ast::Function& function_;
  FileContext& context_;
  const std::vector<Value>& operands_;
  const Site& site_;
  Elaboration& model_;
  const Sources& sources_;
  Scope config_, sizes_, body_;
  Evaluator evaluator_;
};

}  // namespace

Value Evaluator::ConstructBlock(const FunctionName& name, const ast::Call& call, bool has_config, Span name_span,
                                Span span) {
  const ast::Function& function = *name.function;
  std::optional<std::vector<Value>> config =
      BindConfig(function, has_config ? &call : nullptr, name_span, *this, *name.file);
  if (model_ == nullptr || is_size_) {
    context_.diagnostics.Report(kinds::LayerOutsideModel, span, function.name.text);
    return FailedAt(span);
  }
  if (const Value* made = MadeBefore(call)) return {made->data, span, ""};
  if (!config || context_.program.recursive.contains(&function) || !CountUnrolled(1, name_span)) return FailedAt(span);
  model_->blocks.push_back({name, std::move(*config), name_span});
  const Value value{Block{static_cast<int>(model_->blocks.size()) - 1}, span, ""};
  RememberMade(call, value);
  return value;
}

const Value* Evaluator::MadeBefore(const ast::Call& call) {
  BlockInstance* const instance = model_->instance;
  if (instance == nullptr) return nullptr;
  const std::vector<Value>& made = instance->made[&call];
  size_t& used = instance->used[&call];
  return used < made.size() ? &made[used++] : nullptr;
}

void Evaluator::RememberMade(const ast::Call& call, const Value& value) {
  if (model_->instance == nullptr) return;
  model_->instance->made[&call].push_back(value);
  ++model_->instance->used[&call];
}

bool Evaluator::CheckSharedArguments(const NetworkLayer& layer, const BoundArguments& bound, Span name) {
  if (!bound.is_usable) return false;
  for (const Param& param : layer.def->params) {
    if (param.type == ParamType::Training || param.name == "name") continue;
    const std::string first = ToString(layer.args.Get(param.name));
    const std::string now = ToString(bound.args.Get(param.name));
    if (first == now) continue;
    const Span span = bound.args.Given(param.name) ? bound.args.SpanOf(param.name) : name;
    context_.diagnostics.Report(kinds::SharedLayerArgument, span, param.name, layer.name, first, now)
        .Help(
            "its weights are shared by all uses of this one instance; write the block's call again, as a second "
            "instance, for weights of its own");
    return false;
  }
  return true;
}

Value Evaluator::ApplyBlock(int index, const std::vector<Value>& operands, const Site& site) {
  BlockInstance& instance = model_->blocks[static_cast<size_t>(index)];
  const ast::Function& function = *instance.name.function;
  if (operands.size() != function.inputs.size()) {
    std::string takes;
    for (const ast::TensorParam& input : function.inputs) takes += (takes.empty() ? "" : ", ") + input.name.text;
    return ReportTensorCount(function.name.text, Count(function.inputs.size(), "tensor"), operands, site,
                             "it is declared as `" + function.name.text + "(" + takes + ")`");
  }
  if (!CountUnrolled(1, site.name)) return FailedAt(site.call);
  context_.program.applied.insert(&function);
  return Application(instance, operands, site, *model_, context_.sources).Run();
}

bool Evaluator::FillName(BoundArguments& bound) {
  if (!bound.name) return true;
  std::string name;
  bool has_variable = false;
  const std::string& written = *bound.name;
  for (size_t at = 0; at < written.size();) {
    const size_t open = written.find('{', at);
    const size_t close = written.find('}', open == std::string::npos ? written.size() : open);
    if (close == std::string::npos) {
      name += written.substr(at);
      break;
    }
    name += written.substr(at, open - at);
    const std::string variable = written.substr(open + 1, close - open - 1);
    at = close + 1;
    Binding* binding = scope_.Find(variable);
    const std::optional<ConfigValue> value = binding == nullptr ? std::nullopt : ToConfig(binding->value);
    if (binding != nullptr && binding->value.IsFailed()) return false;
    if (!value || (value->AsString() == nullptr && !(value->AsDim() != nullptr && value->AsDim()->Constant()))) {
      context_.diagnostics.Report(kinds::LayerNameForm, bound.name_span, written,
                                  "holds " + Quoted("{" + variable + "}") + ", but `" + variable +
                                      "` is no integer or string known at compile time");
      return false;
    }
    binding->is_used = true;
    name += value->AsString() != nullptr ? *value->AsString() : value->AsDim()->ToString();
    has_variable |= repeat_ != nullptr && repeat_->variable && repeat_->variable->text == variable;
  }
  if (repeat_ != nullptr && !has_variable) {
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::RepeatedLayerName, bound.name_span, written);
    const Span quote{bound.name_span.file, bound.name_span.end - 1, bound.name_span.end - 1};
    const std::string variable = repeat_->variable ? repeat_->variable->text : "i";
    std::vector<Edit> edits = {{quote, "_{" + variable + "}"}};
    if (!repeat_->variable) {
      const Span count = repeat_->count->span;
      edits.insert(edits.begin(), {{count.file, count.end, count.end}, " as " + variable});
    }
    const bool is_literal =
        context_.sources.Text(bound.name_span).ends_with(written + context_.sources.Text(bound.name_span).back());
    diagnostic.Help("number it: `name=\"" + written + "_{" + variable + "}\"`" +
                        (repeat_->variable ? "" : ", in a `repeat ... as " + variable + "`"),
                    is_literal ? Applicability::MaybeIncorrect : Applicability::HasPlaceholders,
                    is_literal ? std::move(edits) : std::vector<Edit>());
    return false;
  }
  bound.name = name;
  return true;
}

Value Evaluator::Rename(const ast::Call& call, std::vector<Value> operands, const Site& site) {
  std::vector<const ast::Argument*> names;
  for (const ast::Argument& argument : call.arguments) {
    if (argument.keyword) {
      names.push_back(&argument);
    } else {
      operands.push_back(Evaluate(*argument.value));
    }
  }
  if (!RequireTensors(operands)) return FailedAt(site.call);
  if (operands.size() != 1 || names.empty()) {
    context_.diagnostics.Report(kinds::FunctionArguments, call.parentheses, "rename",
                                "one tensor and the new names of its axes, as in `rename(x, time=steps)`");
    return FailedAt(site.call);
  }
  const int value = operands.front().As<Tensor>()->index;
  if (model_->TaintOf(value) == Elaboration::Taint::Wrong) return FailedAt(site.call);
  const Shape& shape = model_->TypeOf(value).shape;
  Shape renamed = shape;
  bool is_failed = false;
  for (const ast::Argument* argument : names) {
    const std::optional<size_t> position = FindAxis(shape, argument->keyword->text);
    const auto* name = argument->value->As<ast::NameRef>();
    const auto* text = argument->value->As<ast::StringLiteral>();
    if (!position) {
      ReportUnknownAxis(argument->keyword->span, argument->keyword->text, operands.front());
      is_failed = true;
    } else if (name == nullptr && text == nullptr) {
      context_.diagnostics.Report(kinds::FunctionArguments, argument->value->span, "rename",
                                  "a bare name for the axis, as in `rename(x, time=steps)`");
      is_failed = true;
    } else {
      renamed[*position].name = name != nullptr ? name->name : text->value;
      renamed[*position].provisional = false;
    }
  }
  for (size_t i = 0; i < renamed.size() && !is_failed; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (renamed[i].name.empty() || renamed[i].name != renamed[j].name) continue;
      context_.diagnostics.Report(kinds::DuplicateAxis, site.call, renamed[i].name)
          .Primary("would be " + Quoted(ToString(renamed)));
      is_failed = true;
    }
  }
  if (is_failed) return FailedAt(site.call);
  return {Tensor{model_->AddRenamed(value, std::move(renamed), site)}, site.call, ""};
}

}  // namespace strata::check
