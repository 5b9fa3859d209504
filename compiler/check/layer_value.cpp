// Values where a layer is expected: as a step, and as an argument of another layer.
#include "compiler/check/evaluate.h"
#include "compiler/source/catalogue.h"

namespace strata::check {

std::shared_ptr<const LayerArg> Evaluator::ToLayerArg(const Value& value, const Param& param,
                                                      std::string_view class_name) {
  const Layer* instance = value.As<Layer>();
  if (instance == nullptr) {
    if (value.As<LayerClass>() != nullptr) {
      ReportNotALayer(value, value.span);
    } else if (!value.IsFailed()) {
      const bool is_chain = value.As<std::shared_ptr<const Composition>>() != nullptr;
      context_.diagnostics.Report(kinds::ArgumentType, value.span, param.name, class_name,
                                  is_chain ? "a chain of layers" : Describe(value), "a layer, as in `Dense(3)`,");
    }
    return nullptr;
  }
  const NetworkLayer& layer = model_->network.layers[static_cast<size_t>(instance->index)];
  Elaboration::LayerState& state = model_->layer_states[static_cast<size_t>(instance->index)];
  if (!state.is_usable) return nullptr;
  if (state.wrapped_at.IsValid()) {
    ReportWrapped(layer.name, value.span, "an argument again", state.wrapped_at);
    return nullptr;
  }
  if (state.first_node >= 0) {
    ReportWrapped(layer.name, model_->SiteOfNode(state.first_node).name, "applied here", value.span);
    return nullptr;
  }
  state.wrapped_at = value.span;
  return std::make_shared<const LayerArg>(
      LayerArg{layer.def, layer.args, layer.name, layer.name_span, layer.call_span});
}

// A layer that another one holds is that one's alone: applied beside it, its weights would have two names.
void Evaluator::ReportWrapped(const std::string& name, Span span, const std::string& primary, Span wrapped) {
  context_.diagnostics.Report(kinds::LayerWrapped, span, name)
      .Primary(primary)
      .Label(wrapped, "it is an argument here")
      .Help("make a layer for each");
}

Value Evaluator::ReportNotALayer(const Value& value, Span span) {
  const LayerClass* layer = value.As<LayerClass>();
  const FunctionName* block = value.As<FunctionName>();
  if (layer != nullptr || block != nullptr) {
    const std::string name(layer != nullptr ? layer->def->name : block->function->name.text);
    Diagnostic& diagnostic = context_.diagnostics.Report(kinds::LayerWithoutParentheses, span, name,
                                                         layer != nullptr ? "the class of a layer" : Describe(value));
    bool has_required = false;
    if (layer != nullptr) {
      for (const Param& param : layer->def->params) has_required |= !param.default_value.has_value();
    } else {
      for (const ast::ConfigParam& param : block->function->config) has_required |= param.default_value == nullptr;
    }
    const Span end{span.file, span.end, span.end};
    if (has_required) {
      diagnostic.Help("give its arguments: `" + name + "(...)`", Applicability::HasPlaceholders, {{end, "(...)"}});
    } else {
      diagnostic.Help("write `" + name + "()`", Applicability::MachineApplicable, {{end, "()"}});
    }
  } else if (!value.IsFailed()) {
    context_.diagnostics.Report(kinds::NotALayer, span, Quoted(context_.sources.Text(span)),
                                DescribeBeside(context_.sources.Text(span), value));
  }
  return FailedAt(span);
}

}  // namespace strata::check
