// Names and what they stand for.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/value.h"

namespace strata::check {

struct Binding {
  enum class Kind { Constant, Config, Variable, Symbol, Input, Let };  // Variable: of a `repeat`
  std::string name;
  Kind kind;
  Value value;
  Span span;  // of the name where it is declared
  bool is_used = false;
};

class Scope {
 public:
  // What is not found here is looked up in `parent`, which must live as long.
  explicit Scope(Scope* parent = nullptr) : parent_(parent) {}

  // A name may be bound again, which hides the binding before.
  Binding& Declare(Binding::Kind kind, const ast::Name& name, Value value);
  Binding* Find(std::string_view name);
  // In order of declaration, hidden ones too, without the parent's.
  const std::deque<Binding>& Own() const { return bindings_; }
  // Every visible name, for suggestions.
  std::vector<std::string_view> Names() const;

 private:
  Scope* parent_;
  std::deque<Binding> bindings_;
  std::unordered_map<std::string_view, Binding*> by_name_;
};

}  // namespace strata::check
