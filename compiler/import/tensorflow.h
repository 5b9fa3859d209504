// TensorFlow's operations, which Keras 2 writes down in place of layers, as Keras 3 writes those of keras.ops.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/import/keras_model.h"

namespace strata::import {

// Whether a layer of Keras 2 is an operation: TFOpLambda, SlicingOpLambda, of TensorFlow before 2.4 TensorFlowOpLayer.
bool IsTensorFlowOperation(const std::string& class_name);
// "tf.math.add"; of a TensorFlowOpLayer "tf.raw_ops.AddV2".
std::string TensorFlowFunction(const Json& config);

// A layer with its call, in the notation of Keras 3. Its tensors are those of the model and results of those before it:
// ["name", 0, 0].
struct OperationCall {
  Json layer;
  Json node;
};

struct Rewritten {
  std::vector<OperationCall> calls = {};  // each after those that it reads
  size_t results = 1;                     // so many of the last calls make one each
  // What has no equal, where `calls` are empty: an argument with its value, or with "" the function itself.
  std::string argument = {};
  Json value = {};
};

// The sizes of a tensor, null where they are open; nothing where they cannot be told.
using ShapeOfTensor = std::function<std::optional<Json>(const Json& tensor)>;

// `name`: of the call that makes the last result; of the others it is what their names begin with.
Rewritten RewriteTensorFlow(const Json& layer, const Json& node, const std::string& name,
                            const ShapeOfTensor& shape_of);

}  // namespace strata::import
