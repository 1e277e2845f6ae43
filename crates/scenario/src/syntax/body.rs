//! Parses the statements of a body.

use crate::diag::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::ast::{Argument, Body, Expr, ExprKind, Ident, MessageName, Statement, StatementKind, UpdateOp};
use crate::syntax::parser::Parser;
use crate::syntax::token::TokenKind;

/// The words that begin a statement.
pub(crate) const VERBS: [&str; 14] =
    ["put", "add", "del", "delete", "if", "emit", "send", "call", "chance", "commit", "fail", "reject", "let", "sleep"];

impl Parser {
    /// The statements up to the end of the text.
    pub(super) fn body(&mut self) -> Result<Body, Diagnostic> {
        let body = self.statements()?;
        if self.at_mark("}") {
            return Err(self.unexpected("expected a statement").mend("remove the `}`, or open a block for it"));
        }
        Ok(body)
    }

    fn statements(&mut self) -> Result<Body, Diagnostic> {
        let mut statements = Vec::new();
        loop {
            while self.peek().kind == TokenKind::Newline || self.at_mark(";") {
                self.advance();
            }
            if self.at_end() || self.at_mark("}") {
                return Ok(Body { statements });
            }
            statements.push(self.statement()?);
            let separated =
                self.at_end() || self.at_mark("}") || self.at_mark(";") || self.peek().kind == TokenKind::Newline;
            let after_block = matches!(
                statements.last().map(|s| &s.kind),
                Some(StatementKind::If { .. } | StatementKind::Chance { .. })
            );
            if !separated && !after_block {
                return Err(self
                    .unexpected("expected the end of the statement")
                    .mend("put `;` or a line break between statements"));
            }
        }
    }

    fn statement(&mut self) -> Result<Statement, Diagnostic> {
        let start = self.peek().span;
        let verb = match &self.peek().kind {
            TokenKind::Name(name) => name.clone(),
            _ => return Err(self.unexpected("expected a statement").mend(verbs())),
        };
        let updates = matches!(self.ahead(1), TokenKind::Mark("[" | "." | "=" | "+=" | "-="));
        let kind = if updates { self.update()? } else { self.verb(&verb, start)? };
        let span = start.to(self.previous());
        Ok(Statement { kind, span })
    }

    fn verb(&mut self, verb: &str, span: Span) -> Result<StatementKind, Diagnostic> {
        if !VERBS.contains(&verb) {
            let near = suggest::nearest(verb, VERBS).map(|near| format!("did you mean `{near}`?"));
            let error = Diagnostic::error(Code::Syntax, span, format!("`{verb}` is not a statement"));
            return Err(error.mend(near.unwrap_or_else(verbs)));
        }
        self.advance();
        Ok(match verb {
            "put" => {
                let table = if self.at_mark("(") { None } else { Some(self.ident("a table after `put`")?) };
                StatementKind::Put { table, arguments: self.arguments()? }
            }
            "add" => StatementKind::Add { table: self.ident("a table after `add`")?, arguments: self.arguments()? },
            "del" | "delete" => self.delete()?,
            "if" => self.conditional()?,
            "emit" => StatementKind::Emit { message: self.message()?, arguments: self.arguments()? },
            "send" => StatementKind::Send { message: self.message()?, arguments: self.arguments()? },
            "call" => self.call()?,
            "chance" => self.chance()?,
            "commit" => StatementKind::Commit,
            "fail" => StatementKind::Fail { why: self.reason() },
            "reject" => StatementKind::Reject { why: self.reason() },
            "let" => self.binding()?,
            _ => StatementKind::Sleep { duration: self.expr()? },
        })
    }

    fn delete(&mut self) -> Result<StatementKind, Diagnostic> {
        let table = self.ident("a table after `del`")?;
        self.expect("[", "and the key of the row: `del orders[order_id]`")?;
        let key = self.expr()?;
        self.expect("]", "after the key")?;
        Ok(StatementKind::Delete { table, key })
    }

    fn conditional(&mut self) -> Result<StatementKind, Diagnostic> {
        let condition = self.expr()?;
        let (then, otherwise) = self.branches()?;
        Ok(StatementKind::If { condition, then, otherwise })
    }

    fn chance(&mut self) -> Result<StatementKind, Diagnostic> {
        let TokenKind::Percent(ppm) = self.peek().kind else {
            return Err(self
                .unexpected("expected a percentage after `chance`")
                .mend("write for example `chance 90% { .. } else { .. }`"));
        };
        let chance_ppm = Spanned::new(ppm, self.advance().span);
        let (then, otherwise) = self.branches()?;
        Ok(StatementKind::Chance { chance_ppm, then, otherwise })
    }

    /// A block, and what follows `else`.
    fn branches(&mut self) -> Result<(Body, Body), Diagnostic> {
        let then = self.block()?;
        self.join_line_before(&["else"]);
        if self.eat_word("else").is_none() {
            return Ok((then, Body::default()));
        }
        if self.at_word("if") || self.at_word("chance") {
            let nested = self.nested(Parser::statement)?;
            return Ok((then, Body { statements: vec![nested] }));
        }
        let otherwise = self.block()?;
        Ok((then, otherwise))
    }

    fn block(&mut self) -> Result<Body, Diagnostic> {
        self.skip_newlines();
        self.expect("{", "to open a block").map_err(|error| {
            if self.at_mark("=") {
                error.mend("compare with `==`")
            } else {
                error.mend("write `{ .. }` around the statements")
            }
        })?;
        let body = self.nested(Parser::statements)?;
        self.expect("}", "to close the block")?;
        Ok(body)
    }

    fn call(&mut self) -> Result<StatementKind, Diagnostic> {
        let target = self.ident("an external system or a request type after `call`")?;
        let arguments = self.arguments()?;
        let latency = if self.eat_word("latency").is_some() { Some(self.expr()?) } else { None };
        Ok(StatementKind::Call { target, arguments, latency })
    }

    fn binding(&mut self) -> Result<StatementKind, Diagnostic> {
        let name = self.ident("a name after `let`")?;
        self.expect("=", "after the name")?;
        Ok(StatementKind::Let { name, value: self.expr()? })
    }

    fn reason(&mut self) -> Option<String> {
        let TokenKind::Text(text) = &self.peek().kind else { return None };
        let text = text.clone();
        self.advance();
        Some(text)
    }

    fn message(&mut self) -> Result<MessageName, Diagnostic> {
        let name = self.ident("a message type")?;
        if self.eat("@").is_none() {
            return Ok(MessageName { name, version: None });
        }
        let TokenKind::Int(number) = self.peek().kind else {
            return Err(self.unexpected("expected a version after `@`").mend("write for example `OrderPlaced@2`"));
        };
        let token = self.advance();
        let version = u32::try_from(number)
            .map_err(|_| Diagnostic::error(Code::Syntax, token.span, "a version is a small whole number"))?;
        Ok(MessageName { name, version: Some(Spanned::new(version, token.span)) })
    }

    /// `(a, f = b)`, or nothing.
    fn arguments(&mut self) -> Result<Vec<Argument>, Diagnostic> {
        let mut arguments = Vec::new();
        if self.eat("(").is_none() {
            return Ok(arguments);
        }
        loop {
            self.skip_newlines();
            if self.eat(")").is_some() {
                return Ok(arguments);
            }
            let named = matches!(self.peek().kind, TokenKind::Name(_)) && *self.ahead(1) == TokenKind::Mark("=");
            let name = if named { Some(self.ident("a field")?) } else { None };
            if named {
                self.expect("=", "after the field")?;
            }
            arguments.push(Argument { name, value: self.expr()? });
            self.skip_newlines();
            if self.eat(",").is_none() && !self.at_mark(")") {
                return Err(self
                    .unexpected("expected `,` or `)`")
                    .mend("give fields as `name = value`, with commas between them"));
            }
        }
    }

    /// `table[key].column op value`, or `column op value`.
    fn update(&mut self) -> Result<StatementKind, Diagnostic> {
        let target = self.expr()?;
        let op = match &self.peek().kind {
            TokenKind::Mark("=") => UpdateOp::Set,
            TokenKind::Mark("+=") => UpdateOp::Add,
            TokenKind::Mark("-=") => UpdateOp::Subtract,
            _ => {
                return Err(self
                    .unexpected("expected `=`, `+=` or `-=`")
                    .mend("a value alone does nothing; `T[key].column -= 1` changes a row"));
            }
        };
        self.advance();
        let value = self.expr()?;
        if let ExprKind::Name(name) = target.kind {
            return Ok(StatementKind::UpdateOwn { column: Spanned::new(name, target.span), op, value });
        }
        let span = target.span;
        let (table, key, column) = row_column(target).ok_or_else(|| {
            let error = Diagnostic::error(Code::Syntax, span, "only a column of a row can be assigned to");
            error.mend("write `table[key].column = value`, or name a value with `let`")
        })?;
        Ok(StatementKind::Update { table, key, column, op, value })
    }
}

fn row_column(target: Expr) -> Option<(Ident, Expr, Ident)> {
    let ExprKind::Field(row, column) = target.kind else { return None };
    let ExprKind::Index(table, key) = row.kind else { return None };
    let ExprKind::Name(name) = table.kind else { return None };
    Some((Spanned::new(name, table.span), *key, column))
}

fn verbs() -> String {
    format!("a statement begins with {}, or changes a row: `items[sku].left -= 1`", suggest::list(&VERBS))
}
