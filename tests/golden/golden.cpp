#include "tests/golden/golden.h"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/npy_writer.h"
#include "tests/support/process.h"
#include "tests/support/safetensors_writer.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {

namespace {

struct Section {
  std::string head;  // its first line; empty for what stands before the first section
  std::string body;  // the other lines
};

bool IsHead(const std::string& line) { return line.starts_with("--- ") || line.starts_with("$ "); }

std::vector<Section> Split(const std::string& golden) {
  std::vector<Section> sections(1);
  std::istringstream lines(golden);
  for (std::string line; std::getline(lines, line);) {
    if (IsHead(line)) {
      sections.push_back({.head = line, .body = ""});
    } else {
      sections.back().body += line + "\n";
    }
  }
  return sections;
}

// The first word of `text`, which loses it.
std::string TakeWord(std::string& text) {
  const size_t end = text.find(' ');
  const std::string word = text.substr(0, end);
  text.erase(0, end == std::string::npos ? end : end + 1);
  return word;
}

std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  char quote = '\0';
  bool in_word = false;
  for (const char c : line) {
    if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
      quote = quote != '\0' ? '\0' : c;
    } else if (c == ' ' && quote == '\0') {
      in_word = false;
      continue;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += c;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
  }
  if (quote != '\0') throw std::runtime_error("a quote is never closed: " + line);
  return words;
}

void MakeFile(const Section& section, const TemporaryDirectory& folder) {
  std::string rest = section.head.substr(4);
  std::string body = section.body;
  if (body == "\n" || body.ends_with("\n\n")) body.pop_back();
  const std::string word = TakeWord(rest);
  if (word == "copy") {
    std::filesystem::copy_file(rest, folder / std::filesystem::path(rest).filename());
  } else if (word == "link") {
    const std::string name = TakeWord(rest);
    std::filesystem::create_symlink(rest, folder / name);
  } else if (word == "array") {
    const std::string name = TakeWord(rest);
    WriteBytes(folder / name, ListedArray(rest));
  } else if (word == "weights") {
    const std::string name = TakeWord(rest);
    WriteBytes(folder / name, ListedFile(body, rest));
  } else if (rest.empty()) {
    std::filesystem::create_directories(std::filesystem::path(folder / word).parent_path());
    WriteBytes(folder / word, body);
  } else {
    throw std::runtime_error("no such section: " + section.head);
  }
}

// Whole lines, none of which could be taken for a section.
std::string Lines(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (IsHead(line)) throw std::runtime_error("a line of the output looks like a section: " + line);
  }
  return text.empty() || text.ends_with('\n') ? text : text + "\n[no end of line]\n";
}

std::string RunCommand(const std::string& line, const TemporaryDirectory& folder) {
  Process process = {.arguments = Words(line), .directory = folder / ""};
  std::vector<std::string>& words = process.arguments;
  if (words.size() == 2 && words[0] == "cat") return Lines(ReadBytes(folder / words[1]));
  if (words.size() > 2 && words[words.size() - 2] == "<") {
    process.input = folder / words.back();
    words.resize(words.size() - 2);
  }
  if (words[0] == "strata") {
    words[0] = StrataProgram();
  } else if (!words[0].starts_with("./")) {
    throw std::runtime_error("neither strata, a program that it built, nor `cat NAME`: " + line);
  }
  const ProcessResult result = RunProcess(process);
  std::string text = Lines(result.output);
  if (!result.errors.empty()) text += "[stderr]\n" + Lines(result.errors);
  if (result.timed_out) return text + "[killed after a minute]\n";
  if (result.signal != 0) return text + "[signal " + std::to_string(result.signal) + "]\n";
  if (result.status != 0) text += "[exit " + std::to_string(result.status) + "]\n";
  return text;
}

}  // namespace

std::string Rerun(const std::string& golden) {
  const TemporaryDirectory folder;
  const std::vector<Section> sections = Split(golden);
  std::string text;
  for (const Section& section : sections) {
    if (!section.head.empty()) text += section.head + "\n";
    if (section.head.starts_with("$ ")) {
      text += RunCommand(section.head.substr(2), folder);
      if (&section != &sections.back()) text += "\n";
    } else {
      if (section.head.starts_with("--- ")) MakeFile(section, folder);
      text += section.body;
    }
  }
  return text;
}

}  // namespace strata::testing
