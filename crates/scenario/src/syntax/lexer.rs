//! Text to tokens.

use crate::diag::{Code, Diagnostic};
use crate::syntax::literal::{self, Decimal, DurationError};
use crate::syntax::token::{MARKS, Token, TokenKind};
use crate::yaml::TextMap;

/// Cuts a text into tokens; the last is always `End`.
pub(super) fn lex(text: &str, map: &TextMap) -> Result<Vec<Token>, Diagnostic> {
    let mut lexer = Lexer { text, map, at: 0, tokens: Vec::new() };
    while lexer.at < text.len() {
        lexer.next()?;
    }
    lexer.push(TokenKind::End, text.trim_end().len(), text.trim_end().len());
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    text: &'a str,
    map: &'a TextMap,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.tokens.push(Token { kind, span: self.map.span(start, end) });
        self.at = end.max(self.at);
    }

    fn error(&self, start: usize, end: usize, text: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::Syntax, self.map.span(start, end), text)
    }

    fn next(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok(()) };
        match first {
            '\n' => self.push(TokenKind::Newline, start, start + 1),
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            '\'' | '"' => self.string(first)?,
            c if c.is_ascii_digit() => self.number()?,
            c if c.is_alphabetic() || c == '_' => {
                let length = self.rest().find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest().len());
                let name = self.rest()[..length].to_owned();
                self.push(TokenKind::Name(name), start, start + length);
            }
            _ => self.mark(first)?,
        }
        Ok(())
    }

    fn mark(&mut self, first: char) -> Result<(), Diagnostic> {
        let start = self.at;
        let found = MARKS.iter().find(|mark| self.rest().starts_with(**mark));
        match found {
            Some(mark @ &("&" | "|" | "~")) => {
                let error = self.error(start, start + mark.len(), format!("`{mark}` is not an operator"));
                let mend = if *mark == "~" { "negate with `!`".to_owned() } else { format!("write `{mark}{mark}`") };
                Err(error.mend(mend))
            }
            Some(mark) => {
                self.push(TokenKind::Mark(mark), start, start + mark.len());
                Ok(())
            }
            None => {
                let error = self.error(
                    start,
                    start + first.len_utf8(),
                    format!("the character `{}` has no meaning here", first.escape_debug()),
                );
                Err(error.mend("texts stand in quotes: 'like this'"))
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<(), Diagnostic> {
        let start = self.at;
        let mut value = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((index, char)) = chars.next() {
            if char == quote {
                self.push(TokenKind::Text(value), start, start + index + 1);
                return Ok(());
            }
            if char != '\\' {
                value.push(char);
                continue;
            }
            match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other @ ('\\' | '\'' | '"'))) => value.push(other),
                _ => {
                    return Err(self
                        .error(start + index, start + index + 1, "this escape is unknown")
                        .mend("the escapes are \\n \\t \\\\ \\' \\\""));
                }
            }
        }
        Err(self.error(start, start + 1, "the string is not closed").mend(format!("end it with {quote}")))
    }

    fn number(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(self.rest());
        let tail = &self.rest()[length..];
        if tail.starts_with('.') && tail[1..].starts_with(|c: char| c.is_ascii_digit()) {
            length += 1 + digits(&tail[1..]);
        }
        let after = &self.rest()[length..];
        let unit = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let word = &self.rest()[..length + unit];
        // `90%` is a percentage; `90 % 7` and `90%7` are remainders.
        if unit == 0 && is_percent(after) {
            let ppm = literal::percent_ppm(&format!("{word}%"));
            let Some(ppm) = ppm else {
                return Err(self
                    .error(start, start + length + 1, "a percentage lies between 0% and 100%")
                    .mend("write for example 2.5%"));
            };
            self.push(TokenKind::Percent(ppm), start, start + length + 1);
            return Ok(());
        }
        let end = start + length + unit;
        let kind = if unit > 0 {
            literal::duration(word).map(TokenKind::Duration).map_err(|error| self.bad_duration(error, start, end))?
        } else if word.contains('.') {
            let decimal = Decimal::parse(word).ok_or_else(|| self.too_long(start, end))?;
            TokenKind::Decimal(decimal)
        } else {
            TokenKind::Int(word.parse().map_err(|_| self.too_long(start, end))?)
        };
        self.push(kind, start, end);
        Ok(())
    }

    fn too_long(&self, start: usize, end: usize) -> Diagnostic {
        self.error(start, end, "the number does not fit in 64 bits").mend("use a smaller number")
    }

    fn bad_duration(&self, error: DurationError, start: usize, end: usize) -> Diagnostic {
        let text = match error {
            DurationError::TooLong => "the duration is longer than a century",
            _ => "this is neither a number nor a duration",
        };
        self.error(start, end, text).mend("durations are written 200ms, 5s, 10m, 2h or 1d")
    }
}

/// Whether a `%` right after a number is its unit: nothing that could be a right operand follows.
fn is_percent(after: &str) -> bool {
    let Some(rest) = after.strip_prefix('%') else { return false };
    !rest.trim_start_matches([' ', '\t']).starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '_')
}
