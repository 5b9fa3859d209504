// The tokens of a file that parses, with their comments, as the parts of a layout. What the tree leaves out and an author
// wrote (parentheses, the digits of a number) is a token, so nothing can get lost: only commas at the end of a list, quotes
// and the prefix `keras.layers.` are ever changed.
#include "compiler/syntax/format.h"

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/source/check.h"
#include "compiler/syntax/layout.h"
#include "compiler/syntax/lex.h"

namespace strata {
namespace syntax {
namespace {

// ---- Tokens with their comments ----

std::string_view WithoutBlanksAtEnd(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Between two tokens there are blanks and comments only.
std::vector<CommentedToken> AttachComments(const Tokens& tokens, std::string_view text) {
  std::vector<CommentedToken> result;
  result.reserve(tokens.size());
  size_t at = 0;
  for (const Token& token : tokens) {
    CommentedToken added;
    added.text = token.text;
    size_t line_ends = 0;  // since the last token or comment
    const auto has_blank = [&] { return line_ends > 1; };
    while (at < token.span.begin) {
      if (text[at] != '#') {
        const size_t length = text.substr(at, 2) == "\r\n" ? 2 : 1;
        line_ends += CountLineEnds(text.substr(at, length));
        at += length;
        continue;
      }
      const size_t end = std::min(text.find_first_of("\r\n", at), text.size());
      const std::string_view comment = WithoutBlanksAtEnd(text.substr(at, end - at));
      if (line_ends == 0 && !result.empty()) {
        result.back().beside = comment;
      } else {
        added.above.push_back({comment, has_blank()});
      }
      line_ends = 0;
      at = end;
    }
    added.starts_line = result.empty() || line_ends > 0;
    added.blank_before = has_blank();
    result.push_back(std::move(added));
    at = token.span.end;
  }
  return result;
}

// A comma stays with what is before it, and a line ends with one comment: others come before the next token.
void MoveCommentsBehindCommas(std::vector<CommentedToken>& tokens) {
  for (size_t i = 1; i + 1 < tokens.size(); ++i) {
    CommentedToken& comma = tokens[i];
    if (comma.text != ",") continue;
    std::vector<Comment> moved = std::exchange(comma.above, {});
    const bool is_second = !moved.empty() || !tokens[i - 1].beside.empty();
    if (is_second && !comma.beside.empty()) moved.push_back({std::exchange(comma.beside, {}), false});
    tokens[i + 1].above.insert(tokens[i + 1].above.begin(), moved.begin(), moved.end());
  }
}

// In double quotes, unless it would need more escapes there.
std::string Requoted(std::string_view text) {
  if (!text.starts_with('\'') || text.find('"') != std::string_view::npos) return std::string(text);
  std::string result = "\"";
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\') {
      if (text[i + 1] != '\'') result += text[i];
      ++i;
    }
    result += text[i];
  }
  return result + "\"";
}

// Every name that something in the file is bound to.
std::set<std::string_view> BoundNames(const ast::File& file, const Tokens& tokens) {
  std::set<std::string_view> names;
  for (const ast::Item& item : file.items) {
    if (const auto* constant = std::get_if<ast::Const>(&item)) names.insert(constant->name.text);
    const auto* function = std::get_if<ast::Function>(&item);
    if (function == nullptr) continue;
    names.insert(function->name.text);
    for (const ast::ConfigParam& param : function->config) names.insert(param.name.text);
    for (const ast::TensorParam& param : function->inputs) names.insert(param.name.text);
    for (const ast::Statement& statement : function->body) {
      const auto* let = std::get_if<ast::Let>(&statement);
      if (let == nullptr) continue;
      for (const ast::Name& name : let->names) names.insert(name.text);
    }
  }
  // The counter of `repeat`.
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].Is("as")) names.insert(tokens[i + 1].text);
  }
  return names;
}

// Drops `keras.layers.` and `layers.` before the name of a layer, where the file gives none of the names another meaning.
void DropPrefixes(const ast::File& file, const Tokens& tokens, std::vector<CommentedToken>& commented) {
  const std::set<std::string_view> bound = BoundNames(file, tokens);
  const auto is_free = [&](size_t at) { return !bound.contains(tokens[at].text); };
  std::vector<CommentedToken> kept;
  kept.reserve(commented.size());
  for (size_t i = 0; i < commented.size(); ++i) {
    size_t layers = i;
    if (tokens[i].Is("keras") && tokens[i + 1].Is(".")) layers += 2;
    size_t end = i;  // of the prefix
    if (tokens[layers].Is("layers") && tokens[layers + 1].Is(".")) end = layers + 2;
    const bool is_layer =
        tokens[end].sort == TokenSort::Name && tokens[end].text[0] >= 'A' && tokens[end].text[0] <= 'Z';
    bool is_dropped =
        end > i && is_layer && (i == 0 || !tokens[i - 1].Is(".")) && is_free(i) && is_free(layers) && is_free(end);
    for (size_t k = i; k < end; ++k) {
      is_dropped = is_dropped && commented[k].beside.empty() && commented[k + 1].above.empty();
    }
    if (is_dropped) {
      commented[end].above = std::move(commented[i].above);
      commented[end].starts_line = commented[i].starts_line;
      commented[end].blank_before = commented[i].blank_before;
      i = end;
    }
    kept.push_back(std::move(commented[i]));
  }
  commented = std::move(kept);
}

// Gives what is called under another name its main one, where nothing in the file, or in one that it imports, may be
// bound to the name.
void WriteMainNames(const ast::File& file, const Tokens& tokens, const MainNames& main_name,
                    std::vector<CommentedToken>& commented) {
  const auto is_import = [](const ast::Item& item) { return std::holds_alternative<ast::Import>(item); };
  if (!main_name || std::ranges::any_of(file.items, is_import)) return;
  const std::set<std::string_view> bound = BoundNames(file, tokens);
  for (size_t i = 0; i + 1 < commented.size(); ++i) {
    if (tokens[i].sort != TokenSort::Name || !tokens[i + 1].Is("(") || bound.contains(tokens[i].text)) continue;
    const bool is_member = i >= 2 && tokens[i - 1].Is(".");
    if (is_member && !tokens[i - 2].Is("layers") && !tokens[i - 2].Is("ops")) continue;
    commented[i].text = main_name(tokens[i].text);
  }
}

// ---- Parts ----

constexpr size_t kIndent = 2;
// Of what belongs to a signature, so that it does not look like the body.
constexpr size_t kSignatureIndent = 4;

Part Space() { return {.form = Part::Form::Text, .text = " "}; }
Part Comma() { return {.form = Part::Form::Comma}; }

// Parts in the order in which they are written down, which is that in which tokens are taken.
struct Parts {
  template <typename... Each>
  Parts(Each&&... each) {  // NOLINT: a list in braces is Parts
    (list.push_back(std::forward<Each>(each)), ...);
  }
  std::vector<Part> list;
};

void Append(Part& block, Parts parts) {
  for (Part& part : parts.list) block.parts.push_back(std::move(part));
}

Part Block() { return {.form = Part::Form::Block}; }
Part Block(Parts parts) { return {.form = Part::Form::Block, .parts = std::move(parts.list)}; }

// A place where nothing stands if the line goes on there, or a space.
Part EndOrNothing(size_t offset) { return {.form = Part::Form::LineEnd, .offset = offset}; }
Part EndOrSpace(size_t offset) { return {.form = Part::Form::LineEnd, .text = " ", .offset = offset}; }
Part End(size_t offset, Blanks blanks = Blanks::None) {
  return {.form = Part::Form::LineEnd, .offset = offset, .blanks = blanks, .is_forced = true};
}
Part Above(size_t token) { return {.form = Part::Form::Above, .token = token}; }

// Binary operators from `or` to `%`, loosest first.
const std::vector<std::vector<std::string_view>> kOperators = {
    {"or"}, {"and"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "//", "%"}};
constexpr size_t kComparison = 2;

// Follows the grammar, rule by rule, over tokens that are known to follow it.
class Builder {
 public:
  explicit Builder(const std::vector<CommentedToken>& tokens) : tokens_(tokens) {}

  Part File() {
    Part file = Block();
    std::string_view before;  // the keyword of the item before
    while (!IsAtEnd()) {
      const std::string_view keyword = Text();
      if (!before.empty()) file.parts.push_back(End(0, BlanksBetween(before, keyword)));
      file.parts.push_back(Item());
      before = keyword;
    }
    if (!tokens_[at_].above.empty()) Append(file, {End(0, Blanks::Kept), Above(at_)});
    return file;
  }

 private:
  using Rule = Part (Builder::*)();

  bool IsAtEnd() const { return at_ + 1 == tokens_.size(); }
  std::string_view Text(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? std::string_view(tokens_[at_ + ahead].text) : std::string_view();
  }
  bool Is(std::string_view text) const { return Text() == text; }
  bool IsOneOf(const std::vector<std::string_view>& texts) const {
    return std::ranges::find(texts, Text()) != texts.end();
  }

  Part Take() {
    STRATA_CHECK(!IsAtEnd());
    return {.form = Part::Form::Token, .token = at_++};
  }
  Part Take(std::string_view text) {
    STRATA_CHECK(Is(text));
    return Take();
  }

  // ---- Items ----

  // Around a function there is a blank line, but for the weights behind it.
  static Blanks BlanksBetween(std::string_view before, std::string_view after) {
    const auto is_function = [](std::string_view keyword) { return keyword == "model" || keyword == "block"; };
    const bool is_apart = is_function(before) ? after != "weights" : before == "weights" && is_function(after);
    return is_apart ? Blanks::One : Blanks::Kept;
  }

  Part Item() {
    if (Is("const")) return Constant();
    if (Is("import")) return Block({Take(), Space(), Take()});
    if (Is("weights")) return Weights();
    return Function();
  }

  Part Constant() {
    Part constant = Block({Take("const"), Space(), Take()});
    if (Is(":")) Append(constant, {Take(), Space(), Type()});
    Append(constant, {Space(), Take("="), Space(), Expr()});
    return constant;
  }

  Part Weights() {
    Part weights = Block({Take("weights"), Space(), Take(), Space(), Take("from"), Space(), Take()});
    if (!Is("{")) return weights;
    Append(weights, {Space(), Take()});
    bool is_first = true;
    while (!Is("}")) {
      Append(weights, {End(kIndent, is_first ? Blanks::BetweenComments : Blanks::Kept), Mapping()});
      is_first = false;
    }
    TakeCloser(weights, End(0), is_first);
    return weights;
  }

  Part Mapping() {
    Part mapping = Block({Take()});
    while (Is("/")) Append(mapping, {Take(), Take()});
    Append(mapping, {Space(), Take("="), Space(), Take()});
    if (Is("as") && Text(1) == "[") Append(mapping, {Space(), Take(), Space(), Brackets(&Builder::Single)});
    return mapping;
  }

  Part Single() { return Take(); }

  Part Function() {
    Part function = Block({Signature(), Space(), Take("{")});
    bool is_first = true;
    while (!Is("}")) {
      Append(function, {End(kIndent, is_first ? Blanks::BetweenComments : Blanks::Kept), Statement()});
      is_first = false;
    }
    TakeCloser(function, End(0), false);
    return function;
  }

  // On one line if it fits there. Otherwise the results begin a line, and so does what the author let begin one or what
  // else does not fit: the tensors after a configuration, `where`.
  Part Signature() {
    Part head = Block({Take(), Space(), Take()});
    std::vector<Part*> author_ends;
    size_t column = WidthOf(head);  // where the last group begins
    head.parts.push_back(Group());
    if (Is("(")) {
      column += WidthOf(head.parts.back());
      const bool is_author_end = tokens_[at_].starts_line;
      Part group = Group();
      if (is_author_end || column + WidthOf(group) > kLineWidth) column = kSignatureIndent;
      Append(head, {EndOrNothing(kSignatureIndent), std::move(group)});
      if (is_author_end) author_ends.push_back(&head.parts[head.parts.size() - 2]);
    }
    const Part& group = head.parts.back();
    const bool is_long = IsOnSeveralLines(group, tokens_) || column + WidthOf(group) > kLineWidth;

    Part results = Block({Take("->"), Space()});
    results.parts.push_back(Is("(") ? Brackets(&Builder::Result, {.offset = kSignatureIndent}) : Type());
    if (Is("where")) {
      const bool is_author_end = tokens_[at_].starts_line;
      Append(results, {EndOrSpace(is_long ? kSignatureIndent : 0), Where()});
      if (is_author_end) author_ends.push_back(&results.parts[results.parts.size() - 2]);
    }
    const size_t width =
        WidthOf(head) + std::string_view(" ").size() + WidthOf(results) + std::string_view(" {").size();
    if (width > kLineWidth || IsOnSeveralLines(head, tokens_) || IsOnSeveralLines(results, tokens_)) {
      for (Part* end : author_ends) end->is_forced = true;
    }
    return Block({std::move(head), is_long ? Space() : EndOrSpace(kSignatureIndent), std::move(results)});
  }

  Part Group() { return Brackets(&Builder::Parameter, {.offset = kSignatureIndent}); }

  Part Parameter() {
    Part parameter = Block({Take()});
    if (Is(":")) Append(parameter, {Take(), Space(), Type()});
    if (Is("=")) Append(parameter, {Space(), Take(), Space(), Expr()});
    return parameter;
  }

  Part Result() {
    if (Text(1) != ":") return Type();
    return Block({Take(), Take(), Space(), Type()});
  }

  Part Where() {
    constexpr size_t kConditions = std::string_view("where ").size();
    Part where = Block({Take("where"), Space(), Operation(0)});
    while (Is(",")) {
      if (Text(1) == "{" && !HasComment()) {
        ++at_;
      } else if (Text(1) == "{") {
        where.parts.push_back(Take());
      } else {
        Append(where, {Take(), EndOrSpace(kConditions), Operation(0)});
      }
    }
    return where;
  }

  Part Type() {
    Part type = Block();
    if (!Is("[")) type.parts.push_back(Take());
    if (Is("[")) type.parts.push_back(Brackets(&Builder::Axis));
    return type;
  }

  Part Statement() {
    Part statement = Block({Take()});
    if (tokens_[at_ - 1].text == "let") {
      statement.parts.push_back(Space());
      statement.parts.push_back(Is("(") ? Brackets(&Builder::Single, {.is_tuple = true}) : Take());
      Append(statement, {Space(), Take("=")});
    }
    Append(statement, {Space(), Expr()});
    return statement;
  }

  // ---- Brackets ----

  struct BracketOptions {
    size_t offset = kIndent;
    bool is_tuple = false;  // a comma behind a single entry has a meaning
  };

  // On one line, or each entry on its own.
  Part Brackets(Rule entry) { return Brackets(entry, BracketOptions()); }
  Part Brackets(Rule entry, const BracketOptions& options) {
    Part block = Block();
    block.is_bracket = true;
    bool holds_comment = HasComment();
    block.parts.push_back(Take());
    size_t count = 0;
    bool is_one_tuple = false;
    while (!IsCloser()) {
      block.parts.push_back(count == 0 ? EndOrNothing(options.offset) : EndOrSpace(options.offset));
      block.parts.push_back((this->*entry)());
      ++count;
      if (!Is(",")) {
        if (!options.is_tuple || count > 1) block.parts.push_back(Comma());
        break;
      }
      const bool is_last = IsCloserText(Text(1));
      holds_comment |= HasComment();
      if (is_last && options.is_tuple && count == 1) is_one_tuple = true;
      if (!is_last || HasComment() || is_one_tuple) {
        block.parts.push_back(Take());
      } else {
        block.parts.push_back(Comma());
        ++at_;
      }
    }
    holds_comment |= !tokens_[at_].above.empty();
    // Brackets alone in brackets open and close with them.
    if (count == 1 && !is_one_tuple && !holds_comment && block.parts[2].is_bracket &&
        !EndsOrBeginsWithComment(block.parts[2])) {
      Part inner = std::move(block.parts[2]);
      block.parts.resize(1);
      Append(block, {std::move(inner), Take()});
      return block;
    }
    TakeCloser(block, EndOrNothing(0), count == 0, options.offset);
    return block;
  }

  static bool IsCloserText(std::string_view text) { return text == ")" || text == "]" || text == "}"; }
  bool IsCloser() const { return IsCloserText(Text()); }
  bool HasComment() const { return !tokens_[at_].beside.empty(); }
  bool EndsOrBeginsWithComment(const Part& bracket) const {
    return !tokens_[bracket.parts.front().token].above.empty() || !tokens_[bracket.parts.back().token].beside.empty();
  }

  // The comments before it stand with what is in the brackets.
  void TakeCloser(Part& block, Part end, bool is_empty, size_t offset = kIndent) {
    const bool has_comments = !tokens_[at_].above.empty();
    if (has_comments) Append(block, {End(offset, is_empty ? Blanks::BetweenComments : Blanks::Kept), Above(at_)});
    if (!is_empty || has_comments) block.parts.push_back(std::move(end));
    block.parts.push_back(Take());
  }

  Part Axis() {
    if (Text(1) != ":") return Expr();
    return Block({Take(), Take(), Space(), Expr()});
  }

  Part Argument() {
    if (Text(1) != "=") return Expr();
    return Block({Take(), Take(), Expr()});
  }

  Part IndexItem() {
    Part item = Block();
    if (Text(1) == ":") Append(item, {Take(), Take(), Space()});
    if (!Is("..")) item.parts.push_back(Expr());
    if (!Is("..")) return item;
    // `1...5` would be read as `1 .. .5`.
    if (tokens_[at_ - 1].text.ends_with('.')) item.parts.push_back(Space());
    item.parts.push_back(Take());
    if (Is(",") || IsCloser()) return item;
    if (Text().starts_with('.')) item.parts.push_back(Space());
    item.parts.push_back(Expr());
    return item;
  }

  // ---- Expressions ----

  Part Expr() {
    Part value = Pipe();
    if (!Is("if")) return value;
    Part conditional = Block();
    while (Is("if")) {
      Part taken = Block({std::move(value), EndOrSpace(kIndent), Take(), Space(), Operation(0)});
      Part end = EndOrSpace(kIndent);
      end.is_forced = tokens_[at_].starts_line;
      Append(conditional, {std::move(taken), std::move(end), Take("else"), Space()});
      value = Pipe();
    }
    conditional.parts.push_back(std::move(value));
    return conditional;
  }

  Part Pipe() {
    Part head = Operand();
    if (!Is("|>")) return head;
    const size_t first = at_;
    struct Step {
      Part part;
      bool begins_line;
    };
    std::vector<Step> steps;
    bool is_author_pipe = false;
    bool was_ascription = false;
    while (Is("|>")) {
      const bool begins_line = tokens_[at_].starts_line || was_ascription;
      is_author_pipe |= begins_line;
      Part part = Block({Take(), Space(), Operand()});
      was_ascription = Is(":");
      if (was_ascription) {
        Part end = EndOrSpace(kIndent);
        end.text = "  ";
        end.is_ascription = true;
        end.token = first;
        part.parts.push_back(Block({std::move(end), Take(), Space(), Type()}));
      }
      steps.push_back({std::move(part), begins_line});
    }
    Part pipe = Block({std::move(head)});
    if (!is_author_pipe) {
      for (Step& step : steps) Append(pipe, {EndOrSpace(kIndent), std::move(step.part)});
      return pipe;
    }
    Part line = Block();  // of steps
    for (Step& step : steps) {
      if (step.begins_line && !line.parts.empty()) {
        Append(pipe, {End(kIndent, Blanks::Kept), std::exchange(line, Block())});
      }
      if (!line.parts.empty()) line.parts.push_back(EndOrSpace(0));
      line.parts.push_back(std::move(step.part));
    }
    Append(pipe, {End(kIndent, Blanks::Kept), std::move(line)});
    return pipe;
  }

  Part Operand() {
    if (IsRepeat()) return Repeat();
    if (Is("branch") && Text(1) == "{") return Branch();
    return Operation(0);
  }

  // `repeat` is a name as well: braces that follow its count tell. What cannot be part of a count ends the search.
  bool IsRepeat() const {
    if (!Is("repeat")) return false;
    int depth = 0;
    for (size_t i = at_ + 1; i + 1 < tokens_.size(); ++i) {
      const std::string_view text = tokens_[i].text;
      if (depth == 0) {
        if (text == "{") return true;
        for (const std::string_view end : {",", "|>", ":", "=", "..", "if", "else", "let", "assert", "return"}) {
          if (text == end) return false;
        }
      }
      if (text == "(" || text == "[" || text == "{") ++depth;
      if (IsCloserText(text) && --depth < 0) return false;
    }
    return false;
  }

  Part Repeat() {
    Part repeat = Block({Take(), Space(), Operation(0)});
    if (Is("as")) Append(repeat, {Space(), Take(), Space(), Take()});
    Append(repeat, {Space(), Take("{")});
    Part end = EndOrSpace(kIndent);
    end.is_forced = tokens_[at_].starts_line;
    Append(repeat, {std::move(end), Expr()});
    TakeCloser(repeat, EndOrSpace(0), false);
    return repeat;
  }

  Part Branch() {
    Part branch = Block({Take(), Space(), Take("{")});
    bool is_forced = tokens_[at_].starts_line;
    while (!Is("}")) {
      Part end = EndOrSpace(kIndent);
      end.is_forced = std::exchange(is_forced, false);
      Append(branch, {std::move(end), Expr()});
      if (Is(",") && (Text(1) != "}" || HasComment())) {
        branch.parts.push_back(Take());
      } else {
        branch.parts.push_back(Comma());
        if (Is(",")) ++at_;
      }
    }
    TakeCloser(branch, EndOrSpace(0), false);
    return branch;
  }

  // Operators of one binding strength; below the loosest a line may end before each of them.
  Part Operation(size_t level) {
    if (level == kOperators.size()) return Unary();
    Part first = Block();
    while (level == kComparison && Is("not")) Append(first, {Take(), Space()});
    if (first.parts.empty()) {
      first = Operation(level + 1);
    } else {
      first.parts.push_back(Operation(level + 1));
    }
    if (!IsOneOf(kOperators[level])) return first;
    Part operation = Block({std::move(first)});
    while (IsOneOf(kOperators[level])) {
      Append(operation, {EndOrSpace(kIndent), Take(), Space(), Operation(level + 1)});
    }
    return operation;
  }

  Part Unary() {
    Part unary = Block();
    for (;;) {
      while (Is("-") || Is("+")) unary.parts.push_back(Take());
      unary.parts.push_back(Postfix());
      if (!Is("**")) break;
      Append(unary, {Space(), Take(), Space()});
    }
    return unary.parts.size() == 1 ? std::move(unary.parts[0]) : std::move(unary);
  }

  Part Postfix() {
    Part atom = Is("(") ? Brackets(&Builder::Expr, {.is_tuple = true}) : Is("[") ? Brackets(&Builder::Axis) : Take();
    const std::string& last = tokens_[at_ - 1].text;
    const bool is_number = last[0] == '.' || (last[0] >= '0' && last[0] <= '9');
    if (!Is(".") && !Is("(") && !Is("[")) return atom;
    Part postfix = Block({std::move(atom)});
    for (;;) {
      if (Is(".")) {
        // `1.x` would be no number.
        if (is_number && postfix.parts.size() == 1) postfix.parts.push_back(Space());
        Append(postfix, {Take(), Take()});
      } else if (Is("(")) {
        postfix.parts.push_back(Brackets(&Builder::Argument));
      } else if (Is("[")) {
        postfix.parts.push_back(Brackets(&Builder::IndexItem));
      } else {
        return postfix;
      }
    }
  }

  size_t WidthOf(const Part& part) const { return FlatWidth(part, tokens_); }

  const std::vector<CommentedToken>& tokens_;
  size_t at_ = 0;
};

}  // namespace
}  // namespace syntax

std::string Format(const ast::File& file, const Sources& sources, const MainNames& main_name) {
  const std::string_view text = sources.Get(file.id).Text();
  const syntax::Tokens tokens = syntax::Lex(file.id, sources);
  std::vector<syntax::CommentedToken> commented = syntax::AttachComments(tokens, text);
  syntax::WriteMainNames(file, tokens, main_name, commented);
  syntax::DropPrefixes(file, tokens, commented);
  syntax::MoveCommentsBehindCommas(commented);
  for (syntax::CommentedToken& token : commented) token.text = syntax::Requoted(token.text);
  const size_t first_end = text.find('\n');
  const bool is_crlf = first_end != std::string_view::npos && first_end > 0 && text[first_end - 1] == '\r';
  return syntax::Render(syntax::Builder(commented).File(), commented, is_crlf ? "\r\n" : "\n");
}

}  // namespace strata
