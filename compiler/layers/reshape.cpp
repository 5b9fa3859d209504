#include "compiler/layers/reshape.h"

#include <algorithm>
#include <cstdlib>

#include "compiler/layers/functions.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"

namespace strata::layers {
namespace {

// The layer takes `target_shape` without the batch axis, the function `newshape` with it.
bool IsFunction(const Args& args) { return args.def().form == LayerDef::Form::Function; }
std::string_view TargetName(const Args& args) { return IsFunction(args) ? "newshape" : "target_shape"; }

// The entries as written, without the batch axis.
std::vector<ConfigValue> EntriesOf(const Args& args) {
  const std::vector<ConfigValue>& entries = args.List(TargetName(args));
  return {entries.begin() + (IsFunction(args) && !entries.empty() ? 1 : 0), entries.end()};
}

Shape TargetOf(const Args& args) {
  Shape target;
  for (const ConfigValue& entry : EntriesOf(args)) target.push_back({.name = entry.axis, .size = *entry.AsDim()});
  return target;
}

// The number of elements.
std::string CountText(const Shape& shape) {
  const Dim count = ElementCount(shape);
  return count.IsOverflow() ? "2**63 or more" : count.ToString();
}

// `50 * 50 * 64 = 160000`, or `100` where there is nothing to multiply.
std::string Product(const Shape& shape) {
  if (shape.size() < 2) return CountText(shape);
  std::string text;
  for (const Axis& axis : shape) {
    if (!text.empty()) text += " * ";
    text += axis.size.ToString();
  }
  return text + " = " + CountText(shape);
}

// ---- Mistakes in the target alone ----

bool CheckNames(InferContext& context, const Shape& target) {
  for (size_t i = 0; i < target.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (target[i].name.empty() || target[i].name != target[j].name) continue;
      const std::vector<ConfigValue> written = EntriesOf(context.args);
      context.diagnostics.Report(kinds::RepeatedAxisName, written[i].axis_span, target[i].name, ToString(target))
          .Primary("named again")
          .Label(written[j].axis_span, "named here first");
      return false;
    }
  }
  return true;
}

bool CheckSizes(InferContext& context, const Shape& target) {
  const std::vector<ConfigValue> written = EntriesOf(context.args);
  bool has_open = false;
  for (size_t i = 0; i < target.size(); ++i) {
    const std::optional<int64_t> size = target[i].size.Constant();
    if (!size || *size > 0) continue;
    if (*size != -1) {
      context.diagnostics.Report(kinds::SizeNotPositive, written[i].span, ToString(target), *size)
          .Primary("sizes are positive; -1 stands for the size that is left");
      return false;
    }
    if (has_open) {
      context.diagnostics.Report(kinds::TwoOpenSizes, written[i].span, ToString(target))
          .Primary("the second -1")
          .Note("one size can be computed from the others, two cannot");
      return false;
    }
    has_open = true;
  }
  return true;
}

// ---- The target against the input ----

// The divisor of `count` nearest to `wished`, if there is one not far from it.
std::optional<int64_t> NearestDivisor(int64_t count, int64_t wished) {
  constexpr int64_t kFarthest = 4096;
  for (int64_t distance = 0; distance < kFarthest; ++distance) {
    for (const int64_t candidate : {wished - distance, wished + distance}) {
      if (candidate > 0 && count % candidate == 0) return candidate;
    }
  }
  return std::nullopt;
}

// The target with one size changed so that it holds `count` elements, the last one where that works; everything along
// one axis otherwise.
Shape Fitting(const Shape& target, int64_t count) {
  const bool is_open = std::ranges::any_of(target, [](const Axis& axis) { return axis.size.Is(-1); });
  for (size_t i = target.size(); i-- > 0;) {
    if (target[i].size.Is(-1)) continue;
    Shape rest = target;
    rest[i].size = 1;
    const std::optional<int64_t> product = ElementCount(rest).Constant();
    const int64_t others = product ? std::abs(*product) : 0;
    if (others == 0 || count % others != 0) continue;
    const std::optional<int64_t> wished = target[i].size.Constant();
    const std::optional<int64_t> size =
        is_open && wished ? NearestDivisor(count / others, *wished) : std::optional(count / others);
    if (!size) continue;
    rest[i].size = *size;
    return rest;
  }
  return {{.size = count}};
}

void OfferFitting(InferContext& context, Diagnostic& diagnostic, const Shape& source, const Shape& target) {
  diagnostic.Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`")
      .Note("without the batch axis the input has " + Product(source) + " elements");
  const std::optional<int64_t> count = ElementCount(source).Constant();
  if (!count) {
    Shape others = target;
    std::erase_if(others, [](const Axis& axis) { return axis.size.Is(-1); });
    const Dim difference = others.size() == target.size() ? ElementCount(source) - ElementCount(others)
                                                          : Modulo(ElementCount(source), ElementCount(others));
    context.OfferWhere(diagnostic, {{difference, Relation::Equal, 0}});
    return;
  }
  Shape fitting_shape = Fitting(target, *count);
  if (IsFunction(context.args)) fitting_shape.insert(fitting_shape.begin(), context.input().shape.front());
  const std::string fitting = ToString(fitting_shape);
  diagnostic.Help("`" + fitting + "` fits", Applicability::MaybeIncorrect,
                  SetArgument(context, TargetName(context.args), fitting));
}

// The target begins with the size of the batch, and is right without it.
bool CountsBatch(const InferContext& context, const Shape& source, const Shape& target) {
  return !IsFunction(context.args) && target.size() > 1 && target.front().size == context.input().shape.front().size &&
         context.AreEqual(ElementCount(source), ElementCount(Shape(target.begin() + 1, target.end())));
}

void ReportElements(InferContext& context, const Shape& source, const Shape& target) {
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::ReshapeElements, ArgumentSpan(context, TargetName(context.args)),
                                 CountText(source), ToString(target), CountText(target));
  diagnostic.Primary(Product(target));
  if (CountsBatch(context, source, target)) {
    const std::string rest = ToString(Shape(target.begin() + 1, target.end()));
    diagnostic.Help("the batch is not counted: `" + rest + "`", Applicability::MaybeIncorrect,
                    SetArgument(context, "target_shape", rest));
    return;
  }
  OfferFitting(context, diagnostic, source, target);
}

void ReportRemainder(InferContext& context, const Shape& source, const Shape& others, const Shape& target) {
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::ReshapeRemainder, ArgumentSpan(context, TargetName(context.args)),
                                 CountText(source), CountText(others), ToString(target));
  diagnostic.Primary("the sizes beside -1: " + Product(others));
  OfferFitting(context, diagnostic, source, target);
}

Shape WithoutSizes(Shape shape) {
  for (Axis& axis : shape) axis.size = Dim::Unknown();
  return shape;
}

// The target with its -1 replaced, its sizes unknown where they cannot be told.
Shape Resolve(InferContext& context, const Shape& source, Shape target) {
  const auto open = std::ranges::find_if(target, [](const Axis& axis) { return axis.size.Is(-1); });
  Shape others = target;
  if (open != target.end()) others.erase(others.begin() + (open - target.begin()));
  const Dim count = ElementCount(source);
  const Dim rest = ElementCount(others);
  const bool is_open = open != target.end();
  if (!count.IsKnown() || rest.IsUnknown()) {
    if (is_open) open->size = Dim::Unknown();
    return target;
  }
  if (!is_open && context.AreEqual(count, rest)) return target;
  if (is_open && context.AreEqual(Modulo(count, rest), 0)) {
    open->size = FloorDivide(count, rest);
    return target;
  }
  if (is_open) {
    ReportRemainder(context, source, others, target);
  } else {
    ReportElements(context, source, target);
  }
  return WithoutSizes(std::move(target));  // any of them may be the mistake
}

// The first size of `newshape` is that of the batch: -1, or its symbol.
bool CheckBatch(InferContext& context) {
  const std::vector<ConfigValue>& entries = context.args.List("newshape");
  const Axis& batch = context.input().shape.front();
  if (!entries.empty() && (entries.front().AsDim()->Is(-1) || context.AreEqual(*entries.front().AsDim(), batch.size))) {
    return true;
  }
  const Span span = entries.empty() ? ArgumentSpan(context, "newshape") : entries.front().span;
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::ReshapeBatch, span, Written(context.args.Get("newshape")),
                                                      batch.size.ToString());
  diagnostic.Primary("the size of the batch comes first, as -1 or `" + batch.size.ToString() + "`")
      .Label(context.inputs.front().span, "this is `" + ToString(context.input().shape) + "`");
  if (!entries.empty()) {
    diagnostic.Help("write -1 before it", Applicability::MaybeIncorrect,
                    {{{span.file, span.begin, span.begin}, "-1, "}});
  }
  return false;
}

std::vector<TensorType> Infer(InferContext& context) {
  const Shape& shape = context.input().shape;
  if (IsFunction(context.args) && !CheckBatch(context)) return {context.input()};
  Shape target = TargetOf(context.args);
  if (CheckNames(context, target) && CheckSizes(context, target)) {
    target = Resolve(context, Shape(shape.begin() + 1, shape.end()), std::move(target));
  } else {
    target = WithoutSizes(std::move(target));
  }
  for (Axis& axis : target) axis.deliberate_one = axis.size.Is(1);
  target.insert(target.begin(), shape.front());
  return {{.dtype = context.input().dtype, .shape = std::move(target)}};
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  return {context.builder.Reshape(context.input(), Sizes(context.output_types.front().shape))};
}

}  // namespace

LayerDef ReshapeFunction() {
  return {
      .name = "Reshape",
      .summary = "The same elements in the same order under other axes.",
      .form = LayerDef::Form::Function,
      .function_name = "reshape",
      .params =
          {{.name = "x", .type = ParamType::Tensor, .doc = "The tensor."},
           {.name = "newshape",
            .type = ParamType::Shape,
            .doc = "All sizes, that of the batch first (-1 or its symbol); one of the others may be -1 too, and each "
                   "may have a name: `[batch, height: 7, width: -1]`."}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 24]"},
                    .call = "reshape(x0, (-1, 4, 6))",
                    .output = "f32[batch, 4, 6]"},
                   {.inputs = {"u8[batch, height: 4, width: 6]"},
                    .call = "reshape(x0, [batch, features: -1])",
                    .output = "u8[batch, features: 24]"}},
  };
}

LayerDef Reshape() {
  return {
      .name = "Reshape",
      .summary = "The same elements in the same order under other axes.",
      .params =
          {{.name = "target_shape",
            .type = ParamType::Shape,
            .doc = "Sizes without the batch axis; one may be -1, and each may have a name: `[height: 7, width: -1]`."}},
      .infer = Infer,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, features: 24]"},
                    .call = "Reshape((2, 3, 4))",
                    .output = "f32[batch, 2, 3, 4]"},
                   {.inputs = {"f32[batch, features: 24]"},
                    .call = "Reshape([height: 2, width: -1, channels: 3])",
                    .output = "f32[batch, height: 2, width: 4, channels: 3]"},
                   {.inputs = {"f32[batch, height: 4, width: 5, channels: 3]"},
                    .call = "Reshape((-1,))",
                    .output = "f32[batch, 60]"}},
      .axes_note = "keeps the batch axis by itself",
  };
}

}  // namespace strata::layers

namespace strata {

namespace {

bool IsReshape(const OperandPast::Maker& layer) { return layer.args->def().name == "Reshape"; }

}  // namespace

bool OfferWithoutBatch(Diagnostic& diagnostic, const OperandPast::Maker& layer) {
  if (!IsReshape(layer) || layers::IsFunction(*layer.args)) return false;
  Shape target = layers::TargetOf(*layer.args);
  if (target.size() < 2 || !(target.front().size.Is(-1) || target.front().size.Is(1))) return false;
  target.erase(target.begin());
  const std::string rest = ToString(target);
  diagnostic.Help("the batch is not counted: `Reshape(" + rest + ")`", Applicability::MaybeIncorrect,
                  SetArgument(layer, "target_shape", rest));
  return true;
}

std::vector<Edit> NameReshaped(const OperandPast::Maker& layer, const Shape& shape) {
  if (!IsReshape(layer) || layers::IsFunction(*layer.args)) return {};
  return SetArgument(layer, "target_shape", ToString(Shape(shape.begin() + 1, shape.end())));
}

}  // namespace strata
