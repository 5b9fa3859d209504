// Random graphs: what Optimize gives means the same, and has the forms that optimize.h promises.
#include <algorithm>

#include "tests/unit/optimize/optimizing.h"

namespace strata::optimize {
namespace {

using core::Extents;
using core::Graph;
using core::Operation;
using core::ValueId;

// ---- The promised forms ----

void CheckAnchorBody(const Graph& body) {
  ASSERT_EQ(body.operations.size(), body.inputs.size() + 2);
  const Operation& anchor = body.operations[body.inputs.size()];
  const Operation& map = body.operations.back();
  for (size_t i = 0; i < anchor.operands.size(); ++i) EXPECT_EQ(anchor.operands[i], body.inputs[i]);
  ASSERT_TRUE(std::holds_alternative<core::Map>(map.op));
  ASSERT_FALSE(map.operands.empty());
  EXPECT_EQ(map.operands[0], anchor.Result());
  EXPECT_EQ(body.Get(anchor.Result()).extents, body.Get(map.Result()).extents);
  for (size_t i = 1; i < map.operands.size(); ++i) {
    EXPECT_TRUE(std::holds_alternative<core::Input>(body.Producer(map.operands[i]).op));
  }
}

void CheckRowsBody(const Graph& body) {
  const Operation* first = nullptr;
  for (const Operation& operation : body.operations) {
    const auto* reduce = std::get_if<core::Reduce>(&operation.op);
    if (reduce != nullptr && first == nullptr) first = &operation;
  }
  ASSERT_NE(first, nullptr);
  EXPECT_GE(body.operations.size(), body.inputs.size() + 2);
  const Extents& full = body.Get(first->operands[0]).extents;
  const Extents& row = body.Get(first->Result()).extents;
  const std::vector<int>& axes = std::get<core::Reduce>(first->op).axes;
  std::vector<int> kept;
  for (int axis = 0; axis < static_cast<int>(full.size()); ++axis) {
    if (std::ranges::find(axes, axis) == axes.end()) kept.push_back(axis);
  }
  for (const Operation& operation : body.operations) {
    if (std::holds_alternative<core::Input>(operation.op)) continue;
    if (const auto* reduce = std::get_if<core::Reduce>(&operation.op)) {
      EXPECT_EQ(reduce->axes, axes);
      EXPECT_EQ(body.Get(operation.operands[0]).extents, full);
      EXPECT_FALSE(std::holds_alternative<core::Reduce>(body.Producer(operation.operands[0]).op));
      continue;
    }
    const auto* map = std::get_if<core::Map>(&operation.op);
    ASSERT_NE(map, nullptr);
    const Extents& result = body.Get(operation.Result()).extents;
    EXPECT_TRUE(result == full || result == row);
    for (size_t i = 0; i < operation.operands.size(); ++i) {
      if (std::holds_alternative<core::Input>(body.Producer(operation.operands[i]).op)) continue;
      const Extents& read = body.Get(operation.operands[i]).extents;
      EXPECT_TRUE(read == result || (read == row && map->axes[i] == kept));
    }
  }
}

void CheckForms(const Graph& graph) {
  for (const Operation& operation : graph.operations) {
    EXPECT_FALSE(std::holds_alternative<core::Weight>(operation.op));
    if (const auto* window = std::get_if<core::Window>(&operation.op)) {
      EXPECT_EQ(window->axes.back().size, 1);
      EXPECT_EQ(window->axes.back().stride, 1);
    }
    if (const auto* scan = std::get_if<core::Scan>(&operation.op)) {
      CheckForms(*scan->body);
      for (size_t i = static_cast<size_t>(scan->carries + scan->sequences); i < operation.operands.size(); ++i) {
        EXPECT_EQ(graph.ProducerAs<core::Constant>(operation.operands[i]), nullptr);
      }
    }
    const auto* group = std::get_if<core::Group>(&operation.op);
    if (group == nullptr) continue;
    const Graph& body = *group->body;
    std::vector<ValueId> operands = operation.operands;
    std::ranges::sort(operands);
    EXPECT_EQ(std::ranges::adjacent_find(operands), operands.end());
    ASSERT_EQ(body.outputs.size(), 1u);
    EXPECT_EQ(body.outputs[0], body.operations.back().Result());
    for (size_t i = 0; i < body.inputs.size(); ++i) {
      EXPECT_TRUE(std::holds_alternative<core::Input>(body.operations[i].op));
      EXPECT_EQ(body.operations[i].Result(), body.inputs[i]);
    }
    if (Count<core::Reduce>(body) == 0) {
      CheckAnchorBody(body);
    } else {
      CheckRowsBody(body);
    }
  }
}

// ---- Random graphs ----

class RandomModel {
 public:
  explicit RandomModel(unsigned seed) : model_(seed), random_(seed) {
    for (DType dtype :
         {DType::F32, DType::F16, DType::BF16, DType::I8, DType::U8, DType::I32, DType::I64, DType::Bool}) {
      if (Pick(0, 2) > 0) typed_.push_back(model_.b.Input({kBatch, kTime, 4}, dtype));
    }
    if (typed_.empty()) typed_.push_back(model_.b.Input({kBatch, kTime, 4}, DType::I32));
    images_ = {model_.b.Input({kBatch, 4, 5, 3}), model_.b.Input({kBatch, 3, 4, 5})};
    rows_ = {model_.b.Input({kBatch, 6})};
    const int steps = Pick(3, 14);
    for (int i = 0; i < steps; ++i) Step();
    for (int i = 0; i < steps; ++i) StepTyped();
    model_.graph.outputs = {images_.back(), rows_.back(), typed_.back(), Any(typed_)};
    for (ValueId end : ends_) model_.graph.outputs.push_back(end);
    if (Pick(0, 1) == 0) model_.b.Guard({.value = kTime - 1, .test = core::Guard::Test::NotNegative, .text = "short"});
    if (Pick(0, 2) == 0) model_.graph.outputs.push_back(Any(images_));
    if (Pick(0, 2) == 0) model_.graph.outputs.push_back(Any(rows_));
  }

  Model& model() { return model_; }

 private:
  int Pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  // Late ones are likelier.
  ValueId Any(const std::vector<ValueId>& values) {
    const int count = static_cast<int>(values.size());
    return values[static_cast<size_t>(std::max(Pick(0, count - 1), Pick(0, count - 1)))];
  }
  std::string Name() { return "layer" + std::to_string(count_++); }
  int64_t Size(ValueId value, int axis) {
    return model_.b.ExtentsOf(value)[static_cast<size_t>(axis)].Constant().value_or(2);
  }
  // Another value of the same extents.
  ValueId Like(ValueId value, const std::vector<ValueId>& values) {
    std::vector<ValueId> like;
    for (ValueId other : values) {
      if (model_.b.ExtentsOf(other) == model_.b.ExtentsOf(value)) like.push_back(other);
    }
    return Any(like);
  }
  ValueId Kernel(const std::vector<int64_t>& sizes) {
    // At times a kernel that there is: a shared layer.
    for (const auto& [kernel, old] : kernels_) {
      if (old == sizes && Pick(0, 1) == 0) return kernel;
    }
    kernels_.emplace_back(model_.Weight(Name(), sizes), sizes);
    return kernels_.back().first;
  }

  ValueId Convolution(ValueId x) {
    const int64_t channels = Size(x, 3);
    const bool depthwise = Pick(0, 2) == 0;
    core::Convolve op{.axes = {{}, {}}, .groups = depthwise ? channels : 1};
    for (core::Convolve::Axis& axis : op.axes) {
      axis = {.stride = Pick(1, 3) == 1 ? 2 : 1, .pad_low = Pick(0, 1), .pad_high = Pick(1, 2)};
    }
    const int64_t out = depthwise ? channels * Pick(1, 2) : Pick(1, 4);
    return model_.Conv(x, Kernel({Pick(1, 2), Pick(1, 2), depthwise ? 1 : channels, out}), op);
  }

  ValueId Pool(ValueId x) {
    core::Window op{.kind = Pick(0, 1) == 0 ? core::Window::Kind::Max : core::Window::Kind::Mean,
                    .axes = std::vector<core::Window::Axis>(4)};
    for (size_t axis = 1; axis < 4; ++axis) {
      if (Pick(0, 2) == 0 || Size(x, static_cast<int>(axis)) < 2) continue;
      op.axes[axis] = {.size = 2, .stride = Pick(1, 2), .pad_low = Pick(0, 1), .pad_high = Pick(0, 1)};
    }
    return model_.b.Window(x, op);
  }

  ValueId Elementwise(ValueId x) {
    core::MapBuilder map;
    const core::Expr e = map.Operand(0);
    switch (Pick(0, 4)) {
      case 0: return model_.b.Map({x}, Apply(core::Map::Function::Sigmoid, e));
      case 1: return model_.b.Map({x}, Apply(core::Map::Function::Tanh, 1 - e / 3));
      case 2: return model_.b.Map({x}, e * Apply(core::Map::Function::Sigmoid, e * 2));
      case 3: return model_.b.Map({x}, Select(Less(e, map.Constant(0)), e * 0.2, e));
      default: return model_.Relu(x);
    }
  }

  void StepImage() {
    ValueId x = Any(images_);
    // Sizes stay small and the numbers moderate.
    switch (Pick(0, 13)) {
      case 0: x = Convolution(x); break;
      case 1: x = model_.Bias(Convolution(x), model_.Weight(Name(), {1})); break;
      case 2: {
        x = Convolution(x);
        x = model_.BatchNormalization(model_.Bias(x, model_.Weight(Name(), {Size(x, 3)})), 3, Name());
        break;
      }
      case 3: x = model_.BatchNormalization(x, Pick(1, 3), Name()); break;
      case 4: x = model_.Relu(x); break;
      case 5: x = Elementwise(x); break;
      case 6: x = Pool(x); break;
      case 7: x = model_.Add(x, Like(x, images_)); break;
      case 8: x = model_.b.Transpose(x, {0, 2, 3, 1}); break;
      case 9: x = model_.b.Transpose(x, {0, 3, 1, 2}); break;
      case 10: x = model_.Softmax(x, Pick(1, 3)); break;
      case 11: x = model_.LayerNormalization(x, Pick(1, 3), Name()); break;
      case 12: {
        const int axis = Pick(1, 3);
        x = Size(x, axis) < 8 ? model_.b.Concat({x, Like(x, images_)}, axis) : model_.Relu(x);
        break;
      }
      case 13: {
        std::vector<Dim> low(4);
        low[static_cast<size_t>(Pick(1, 3))] = 1;
        x = model_.b.Pad(x, low, std::vector<Dim>(4), 0);
        break;
      }
    }
    images_.push_back(x);
  }

  void StepRows() {
    ValueId x = Any(rows_);
    switch (Pick(0, 7)) {
      case 0: x = model_.Dense(x, Kernel({Size(x, 1), 6})); break;
      case 1: x = model_.Bias(model_.Dense(x, Kernel({Size(x, 1), 6})), model_.Weight(Name(), {6})); break;
      case 2: x = Elementwise(x); break;
      case 3: x = model_.Softmax(x, 1); break;
      case 4: x = model_.LayerNormalization(x, 1, Name()); break;
      case 5: x = model_.Add(x, Like(x, rows_)); break;
      case 6: x = model_.BatchNormalization(x, 1, Name()); break;
      case 7: {  // Global pooling, or Flatten, of an image.
        const ValueId image = Any(images_);
        if (Pick(0, 1) == 0) {
          x = model_.b.Reduce(Elementwise(image), core::Reduce::Kind::Mean, {1, 2});
        } else {
          x = model_.b.Reshape(image, {kBatch, Size(image, 1) * Size(image, 2) * Size(image, 3)});
        }
        break;
      }
    }
    rows_.push_back(x);
  }

  // ---- Values of every type, of the extents [batch, time, 4] ----

  // Casts of f32 to other types do not occur: what folding constants rounds differently might end up on the other side
  // of a step.
  ValueId Casted(ValueId x) {
    const DType from = model_.b.TypeOf(x);
    if (from == DType::F32) return x;
    return model_.b.Cast(x, static_cast<DType>(Pick(0, 7)));
  }
  ValueId OfType(DType dtype) {
    std::vector<ValueId> like;
    for (ValueId value : typed_) {
      if (model_.b.TypeOf(value) == dtype) like.push_back(value);
    }
    if (!like.empty()) return Any(like);
    ValueId x = Any(typed_);
    return model_.b.TypeOf(x) == DType::F32 ? typed_[0] : model_.b.Cast(x, dtype);
  }
  // With another value in this order of its axes.
  ValueId Arithmetic(ValueId x, const std::vector<int>& order = {0, 1, 2}) {
    const DType type = model_.b.TypeOf(x);
    const ValueId other = OfType(type);
    if (model_.b.TypeOf(other) != type) return x;
    const ValueId y = model_.b.Transpose(other, order);
    core::MapBuilder map;
    const core::Expr a = map.Operand(0, type);
    const core::Expr b = map.Operand(1, type);
    if (type == DType::Bool) {
      switch (Pick(0, 3)) {
        case 0: return model_.b.Map({x, y}, And(a, Not(b)));
        case 1: return model_.b.Map({x, y}, Or(a, map.Constant(0, type)));
        case 2: return model_.b.Map({x, y}, Select(a, b, Not(b)));
        default: return model_.b.Map({x, y}, NotEqual(a, b));
      }
    }
    switch (Pick(0, 8)) {
      case 0: return model_.b.Map({x, y}, a + b);
      case 1: return model_.b.Map({x, y}, a * 0.0 - b);
      case 2: return model_.b.Map({x, y}, Maximum(a * 3.0, Minimum(a, b)));
      case 3: return type == DType::F32 ? x : model_.b.Map({x, y}, Select(LessEqual(a, b), a + 1.0, b));
      case 4: return IsFloat(type) ? x : model_.b.Map({x, y}, FloorDivide(a, b));
      case 5: return IsFloat(type) ? x : model_.b.Map({x, y}, Modulo(a, b) + map.Size(kTime, type));
      case 6: return model_.b.Map({x}, a - map.Index(Pick(0, 2), type));
      case 7:
        return IsFloat(type) ? model_.b.Map({x}, Apply(core::Map::Function::Sin, a))
                             : model_.b.Map({x}, Apply(core::Map::Function::Abs, -a));
      default: return type == DType::F32 ? x : model_.b.Map({x, y}, Less(a, b));
    }
  }
  ValueId Turned(ValueId x, const std::function<ValueId(ValueId)>& inner) {
    return model_.b.Transpose(inner(model_.b.Transpose(x, {0, 2, 1})), {0, 2, 1});
  }
  // Running sums of the sequence and of a table's row, through a Scan with a Constant among its invariants.
  ValueId Loop(ValueId x, bool reverse) {
    const DType type = model_.b.TypeOf(x);
    if (type == DType::Bool) return x;
    auto body = std::make_shared<Graph>();
    core::Builder b(*body);
    const ValueId carry = b.Input({kBatch, 4}, type);
    const ValueId step = b.Input({kBatch, 4}, type);
    const ValueId known = b.Input({4}, type);
    const ValueId unread = b.Input({kBatch, kTime, 4}, type);
    static_cast<void>(unread);
    core::MapBuilder map;
    const ValueId sum = b.Map({carry, step}, map.Operand(0, type) + map.Operand(1, type));
    core::MapBuilder more;
    body->outputs = {sum, b.Map({sum, known}, more.Operand(0, type) - more.Operand(1, type))};
    core::Literal literal{.sizes = {4}, .dtype = type};
    if (IsFloat(type)) {
      literal.data = {1, 2, 3, 4};
    } else {
      literal.integers = {1, 2, 3, 4};
    }
    const ValueId first = model_.b.Reshape(model_.b.Slice(x, {0, 0, 0}, {kBatch, 1, 4}, {1, 1, 1}), {kBatch, 4});
    const std::vector<ValueId> results = model_.b.Scan(
        {first, x, model_.b.Constant(literal), x},
        {.body = body, .carries = 1, .sequences = 1, .sequence_axes = {1}, .result_axes = {1}, .reverse = reverse});
    ends_.push_back(results[0]);
    return results[1];
  }
  ValueId Rows(ValueId x) {
    const DType type = model_.b.TypeOf(x);
    if (IsFloat(type) || type == DType::Bool) return x;
    core::MapBuilder map;
    const ValueId index = model_.b.Map({x}, Modulo(map.Operand(0, type), map.Constant(5, type)));
    return model_.b.Gather(model_.Constant({5}), index);
  }

  void StepTyped() {
    ValueId x = Any(typed_);
    const DType type = model_.b.TypeOf(x);
    switch (Pick(0, 11)) {
      case 0:
      case 1: x = Casted(x); break;
      case 2:
      case 3:
      case 4: x = Arithmetic(x); break;
      case 5: x = Turned(x, [&](ValueId y) { return Arithmetic(y, {0, 2, 1}); }); break;
      case 6:
        if (type == DType::Bool) break;
        x = Turned(x, [&](ValueId y) { return model_.b.Prefix(y, core::Prefix::Kind::Sum, Pick(0, 2)); });
        break;
      case 7: x = Loop(x, Pick(0, 1) == 0); break;
      case 8: x = Rows(x); break;
      case 9: {  // The last time // 2 + 1 steps, and before them as much padding.
        const Dim begin = FloorDivide(kTime - 1, 2);
        x = Turned(x, [&](ValueId y) {
          const ValueId part = model_.b.Slice(y, {0, 0, begin}, {kBatch, 4, kTime - begin}, {1, 1, 1});
          return model_.b.Pad(part, {0, 0, begin}, {0, 0, 0}, 1);
        });
        break;
      }
      case 10: {
        const int axis = Pick(1, 2);
        const ValueId turned = model_.b.Transpose(x, {0, 2, 1});
        const bool is_sum = Pick(0, 1) == 0 && type != DType::Bool;
        ends_.push_back(model_.b.Reduce(turned, is_sum ? core::Reduce::Kind::Sum : core::Reduce::Kind::Max, {axis}));
        // Not of f32, where what is rounded differently might make another one the largest.
        if (type != DType::F32) ends_.push_back(model_.b.Reduce(turned, core::Reduce::Kind::ArgMax, {axis}));
        break;
      }
      default: x = model_.b.Reshape(model_.b.Reshape(x, {kBatch * kTime, 2, 2}), {kBatch, kTime, 4}); break;
    }
    typed_.push_back(x);
  }

  void Step() {
    if (Pick(0, 2) == 0) {
      StepRows();
    } else {
      StepImage();
    }
  }

  Model model_;
  std::mt19937 random_;
  std::vector<ValueId> images_;  // rank 4
  std::vector<ValueId> rows_;    // rank 2
  std::vector<ValueId> typed_;   // [batch, time, 4]
  std::vector<ValueId> ends_;    // read by nothing else
  std::vector<std::pair<ValueId, std::vector<int64_t>>> kernels_;
  int count_ = 0;
};

TEST(Optimize, RandomGraphs) {
  int groups = 0;
  int epilogues = 0;
  int scans = 0;
  int gathers = 0;
  int prefixes = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    RandomModel random(seed);
    Model& model = random.model();
    core::Verify(model.graph);
    const Graph optimized = Optimize(model.graph, model.Loader());
    EXPECT_EQ(optimized.inputs.size(), model.graph.inputs.size());
    EXPECT_EQ(optimized.guards.size(), model.graph.guards.size());
    CheckForms(optimized);
    model.ExpectSame(optimized);
    EXPECT_EQ(Print(optimized), Print(Optimize(model.graph, model.Loader())));
    scans += Count<core::Scan>(optimized);
    gathers += Count<core::Gather>(optimized);
    prefixes += Count<core::Prefix>(optimized);
    for (const Operation& operation : optimized.operations) {
      const auto* group = std::get_if<core::Group>(&operation.op);
      if (group == nullptr) continue;
      (Count<core::Reduce>(*group->body) > 0 ? groups : epilogues) += 1;
    }
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(groups, 300);
  EXPECT_GT(epilogues, 300);
  EXPECT_GT(scans, 100);
  EXPECT_GT(gathers, 50);
  EXPECT_GT(prefixes, 50);
}

}  // namespace
}  // namespace strata::optimize
