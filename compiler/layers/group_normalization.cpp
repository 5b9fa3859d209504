#include <numeric>

#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

// With -1 each channel is a group.
int64_t GroupsOf(const Args& args, int64_t channels) {
  const int64_t groups = args.Int("groups");
  return groups == -1 ? channels : groups;
}

void CheckGroups(InferContext& context, size_t axis) {
  const Shape& shape = context.input().shape;
  const int64_t groups = context.args.Int("groups");
  const Dim& size = shape[axis].size;
  if (groups < 1 && groups != -1) {
    context.diagnostics
        .Report(kinds::ArgumentTooSmall, ArgumentSpan(context, "groups"), "groups", context.class_name, groups, 1)
        .Help("`groups=-1` makes a group of each channel", Applicability::MaybeIncorrect,
              SetArgument(context, "groups", "-1"));
    return;
  }
  if (!size.IsKnown()) return;
  const std::optional<int64_t> channels = size.Constant();
  if (!channels) {
    context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, axis), size.ToString())
        .Primary("makes groups of them, so their number must be a constant")
        .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
        .Help("name an axis of constant size, as in `axis=channels`");
    return;
  }
  if (groups == -1 || *channels % groups == 0) return;
  std::vector<std::string> divisors;
  for (int64_t divisor = 1; divisor <= *channels && divisor <= 64; ++divisor) {
    if (*channels % divisor == 0) divisors.push_back(std::to_string(divisor));
  }
  const std::string& name = shape[axis].name;
  const bool is_role = name == "channels" || name == "features";
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::GroupsDoNotDivide, ArgumentSpan(context, "groups"), groups, *channels,
                                 is_role ? name : "elements of " + AxisText(shape, axis));
  if (!context.args.Given("groups")) diagnostic.Primary("the default is `groups=32`");
  diagnostic.Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("groups of equal size: " + Enumerate(divisors) + ", or -1, a group for each",
            Applicability::HasPlaceholders);
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  if (const std::optional<size_t> axis = RequireAxis(context, 0, context.args.Get("axis"))) {
    LintDefaultAxis(context);
    CheckGroups(context, *axis);
  }
  return {{.dtype = DType::F32, .shape = context.input().shape}};
}

size_t AxisOf(const Args& args, const Shape& shape) {
  const std::optional<size_t> axis = FindAxis(shape, args.Get("axis"));
  STRATA_CHECK(axis.has_value());
  return *axis;
}

// A vector that is there if the argument of this name is True.
auto VectorIf(std::string_view argument) {
  return [argument](const Args& args, const std::vector<TensorType>& inputs) -> std::optional<Shape> {
    if (!args.Bool(argument)) return std::nullopt;
    const Shape& shape = inputs.front().shape;
    return Shape{{.name = "channels", .size = shape[AxisOf(args, shape)].size}};
  };
}

// (x - mean) * rsqrt(variance + epsilon) * gamma + beta, with the mean and the variance of each group of a sample: of its
// channels and of all other axes.
std::vector<core::ValueId> Expand(ExpandContext& context) {
  core::Builder& builder = context.builder;
  const core::Extents extents = builder.ExtentsOf(context.input());
  const size_t axis = AxisOf(context.args, context.input_type().shape);
  const int64_t channels = *extents[axis].Constant();
  const int64_t groups = GroupsOf(context.args, channels);

  core::Extents grouped = extents;
  grouped[axis] = channels / groups;
  grouped.insert(grouped.begin() + static_cast<std::ptrdiff_t>(axis), groups);
  std::vector<int> all(grouped.size());
  std::iota(all.begin(), all.end(), 0);
  const int group_axis = static_cast<int>(axis);
  const std::vector<int> kept = {0, group_axis};
  std::vector<int> reduced;
  for (const int k : all) {
    if (k != 0 && k != group_axis) reduced.push_back(k);
  }

  const core::ValueId input = builder.Reshape(context.input(), grouped);
  const core::ValueId mean = builder.Reduce(input, core::Reduce::Kind::Mean, reduced);
  core::MapBuilder difference;
  const core::Expr x = difference.Operand(0);
  const core::ValueId centered = builder.Map({input, mean}, {all, kept}, all.size(), x - difference.Operand(1));
  core::MapBuilder product;
  const core::Expr distance = product.Operand(0);
  const core::ValueId variance =
      builder.Reduce(builder.Map({centered}, distance * distance), core::Reduce::Kind::Mean, reduced);

  core::MapBuilder map;
  std::vector<core::ValueId> operands = {centered, variance};
  std::vector<std::vector<int>> along = {all, kept};
  const auto weight = [&](core::ValueId value) {
    operands.push_back(builder.Reshape(value, {groups, channels / groups}));
    along.push_back({group_axis, group_axis + 1});
    return map.Operand(static_cast<int>(operands.size()) - 1);
  };
  const core::Expr scatter = map.Operand(1) + context.args.Float("epsilon");
  core::Expr y = map.Operand(0) * Apply(core::Map::Function::Rsqrt, scatter);
  if (const auto gamma = context.weight("gamma")) y = y * weight(*gamma);
  if (const auto beta = context.weight("beta")) y = y + weight(*beta);
  return {builder.Reshape(builder.Map(operands, along, all.size(), y), extents)};
}

}  // namespace

LayerDef GroupNormalization() {
  return {
      .name = "GroupNormalization",
      .summary = "Brings each group of channels of a sample to a mean of 0 and a variance of 1.",
      .params = {{.name = "groups",
                  .doc = "Number of groups; -1: each channel is one.",
                  .default_value = Value(32),
                  .min = -1},
                 {.name = "axis",
                  .type = ParamType::Axis,
                  .doc = "The axis of the channels, by name or position.",
                  .default_value = Value(-1)},
                 Epsilon(),
                 Center(),
                 Scale(),
                 Training("beta_initializer", Value("zeros")),
                 Training("gamma_initializer", Value("ones")),
                 Training("beta_regularizer"),
                 Training("gamma_regularizer"),
                 Training("beta_constraint"),
                 Training("gamma_constraint")},
      .infer = Infer,
      .mask = Mask::Pass(),
      .weights = {{.name = "gamma", .doc = "Scale.", .initializer = "ones", .shape = VectorIf("scale")},
                  {.name = "beta", .doc = "Offset.", .initializer = "zeros", .shape = VectorIf("center")}},
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, height: 3, width: 4, channels: 6]"},
                    .call = "GroupNormalization(3)",
                    .output = "f32[batch, height: 3, width: 4, channels: 6]"},
                   {.inputs = {"f32[batch, channels: 6, height: 3, width: 4]"},
                    .call = "GroupNormalization(groups=2, axis=channels, epsilon=0.01)",
                    .output = "f32[batch, channels: 6, height: 3, width: 4]"},
                   {.inputs = {"f32[batch, time: 4, features: 5]"},
                    .call = "GroupNormalization(-1, center=False, scale=False)",
                    .output = "f32[batch, time: 4, features: 5]"}},
  };
}

}  // namespace strata::layers
