// The tables are the output of Keras 3.15.1: model.summary(line_length=79) of the same models, output to a file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/check/summary.h"
#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

std::string KerasTable(const Network& network) { return Summary(network, {.line_length = 79}); }

TEST(SummaryTest, Chain) {
  EXPECT_EQ(KerasTable(*CheckProgram(R"(## Digits, 8x8 grey images, ten classes.
model digits(image: f32[batch, height: 8, width: 8, channels: 1]) -> (probs: f32[batch, classes: 10]) {
  return image
    |> Conv2D(16, 3, padding="same", activation="relu")
    |> MaxPooling2D(2)  : [batch, height: 4, width: 4, channels: 16]
    |> Flatten()        : [batch, 256]
    |> Dense(10, activation="softmax")
}
weights digits from "digits.safetensors"
)")
                            .network),
            R"(Model: "digits"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                     ┃ Output Shape             ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ image (InputLayer)               │ (None, 8, 8, 1)          │             0 │
├──────────────────────────────────┼──────────────────────────┼───────────────┤
│ conv2d (Conv2D)                  │ (None, 8, 8, 16)         │           160 │
├──────────────────────────────────┼──────────────────────────┼───────────────┤
│ max_pooling2d (MaxPooling2D)     │ (None, 4, 4, 16)         │             0 │
├──────────────────────────────────┼──────────────────────────┼───────────────┤
│ flatten (Flatten)                │ (None, 256)              │             0 │
├──────────────────────────────────┼──────────────────────────┼───────────────┤
│ dense (Dense)                    │ (None, 10)               │         2,570 │
└──────────────────────────────────┴──────────────────────────┴───────────────┘
 Total params: 2,730 (10.66 KB)
 Trainable params: 2,730 (10.66 KB)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST(SummaryTest, SharedLayerSeveralInputsAndOutputsLongNames) {
  EXPECT_EQ(KerasTable(*CheckProgram(R"(model two_in(image: f32[batch, features: 32], meta: f32[batch, features: 7])
    -> (cls: f32[batch, classes: 5], box: f32[batch, coords: 4]) {
  let enc = Dense(16, activation="relu", name="a_very_long_encoder_name_here")
  let z = Concatenate()(enc(Dense(7)(image)), enc(meta)) |> BatchNormalization()
  return (Dense(5)(z), Dense(4)(z))
}
)")
                            .network),
            R"(Model: "two_in"
┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)         ┃ Output Shape       ┃    Param # ┃ Connected to       ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━┩
│ image (InputLayer)   │ (None, 32)         │          0 │ -                  │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ dense (Dense)        │ (None, 7)          │        231 │ image[0][0]        │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ meta (InputLayer)    │ (None, 7)          │          0 │ -                  │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ a_very_long_encoder… │ (None, 16)         │        128 │ dense[0][0],       │
│ (Dense)              │                    │            │ meta[0][0]         │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ concatenate          │ (None, 32)         │          0 │ a_very_long_encod… │
│ (Concatenate)        │                    │            │ a_very_long_encod… │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ batch_normalization  │ (None, 32)         │        128 │ concatenate[0][0]  │
│ (BatchNormalization) │                    │            │                    │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ dense_1 (Dense)      │ (None, 5)          │        165 │ batch_normalizati… │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ dense_2 (Dense)      │ (None, 4)          │        132 │ batch_normalizati… │
└──────────────────────┴────────────────────┴────────────┴────────────────────┘
 Total params: 784 (3.06 KB)
 Trainable params: 720 (2.81 KB)
 Non-trainable params: 64 (256.00 B)
)");
}

TEST(SummaryTest, TensorUsedTwiceLargeSizes) {
  EXPECT_EQ(KerasTable(*CheckProgram(
                            R"(model g(image: f32[batch, height: 224, width: 224, channels: 3]) -> f32[batch, 100000] {
  let x = image |> DepthwiseConv2D(3, name="dw") |> GlobalAveragePooling2D() |> Dense(100000, name="big")
  return Add()(x, x |> Dropout(.5))
}
)")
                            .network),
            R"(Model: "g"
┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)         ┃ Output Shape       ┃    Param # ┃ Connected to       ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━┩
│ image (InputLayer)   │ (None, 224, 224,   │          0 │ -                  │
│                      │ 3)                 │            │                    │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ dw (DepthwiseConv2D) │ (None, 222, 222,   │         30 │ image[0][0]        │
│                      │ 3)                 │            │                    │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ global_average_pool… │ (None, 3)          │          0 │ dw[0][0]           │
│ (GlobalAveragePooli… │                    │            │                    │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ big (Dense)          │ (None, 100000)     │    400,000 │ global_average_po… │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ dropout (Dropout)    │ (None, 100000)     │          0 │ big[0][0]          │
├──────────────────────┼────────────────────┼────────────┼────────────────────┤
│ add (Add)            │ (None, 100000)     │          0 │ big[0][0],         │
│                      │                    │            │ dropout[0][0]      │
└──────────────────────┴────────────────────┴────────────┴────────────────────┘
 Total params: 400,030 (1.53 MB)
 Trainable params: 400,030 (1.53 MB)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST(SummaryTest, LongNameInAChain) {
  EXPECT_EQ(
      KerasTable(
          *CheckProgram(R"(model g(image: f32[batch, height: 224, width: 224, channels: 3]) -> f32[batch, channels: 3] {
  return image |> GlobalAveragePooling2D(name="global_average_pooling2d_and_a_long_name_and_long")
}
)")
               .network),
      R"(Model: "g"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                     ┃ Output Shape             ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ image (InputLayer)               │ (None, 224, 224, 3)      │             0 │
├──────────────────────────────────┼──────────────────────────┼───────────────┤
│ global_average_pooling2d_and_a_… │ (None, 3)                │             0 │
│ (GlobalAveragePooling2D)         │                          │               │
└──────────────────────────────────┴──────────────────────────┴───────────────┘
 Total params: 0 (0.00 B)
 Trainable params: 0 (0.00 B)
 Non-trainable params: 0 (0.00 B)
)");
}

// summaries/*.txt: options, a program, and Keras' table for it (tools/summaries.py).
struct RecordedSummary {
  std::string name;
  SummaryOptions options;
  std::string program;
  std::string table;
};

RecordedSummary ReadSummary(const std::filesystem::path& path) {
  std::ifstream file(path);
  RecordedSummary summary{.name = path.stem()};
  std::string line;
  std::getline(file, line);
  std::istringstream options(line);
  for (std::string option; options >> option;) {
    const size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const size_t value = equals == std::string::npos ? 1 : std::stoul(option.substr(equals + 1));
    if (name == "line_length") summary.options.line_length = value;
    if (name == "columns") summary.options.columns = value;
    if (name == "show_trainable") summary.options.shows_trainable = true;
  }
  std::string* part = nullptr;
  while (std::getline(file, line)) {
    if (line == "---") {
      part = part == nullptr ? &summary.program : &summary.table;
    } else {
      *part += line + "\n";
    }
  }
  return summary;
}

std::vector<RecordedSummary> ReadSummaries() {
  std::vector<RecordedSummary> summaries;
  for (const auto& entry : std::filesystem::directory_iterator("tests/unit/check/summaries")) {
    summaries.push_back(ReadSummary(entry.path()));
  }
  std::ranges::sort(summaries, {}, &RecordedSummary::name);
  return summaries;
}

class KerasSummaryTest : public ::testing::TestWithParam<RecordedSummary> {};

TEST_P(KerasSummaryTest, IsTheSame) {
  const CheckedProgram checked = CheckProgram(GetParam().program);
  ASSERT_TRUE(checked.network.has_value()) << checked.rendered;
  EXPECT_EQ(Summary(*checked.network, GetParam().options), GetParam().table) << GetParam().program;
}

INSTANTIATE_TEST_SUITE_P(Recorded, KerasSummaryTest, ::testing::ValuesIn(ReadSummaries()), [](const auto& test) {
  std::string name = test.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

// The figures that the tables above end with, and what a wrapper has beside the layer it holds.
TEST(SummaryTest, KnownFigures) {
  const auto total = [](const std::string& name) {
    const SummaryTable table =
        Summarize(*CheckProgram(ReadSummary("tests/unit/check/summaries/figures-" + name + ".txt").program).network);
    return table.trainable + table.fixed;
  };
  EXPECT_EQ(total("conv2d"), 3328);
  EXPECT_EQ(total("conv1d"), 19752);
  EXPECT_EQ(total("conv2d-turned"), 2788);
  EXPECT_EQ(total("dense"), total("time-distributed"));
}

}  // namespace
}  // namespace strata
