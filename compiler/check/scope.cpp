#include "compiler/check/scope.h"

namespace strata::check {

Binding& Scope::Declare(Binding::Kind kind, const ast::Name& name, Value value) {
  Binding& binding = bindings_.emplace_back(Binding{name.text, kind, std::move(value), name.span});
  by_name_.insert_or_assign(binding.name, &binding);
  return binding;
}

Binding* Scope::Find(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return found->second;
  return parent_ == nullptr ? nullptr : parent_->Find(name);
}

std::vector<std::string_view> Scope::Names() const {
  std::vector<std::string_view> names = parent_ == nullptr ? std::vector<std::string_view>{} : parent_->Names();
  for (const Binding& binding : bindings_) names.push_back(binding.name);
  return names;
}

}  // namespace strata::check
