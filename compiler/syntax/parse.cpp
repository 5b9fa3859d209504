// Drives ANTLR's parser over a file, piece by piece: a signature, a statement, an item. Each piece becomes syntax tree
// at once, so ANTLR's own tree stays small, and a piece that does not parse is reported and skipped, so that the next
// one is still read. ANTLR never words a message: errors.h does.
#include "compiler/syntax/parse.h"

#include <map>
#include <utility>

#include "StrataLexer.h"
#include "StrataParser.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/syntax/errors.h"
#include "compiler/syntax/lex.h"
#include "compiler/syntax/tokens.h"
#include "compiler/syntax/tree_builder.h"

namespace strata {
namespace {

using antlr4::atn::ParserATNSimulator;
using antlr4::atn::PredictionMode;
using grammar::StrataLexer;
using grammar::StrataParser;
using syntax::Failure;
using syntax::Token;
using syntax::Tokens;
using syntax::TokenSort;

// Stops at the first mistake and keeps where it was.
class StopAtFirst : public antlr4::DefaultErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {}
  void sync(antlr4::Parser*) override {}
  antlr4::Token* recoverInline(antlr4::Parser* parser) override { throw antlr4::InputMismatchException(parser); }

  // Called in the innermost rule's handler.
  void recover(antlr4::Parser* parser, std::exception_ptr error) override {
    try {
      std::rethrow_exception(error);
    } catch (const antlr4::RecognitionException& e) {
      token_index = e.getOffendingToken()->getTokenIndex();
    }
    rules.clear();
    for (const antlr4::RuleContext* rule = parser->getContext(); rule != nullptr;
         rule = static_cast<const antlr4::RuleContext*>(rule->parent)) {
      rules.insert(rules.begin(), parser->getRuleNames()[rule->getRuleIndex()]);
    }
    throw antlr4::ParseCancellationException();
  }

  size_t token_index = 0;
  std::vector<std::string_view> rules;
};

class CountAmbiguities : public antlr4::BaseErrorListener {
 public:
  explicit CountAmbiguities(int* count) : count_(count) {}
  void reportAmbiguity(antlr4::Parser*, const antlr4::dfa::DFA&, size_t, size_t, bool, const antlrcpp::BitSet&,
                       antlr4::atn::ATNConfigSet*) override {
    ++*count_;
  }

 private:
  int* count_;
};

class FileParser {
 public:
  FileParser(FileId id, const Sources& sources, Diagnostics& diagnostics, const ParseOptions& options)
      : id_(id),
        text_(sources.Get(id).Text()),
        diagnostics_(diagnostics),
        offsets_(syntax::CharacterOffsets(text_)),
        input_(std::string(text_)),
        lexer_(&input_),
        stream_(&lexer_),
        parser_(&stream_),
        strategy_(std::make_shared<StopAtFirst>()),
        ambiguities_(options.ambiguities),
        finds_ambiguities_(options.ambiguities != nullptr),
        keeps_parts_(options.keeps_parts),
        builder_(id, text_, offsets_, diagnostics) {
    lexer_.removeErrorListeners();
    parser_.removeErrorListeners();
    parser_.setErrorHandler(strategy_);
    if (finds_ambiguities_) parser_.addErrorListener(&ambiguities_);
    stream_.fill();
    CollectTokens();
  }

  std::optional<ast::File> Run() {
    const size_t errors_before = diagnostics_.ErrorCount();
    ast::File file;
    file.id = id_;
    size_t piece = 0;
    while (Here().sort != TokenSort::End) {
      if (!StartsItemHere()) {
        syntax::ReportNoItem(tokens_, piece, at_, diagnostics_);
        file.misses_items = true;
        Skip(/*in_body=*/false);
        piece = at_;
        continue;
      }
      piece = at_;
      ParseItem(file);
    }
    if (!keeps_parts_ && diagnostics_.ErrorCount() != errors_before) return std::nullopt;
    return file;
  }

 private:
  const Token& Here() const { return tokens_[at_]; }

  // Fills tokens_, the place of each in ANTLR's stream, and docs_.
  void CollectTokens() {
    const std::vector<antlr4::Token*>& all = stream_.getTokens();
    std::string doc;
    size_t doc_line = 0;
    size_t token_line = 0;
    size_t line = 1;
    uint32_t counted_to = 0;
    own_index_.reserve(all.size());
    for (const antlr4::Token* token : all) {
      own_index_.push_back(tokens_.size());
      const bool is_end = token->getType() == antlr4::Token::EOF;
      const auto size = static_cast<uint32_t>(text_.size());
      const Span span = is_end ? Span{id_, size, size} : builder_.SpanOf(token);
      const std::string_view text = text_.substr(span.begin, span.end - span.begin);
      line += syntax::CountLineEnds(text_.substr(counted_to, span.begin - counted_to));
      counted_to = span.begin;
      if (token->getType() == StrataLexer::DOC) {
        // One after code on the same line belongs to nothing.
        if (line == token_line) continue;
        if (doc_line != 0 && line != doc_line + 1) doc.clear();
        if (!doc.empty()) doc += '\n';
        doc += DocText(text);
        doc_line = line;
        continue;
      }
      if (doc_line != 0) docs_[tokens_.size()] = std::exchange(doc, {});
      doc_line = 0;
      stream_index_.push_back(token->getTokenIndex());
      tokens_.push_back({syntax::SortOf(token->getType(), text), span, text, line != token_line});
      token_line = line;
    }
  }

  static std::string_view DocText(std::string_view comment) {
    comment.remove_prefix(2);
    if (comment.starts_with(' ')) comment.remove_prefix(1);
    while (!comment.empty() && (comment.back() == ' ' || comment.back() == '\t')) comment.remove_suffix(1);
    return comment;
  }

  std::string Doc(size_t token) const {
    const auto found = docs_.find(token);
    return found == docs_.end() ? std::string() : found->second;
  }

  // At the place of an item `model` and the like are keywords whatever follows, but for an assignment.
  bool StartsItemHere() const {
    if (syntax::StartsItem(tokens_, at_)) return true;
    if (Here().Is("import")) return true;
    return (Here().Is("model") || Here().Is("block") || Here().Is("weights")) && !tokens_[at_ + 1].Is("=");
  }

  // Reads one piece with a rule of the grammar, from the current token; at its end the next one is current. Reports and
  // returns null if it does not parse.
  template <typename Tree>
  Tree* Read(Tree* (StrataParser::*rule)()) {
    const size_t piece = at_;
    Tree* tree = nullptr;
    if (finds_ambiguities_) {
      tree = TryRead(rule, PredictionMode::LL_EXACT_AMBIG_DETECTION);
    } else {
      // SLL is fast; where it fails, LL has the last word.
      tree = TryRead(rule, PredictionMode::SLL);
      if (tree == nullptr) tree = TryRead(rule, PredictionMode::LL);
    }
    const size_t end = tree != nullptr ? at_ : own_index_[strategy_->token_index];
    // The next item, whose `block` and the like as a name of something could be a part of this piece.
    size_t next = piece + 1;
    while (next < end && !syntax::StartsItem(tokens_, next)) ++next;
    if (tree != nullptr && next >= end) return tree;
    const size_t token = std::min(next, end);
    syntax::ReportFailure(tokens_, {piece, token, strategy_->rules}, diagnostics_);
    at_ = std::max(token, piece + 1);
    return nullptr;
  }

  template <typename Tree>
  Tree* TryRead(Tree* (StrataParser::*rule)(), PredictionMode mode) {
    parser_.reset();
    stream_.seek(stream_index_[at_]);
    parser_.getInterpreter<ParserATNSimulator>()->setPredictionMode(mode);
    try {
      Tree* tree = (parser_.*rule)();
      at_ = own_index_[stream_.index()];
      return tree;
    } catch (const antlr4::ParseCancellationException&) {
      return nullptr;
    }
  }

  void ParseItem(ast::File& file) {
    const std::string doc = Doc(at_);
    if (Here().Is("model") || Here().Is("block")) {
      ParseFunction(file, doc);
    } else if (Here().Is("const")) {
      ParseSimpleItem(file, &StrataParser::constant, [&](auto* tree) {
        ast::Const constant = builder_.Constant(tree);
        constant.doc = doc;
        return constant;
      });
    } else if (Here().Is("import")) {
      ParseSimpleItem(file, &StrataParser::importItem, [&](auto* tree) { return builder_.Import(tree); });
    } else {
      ParseSimpleItem(file, &StrataParser::weights, [&](auto* tree) { return builder_.Weights(tree); });
    }
  }

  // An item that is read by one rule.
  template <typename Tree, typename Build>
  void ParseSimpleItem(ast::File& file, Tree* (StrataParser::*rule)(), const Build& build) {
    const size_t errors_before = diagnostics_.ErrorCount();
    Tree* tree = Read(rule);
    if (tree == nullptr) {
      Skip(/*in_body=*/false);
    } else if (auto item = build(tree); diagnostics_.ErrorCount() == errors_before) {
      file.items.emplace_back(std::move(item));
    }
    file.misses_items |= diagnostics_.ErrorCount() != errors_before;
  }

  void ParseFunction(ast::File& file, const std::string& doc) {
    const size_t errors_before = diagnostics_.ErrorCount();
    const size_t first = at_;
    ast::Function function;
    std::optional<size_t> brace;
    if (auto* tree = Read(&StrataParser::signature)) {
      function = builder_.Signature(tree);
      function.doc = doc;
      if (Here().Is("{")) {
        brace = at_++;
      } else {
        syntax::ReportFailure(tokens_, {first, at_, {"function"}}, diagnostics_);
      }
    }
    const bool has_signature = diagnostics_.ErrorCount() == errors_before;
    file.misses_items |= !has_signature;
    if (!brace) {
      Skip(/*in_body=*/true);
      // Without a body, as in `model f(x) def g`, what follows is an item again.
      if (!syntax::StartsStatement(Here()) && !Here().Is("}")) return;
    }
    const size_t end = ParseBody(function, brace);
    if (!has_signature) return;
    function.span = Join(tokens_[first].span, tokens_[end].span);
    CheckReturn(function, tokens_[end]);
    function.is_whole = diagnostics_.ErrorCount() == errors_before;
    file.items.emplace_back(std::move(function));
  }

  // Statements up to the closing brace, whose token it returns. Where that is missing, and nothing else was wrong, it
  // is reported.
  size_t ParseBody(ast::Function& function, std::optional<size_t> brace) {
    const size_t errors_before = diagnostics_.ErrorCount();
    size_t piece = at_;
    bool is_lost = false;
    for (;;) {
      const size_t errors = diagnostics_.ErrorCount();
      if (Here().Is("}") || Here().sort == TokenSort::End || syntax::StartsItem(tokens_, at_)) break;
      if (syntax::StartsStatement(Here())) {
        piece = at_;
        if (auto* tree = Read(&StrataParser::statement)) {
          function.body.push_back(builder_.Statement(tree));
          if (diagnostics_.ErrorCount() != errors) Distrust(function.body.back());
        } else {
          Skip(/*in_body=*/true);
          is_lost |= !AddUnread(function.body, piece);
        }
        continue;
      }
      syntax::ReportNoStatement(tokens_, piece, at_, diagnostics_);
      const size_t first = at_;
      const bool is_assignment = Here().sort == TokenSort::Name && tokens_[at_ + 1].Is("=");
      Skip(/*in_body=*/true);
      if (is_assignment) {
        AddUnread(function.body, first);
      } else if (!function.body.empty()) {
        Distrust(function.body.back());  // it may be a part of that
      }
      is_lost |= tokens_[first].Is("=");  // names are bound that were read as a part of something else
      piece = at_;
    }
    const size_t end = at_;
    if (Here().Is("}")) {
      ++at_;
    } else if (brace && diagnostics_.ErrorCount() == errors_before) {
      syntax::ReportNotClosed(tokens_, *brace, at_, diagnostics_);
    }
    if (is_lost) function.body.clear();
    const bool returns = !function.body.empty() && std::holds_alternative<ast::Return>(function.body.back());
    if (!returns && diagnostics_.ErrorCount() != errors_before)
      function.body.push_back(UnreadReturn(tokens_[end].span));
    return end;
  }

  static ast::ExprPtr UnreadAt(Span span) { return std::make_unique<ast::Expr>(ast::Expr{ast::Unread{}, span}); }
  static ast::Return UnreadReturn(Span span) { return {UnreadAt(span), span}; }

  static bool IsUnread(const ast::Statement& statement) {
    const auto is_unread = [](const ast::ExprPtr& expr) { return expr->As<ast::Unread>() != nullptr; };
    if (const auto* let = std::get_if<ast::Let>(&statement)) return is_unread(let->value);
    if (const auto* assertion = std::get_if<ast::Assert>(&statement)) return is_unread(assertion->condition);
    return is_unread(std::get<ast::Return>(statement).value);
  }

  // What a statement with a mistake gives means nothing.
  static void Distrust(ast::Statement& statement) {
    if (auto* let = std::get_if<ast::Let>(&statement)) let->value = UnreadAt(let->span);
    if (auto* assertion = std::get_if<ast::Assert>(&statement)) assertion->condition = UnreadAt(assertion->span);
    if (auto* result = std::get_if<ast::Return>(&statement)) result->value = UnreadAt(result->span);
  }

  // The statement at `first`, which did not parse: a `let`, one without its `let`, or another. False where the names that
  // it would give are not to be told.
  bool AddUnread(std::vector<ast::Statement>& body, size_t first) {
    const Span span = tokens_[first].span;
    if (tokens_[first].Is("return")) body.push_back(UnreadReturn(span));
    if (tokens_[first].Is("return") || tokens_[first].Is("assert")) return true;
    ast::Let let;
    size_t at = tokens_[first].Is("let") ? first + 1 : first;
    const bool has_parentheses = tokens_[at].Is("(");
    if (has_parentheses) ++at;
    while (tokens_[at].sort == TokenSort::Name) {
      let.names.push_back({std::string(tokens_[at].text), tokens_[at].span});
      ++at;
      if (!has_parentheses || !tokens_[at].Is(",")) break;
      let.is_tuple = true;
      ++at;
    }
    if (has_parentheses && tokens_[at].Is(")")) ++at;
    if (let.names.empty() || !tokens_[at].Is("=")) return false;
    let.value = UnreadAt(span);
    let.span = span;
    body.push_back(std::move(let));
    return true;
  }

  // Reports what follows a `return`, and where there is none; leaves one that gives the result back.
  void CheckReturn(ast::Function& function, const Token& end) {
    for (size_t i = 0; i + 1 < function.body.size(); ++i) {
      const auto* result = std::get_if<ast::Return>(&function.body[i]);
      if (result == nullptr) continue;
      if (IsUnread(function.body[i + 1])) {
        Distrust(function.body[i]);  // that one is reported, and may be a part of this
      } else {
        const Span next = std::visit([](const auto& statement) { return statement.span; }, function.body[i + 1]);
        diagnostics_.Report(kinds::AfterReturn, next)
            .Label(result->span, "the result is given back here")
            .Help("delete it, or move it before `return`");
      }
      function.body.erase(function.body.begin() + static_cast<std::ptrdiff_t>(i) + 1, function.body.end());
      return;
    }
    if (!function.body.empty() && std::holds_alternative<ast::Return>(function.body.back())) return;
    const char* const form = function.form == ast::Function::Form::Model ? "model" : "block";
    diagnostics_.Report(kinds::MissingReturn, end.span, form, function.name.text)
        .Label(function.name.span, "declared here")
        .Help("give the result back: `return x |> Dense(10)`");
    function.body.push_back(UnreadReturn(end.span));
  }

  // To where reading can go on after a mistake: an item, within a body also a statement or the body's closing brace.
  void Skip(bool in_body) {
    for (; Here().sort != TokenSort::End; ++at_) {
      if (syntax::StartsItem(tokens_, at_)) return;
      if (!in_body) continue;
      if (syntax::StartsStatement(Here())) return;
      if (Here().Is("}") && (tokens_[at_ + 1].sort == TokenSort::End || syntax::StartsItem(tokens_, at_ + 1))) return;
    }
  }

  FileId id_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<uint32_t> offsets_;
  antlr4::ANTLRInputStream input_;
  StrataLexer lexer_;
  antlr4::CommonTokenStream stream_;
  StrataParser parser_;
  std::shared_ptr<StopAtFirst> strategy_;
  CountAmbiguities ambiguities_;
  bool finds_ambiguities_;
  bool keeps_parts_;
  syntax::TreeBuilder builder_;

  Tokens tokens_;
  size_t at_ = 0;                       // the current token
  std::vector<size_t> stream_index_;    // of each token
  std::vector<size_t> own_index_;       // of each of the stream's; of documentation that of the token after it
  std::map<size_t, std::string> docs_;  // by the token that follows
};

}  // namespace

std::optional<ast::File> Parse(FileId id, const Sources& sources, Diagnostics& diagnostics,
                               const ParseOptions& options) {
  return FileParser(id, sources, diagnostics, options).Run();
}

}  // namespace strata
