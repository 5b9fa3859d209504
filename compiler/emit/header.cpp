#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "compiler/emit/emit.h"
#include "compiler/emit/runtime_header.h"

namespace strata {

namespace {

std::string Upper(std::string_view text) {
  std::string upper;
  for (char c : text) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// Names that C or C++ keep for themselves, or that the declarations use.
const std::set<std::string_view>& TakenNames() {
  static const std::set<std::string_view> names = {
      "alignas",   "alignof",  "and",      "asm",       "auto",   "bitand",    "bitor",    "bool",     "break",
      "buffer",    "case",     "catch",    "char",      "class",  "code",      "compl",    "concept",  "const",
      "constexpr", "continue", "default",  "delete",    "do",     "double",    "else",     "enum",     "explicit",
      "export",    "extern",   "false",    "float",     "for",    "friend",    "goto",     "if",       "inline",
      "int",       "long",     "mutable",  "namespace", "new",    "noexcept",  "not",      "nullptr",  "operator",
      "or",        "parallel", "private",  "protected", "public", "register",  "requires", "restrict", "return",
      "short",     "signed",   "size",     "sizeof",    "static", "struct",    "switch",   "template", "this",
      "throw",     "true",     "try",      "typedef",   "typeid", "typename",  "union",    "unsigned", "using",
      "virtual",   "void",     "volatile", "wchar_t",   "while",  "workspace", "xor"};
  return names;
}

std::string_view CType(DType dtype) {
  switch (dtype) {
    case DType::F32: return "float";
    case DType::F16:
    case DType::BF16: return "uint16_t";
    case DType::I8: return "int8_t";
    case DType::U8:
    case DType::Bool: return "uint8_t";
    case DType::I32: return "int32_t";
    case DType::I64: return "int64_t";
  }
  return "";
}

// Comment lines: `text`, which may not end the comment.
void Comment(std::ostream& out, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    for (size_t at; (at = line.find("*/")) != std::string::npos;) line.replace(at, 2, "* /");
    out << " *" << (line.empty() ? "" : " ") << line << "\n";
  }
}

class HeaderWriter {
 public:
  explicit HeaderWriter(const CompiledModel& model)
      : interface_(model.interface),
        schedule_(model.schedule),
        guard_("STRATA_MODEL_" + Upper(interface_.name) + "_H") {
    for (const std::string& symbol : schedule_.symbols) symbols_.push_back(Parameter(symbol));
    for (const Interface::Tensor& tensor : interface_.inputs) inputs_.push_back(Parameter(tensor.name));
    for (const Interface::Tensor& tensor : interface_.outputs) outputs_.push_back(Parameter(tensor.name));
  }

  std::string Write() {
    out_ << RuntimeHeader() << "\n#ifndef " << guard_ << "\n#define " << guard_ << "\n\n";
    WriteOverview();
    out_ << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    WriteSizes();
    WriteFunctions();
    out_ << "#ifdef __cplusplus\n}\n#endif\n#endif /* " << guard_ << " */\n";
    return out_.str();
  }

 private:
  // A parameter's name: no keyword, and no two alike.
  std::string Parameter(const std::string& name) {
    std::string parameter = name;
    while (TakenNames().contains(parameter) || used_.contains(parameter)) parameter += '_';
    used_.insert(parameter);
    return parameter;
  }

  void WriteOverview() {
    out_ << "/*\n";
    Comment(out_, interface_.doc.empty() ? interface_.name : interface_.name + ": " + interface_.doc);
    out_ << " *\n";
    Comment(out_, "Built by Strata from " + interface_.source + " for " + std::string(schedule_.target->name) + ".");
    for (const auto* tensors : {&interface_.inputs, &interface_.outputs}) {
      out_ << " *\n * " << (tensors == &interface_.inputs ? "Inputs" : "Outputs") << ", dense and row-major:\n";
      for (const Interface::Tensor& tensor : *tensors)
        out_ << " *   " << tensor.name << ": " << ToString(tensor.type) << "\n";
    }
    const std::vector<std::string> symbols = schedule_.arena_bytes.Symbols();
    const bool is_derived = std::ranges::any_of(schedule_.derived, [&](const Schedule::Derived& derived) {
      return std::ranges::find(symbols, derived.name) != symbols.end();
    });
    if (!is_derived) out_ << " *\n * The workspace needs " << schedule_.arena_bytes.ToString() << " bytes.\n";
    WriteGuards();
    out_ << " */\n\n";
  }

  // What the sizes must fulfil.
  void WriteGuards() {
    if (schedule_.guards.empty()) return;
    out_ << " *\n * Sizes that a call refuses, with codes from STRATA_FIRST_GUARD on:\n";
    for (const core::Guard& guard : schedule_.guards) Comment(out_, "  " + guard.text);
  }

  void WriteSizes() {
    std::ostringstream sizes;
    for (const auto* tensors : {&interface_.inputs, &interface_.outputs}) {
      for (const Interface::Tensor& tensor : *tensors) {
        for (const Axis& axis : tensor.type.shape) {
          if (axis.name.empty() || !axis.size.Constant()) continue;
          sizes << (sizes.tellp() == 0 ? "" : ",\n") << "  " << Upper(interface_.name) << "_" << Upper(tensor.name)
                << "_" << Upper(axis.name) << " = " << axis.size.ToString();
        }
      }
    }
    if (sizes.tellp() > 0) out_ << "enum {\n" << sizes.str() << "\n};\n\n";
  }

  void WriteFunctions() {
    const std::string& name = interface_.name;
    out_ << "/* Bytes the workspace needs, a multiple of 64, to which it must be aligned; or minus a code. */\n"
         << "int64_t " << name << "_workspace_size(" << (symbols_.empty() ? "void" : SymbolParameters()) << ");\n\n"
         << "/* Runs the model. Arrays and workspace must not overlap, except inputs with each other; `parallel` may "
            "be NULL.\n"
         << " * Returns STRATA_OK, or a code that " << name << "_error_text explains. */\n"
         << "int32_t " << name << "_run(" << SymbolParameters() << (symbols_.empty() ? "" : ", ");
    for (size_t k = 0; k < inputs_.size(); ++k) {
      out_ << "const " << CType(interface_.inputs[k].type.dtype) << " *" << inputs_[k] << ", ";
    }
    for (size_t k = 0; k < outputs_.size(); ++k) {
      out_ << CType(interface_.outputs[k].type.dtype) << " *" << outputs_[k] << ", ";
    }
    out_ << "void *workspace,\n    const strata_parallel *parallel);\n\n"
         << "/* Writes the text for a code, cut to `size` bytes with its closing 0; returns the whole text's length. "
            "*/\n"
         << "int64_t " << name << "_error_text(int32_t code, char *buffer, int64_t size);\n\n"
         << "/* The same, with the sizes of the call that failed where the code is about them. */\n"
         << "int64_t " << name << "_error_text_for(int32_t code, " << SymbolParameters()
         << (symbols_.empty() ? "" : ", ") << "char *buffer, int64_t size);\n\n"
         << "/* All of this as data, for programs that meet the model at run time. */\n"
         << "extern const strata_model " << name << "_model;\n\n";
  }

  std::string SymbolParameters() const {
    std::string text;
    for (const std::string& symbol : symbols_) text += (text.empty() ? "int64_t " : ", int64_t ") + symbol;
    return text;
  }

  const Interface& interface_;
  const Schedule& schedule_;
  std::string guard_;
  std::set<std::string> used_;
  std::vector<std::string> symbols_;
  std::vector<std::string> inputs_;
  std::vector<std::string> outputs_;
  std::ostringstream out_;
};

}  // namespace

std::string EmitHeader(const CompiledModel& model) { return HeaderWriter(model).Write(); }

}  // namespace strata
