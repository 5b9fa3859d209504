// The syntax of Strata: what can be written, not what it means. A layer's name is an identifier, so this file does not
// change when a layer is added.
//
// Lines end nothing. `model`, `repeat`, `where` and the like are keywords at their place only: see `identifier`.
// Operators are layered rules, loosest first, each a flat list, so that nothing is ambiguous and only brackets recurse.
// `file` is the whole language; the compiler parses a file piece by piece (signature, statement, item) so that a
// mistake in one piece leaves the next untouched.
grammar Strata;

file : item* EOF ;
item : function | constant | importItem | weights ;

// ---- Models and blocks ----

function : signature '{' statement* '}' ;
signature : form=('model' | 'block') name=identifier groups+=parameters groups+=parameters? '->' results where? ;
parameters : '(' (entries+=parameter (',' entries+=parameter)* ','?)? ')' ;
parameter : name=identifier (':' declared=type)? ('=' value=expr)? ;
results : single=type | '(' entries+=result (',' entries+=result)* ','? ')' ;
result : (name=identifier ':')? declared=type ;
where : 'where' conditions+=disjunction (',' conditions+=disjunction)* ','? ;

// `f32[batch, height: 8]`, the `[batch, 8]` of an ascription, the `int` of a parameter.
type : dtype=identifier axes=shape? | axes=shape ;
shape : '[' (entries+=axis (',' entries+=axis)* ','?)? ']' ;
axis : (name=identifier ':')? size=expr ;

statement : let | assertion | returning ;
let : 'let' target '=' value=expr ;
target : name=identifier | '(' names+=identifier (commas+=',' names+=identifier)* commas+=','? ')' ;
assertion : 'assert' condition=expr ;
returning : 'return' value=expr ;

// ---- Other items ----

constant : 'const' name=identifier (':' declared=type)? '=' value=expr ;
importItem : 'import' path=STRING ;
weights : 'weights' name=identifier 'from' path=STRING ('{' mappings+=mapping* '}')? ;
mapping : path=weightPath '=' source=STRING (stored='as' order)? ;
weightPath : STRING | identifier ('/' identifier)* ;
order : '[' names+=identifier (',' names+=identifier)* ','? ']' ;

// ---- Expressions ----

// `a if c else b if d else e` is `a if c else (b if d else e)`; a branch holds a whole pipe.
expr : values+=pipe ('if' conditions+=disjunction 'else' values+=pipe)* ;
pipe : head=operand steps+=step* ;
step : '|>' layer=operand (':' ascription=type)? ;
operand : repeat | branch | disjunction ;
repeat : 'repeat' count=disjunction ('as' variable=identifier)? '{' body=expr '}' ;
branch : 'branch' '{' entries+=expr (',' entries+=expr)* ','? '}' ;

disjunction : operands+=conjunction (operators+='or' operands+=conjunction)* ;
conjunction : operands+=comparison (operators+='and' operands+=comparison)* ;
// `not` takes the whole comparison. A chain of comparisons parses so that its message can say what is wrong with it.
comparison
  : nots+='not'* operands+=sum (operators+=('==' | '!=' | '<' | '<=' | '>' | '>=') operands+=sum)*
  ;
sum : operands+=product (operators+=('+' | '-') operands+=product)* ;
product : operands+=unary (operators+=('*' | '/' | '//' | '%') operands+=unary)* ;
// `-a ** -b ** c` is `-(a ** (-(b ** c)))`.
unary : signs+=('+' | '-')* base=postfix (operators+='**' exponents+=exponent)* ;
exponent : signs+=('+' | '-')* base=postfix ;

postfix
  : (identifier | literal=('None' | 'True' | 'False' | INTEGER | REAL | STRING) | tuple | list) trailers+=trailer*
  ;
trailer : '.' member=identifier | call=arguments | items=index ;
arguments : '(' (entries+=argument (',' entries+=argument)* ','?)? ')' ;
argument : (keyword=identifier '=')? value=expr ;
index : '[' entries+=indexItem (',' entries+=indexItem)* ','? ']' ;
indexItem : (name=identifier ':')? (low=expr (range='..' high=expr?)? | range='..' high=expr?) ;

tuple : '(' (entries+=expr (commas+=',' entries+=expr)* commas+=','?)? ')' ;
list : '[' (entries+=axis (',' entries+=axis)* ','?)? ']' ;

identifier : NAME | 'model' | 'block' | 'weights' | 'where' | 'repeat' | 'branch' | 'as' | 'from' | 'in' ;

// ---- Tokens ----

// Python's numbers. `1.` is a number unless `..` follows, as in `x[time: 1..4]`.
INTEGER
  : '0' ('_'? '0')*
  | [1-9] ('_'? [0-9])*
  | '0' [xX] ('_'? [0-9a-fA-F])+
  | '0' [oO] ('_'? [0-7])+
  | '0' [bB] ('_'? [01])+
  ;
REAL : DIGITS '.' DIGITS EXPONENT? | DIGITS '.' EXPONENT | DIGITS EXPONENT | '.' DIGITS EXPONENT?
     | DIGITS '.' {_input->LA(1) != '.'}? ;
NAME : [A-Za-z_] [A-Za-z0-9_]* ;
STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' | '\'' (~['\\\r\n] | '\\' ~[\r\n])* '\'' ;

// Documentation of the item that follows; a banner of three or more `#` is a comment.
DOC : '##' (~[#\r\n] ~[\r\n]*)? -> channel(HIDDEN) ;
COMMENT : '#' ~[\r\n]* -> skip ;
// A byte order mark, with which some editors begin a file, is space.
SPACE : [ \t\r\n\f\uFEFF]+ -> skip ;

// What is no token becomes one all the same: the parser stops there and its message says what is wrong.
BAD_NUMBER : [0-9] [A-Za-z0-9_]* | (DIGITS? '.' DIGITS | DIGITS '.') [A-Za-z_] [A-Za-z0-9_]* ;
BAD_STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? | '\'' (~['\\\r\n] | '\\' ~[\r\n])* '\\'? ;
BAD_CHARACTER : . ;

fragment DIGITS : [0-9] ('_'? [0-9])* ;
fragment EXPONENT : [eE] [+-]? DIGITS ;
