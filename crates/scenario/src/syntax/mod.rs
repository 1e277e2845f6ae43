//! The language inside the YAML: expressions, and the statements of bodies.

pub mod ast;
mod body;
mod expr;
mod lexer;
pub mod literal;
mod parser;
mod token;

#[cfg(test)]
pub(crate) use body::VERBS;

use crate::diag::Diagnostic;
use crate::syntax::parser::Parser;
use crate::yaml::TextMap;

/// The deepest nesting of brackets and blocks.
pub const DEPTH_MAX: usize = 48;
/// The deepest expression tree.
pub const TREE_DEPTH_MAX: u16 = 120;

/// Parses one expression; the map places its spans in the file.
pub fn expression(text: &str, map: &TextMap) -> Result<ast::Expr, Diagnostic> {
    let mut parser = Parser::new(lexer::lex(text, map)?);
    let expr = parser.expr()?;
    parser.end("an expression")?;
    Ok(expr)
}

/// Parses the statements of a body; the map places their spans in the file.
pub fn body(text: &str, map: &TextMap) -> Result<ast::Body, Diagnostic> {
    let mut parser = Parser::new(lexer::lex(text, map)?);
    parser.body()
}
