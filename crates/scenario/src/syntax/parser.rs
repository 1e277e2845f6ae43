//! The token cursor that the expression and the statement parser share.

use crate::diag::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::DEPTH_MAX;
use crate::syntax::ast::Ident;
use crate::syntax::token::{Token, TokenKind};

pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Parser { tokens, at: 0, depth: 0 }
    }

    /// The token under the cursor; `End` for ever after the last.
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// The kind of the token some places ahead.
    pub(super) fn ahead(&self, by: usize) -> &TokenKind {
        &self.tokens[(self.at + by).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// The place of the token taken last.
    pub(super) fn previous(&self) -> Span {
        let at = self.at.saturating_sub(1).min(self.tokens.len() - 1);
        self.tokens[at].span
    }

    pub(super) fn at_mark(&self, mark: &str) -> bool {
        matches!(&self.peek().kind, TokenKind::Mark(have) if *have == mark)
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        matches!(&self.peek().kind, TokenKind::Name(have) if have == word)
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    /// Takes the mark if it is next.
    pub(super) fn eat(&mut self, mark: &str) -> Option<Span> {
        self.at_mark(mark).then(|| self.advance().span)
    }

    /// Takes the word if it is next.
    pub(super) fn eat_word(&mut self, word: &str) -> Option<Span> {
        self.at_word(word).then(|| self.advance().span)
    }

    pub(super) fn skip_newlines(&mut self) {
        while self.peek().kind == TokenKind::Newline {
            self.at += 1;
        }
    }

    /// Steps over line breaks if one of these marks or words begins the next line that is not blank.
    pub(super) fn join_line_before(&mut self, heads: &[&str]) {
        let mut by = 0;
        while *self.ahead(by) == TokenKind::Newline {
            by += 1;
        }
        let joins = match self.ahead(by) {
            TokenKind::Mark(mark) => heads.contains(mark),
            TokenKind::Name(name) => heads.contains(&name.as_str()),
            _ => false,
        };
        if joins {
            self.at += by;
        }
    }

    pub(super) fn expect(&mut self, mark: &str, after: &str) -> Result<Span, Diagnostic> {
        self.eat(mark).ok_or_else(|| self.unexpected(&format!("expected `{mark}` {after}")))
    }

    pub(super) fn ident(&mut self, what: &str) -> Result<Ident, Diagnostic> {
        let token = self.peek();
        let TokenKind::Name(name) = &token.kind else {
            return Err(self.unexpected(&format!("expected {what}")));
        };
        let ident = Spanned::new(name.clone(), token.span);
        self.at += 1;
        Ok(ident)
    }

    /// An error at the next token: what was expected, and what is there.
    pub(super) fn unexpected(&self, expected: &str) -> Diagnostic {
        let token = self.peek();
        Diagnostic::error(Code::Syntax, token.span, format!("{expected}, found {}", token.kind.show()))
    }

    /// Nothing but line breaks may follow.
    pub(super) fn end(&mut self, what: &str) -> Result<(), Diagnostic> {
        self.skip_newlines();
        if self.at_end() {
            return Ok(());
        }
        let error = self.unexpected(&format!("expected the end of {what}"));
        Err(if self.at_mark("=") {
            error.mend("compare with `==`")
        } else {
            error.mend("remove what follows, or join it with an operator")
        })
    }

    /// Runs a part of the parser one level deeper, within the limit.
    pub(super) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Diagnostic>) -> Result<T, Diagnostic> {
        if self.depth >= DEPTH_MAX {
            let error = Diagnostic::error(
                Code::Syntax,
                self.peek().span,
                format!("brackets and blocks are nested deeper than {DEPTH_MAX}"),
            );
            return Err(error.mend("split it with `let`"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }
}
