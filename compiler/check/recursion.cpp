#include "compiler/check/recursion.h"

#include <functional>
#include <unordered_set>

#include "compiler/check/parts.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

struct Use {
  const FunctionName* used;
  Span span;
};

class Finder {
 public:
  Finder(Program& program, Diagnostics& diagnostics) : program_(program), diagnostics_(diagnostics) {}

  // Whether a cycle is reached from the function.
  bool Visit(const FunctionName& name) {
    const auto [state, is_new] = states_.emplace(name.function, State::Open);
    if (!is_new) return state->second == State::Recursive;
    path_.push_back({&name, {}});
    bool is_recursive = false;
    for (const Use& use : UsesOf(name)) {
      path_.back().span = use.span;
      const auto found = states_.find(use.used->function);
      if (found != states_.end() && found->second == State::Open) {
        ReportCycle(use);
        is_recursive = true;
      } else {
        is_recursive |= Visit(*use.used);
      }
    }
    path_.pop_back();
    states_[name.function] = is_recursive ? State::Recursive : State::Fine;
    if (is_recursive) program_.recursive.insert(name.function);
    return is_recursive;
  }

 private:
  enum class State { Open, Fine, Recursive };

  // Names of functions in the body that nothing of the function's own hides.
  static std::vector<Use> UsesOf(const FunctionName& name) {
    const ast::Function& function = *name.function;
    std::unordered_set<std::string_view> own;
    for (const ast::ConfigParam& param : function.config) own.insert(param.name.text);
    for (const ast::TensorParam& input : function.inputs) own.insert(input.name.text);
    std::vector<Use> uses;
    const std::function<void(const ast::Expr&)> visit = [&](const ast::Expr& expr) {
      if (const auto* used = expr.As<ast::NameRef>()) {
        const auto found = name.file->functions.find(used->name);
        if (found != name.file->functions.end() && !own.contains(used->name))
          uses.push_back({&found->second, expr.span});
      }
      ForEachPart(expr, visit);
    };
    for (const ast::Statement& statement : function.body) {
      if (const auto* let = std::get_if<ast::Let>(&statement)) {
        visit(*let->value);
        for (const ast::Name& bound : let->names) own.insert(bound.text);
      }
      if (const auto* assertion = std::get_if<ast::Assert>(&statement)) visit(*assertion->condition);
      if (const auto* returned = std::get_if<ast::Return>(&statement)) visit(*returned->value);
    }
    return uses;
  }

  void ReportCycle(const Use& last) {
    size_t first = 0;
    while (path_[first].used->function != last.used->function) ++first;
    const ast::Function& function = *last.used->function;
    std::string chain;
    for (size_t i = first; i < path_.size(); ++i) chain += Quoted(path_[i].used->function->name.text) + " -> ";
    chain += Quoted(function.name.text);
    const bool is_model = function.form == ast::Function::Form::Model;
    Diagnostic& diagnostic = diagnostics_.Report(kinds::RecursiveBlock, path_[first].span, is_model ? "model" : "block",
                                                 function.name.text, chain);
    for (size_t i = first + 1; i < path_.size(); ++i) {
      diagnostic.Label(path_[i].span, Quoted(path_[i].used->function->name.text) + " uses it here");
    }
    diagnostic.Note("a network is finite: all blocks are unrolled when the model is compiled")
        .Help("for a number of layers that is known, write `repeat n { ... }`");
  }

  struct Step {
    const FunctionName* used;
    Span span;  // of the use that is followed
  };

  Program& program_;
  Diagnostics& diagnostics_;
  std::unordered_map<const ast::Function*, State> states_;
  std::vector<Step> path_;
};

}  // namespace

void FindRecursion(const std::vector<FunctionName>& functions, Program& program, Diagnostics& diagnostics) {
  Finder finder(program, diagnostics);
  for (const FunctionName& function : functions) finder.Visit(function);
}

}  // namespace strata::check
