// The text that was being worked on, for where the process ends in the midst of it.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

// Where a sanitizer is linked.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace strata::testing {

// While one lives, a fault, a failed check, an exception, an exit or what a sanitizer finds prints `text`.
class LastWords {
 public:
  // `text` outlives it.
  explicit LastWords(const std::string& text) : before_(std::exchange(current_, &text)) { Install(); }
  ~LastWords() {
    if (std::uncaught_exceptions() > 0) Print();
    current_ = before_;
  }
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

 private:
  static void Install() {
    static const bool is_first = [] {
      std::atexit(Print);
      std::at_quick_exit(Print);  // a check of ours
      for (const int number : {SIGSEGV, SIGABRT, SIGFPE, SIGPROF}) signal(number, OnSignal);
      if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(Print);
      return true;
    }();
    static_cast<void>(is_first);
  }

  static void Print() {
    if (current_ == nullptr) return;
    const std::string words = "\nended in the midst of this:\n" + *current_ + "\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, words.data(), words.size());
  }

  static void OnSignal(int) {
    Print();
    _exit(1);
  }

  static inline const std::string* current_ = nullptr;
  const std::string* before_;
};

}  // namespace strata::testing
