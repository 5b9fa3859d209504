# Writes the pages of `strata explain` into one C++ file: cmake -DPAGES=<files> -DOUTPUT=<file> -P embed_pages.cmake
set(entries "")
foreach(page IN LISTS PAGES)
  get_filename_component(code "${page}" NAME_WE)
  file(READ "${page}" text)
  string(APPEND entries "    {\"${code}\", R\"page(${text})page\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from compiler/source/explain/*.md by compiler/source/embed_pages.cmake.
#include \"compiler/source/diagnostics.h\"

namespace strata {
namespace {

struct Page {
  std::string_view code;
  std::string_view text;
};

constexpr Page kPages[] = {
${entries}};

}  // namespace

std::string_view ExplainPage(std::string_view code) {
  for (const Page& page : kPages) {
    if (page.code == code) return page.text;
  }
  return {};
}

}  // namespace strata
")
