#include "compiler/layers/layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "compiler/layers/activations.h"
#include "compiler/layers/params.h"

namespace strata {
namespace {

// A definition's parameters as inspect.signature prints those of Keras 3.15, in the form they have once bound.
std::string Signature(const LayerDef& def) {
  std::string text;
  for (const Param& param : def.params) {
    if (param.keyword_only) continue;
    if (!text.empty()) text += ", ";
    text += param.name;
    if (param.default_value) text += "=" + ToString(*param.default_value);
  }
  const bool is_function = def.form == LayerDef::Form::Function;
  return std::string(is_function ? def.function_name : def.name) + "(" + text + ")";
}

// Those of keras.ops by name, as tools/ops_signatures.py recorded them.
std::map<std::string, std::string> RecordedFunctions() {
  std::ifstream file("tests/unit/layers/keras_ops.txt");
  std::map<std::string, std::string> functions;
  for (std::string line; std::getline(file, line);) functions[line.substr(0, line.find('('))] = line;
  return functions;
}

TEST(LayerTest, ValuesPrintAsPythonDoes) {
  EXPECT_EQ(ToString(None()), "None");
  EXPECT_EQ(ToString(Value(true)), "True");
  EXPECT_EQ(ToString(Value(-3)), "-3");
  EXPECT_EQ(ToString(Value("same")), "'same'");
  EXPECT_EQ(ToString(Values({Value(2), Value(3)})), "(2, 3)");
  EXPECT_EQ(ToString(Values({Value(2)})), "(2,)");
  EXPECT_EQ(ToString(Values({})), "()");
  ConfigValue height = Value(7);
  height.axis = "height";
  EXPECT_EQ(ToString(Values({height, Value(-1)})), "[height: 7, -1]");
}

TEST(LayerTest, FloatsPrintAsPythonDoes) {
  EXPECT_EQ(ToString(Value(0.001)), "0.001");
  EXPECT_EQ(ToString(Value(0.0)), "0.0");
  EXPECT_EQ(ToString(Value(-2.0)), "-2.0");
  EXPECT_EQ(ToString(Value(100000.0)), "100000.0");
  EXPECT_EQ(ToString(Value(1e-5)), "1e-05");
  EXPECT_EQ(ToString(Value(1e20)), "1e+20");
}

TEST(LayerTest, SnakeCaseIsThatOfKeras) {
  EXPECT_EQ(SnakeCase("Conv2D"), "conv2d");
  EXPECT_EQ(SnakeCase("DepthwiseConv2D"), "depthwise_conv2d");
  EXPECT_EQ(SnakeCase("GlobalAveragePooling2D"), "global_average_pooling2d");
  EXPECT_EQ(SnakeCase("ReLU"), "re_lu");
  EXPECT_EQ(SnakeCase("ZeroPadding2D"), "zero_padding2d");
  EXPECT_EQ(SnakeCase("LSTM"), "lstm");
  EXPECT_EQ(SnakeCase("ConvLSTM2D"), "conv_lstm2d");
  EXPECT_EQ(SnakeCase("LeakyReLU"), "leaky_re_lu");
}

TEST(LayerTest, ArgumentsAreReadInTheirForm) {
  const LayerDef& pooling = *FindLayer("MaxPooling2D");
  std::vector<ConfigValue> values;
  for (const Param& param : pooling.params) values.push_back(*param.default_value);
  std::vector<bool> given(values.size());
  given[1] = true;
  const Args args(pooling, values, given);
  EXPECT_THAT(args.Ints("pool_size"), testing::ElementsAre(2, 2));
  EXPECT_TRUE(args.Get("strides").IsNone());
  EXPECT_EQ(args.Text("padding"), "valid");
  EXPECT_TRUE(args.Given("strides"));
  EXPECT_FALSE(args.Given("padding"));
}

TEST(LayerListTest, IsSortedAndComplete) {
  std::vector<std::string> names;
  for (const LayerDef* def : AllLayers()) {
    names.emplace_back(def->name);
    EXPECT_EQ(FindLayer(def->name), def);
    EXPECT_FALSE(def->summary.empty()) << def->name;
    EXPECT_GE(def->examples.size(), 2u) << def->name;
    EXPECT_LE(def->examples.size(), 5u) << def->name;
    for (const Param& param : def->params) EXPECT_FALSE(param.doc.empty()) << def->name << " " << param.name;
    for (const std::string_view common : {"name", "dtype", "trainable", "activity_regularizer"}) {
      EXPECT_EQ(std::ranges::count(def->params, common, &Param::name), 1) << def->name << " " << common;
    }
  }
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(FindLayer("Conv9D"), nullptr);
}

TEST(LayerListTest, ParametersAreThoseOfKeras) {
  std::string signatures = "\n";
  for (const LayerDef* def : AllLayers()) signatures += Signature(*def) + "\n";
  EXPECT_EQ(signatures, R"(
Activation(activation)
ActivityRegularization(l1=0.0, l2=0.0)
AdaptiveAveragePooling1D(output_size, data_format=None)
AdaptiveAveragePooling2D(output_size, data_format=None)
AdaptiveAveragePooling3D(output_size, data_format=None)
AdaptiveMaxPooling1D(output_size, data_format=None)
AdaptiveMaxPooling2D(output_size, data_format=None)
AdaptiveMaxPooling3D(output_size, data_format=None)
Add()
AdditiveAttention(use_scale=True, dropout=0.0)
AlphaDropout(rate, noise_shape=None, seed=None)
Attention(use_scale=False, score_mode='dot', dropout=0.0, seed=None)
AugMix(value_range=(0, 255), num_chains=3, chain_depth=3, factor=0.3, alpha=1.0, all_ops=True, interpolation='bilinear', seed=None, data_format=None)
Average()
AveragePooling1D(pool_size, strides=None, padding='valid', data_format=None, name=None)
AveragePooling2D(pool_size, strides=None, padding='valid', data_format=None, name=None)
AveragePooling3D(pool_size, strides=None, padding='valid', data_format=None, name=None)
BatchNormalization(axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones', moving_mean_initializer='zeros', moving_variance_initializer='ones', beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, renorm=False, renorm_clipping=None, renorm_momentum=0.99, synchronized=False)
Bidirectional(layer, merge_mode='concat', weights=None, backward_layer=None)
CategoryEncoding(num_tokens, output_mode='multi_hot', sparse=False)
CenterCrop(height, width, data_format=None)
Concatenate(axis=-1)
Conv1D(filters, kernel_size, strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), groups=1, activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
Conv1DTranspose(filters, kernel_size, strides=(1,), padding='valid', output_padding=None, data_format=None, dilation_rate=(1,), activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
Conv2D(filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), groups=1, activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
Conv2DTranspose(filters, kernel_size, strides=(1, 1), padding='valid', output_padding=None, data_format=None, dilation_rate=(1, 1), activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
Conv3D(filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1), groups=1, activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
Conv3DTranspose(filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, output_padding=None, dilation_rate=(1, 1, 1), activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None)
ConvLSTM1D(filters, kernel_size, strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False)
ConvLSTM2D(filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False)
ConvLSTM3D(filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1), activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False)
Cropping1D(cropping=((1, 1),))
Cropping2D(cropping=((0, 0), (0, 0)), data_format=None)
Cropping3D(cropping=((1, 1), (1, 1), (1, 1)), data_format=None)
CutMix(factor=1.0, seed=None, data_format=None)
Dense(units, activation='linear', use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None, lora_rank=None, lora_alpha=None, quantization_config=None)
DepthwiseConv1D(kernel_size, strides=(1,), padding='valid', depth_multiplier=1, data_format=None, dilation_rate=(1,), activation='linear', use_bias=True, depthwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, bias_constraint=None)
DepthwiseConv2D(kernel_size, strides=(1, 1), padding='valid', depth_multiplier=1, data_format=None, dilation_rate=(1, 1), activation='linear', use_bias=True, depthwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, bias_constraint=None)
Discretization(bin_boundaries, num_bins=None, epsilon=0.01, output_mode='int', sparse=False)
Dot(axes, normalize=False)
Dropout(rate, noise_shape=None, seed=None)
ELU(alpha=1.0)
EinsumDense(equation, output_shape, activation='linear', bias_axes=None, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, kernel_constraint=None, bias_constraint=None, lora_rank=None, lora_alpha=None, gptq_unpacked_column_size=None, quantization_config=None)
Embedding(input_dim, output_dim, embeddings_initializer='uniform', embeddings_regularizer=None, embeddings_constraint=None, mask_zero=False, weights=None, lora_rank=None, lora_alpha=None, quantization_config=None)
Equalization(value_range=(0, 255), bins=256, data_format=None)
Flatten(data_format=None)
GRU(units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False, reset_after=True, use_cudnn='auto')
GRUCell(units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, reset_after=True, seed=None)
GaussianDropout(rate, seed=None)
GaussianNoise(stddev, seed=None)
GlobalAveragePooling1D(data_format=None, keepdims=False)
GlobalAveragePooling2D(data_format=None, keepdims=False)
GlobalAveragePooling3D(data_format=None, keepdims=False)
GlobalMaxPooling1D(data_format=None, keepdims=False)
GlobalMaxPooling2D(data_format=None, keepdims=False)
GlobalMaxPooling3D(data_format=None, keepdims=False)
GroupNormalization(groups=32, axis=-1, epsilon=0.001, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones', beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None)
GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads, dropout=0.0, use_bias=True, sliding_window=None, flash_attention=None, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None, use_gate=False, seed=None)
Identity()
LSTM(units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False, use_cudnn='auto')
LSTMCell(units, activation='tanh', recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None)
LayerNormalization(axis=(-1,), epsilon=0.001, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones', beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None)
LeakyReLU(negative_slope=0.3)
Masking(mask_value=0.0)
MaxPooling1D(pool_size=(2,), strides=None, padding='valid', data_format=None, name=None)
MaxPooling2D(pool_size=(2, 2), strides=None, padding='valid', data_format=None, name=None)
MaxPooling3D(pool_size=(2, 2, 2), strides=None, padding='valid', data_format=None, name=None)
Maximum()
Minimum()
MixUp(alpha=0.2, data_format=None, seed=None)
MultiHeadAttention(num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, output_shape=None, attention_axes=None, sliding_window=None, flash_attention=None, kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None, use_gate=False, seed=None)
Multiply()
Normalization(axis=(-1,), mean=None, variance=None, invert=False)
PReLU(alpha_initializer='Zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None)
Permute(dims)
RMSNormalization(axis=(-1,), epsilon=1e-06)
RNN(cell, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False, zero_output_for_mask=False)
RandAugment(value_range=(0, 255), num_ops=2, factor=0.5, interpolation='bilinear', seed=None, data_format=None)
RandomBrightness(factor, value_range=(0, 255), seed=None)
RandomColorDegeneration(factor, value_range=(0, 255), data_format=None, seed=None)
RandomColorJitter(value_range=(0, 255), brightness_factor=None, contrast_factor=None, saturation_factor=None, hue_factor=None, seed=None, data_format=None)
RandomContrast(factor, value_range=(0, 255), seed=None)
RandomCrop(height, width, seed=None, data_format=None)
RandomElasticTransform(factor=1.0, scale=1.0, interpolation='bilinear', fill_mode='reflect', fill_value=0.0, value_range=(0, 255), seed=None, data_format=None)
RandomErasing(factor=1.0, scale=(0.02, 0.33), fill_value=None, value_range=(0, 255), seed=None, data_format=None)
RandomFlip(mode='horizontal_and_vertical', seed=None, data_format=None)
RandomGaussianBlur(factor=1.0, kernel_size=3, sigma=1.0, value_range=(0, 255), data_format=None, seed=None)
RandomGrayscale(factor=0.5, data_format=None, seed=None)
RandomHue(factor, value_range=(0, 255), data_format=None, seed=None)
RandomInvert(factor=1.0, value_range=(0, 255), seed=None, data_format=None)
RandomPerspective(factor=1.0, scale=1.0, interpolation='bilinear', fill_value=0.0, seed=None, data_format=None)
RandomPosterization(factor, value_range=(0, 255), data_format=None, seed=None)
RandomRotation(factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, data_format=None)
RandomSaturation(factor, value_range=(0, 255), data_format=None, seed=None)
RandomSharpness(factor, value_range=(0, 255), data_format=None, seed=None)
RandomShear(x_factor=0.0, y_factor=0.0, interpolation='bilinear', fill_mode='reflect', fill_value=0.0, data_format=None, seed=None)
RandomTranslation(height_factor, width_factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, data_format=None)
RandomZoom(height_factor, width_factor=None, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, data_format=None)
ReLU(max_value=None, negative_slope=0.0, threshold=0.0)
RepeatVector(n)
Rescaling(scale, offset=0.0)
Reshape(target_shape)
Resizing(height, width, interpolation='bilinear', crop_to_aspect_ratio=False, pad_to_aspect_ratio=False, fill_mode='constant', fill_value=0.0, antialias=False, data_format=None)
SeparableConv1D(filters, kernel_size, strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), depth_multiplier=1, activation='linear', use_bias=True, depthwise_initializer='glorot_uniform', pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None, pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, pointwise_constraint=None, bias_constraint=None)
SeparableConv2D(filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), depth_multiplier=1, activation='linear', use_bias=True, depthwise_initializer='glorot_uniform', pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None, pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, pointwise_constraint=None, bias_constraint=None)
SimpleRNN(units, activation='tanh', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False, seed=None)
SimpleRNNCell(units, activation='tanh', use_bias=True, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None)
Softmax(axis=(-1,))
Solarization(addition_factor=0.0, threshold_factor=0.0, value_range=(0, 255), seed=None)
SpatialDropout1D(rate, seed=None)
SpatialDropout2D(rate, data_format=None, seed=None)
SpatialDropout3D(rate, data_format=None, seed=None)
SpectralNormalization(layer, power_iterations=1)
StackedRNNCells(cells)
Subtract()
TimeDistributed(layer)
UnitNormalization(axis=(-1,))
UpSampling1D(size=(2,))
UpSampling2D(size=(2, 2), data_format=None, interpolation='nearest')
UpSampling3D(size=(2, 2, 2), data_format=None)
ZeroPadding1D(padding=((1, 1),), data_format=None)
ZeroPadding2D(padding=((1, 1), (1, 1)), data_format=None)
ZeroPadding3D(padding=((1, 1), (1, 1), (1, 1)), data_format=None)
)");
}

// Keras' layers whose `supports_masking` is True. Dot is one, but gives no mask.
TEST(LayerListTest, MasksTravelAsInKeras) {
  const std::set<std::string_view> kSupporting = {"Activation",
                                                  "ActivityRegularization",
                                                  "Add",
                                                  "AdditiveAttention",
                                                  "AlphaDropout",
                                                  "Attention",
                                                  "Average",
                                                  "BatchNormalization",
                                                  "Bidirectional",
                                                  "Concatenate",
                                                  "ConvLSTM1D",
                                                  "ConvLSTM2D",
                                                  "ConvLSTM3D",
                                                  "Dense",
                                                  "Dropout",
                                                  "ELU",
                                                  "Embedding",
                                                  "GRU",
                                                  "GaussianDropout",
                                                  "GaussianNoise",
                                                  "GlobalAveragePooling1D",
                                                  "GroupNormalization",
                                                  "GroupQueryAttention",
                                                  "Identity",
                                                  "LSTM",
                                                  "LayerNormalization",
                                                  "LeakyReLU",
                                                  "Masking",
                                                  "Maximum",
                                                  "Minimum",
                                                  "MultiHeadAttention",
                                                  "Multiply",
                                                  "Normalization",
                                                  "PReLU",
                                                  "RNN",
                                                  "ReLU",
                                                  "Rescaling",
                                                  "SimpleRNN",
                                                  "Softmax",
                                                  "SpatialDropout1D",
                                                  "SpatialDropout2D",
                                                  "SpatialDropout3D",
                                                  "Subtract",
                                                  "TimeDistributed",
                                                  "UnitNormalization"};
  // Around a layer that supports masks it gives what that one gives.
  const std::string_view kByWrapped = "SpectralNormalization";
  for (const LayerDef* layer : AllLayers()) {
    const bool is_supporting = layer->mask.of_results != nullptr || layer->mask.is_read;
    EXPECT_EQ(is_supporting, kSupporting.contains(layer->name) || layer->name == kByWrapped) << layer->name;
  }
}

// Functions that keras.ops does not have, or not with these parameters, and why.
const std::map<std::string, std::string> kOwnFunctions = {
    {"cumprod", "the default of Keras joins all axes"},
    {"cumsum", "the default of Keras joins all axes"},
    {"einsum", "without options of the backend"},
    {"log_softmax", "takes several axes"},
    {"max", "without `initial`"},
    {"min", "without `initial`"},
    {"one_hot", "its type is f32, and nothing is sparse"},
    {"prod", "its type follows from that of the elements"},
    {"round", "without `decimals`"},
    {"softmax", "takes several axes"},
    {"squareplus", "its number is a float"},
    {"where", "without the positions that Keras gives for a condition alone"},
};

TEST(FunctionListTest, ParametersAreThoseOfKeras) {
  const std::map<std::string, std::string> recorded = RecordedFunctions();
  ASSERT_GE(recorded.size(), 300u);
  std::set<std::string> differ;
  for (const LayerDef* def : AllFunctions()) {
    const std::string name(def->function_name);
    const auto found = recorded.find(name);
    if (found == recorded.end()) continue;
    const std::string signature = Signature(*def);
    if (signature == found->second) continue;
    differ.insert(name);
    EXPECT_TRUE(kOwnFunctions.contains(name)) << signature << " is in Keras " << found->second;
  }
  for (const auto& [name, why] : kOwnFunctions) EXPECT_TRUE(differ.contains(name)) << name << " differs: " << why;
}

TEST(FunctionListTest, NamesAreThoseOfKeras) {
  const std::map<std::string, std::string> recorded = RecordedFunctions();
  std::string own;
  for (const LayerDef* def : AllFunctions()) {
    const bool is_operator = std::isalpha(static_cast<unsigned char>(def->function_name.front())) == 0;
    if (!is_operator && !recorded.contains(std::string(def->function_name)))
      own += std::string(def->function_name) + " ";
  }
  EXPECT_EQ(own, "bf16 bool f16 f32 i32 i64 i8 u8 ");
}

TEST(ActivationsTest, NamesAreSorted) {
  EXPECT_TRUE(std::ranges::is_sorted(ActivationNames()));
  EXPECT_TRUE(std::ranges::is_sorted(AllActivations(), {}, &ActivationDef::name));
  EXPECT_EQ(ActivationNames().size(), AllActivations().size() - 2);
  EXPECT_TRUE(IsActivation("swish"));
  EXPECT_FALSE(IsActivation("glu"));
  EXPECT_FALSE(IsActivation("swoosh"));
}

}  // namespace
}  // namespace strata
