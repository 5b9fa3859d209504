// The syntax tree as indented text: one node a line, its own words first, then its parts two columns further in.
#include <charconv>
#include <string>

#include "compiler/source/check.h"
#include "compiler/syntax/parse.h"

namespace strata {
namespace {

using namespace ast;  // NOLINT: this file speaks of nothing else

const char* TextOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::Or: return "or";
    case BinaryOperator::And: return "and";
    case BinaryOperator::Equal: return "==";
    case BinaryOperator::NotEqual: return "!=";
    case BinaryOperator::Less: return "<";
    case BinaryOperator::LessEqual: return "<=";
    case BinaryOperator::Greater: return ">";
    case BinaryOperator::GreaterEqual: return ">=";
    case BinaryOperator::Add: return "+";
    case BinaryOperator::Subtract: return "-";
    case BinaryOperator::Multiply: return "*";
    case BinaryOperator::Divide: return "/";
    case BinaryOperator::FloorDivide: return "//";
    case BinaryOperator::Modulo: return "%";
    case BinaryOperator::Power: return "**";
  }
  CheckFailed("not an operator", __FILE__, __LINE__);
}

const char* TextOf(UnaryOperator op) {
  switch (op) {
    case UnaryOperator::Negate: return "-";
    case UnaryOperator::Plus: return "+";
    case UnaryOperator::Not: return "not";
  }
  CheckFailed("not an operator", __FILE__, __LINE__);
}

std::string Quoted(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string Shortest(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  STRATA_CHECK(error == std::errc());
  std::string text(buffer, end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

class Printer {
 public:
  std::string Print(const File& file) {
    Line("file");
    Nested([&] {
      for (const Item& item : file.items) std::visit([&](const auto& node) { Print(node); }, item);
    });
    return std::move(out_);
  }

 private:
  template <typename Body>
  void Nested(const Body& body) {
    indent_ += 2;
    body();
    indent_ -= 2;
  }

  void Line(const std::string& text) { out_ += std::string(indent_, ' ') + text + '\n'; }

  // A line `label`, with the node below it.
  void Part(const std::string& label, const Expr& expr) {
    Line(label);
    Nested([&] { Print(expr); });
  }

  void Doc(const std::string& doc) {
    if (!doc.empty()) Line("doc " + Quoted(doc));
  }

  // ---- Items ----

  void Print(const Function& function) {
    Line((function.form == Function::Form::Model ? "model " : "block ") + function.name.text);
    Nested([&] {
      Doc(function.doc);
      for (const ConfigParam& param : function.config) {
        Line("config " + param.name.text + (param.type ? ": " + param.type->text : ""));
        if (param.default_value) Nested([&] { Part("default", *param.default_value); });
      }
      for (const TensorParam& param : function.inputs) Typed("input " + param.name.text, param.type);
      for (const Result& result : function.results) {
        Typed(result.name ? "result " + result.name->text : "result", result.type);
      }
      for (const ExprPtr& condition : function.where) Part("where", *condition);
      for (const Statement& statement : function.body) std::visit([&](const auto& node) { Print(node); }, statement);
    });
  }

  void Print(const Const& constant) {
    Line("const " + constant.name.text + (constant.scalar_type ? ": " + constant.scalar_type->text : ""));
    Nested([&] {
      Doc(constant.doc);
      if (constant.type) Print(*constant.type);
      Print(*constant.value);
    });
  }

  void Print(const Import& import) { Line("import " + Quoted(import.path)); }

  void Print(const Weights& weights) {
    Line("weights " + weights.model.text + " from " + Quoted(weights.path));
    Nested([&] {
      for (const WeightMapping& mapping : weights.mappings) {
        std::string text = mapping.path.text + " = " + Quoted(mapping.source);
        for (size_t i = 0; i < mapping.order.size(); ++i) text += (i == 0 ? " as [" : ", ") + mapping.order[i].text;
        if (!mapping.order.empty()) text += ']';
        Line(text);
      }
    });
  }

  // ---- Statements ----

  void Print(const Let& let) {
    std::string names;
    for (const Name& name : let.names) names += (names.empty() ? "" : ", ") + name.text;
    Part(let.is_tuple ? "let (" + names + ")" : "let " + names, *let.value);
  }
  void Print(const Assert& assertion) { Part("assert", *assertion.condition); }
  void Print(const Return& result) { Part("return", *result.value); }

  // ---- Types ----

  void Typed(const std::string& text, const TypeExpr& type) {
    Line(text);
    Nested([&] { Print(type); });
  }

  void Print(const TypeExpr& type) {
    Line(type.dtype ? "type " + type.dtype->text : "type");
    Nested([&] {
      for (const AxisExpr& axis : type.axes) Print("axis", axis);
    });
  }

  void Print(const std::string& label, const AxisExpr& axis) {
    Part(axis.name ? label + " " + axis.name->text + ":" : label, *axis.size);
  }

  // ---- Expressions ----

  void Print(const Expr& expr) {
    std::visit([&](const auto& node) { PrintNode(node); }, expr.node);
  }

  void PrintNode(const Unread&) { Line("unread"); }
  void PrintNode(const NoneLiteral&) { Line("None"); }
  void PrintNode(const BoolLiteral& literal) { Line(literal.value ? "True" : "False"); }
  void PrintNode(const IntLiteral& literal) { Line(std::to_string(literal.value)); }
  void PrintNode(const FloatLiteral& literal) { Line(Shortest(literal.value)); }
  void PrintNode(const StringLiteral& literal) { Line(Quoted(literal.value)); }
  void PrintNode(const NameRef& reference) { Line("name " + reference.name); }
  void PrintNode(const Member& member) { Part("member " + member.member.text, *member.object); }

  void PrintNode(const Call& call) {
    Line("call");
    Nested([&] {
      Print(*call.callee);
      for (const Argument& argument : call.arguments) {
        Part(argument.keyword ? "argument " + argument.keyword->text + "=" : "argument", *argument.value);
      }
    });
  }

  void PrintNode(const Index& index) {
    Line("index");
    Nested([&] {
      Print(*index.object);
      for (const IndexItem& item : index.items) {
        const std::string form = item.is_range ? "range" : "at";
        Line(item.axis ? form + " " + item.axis->text + ":" : form);
        Nested([&] {
          if (item.begin && item.is_range) Part("from", *item.begin);
          if (item.begin && !item.is_range) Print(*item.begin);
          if (item.end) Part("to", *item.end);
        });
      }
    });
  }

  void PrintNode(const Unary& unary) { Part(TextOf(unary.op), *unary.operand); }

  void PrintNode(const Binary& binary) {
    Line(TextOf(binary.op));
    Nested([&] {
      Print(*binary.left);
      Print(*binary.right);
    });
  }

  void PrintNode(const Conditional& conditional) {
    Line("conditional");
    Nested([&] {
      Part("value", *conditional.value);
      Part("if", *conditional.condition);
      Part("else", *conditional.otherwise);
    });
  }

  void PrintNode(const TupleExpr& tuple) {
    Line("tuple");
    Nested([&] {
      for (const ExprPtr& element : tuple.elements) Print(*element);
    });
  }

  void PrintNode(const ListExpr& list) {
    Line("list");
    Nested([&] {
      for (const AxisExpr& element : list.elements) {
        if (element.name) {
          Print("entry", element);
        } else {
          Print(*element.size);
        }
      }
    });
  }

  void PrintNode(const Repeat& repeat) {
    Line(repeat.variable ? "repeat as " + repeat.variable->text : "repeat");
    Nested([&] {
      Part("count", *repeat.count);
      Part("body", *repeat.body);
    });
  }

  void PrintNode(const Branch& branch) {
    Line("branch");
    Nested([&] {
      for (const ExprPtr& entry : branch.branches) Print(*entry);
    });
  }

  void PrintNode(const Pipe& pipe) {
    Line("pipe");
    Nested([&] {
      Print(*pipe.head);
      for (const PipeStep& step : pipe.steps) {
        Part("|>", *step.layer);
        if (step.ascription) Nested([&] { Print(*step.ascription); });
      }
    });
  }

  std::string out_;
  size_t indent_ = 0;
};

}  // namespace

std::string PrintAst(const File& file) { return Printer().Print(file); }

}  // namespace strata
