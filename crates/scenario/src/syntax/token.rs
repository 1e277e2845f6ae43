//! The tokens of bodies and expressions.

use std::time::Duration;

use crate::source::Span;
use crate::syntax::literal::Decimal;

/// A token and its place in the file.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    Int(i64),
    Decimal(Decimal),
    Duration(Duration),
    Percent(u32),
    Text(String),
    /// An operator, a bracket, a comma ...
    Mark(&'static str),
    Newline,
    End,
}

/// Longest first, so that `<=` is not read as `<`.
pub(super) const MARKS: [&str; 33] = [
    "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "..", "<", ">", "=", "!", "+", "-", "*", "/", "%", "?", ":", ".",
    ",", ";", "(", ")", "[", "]", "{", "}", "@", "&", "|", "~",
];

impl TokenKind {
    /// The token as an error message names it.
    pub(super) fn show(&self) -> String {
        match self {
            TokenKind::Name(name) => format!("`{name}`"),
            TokenKind::Int(_) | TokenKind::Decimal(_) => "a number".to_owned(),
            TokenKind::Duration(_) => "a duration".to_owned(),
            TokenKind::Percent(_) => "a percentage".to_owned(),
            TokenKind::Text(_) => "a string".to_owned(),
            TokenKind::Mark(mark) => format!("`{mark}`"),
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::End => "the end".to_owned(),
        }
    }
}
