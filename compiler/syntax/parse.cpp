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
        Skip(/*in_body=*/false);
        piece = at_;
        continue;
      }
      piece = at_;
      ParseItem(file);
    }
    if (diagnostics_.ErrorCount() != errors_before) return std::nullopt;
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
    if (finds_ambiguities_) {
      if (Tree* tree = TryRead(rule, PredictionMode::LL_EXACT_AMBIG_DETECTION)) return tree;
    } else {
      // SLL is fast; where it fails, LL has the last word.
      if (Tree* tree = TryRead(rule, PredictionMode::SLL)) return tree;
      if (Tree* tree = TryRead(rule, PredictionMode::LL)) return tree;
    }
    const size_t token = own_index_[strategy_->token_index];
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
      if (auto* tree = Read(&StrataParser::constant)) {
        ast::Const constant = builder_.Constant(tree);
        constant.doc = doc;
        file.items.emplace_back(std::move(constant));
      } else {
        Skip(/*in_body=*/false);
      }
    } else if (Here().Is("import")) {
      if (auto* tree = Read(&StrataParser::importItem)) {
        file.items.emplace_back(builder_.Import(tree));
      } else {
        Skip(/*in_body=*/false);
      }
    } else if (auto* tree = Read(&StrataParser::weights)) {
      file.items.emplace_back(builder_.Weights(tree));
    } else {
      Skip(/*in_body=*/false);
    }
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
    if (!brace) {
      Skip(/*in_body=*/true);
      // Without a body, as in `model f(x) def g`, what follows is an item again.
      if (!syntax::StartsStatement(Here()) && !Here().Is("}")) return;
    }
    const size_t end = ParseBody(function, brace);
    if (diagnostics_.ErrorCount() != errors_before) return;
    function.span = Join(tokens_[first].span, tokens_[end].span);
    if (CheckReturn(function, tokens_[end])) file.items.emplace_back(std::move(function));
  }

  // Statements up to the closing brace, whose token it returns. Where that is missing, and nothing else was wrong, it
  // is reported.
  size_t ParseBody(ast::Function& function, std::optional<size_t> brace) {
    const size_t errors_before = diagnostics_.ErrorCount();
    size_t piece = at_;
    for (;;) {
      if (Here().Is("}")) return at_++;
      if (Here().sort == TokenSort::End || syntax::StartsItem(tokens_, at_)) {
        if (brace && diagnostics_.ErrorCount() == errors_before) {
          syntax::ReportNotClosed(tokens_, *brace, at_, diagnostics_);
        }
        return at_;
      }
      if (syntax::StartsStatement(Here())) {
        piece = at_;
        if (auto* tree = Read(&StrataParser::statement)) {
          function.body.push_back(builder_.Statement(tree));
        } else {
          Skip(/*in_body=*/true);
        }
        continue;
      }
      syntax::ReportNoStatement(tokens_, piece, at_, diagnostics_);
      Skip(/*in_body=*/true);
      piece = at_;
    }
  }

  bool CheckReturn(const ast::Function& function, const Token& end) {
    for (size_t i = 0; i + 1 < function.body.size(); ++i) {
      const auto* result = std::get_if<ast::Return>(&function.body[i]);
      if (result == nullptr) continue;
      const Span next = std::visit([](const auto& statement) { return statement.span; }, function.body[i + 1]);
      diagnostics_.Report(kinds::AfterReturn, next)
          .Label(result->span, "the result is given back here")
          .Help("delete it, or move it before `return`");
      return false;
    }
    if (!function.body.empty() && std::holds_alternative<ast::Return>(function.body.back())) return true;
    const char* const form = function.form == ast::Function::Form::Model ? "model" : "block";
    diagnostics_.Report(kinds::MissingReturn, end.span, form, function.name.text)
        .Label(function.name.span, "declared here")
        .Help("give the result back: `return x |> Dense(10)`");
    return false;
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
