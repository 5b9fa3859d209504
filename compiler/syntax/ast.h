// The syntax tree of a .strata file: what was written and where, before any name has a meaning.
//
// Plain data. A node owns its children; a pointer is null only where a comment says so. Every node has the span of its
// whole text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/source.h"

namespace strata::ast {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Name {
  std::string text;
  Span span;
};

// One entry of a shape: `height: 28`, a bare `batch`, a bare `256`.
struct AxisExpr {
  std::optional<Name> name;  // before the colon
  ExprPtr size;
  Span span;
};

// `f32[batch, height: 8]`; an ascription may leave the element type out.
struct TypeExpr {
  std::optional<Name> dtype;
  std::vector<AxisExpr> axes;
  Span span;
};

// ---- Expressions ----

// What did not parse, or is not to be trusted for what follows it; the mistake is reported.
struct Unread {};
struct NoneLiteral {};
struct BoolLiteral {
  bool value;
};
struct IntLiteral {
  int64_t value;
};
struct FloatLiteral {
  double value;
};
struct StringLiteral {
  std::string value;  // without quotes, escapes resolved
};
struct NameRef {
  std::string name;
};
// `x.height`, and the `keras.layers` of `keras.layers.Dense`.
struct Member {
  ExprPtr object;
  Name member;
};
struct Argument {
  std::optional<Name> keyword;
  ExprPtr value;
  Span span;
};
struct Call {
  ExprPtr callee;
  std::vector<Argument> arguments;
  Span parentheses;  // from `(` to `)`
};
// One entry of `x[time: a..b]`, `x[height: 0]`, `list[0]`.
struct IndexItem {
  std::optional<Name> axis;
  ExprPtr begin;  // null in `..b`; the index itself where is_range is false
  ExprPtr end;    // null in `a..` and where is_range is false
  bool is_range = false;
  Span span;
};
struct Index {
  ExprPtr object;
  std::vector<IndexItem> items;
};
enum class UnaryOperator { Negate, Plus, Not };
struct Unary {
  UnaryOperator op;
  ExprPtr operand;
};
enum class BinaryOperator {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Modulo,
  Power,
};
// Comparisons do not chain: `a < b < c` is a syntax error that says so.
struct Binary {
  BinaryOperator op;
  ExprPtr left;
  ExprPtr right;
  Span op_span;
};
// `value if condition else otherwise`
struct Conditional {
  ExprPtr value;
  ExprPtr condition;
  ExprPtr otherwise;
};
struct TupleExpr {
  std::vector<ExprPtr> elements;  // `()` and `(a,)` are tuples, `(a)` is a
};
// `[1, 2]`, and `[height: 7, width: -1, channels: 32]` where entries carry an axis name.
struct ListExpr {
  std::vector<AxisExpr> elements;
};
// `repeat n as i { Dense(64) |> ReLU() }`, as a step of a pipe or a layer value.
struct Repeat {
  ExprPtr count;
  std::optional<Name> variable;
  ExprPtr body;
};
// `branch { Identity(), Conv2D(8, 3) }`
struct Branch {
  std::vector<ExprPtr> branches;
};
struct PipeStep {
  ExprPtr layer;
  std::optional<TypeExpr> ascription;
  Span op_span;     // the `|>`
  Span layer_span;  // the layer with the parentheses around it
};
// `head |> Layer() : [shape] |> ...`, with at least one step. Layers without a tensor compose the same way.
struct Pipe {
  ExprPtr head;
  std::vector<PipeStep> steps;
};

struct Expr {
  std::variant<Unread, NoneLiteral, BoolLiteral, IntLiteral, FloatLiteral, StringLiteral, NameRef, Member, Call, Index,
               Unary, Binary, Conditional, TupleExpr, ListExpr, Repeat, Branch, Pipe>
      node;
  Span span;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

// ---- Statements ----

// `let a = ...` and `let (a, b) = ...`
struct Let {
  std::vector<Name> names;
  bool is_tuple = false;
  ExprPtr value;
  Span span;
};
struct Assert {
  ExprPtr condition;
  Span span;
};
struct Return {
  ExprPtr value;
  Span span;
};
using Statement = std::variant<Let, Assert, Return>;

// ---- Items ----

// `filters: int`, `strides: int = 1` or `n = 3`, among a model's or block's configuration.
struct ConfigParam {
  Name name;
  std::optional<Name> type;  // int float bool str layer
  ExprPtr default_value;     // null: required
  Span span;
};
struct TensorParam {
  Name name;
  TypeExpr type;
  Span span;
};
struct Result {
  std::optional<Name> name;
  TypeExpr type;
  Span span;
};
// A model or a block; they differ in what may be done with them, not in form.
struct Function {
  enum class Form { Model, Block };
  Form form;
  std::string doc;  // the `##` lines above, joined by newlines
  Name name;
  std::vector<ConfigParam> config;
  std::vector<TensorParam> inputs;
  std::vector<Result> results;
  std::vector<ExprPtr> where;
  std::vector<Statement> body;  // the last one gives the result back
  bool is_whole = true;         // false: statements with a syntax error are Unread or not there
  Span signature;               // from the keyword up to the body
  Span span;
};
struct Const {
  std::string doc;
  Name name;
  std::optional<TypeExpr> type;
  std::optional<Name> scalar_type;  // the `int` of `const N: int = 3`, in place of `type`
  ExprPtr value;
  Span span;
};
struct File;
struct Import {
  std::string path;
  Span path_span;
  Span span;
  // What it names, once LoadImports has read it; null before, and where it cannot be read.
  std::shared_ptr<const File> file = nullptr;
};
// `stem/kernel = "conv1.weight" as [filters, channels, height, width]`
struct WeightMapping {
  Name path;
  std::string source;
  Span source_span;
  std::vector<Name> order;  // empty: as the layer stores it
  Span order_span;          // of `as [order]`; invalid where there is none
  Span span;
};
struct Weights {
  Name model;
  std::string path;
  Span path_span;
  std::vector<WeightMapping> mappings;
  Span span;
};
using Item = std::variant<Function, Const, Import, Weights>;

struct File {
  FileId id;
  std::vector<Item> items;
  bool misses_items = false;  // some have a syntax error and are not there: any name may be theirs
};

}  // namespace strata::ast
