// What a function returns that may fail for reasons outside the program: a file, the linker, the system. The failure is one
// line of text for the user, and perhaps what to do about it.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "compiler/source/check.h"

namespace strata {

struct Failure {
  std::string message;
  std::string help = {};
};

struct Done {};

template <typename T = Done>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}            // NOLINT: a value is a result
  Result(Failure failure) : state_(std::move(failure)) {}  // NOLINT: so is a failure

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  const std::string& Message() const {
    STRATA_CHECK(std::holds_alternative<Failure>(state_));
    return std::get<Failure>(state_).message;
  }
  const std::string& Help() const {
    STRATA_CHECK(std::holds_alternative<Failure>(state_));
    return std::get<Failure>(state_).help;
  }
  T& operator*() {
    STRATA_CHECK(std::holds_alternative<T>(state_));
    return std::get<T>(state_);
  }
  T* operator->() { return &**this; }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace strata
