// The pages of `strata explain`, as the tests read them: their fenced blocks.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace strata::testing {

struct PageBlock {
  std::string fence;  // what follows ```: "strata fails", "weights tiny.safetensors cut"
  std::string text;
};

struct Page {
  std::string code;  // "E0203"
  std::vector<PageBlock> blocks;

  // GoogleTest prints the parameter of a test.
  friend void PrintTo(const Page& page, std::ostream* stream) { *stream << page.code; }
};

// Every page, in the order of their codes. Runs in the root of the repository.
std::vector<Page> ReadPages();

// The codes of the messages in the compiler's standard error, text or JSON, in their order.
std::vector<std::string> CodesIn(const std::string& errors);

}  // namespace strata::testing
