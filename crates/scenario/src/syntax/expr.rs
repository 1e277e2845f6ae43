//! Parses expressions, by precedence.

use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::TREE_DEPTH_MAX;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::parser::Parser;
use crate::syntax::token::TokenKind;

type Parsed = Result<Expr, Diagnostic>;

/// Operators that may begin a line and so continue the one above.
const JOINS: [&str; 6] = ["&&", "||", "?", ":", ".", "in"];

impl Parser {
    /// A whole expression.
    pub(super) fn expr(&mut self) -> Parsed {
        self.nested(|parser| {
            parser.skip_newlines();
            let condition = parser.binary(0)?;
            parser.join_line_before(&["?"]);
            if parser.eat("?").is_none() {
                return Ok(condition);
            }
            let yes = parser.expr()?;
            parser.join_line_before(&[":"]);
            parser.expect(":", "between the two values of `c ? a : b`")?;
            let no = parser.expr()?;
            let span = condition.span.to(no.span);
            let height = condition.height.max(yes.height).max(no.height);
            tree(ExprKind::Ternary(condition.into(), yes.into(), no.into()), span, height)
        })
    }

    /// Operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        loop {
            self.join_line_before(&JOINS[..2]);
            self.join_line_before(&JOINS[5..]);
            let Some((op, power)) = self.operator().filter(|(_, power)| *power >= least) else { break };
            let sign = self.advance();
            self.skip_newlines();
            let right = self.binary(power + 1)?;
            if power == COMPARE && self.operator().is_some_and(|(_, next)| next == COMPARE) {
                let text = "comparisons cannot be chained";
                return Err(
                    Diagnostic::error(Code::Syntax, self.peek().span, text).mend("join two comparisons with `&&`")
                );
            }
            let span = left.span.to(right.span);
            let height = left.height.max(right.height);
            let kind = match op {
                Some(op) => ExprKind::Binary(op, left.into(), right.into()),
                None => ExprKind::Range(left.into(), right.into()),
            };
            left = tree(kind, span, height).map_err(|error| Diagnostic { span: sign.span, ..error })?;
        }
        Ok(left)
    }

    /// The operator under the cursor and how tightly it binds; a range is `None`.
    fn operator(&self) -> Option<(Option<BinaryOp>, u8)> {
        let mark = match &self.peek().kind {
            TokenKind::Mark(mark) => mark,
            TokenKind::Name(name) if name == "in" => "in",
            _ => return None,
        };
        let (op, power) = match mark {
            "||" => (BinaryOp::Or, 1),
            "&&" => (BinaryOp::And, 2),
            "==" => (BinaryOp::Equal, COMPARE),
            "!=" => (BinaryOp::NotEqual, COMPARE),
            "<" => (BinaryOp::Less, COMPARE),
            "<=" => (BinaryOp::LessOrEqual, COMPARE),
            ">" => (BinaryOp::Greater, COMPARE),
            ">=" => (BinaryOp::GreaterOrEqual, COMPARE),
            "in" => (BinaryOp::In, COMPARE),
            ".." => return Some((None, 4)),
            "+" => (BinaryOp::Plus, 5),
            "-" => (BinaryOp::Minus, 5),
            "*" => (BinaryOp::Times, 6),
            "/" => (BinaryOp::Over, 6),
            "%" => (BinaryOp::Remainder, 6),
            _ => return None,
        };
        Some((Some(op), power))
    }

    fn unary(&mut self) -> Parsed {
        let op = match &self.peek().kind {
            TokenKind::Mark("!") => UnaryOp::Not,
            TokenKind::Mark("-") => UnaryOp::Minus,
            _ => return self.postfix(),
        };
        let sign = self.advance().span;
        let operand = self.nested(Parser::unary)?;
        let (span, height) = (sign.to(operand.span), operand.height);
        tree(ExprKind::Unary(op, operand.into()), span, height)
    }

    fn postfix(&mut self) -> Parsed {
        let mut expr = self.primary()?;
        loop {
            self.join_line_before(&JOINS[4..5]);
            if self.eat(".").is_some() {
                let name = self.ident("a field or a method after `.`")?;
                if self.at_mark("(") {
                    let (arguments, close, height) = self.sequence("(", ")")?;
                    let (span, height) = (expr.span.to(close), height.max(expr.height));
                    expr = tree(ExprKind::Method(expr.into(), name, arguments), span, height)?;
                } else {
                    let (span, height) = (expr.span.to(name.span), expr.height);
                    expr = tree(ExprKind::Field(expr.into(), name), span, height)?;
                }
            } else if self.eat("[").is_some() {
                let index = self.expr()?;
                self.skip_newlines();
                let close = self.expect("]", "after the index")?;
                let (span, height) = (expr.span.to(close), expr.height.max(index.height));
                expr = tree(ExprKind::Index(expr.into(), index.into()), span, height)?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let token = self.peek().clone();
        let kind = match token.kind {
            TokenKind::Int(value) => ExprKind::Int(value),
            TokenKind::Decimal(value) => ExprKind::Decimal(value),
            TokenKind::Duration(value) => ExprKind::Duration(value),
            TokenKind::Percent(ppm) => ExprKind::Percent(ppm),
            TokenKind::Text(text) => ExprKind::Text(text),
            TokenKind::Name(name) => return self.named(&name, token.span),
            TokenKind::Mark("(") => {
                self.advance();
                let inner = self.expr()?;
                self.skip_newlines();
                let close = self.expect(")", "to close the bracket")?;
                return Ok(Expr { span: token.span.to(close), ..inner });
            }
            TokenKind::Mark("[") => {
                let (items, close, height) = self.sequence("[", "]")?;
                return tree(ExprKind::List(items), token.span.to(close), height);
            }
            TokenKind::Mark("=") => return Err(self.unexpected("expected a value").mend("compare with `==`")),
            _ => {
                return Err(self
                    .unexpected("expected a value")
                    .mend("a value is a number, a 'text', a duration, a name, a list or a call"));
            }
        };
        self.advance();
        tree(kind, token.span, 0)
    }

    fn named(&mut self, name: &str, span: Span) -> Parsed {
        let name_token = self.ident("a name")?;
        if self.at_mark("(") {
            let (arguments, close, height) = self.sequence("(", ")")?;
            return tree(ExprKind::Call(name_token, arguments), span.to(close), height);
        }
        let word = |instead: &str| {
            let text = format!("`{name}` is not an operator");
            Err(Diagnostic::error(Code::Syntax, span, text).mend(format!("write `{instead}`")))
        };
        let kind = match name {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            "not" => return word("!"),
            "and" => return word("&&"),
            "or" => return word("||"),
            _ => ExprKind::Name(name.to_owned()),
        };
        tree(kind, span, 0)
    }

    /// Values between brackets, with commas between them.
    fn sequence(&mut self, open: &str, close: &str) -> Result<(Vec<Expr>, Span, u16), Diagnostic> {
        self.expect(open, "here")?;
        let (mut items, mut height) = (Vec::new(), 0);
        loop {
            self.skip_newlines();
            if let Some(span) = self.eat(close) {
                return Ok((items, span, height));
            }
            let item = self.expr()?;
            height = height.max(item.height);
            items.push(item);
            self.skip_newlines();
            if self.eat(",").is_none() && !self.at_mark(close) {
                return Err(self.unexpected(&format!("expected `,` or `{close}`")));
            }
        }
    }
}

const COMPARE: u8 = 3;

fn tree(kind: ExprKind, span: Span, below: u16) -> Parsed {
    let height = below + 1;
    if height > TREE_DEPTH_MAX {
        let error =
            Diagnostic::error(Code::Syntax, span, format!("the expression has more than {TREE_DEPTH_MAX} levels"));
        return Err(error.mend("split it with `let`"));
    }
    Ok(Expr { kind, span, height })
}
