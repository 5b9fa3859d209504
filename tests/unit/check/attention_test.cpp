// Calls of layers with several tensors and options, their weights and names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "q" and "v" are sequences of 6 and 5 steps, "a" and "b" tell which of them count.
std::string Program(const std::string& body) {
  return "model tiny(q: f32[batch, time: 6, features: 8], v: f32[batch, steps: 5, features: 7],\n"
         "    a: bool[batch, time: 6], b: bool[batch, steps: 5]) -> (y: f32[batch, time: 6, features: 8]) {\n" +
         body + "\n}\n";
}

Network NetworkOf(const std::string& body) {
  const CheckedProgram checked = CheckProgram(Program(body));
  EXPECT_TRUE(checked.network) << checked.rendered;
  return checked.network.value_or(Network{});
}

std::vector<std::string> Weights(const std::string& body) {
  std::vector<std::string> weights;
  for (const NetworkWeight& weight : NetworkOf(body).weights) {
    weights.push_back(weight.path + " " + ToString(weight.shape));
  }
  return weights;
}

TEST(AttentionTest, WeightsOfMultiHeadAttention) {
  EXPECT_THAT(Weights("  return MultiHeadAttention(2, 3, value_dim=4)(q, v)"),
              ElementsAre("multi_head_attention/query/kernel [features: 8, heads: 2, units: 3]",
                          "multi_head_attention/query/bias [heads: 2, units: 3]",
                          "multi_head_attention/key/kernel [features: 7, heads: 2, units: 3]",
                          "multi_head_attention/key/bias [heads: 2, units: 3]",
                          "multi_head_attention/value/kernel [features: 7, heads: 2, units: 4]",
                          "multi_head_attention/value/bias [heads: 2, units: 4]",
                          "multi_head_attention/attention_output/kernel [heads: 2, units: 4, features: 8]",
                          "multi_head_attention/attention_output/bias [features: 8]"));
}

TEST(AttentionTest, WeightsOfGroupQueryAttention) {
  EXPECT_THAT(Weights("  return GroupQueryAttention(3, 4, 2, use_bias=False, use_gate=True)(q, q)"),
              ElementsAre("grouped_query_attention/query/kernel [features: 8, heads: 4, units: 3]",
                          "grouped_query_attention/key/kernel [features: 8, heads: 2, units: 3]",
                          "grouped_query_attention/gate/kernel [features: 8, heads: 4, units: 3]",
                          "grouped_query_attention/value/kernel [features: 8, heads: 2, units: 3]",
                          "grouped_query_attention/attention_output/kernel [heads: 4, units: 3, features: 8]"));
}

// Keras makes a Softmax and a Dropout inside, once, where the layer is first applied.
TEST(AttentionTest, HiddenLayersCount) {
  const Network network = NetworkOf(
      "  let attend = MultiHeadAttention(2, 3)\n"
      "  let s = q |> Softmax()\n"
      "  let x = attend(attend(s, v), v) |> Dropout(0.1) |> Softmax()\n"
      "  return x");
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("multi_head_attention", "softmax", "dropout_1", "softmax_2"));
}

TEST(AttentionTest, TensorsByNameAndOptions) {
  EXPECT_THAT(Print(NetworkOf("  return MultiHeadAttention(2, 3)(value=v, query=q, use_causal_mask=True)")),
              HasSubstr("= multi_head_attention: MultiHeadAttention(%0, value=%1) num_heads=2, key_dim=3, "
                        "use_causal_mask=True\n"));
  EXPECT_THAT(Print(NetworkOf("  return (q, v) |> MultiHeadAttention(2, 3)")),
              HasSubstr("MultiHeadAttention(%0, value=%1)"));
  EXPECT_THAT(Print(NetworkOf("  return q |> MultiHeadAttention(2, 3)(v, attention_mask=None, value_mask=b)")),
              HasSubstr("MultiHeadAttention(%0, value=%1, value_mask=%3)"));
  EXPECT_THAT(Print(NetworkOf("  return Attention()([q, q], mask=[None, a])")),
              HasSubstr("= attention: Attention(%0, %0, mask=%2) mask=(False, True)"));
}

TEST(AttentionTest, MasksTravelWithTheQuery) {
  EXPECT_THAT(Print(NetworkOf("  return Attention()([q, q], mask=[a, None])")),
              HasSubstr("features: 8] mask [batch, time: 6]"));
}

TEST(AttentionTest, SeveralResults) {
  const Network network = NetworkOf(
      "  let (y, scores) = MultiHeadAttention(2, 3)(q, v, return_attention_scores=True)\n"
      "  assert scores.heads == 2\n"
      "  assert scores.steps == 5\n"
      "  return y");
  EXPECT_EQ(network.nodes.front().outputs.size(), 2u);
}

TEST(AttentionTest, Mistakes) {
  struct Row {
    std::string body, error;
  };
  for (const auto& [body, error] : std::initializer_list<Row>{
           {"  return MultiHeadAttention(2)(q, v)", "error[E0501]: MultiHeadAttention is written without `key_dim`"},
           {"  return MultiHeadAttention(2, 3)(q)",
            "error[E0515]: MultiHeadAttention takes the tensors `query` and `value`, 1 is given"},
           {"  return MultiHeadAttention(2, 3)(q, v, v, a, b, b, a, q)", "error[E0515]: MultiHeadAttention takes"},
           {"  return MultiHeadAttention(2, 3)(q, v, query=q)",
            "error[E0502]: argument `query` of MultiHeadAttention is given twice"},
           {"  return MultiHeadAttention(2, 3)(q, v, use_causal_mask=a)",
            "error[E0506]: `use_causal_mask` of MultiHeadAttention is a tensor, True or False is expected"},
           {"  return MultiHeadAttention(2, 3)(q, v, causal=True)",
            "error[E0514]: MultiHeadAttention takes no argument `causal` beside its tensors"},
           {"  return MultiHeadAttention(2, 3)(q, v, value_mask=a)",
            "error[E0580]: the mask of `value` is over `[batch, time: 6]`, where `[batch, steps: 5]` is expected"},
           {"  return MultiHeadAttention(2, 3)(q, v, value_mask=q)", "error[E0422]: MultiHeadAttention got"},
           {"  return MultiHeadAttention(2, 3)(q, v, q)", "error[E0400]: `steps` is 5 in `v` and 6 in `q`"},
           {"  return Attention()(q, v)", "error[E0400]: `features` is 8 in `q` and 7 in `v`"},
           {"  return Attention()(q)",
            "error[E0515]: Attention takes the tensors `query` and `value`, and `key` where it is another one, 1 is "
            "given"},
           {"  return Attention()(q, q, q |> Flatten())",
            "error[E0215]: Attention got `[batch, features: 48]`, which has 2 axes"},
           {"  return AdditiveAttention()(q |> Flatten(), q, q |> Flatten())", "error[E0215]: AdditiveAttention got"},
           {"  return Attention()([q, q], mask=[a])",
            "error[E0515]: Attention takes the masks of `query` and of `value`"},
           {"  return Attention(score_mode=\"cosine\")(q, q)", "error[E0509]: `score_mode` of Attention cannot be"},
           {"  return Dot(axes=2)(q, v)", "error[E0400]: `features` is 8 in `q` and 7 in `v`"},
           {"  return Dot(axes=3)(q, v)", "error[E0550]: `axes=3` lies outside of"},
           {"  return Dot(axes=(0, 1))(q, v)", "error[E0209]: Dot acts on `batch`, the batch axis"},
           {"  return Dot(axes=1)(q, v, v)", "error[E0515]: Dot takes two tensors, 3 are given"},
       }) {
    EXPECT_THAT(Report(Program(body)), HasSubstr(error)) << body;
  }
}

// What is wrong about the axes says nothing of the mask.
TEST(SoftmaxTest, MaskAndNoSuchAxis) {
  const std::string program = R"(model tiny(t: i32[batch, time: 6]) -> (y: f32[batch, time: 6, features: 4]) {
  return t |> Embedding(9, 4, mask_zero=True) |> Softmax(axis=height)
}
)";
  EXPECT_THAT(Report(program), HasSubstr("error[E0207]: `[batch, time: 6, features: 4]` has no `height` axis"));
}

}  // namespace
}  // namespace strata
