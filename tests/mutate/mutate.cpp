#include "tests/mutate/mutate.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace strata::testing {

// Walks the whole tree and notes every place where something can go wrong.
class SiteCollector {
 public:
  explicit SiteCollector(Mutator& mutator) : mutator_(mutator) {}

  void Visit(const ast::File& file) {
    for (const ast::Item& item : file.items) std::visit([&](const auto& i) { Visit(i); }, item);
  }

 private:
  using Site = Mutator::Site;

  void Add(Mutation kind, Span span, Span second = {}) {
    mutator_.sites_[static_cast<size_t>(kind)].push_back({span, second});
  }

  void Visit(const ast::Function& function) {
    for (const ast::ConfigParam& param : function.config) Visit(param.default_value);
    for (const ast::TensorParam& input : function.inputs) Visit(input.type);
    for (const ast::Result& result : function.results) {
      for (const ast::AxisExpr& axis : result.type.axes) Add(Mutation::WrongReturnType, axis.size->span);
      Visit(result.type);
    }
    for (const ast::ExprPtr& condition : function.where) Visit(condition);
    for (const ast::Statement& statement : function.body) {
      if (const auto* let = std::get_if<ast::Let>(&statement)) Visit(let->value);
      if (const auto* assertion = std::get_if<ast::Assert>(&statement)) Visit(assertion->condition);
      if (const auto* returned = std::get_if<ast::Return>(&statement)) Visit(returned->value);
    }
  }
  void Visit(const ast::Const& constant) {
    if (constant.type) Visit(*constant.type);
    Visit(constant.value);
  }
  void Visit(const ast::Import&) {}
  void Visit(const ast::Weights& weights) { Add(Mutation::Misspell, weights.model.span); }

  void Visit(const ast::TypeExpr& type) {
    if (type.dtype) Add(Mutation::Misspell, type.dtype->span);
    if (!type.axes.empty()) Add(Mutation::WrongRank, type.axes.back().span);
    for (size_t i = 0; i < type.axes.size(); ++i) {
      if (i > 0) Add(Mutation::SwapAxes, type.axes[i - 1].span, type.axes[i].span);
      Visit(type.axes[i]);
    }
  }
  void Visit(const ast::AxisExpr& axis) {
    if (axis.name) Add(Mutation::Misspell, axis.name->span);
    Visit(axis.size);
  }

  void Visit(const ast::ExprPtr& expr) {
    if (expr != nullptr) std::visit([&](const auto& node) { Visit(node, expr->span); }, expr->node);
  }
  void Visit(const ast::Unread&, Span) {}
  void Visit(const ast::NoneLiteral&, Span) {}
  void Visit(const ast::BoolLiteral&, Span) {}
  void Visit(const ast::IntLiteral&, Span span) { Add(Mutation::ChangeSize, span); }
  void Visit(const ast::FloatLiteral&, Span) {}
  void Visit(const ast::StringLiteral& literal, Span span) {
    if (!literal.value.empty()) Add(Mutation::Misspell, {span.file, span.begin + 1, span.end - 1});
  }
  void Visit(const ast::NameRef&, Span span) { Add(Mutation::Misspell, span); }
  void Visit(const ast::Member& member, Span) {
    Visit(member.object);
    Add(Mutation::Misspell, member.member.span);
  }
  void Visit(const ast::Call& call, Span) {
    Visit(call.callee);
    Add(Mutation::AddArgument, call.parentheses);
    for (const ast::Argument& argument : call.arguments) {
      Add(Mutation::DropArgument, argument.span);
      if (argument.keyword) Add(Mutation::Misspell, argument.keyword->span);
      Visit(argument.value);
    }
  }
  void Visit(const ast::Index& index, Span) {
    Visit(index.object);
    for (const ast::IndexItem& item : index.items) {
      if (item.axis) Add(Mutation::Misspell, item.axis->span);
      Visit(item.begin);
      Visit(item.end);
    }
  }
  void Visit(const ast::Unary& unary, Span) { Visit(unary.operand); }
  void Visit(const ast::Binary& binary, Span) {
    Visit(binary.left);
    Visit(binary.right);
  }
  void Visit(const ast::Conditional& conditional, Span) {
    Visit(conditional.value);
    Visit(conditional.condition);
    Visit(conditional.otherwise);
  }
  void Visit(const ast::TupleExpr& tuple, Span) {
    for (const ast::ExprPtr& element : tuple.elements) Visit(element);
  }
  void Visit(const ast::ListExpr& list, Span) {
    for (const ast::AxisExpr& element : list.elements) Visit(element);
  }
  void Visit(const ast::Repeat& repeat, Span) {
    Visit(repeat.count);
    Visit(repeat.body);
  }
  void Visit(const ast::Branch& branch, Span) {
    for (const ast::ExprPtr& entry : branch.branches) Visit(entry);
  }
  void Visit(const ast::Pipe& pipe, Span) {
    Visit(pipe.head);
    for (size_t i = 0; i < pipe.steps.size(); ++i) {
      const ast::PipeStep& step = pipe.steps[i];
      Add(Mutation::DropLayer, Join(step.op_span, step.layer->span));
      if (i > 0) Add(Mutation::SwapLayers, pipe.steps[i - 1].layer->span, step.layer->span);
      Visit(step.layer);
      if (step.ascription) Visit(*step.ascription);
    }
  }

  Mutator& mutator_;
};

namespace {

uint32_t LineOf(std::string_view text, size_t offset) {
  return 1 + static_cast<uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

size_t Below(std::mt19937& random, size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); }

// One letter too few, too many, wrong, or two exchanged.
std::string Misspelled(std::string word, std::mt19937& random) {
  const size_t at = Below(random, word.size());
  switch (Below(random, 4)) {
    case 0:
      if (word.size() > 1) {
        word.erase(at, 1);
        break;
      }
      [[fallthrough]];
    case 1: word.insert(at, 1, static_cast<char>('a' + Below(random, 26))); break;
    case 2: word[at] = static_cast<char>('a' + Below(random, 26)); break;
    default:
      if (at + 1 < word.size()) {
        std::swap(word[at], word[at + 1]);
      } else {
        word += word.back();
      }
  }
  return word;
}

std::string OtherSize(const std::string& size, std::mt19937& random) {
  const uint64_t number = std::stoull(size, nullptr, 0);
  switch (Below(random, 4)) {
    case 0: return std::to_string(number + 1);
    case 1: return std::to_string(number == 0 ? 2 : number - 1);
    case 2: return std::to_string(number * 2 + 1);
    default: return std::to_string(1 + Below(random, 100));
  }
}

}  // namespace

Mutator::Mutator(const ast::File& file, std::string text) : text_(std::move(text)) { SiteCollector(*this).Visit(file); }

Mutant Mutator::Make(Mutation kind, size_t index, std::mt19937& random) const {
  const Site& site = sites_[static_cast<size_t>(kind)][index];
  const std::string old = text_.substr(site.span.begin, site.span.end - site.span.begin);
  Mutant mutant{kind, text_, 0, 0};
  std::string& text = mutant.text;
  size_t begin = site.span.begin;
  size_t end = begin;  // of the mistake, in the mutant
  const auto replace = [&](const std::string& by) {
    text.replace(begin, old.size(), by);
    end = begin + by.size();
  };
  switch (kind) {
    case Mutation::DropLayer: {
      // With the space before it: the line goes where the layer was all it held.
      while (begin > 0 && std::isspace(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
      text.erase(begin, site.span.end - begin);
      const uint32_t line = LineOf(text, begin);
      mutant.first_line = line;
      mutant.last_line = line + 1;
      return mutant;
    }
    case Mutation::SwapLayers:
    case Mutation::SwapAxes: {
      const std::string second = text.substr(site.second.begin, site.second.end - site.second.begin);
      text.replace(site.second.begin, second.size(), old);
      text.replace(begin, old.size(), second);
      end = site.second.end;
      break;
    }
    case Mutation::ChangeSize: replace(OtherSize(old, random)); break;
    case Mutation::Misspell: replace(Misspelled(old, random)); break;
    case Mutation::DropArgument: {
      // With the comma that parted it from a neighbour.
      size_t last = site.span.end;
      if (text[last] == ',') {
        ++last;
      } else {
        const size_t before = text.find_last_not_of(" \n\t", begin - 1);
        if (text[before] == ',') begin = before;
      }
      text.erase(begin, last - begin);
      end = begin;
      break;
    }
    case Mutation::AddArgument: {
      static constexpr std::string_view kArguments[] = {"3",       "axis=5", "padding=\"full\"",
                                                        "units=4", "name=7", "[1, 2]"};
      begin = site.span.end - 1;
      const size_t before = text.find_last_not_of(" \n\t", begin - 1);
      std::string added = text[before] == '(' || text[before] == ',' ? "" : ", ";
      added += kArguments[Below(random, std::size(kArguments))];
      text.insert(begin, added);
      end = begin + added.size();
      break;
    }
    case Mutation::WrongReturnType:
      replace(std::isdigit(static_cast<unsigned char>(old[0])) != 0 ? OtherSize(old, random) : "7");
      break;
    case Mutation::WrongRank:
      if (Below(random, 2) == 0) {
        replace(old + ", extra: 2");
      } else {
        while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == ',' || text[begin - 1] == '\n')) --begin;
        text.erase(begin, site.span.end - begin);
        end = begin;
      }
      break;
  }
  mutant.first_line = LineOf(text, begin);
  mutant.last_line = LineOf(text, end);
  return mutant;
}

}  // namespace strata::testing
