// What `--emit=ast` prints. The Residual block holds the precedence of `if` over `|>`.
#include <gtest/gtest.h>

#include "parse_test.h"

namespace strata {
namespace {

std::string Printed(const std::string& text) {
  const Parsed parsed(text);
  return parsed.file ? PrintAst(*parsed.file) : "error";
}

TEST(PrintAstTest, Residual) {
  const std::string resnet = ReadProgram("resnet");
  EXPECT_EQ(Printed(resnet.substr(0, resnet.find("const MEAN"))), R"(file
  block Residual
    config filters: int
    config strides: int
      default
        1
    input x
      type f32
        axis
          name batch
        axis height:
          name H
        axis width:
          name W
        axis channels:
          name C
    result
      type f32
        axis
          name batch
        axis height:
          call
            name ceil
            argument
              /
                name H
                name strides
        axis width:
          call
            name ceil
            argument
              /
                name W
                name strides
        axis channels:
          name filters
    let main
      pipe
        name x
        |>
          call
            name Conv2D
            argument
              name filters
            argument
              3
            argument strides=
              name strides
            argument padding=
              "same"
            argument use_bias=
              False
        |>
          call
            name BatchNormalization
        |>
          call
            name ReLU
        |>
          call
            name Conv2D
            argument
              name filters
            argument
              3
            argument padding=
              "same"
            argument use_bias=
              False
        |>
          call
            name BatchNormalization
    let skip
      conditional
        value
          name x
        if
          and
            ==
              name strides
              1
            ==
              name C
              name filters
        else
          pipe
            name x
            |>
              call
                name Conv2D
                argument
                  name filters
                argument
                  1
                argument strides=
                  name strides
                argument padding=
                  "same"
    return
      pipe
        call
          call
            name Add
          argument
            name main
          argument
            name skip
        |>
          call
            name ReLU
)");
}

TEST(PrintAstTest, EveryOtherNode) {
  EXPECT_EQ(Printed("## A doc.\n"
                    "model m(n = 3, l: layer)(x: i64[batch, time]) -> (y: bool[batch], f32[batch, 1]) where n > 1 {\n"
                    "  let (a, b) = x[time: 1.., 0] |> branch { None, 'a\"\\n' } : [batch]\n"
                    "  assert not -x.time\n"
                    "  return (repeat 2 as i { [height: 1e300, +2.] },)\n"
                    "}\n"
                    "import \"b.strata\"\n"
                    "weights m from \"m.npz\"\n"),
            R"(file
  model m
    doc "A doc."
    config n
      default
        3
    config l: layer
    input x
      type i64
        axis
          name batch
        axis
          name time
    result y
      type bool
        axis
          name batch
    result
      type f32
        axis
          name batch
        axis
          1
    where
      >
        name n
        1
    let (a, b)
      pipe
        index
          name x
          range time:
            from
              1
          at
            0
        |>
          branch
            None
            "a\"\x0a"
          type
            axis
              name batch
    assert
      not
        -
          member time
            name x
    return
      tuple
        repeat as i
          count
            2
          body
            list
              entry height:
                1e+300
              +
                2.0
  import "b.strata"
  weights m from "m.npz"
)");
}

}  // namespace
}  // namespace strata
