//! Reads single values: numbers, durations, percents, words, bodies, expressions, columns.

use std::time::Duration;

use indexmap::IndexMap;

use crate::diag::{Code, Diagnostic};
use crate::keys::{Key, Ty};
use crate::model::{Column, Count, Times, Type};
use crate::read::section::{Reader, head};
use crate::read::settings::Value;
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::literal::{self, DurationError};
use crate::syntax::{self};
use crate::yaml::{Node, TextMap};

impl Reader<'_> {
    /// Reads a text by its key's type.
    pub(super) fn scalar_of<'n>(&mut self, text: &str, map: &TextMap, span: Span, key: &'static Key) -> Value<'n> {
        let text_trimmed = text.trim();
        match &key.ty {
            Ty::Text | Ty::Name(_) => Value::Text(text_trimmed.to_owned()),
            Ty::Bool => self.bool_of(text_trimmed, span, key),
            Ty::Int(least, most) => self.int_of(text_trimmed, (*least, *most), span, key),
            Ty::Count => self.count_of(text_trimmed, span, key),
            Ty::Percent => match literal::percent_ppm(text_trimmed) {
                Some(ppm) => Value::Ppm(ppm),
                None => self.bad(span, key, text_trimmed, "a percentage between 0% and 100%"),
            },
            Ty::Duration => self.duration_of(text_trimmed, span, key).map_or(Value::Bad, Value::Duration),
            Ty::Span => self.times_of(text_trimmed, span, key),
            Ty::Choice(words) => match words.iter().find(|word| **word == text_trimmed) {
                Some(word) => Value::Choice(word),
                None => {
                    let mend = suggest::mend(text_trimmed, "choice", words.iter().copied());
                    self.error(Code::Value, span, format!("`{text_trimmed}` is not a choice for `{}`", key.name), mend);
                    Value::Bad
                }
            },
            Ty::Body => match syntax::body(text, map) {
                Ok(body) => Value::Body(body),
                Err(diagnostic) => self.bad_syntax(diagnostic),
            },
            Ty::Expr => match syntax::expression(text, map) {
                Ok(expr) => Value::Expr(Box::new(expr)),
                Err(diagnostic) => self.bad_syntax(diagnostic),
            },
            // Only `columns` has an (empty) default.
            _ => Value::Columns(Vec::new()),
        }
    }

    fn bad_syntax<'n>(&mut self, diagnostic: Diagnostic) -> Value<'n> {
        self.report.push(diagnostic);
        Value::Bad
    }

    fn bad<'n>(&mut self, span: Span, key: &Key, text: &str, expected: &str) -> Value<'n> {
        let shown = text.escape_debug();
        self.error(
            Code::Value,
            span,
            format!("`{}` must be {expected}, found `{shown}`", key.name),
            format!("for example `{}: {}`", key.name, key.example),
        );
        Value::Bad
    }

    fn bool_of<'n>(&mut self, text: &str, span: Span, key: &Key) -> Value<'n> {
        match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => self.bad(span, key, text, "`true` or `false`"),
        }
    }

    fn int_of<'n>(&mut self, text: &str, (least, most): (i64, i64), span: Span, key: &Key) -> Value<'n> {
        match text.replace('_', "").parse() {
            Ok(int) if (least..=most).contains(&int) => Value::Int(int),
            Ok(_) => self.bad(span, key, text, &format!("between {least} and {most}")),
            Err(_) => self.bad(span, key, text, "a whole number"),
        }
    }

    fn count_of<'n>(&mut self, text: &str, span: Span, key: &Key) -> Value<'n> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        match (least.trim().parse(), most.trim().parse()) {
            (Ok(least), Ok(most)) if least <= most => Value::Count(Count { least, most }),
            (Ok::<u32, _>(_), Ok::<u32, _>(_)) => self.bad(span, key, text, "a range from low to high"),
            _ => self.bad(span, key, text, "a whole number or a range such as `1..3`"),
        }
    }

    fn times_of<'n>(&mut self, text: &str, span: Span, key: &Key) -> Value<'n> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let Some(least) = self.duration_of(least.trim(), span, key) else { return Value::Bad };
        let Some(most) = self.duration_of(most.trim(), span, key) else { return Value::Bad };
        if least > most {
            return self.bad(span, key, text, "a range from short to long");
        }
        Value::Times(Times { least, most })
    }

    fn duration_of(&mut self, text: &str, span: Span, key: &Key) -> Option<Duration> {
        let error = match literal::duration(text) {
            Ok(duration) => return Some(duration),
            Err(error) => error,
        };
        let (text, mend) = match error {
            DurationError::NoUnit => (
                format!("the duration `{text}` of `{}` has no unit", key.name),
                format!("did you mean `{text}s` or `{text}ms`?"),
            ),
            DurationError::BadUnit => (
                format!("the duration `{text}` of `{}` has an unknown unit", key.name),
                "the units are ns, us, ms, s, m, h and d".to_owned(),
            ),
            DurationError::TooLong => (
                format!("the duration `{text}` is longer than a century"),
                "no run lasts that long; use a shorter one".to_owned(),
            ),
            DurationError::Shape => {
                let shown = text.escape_debug();
                (
                    format!("`{}` must be a duration, found `{shown}`", key.name),
                    format!("for example `{}: {}`", key.name, key.example),
                )
            }
        };
        self.error(Code::Value, span, text, mend);
        None
    }

    /// A map from names to types with defaults: `{ left: int, gift: bool = false }`.
    pub(super) fn columns(&mut self, node: &Node) -> Vec<Column> {
        let Some(entries) = node.map() else {
            if !node.is_null() {
                let text = format!("fields must be a map from names to types, found {}", node.shape());
                self.error(Code::Value, head(node), text, "write them as `{ order_id: id, qty: int }`");
            }
            return Vec::new();
        };
        let mut columns = Vec::new();
        for entry in entries {
            self.check_name(&entry.key, "field");
            if let Some((ty, default)) = self.column_type(&entry.value) {
                columns.push(Column { name: entry.key.clone(), ty, default });
            }
        }
        columns
    }

    fn column_type(&mut self, node: &Node) -> Option<(Type, Option<Expr>)> {
        if let Some([item]) = node.seq() {
            let (inner, _) = self.column_type(item)?;
            return Some((Type::List(Box::new(inner)), None));
        }
        let mend = "the types are `bool`, `int`, `decimal`, `string`, `id`, `duration`, `time`, or `[type]` for a list";
        let Some(text) = node.text() else {
            self.error(Code::Value, head(node), format!("expected a type, found {}", node.shape()), mend);
            return None;
        };
        let (word, default) = match text.split_once('=') {
            Some((word, default)) => (word, Some((default, text.len() - default.len()))),
            None => (text, None),
        };
        let Some(ty) = Type::named(word.trim()) else {
            let near = suggest::nearest(word.trim(), Type::NAMES.iter().copied());
            let mend = near.map_or_else(|| mend.to_owned(), |near| format!("did you mean `{near}`?"));
            self.error(Code::UnknownName, node.span, format!("unknown type `{}`", word.trim().escape_debug()), mend);
            return None;
        };
        let default = default.and_then(|(text, at)| {
            let span = node.text_map(self.source).span(at, at + text.len());
            let parsed = syntax::expression(text, &TextMap::identity(span.start, text.len()));
            parsed.map_err(|diagnostic| self.report.push(diagnostic)).ok()
        });
        Some((ty, default))
    }

    pub(super) fn bodies<'n>(&mut self, node: &Node, what: &str) -> Value<'n> {
        let Some(entries) = node.map() else {
            let text = format!("expected a map from {what} names to bodies, found {}", node.shape());
            self.error(Code::Value, head(node), text, format!("write `{{ {what}: \"statements\" }}`"));
            return Value::Bad;
        };
        let mut bodies = IndexMap::new();
        for entry in entries {
            let text = match entry.value.text() {
                Some(text) => text,
                None if entry.value.is_null() => "",
                None => {
                    let text =
                        format!("the body of `{}` must be a text, found {}", entry.key.value, entry.value.shape());
                    self.error(
                        Code::Value,
                        head(&entry.value),
                        text,
                        "write it after `|` on indented lines, or in quotes",
                    );
                    continue;
                }
            };
            match syntax::body(text, &entry.value.text_map(self.source)) {
                Ok(body) => drop(bodies.insert(entry.key.value.clone(), Spanned::new(body, entry.key.span))),
                Err(diagnostic) => {
                    self.report.push(diagnostic);
                    bodies.insert(entry.key.value.clone(), Spanned::new(syntax::ast::Body::default(), entry.key.span));
                }
            }
        }
        Value::Bodies(bodies)
    }

    pub(super) fn values<'n>(&mut self, node: &Node, key: &Key) -> Value<'n> {
        let Some(entries) = node.map() else {
            let text = format!("`{}` must be a map from fields to values, found {}", key.name, node.shape());
            self.error(Code::Value, head(node), text, format!("for example `{}: {}`", key.name, key.example));
            return Value::Bad;
        };
        let mut values = IndexMap::new();
        for entry in entries {
            if let Some(expr) = self.expr(&entry.value) {
                values.insert(entry.key.value.clone(), (entry.key.span, expr));
            }
        }
        Value::Values(values)
    }

    /// An expression in a value; a list of values is a list.
    pub(super) fn expr(&mut self, node: &Node) -> Option<Expr> {
        let Some(text) = node.text() else {
            let text = format!("expected a value, found {}", node.shape());
            self.error(
                Code::Value,
                head(node),
                text,
                "write a number, a range, or an expression in quotes: \"oneof('A', 'B')\"",
            );
            return None;
        };
        let parsed = syntax::expression(text, &node.text_map(self.source));
        parsed.map_err(|diagnostic| self.report.push(diagnostic)).ok()
    }

    /// A constant in the rows of a table: a bare word is a text.
    pub(super) fn constant(&mut self, node: &Node, ty: &Type) -> Option<Expr> {
        let quoted = node.text().filter(|_| matches!(ty, Type::Text | Type::Id));
        let Some(text) = quoted else { return self.expr(node) };
        let literal = format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"));
        let expr = syntax::expression(&literal, &TextMap::identity(node.span.start, literal.len())).ok()?;
        debug_assert!(matches!(expr.kind, ExprKind::Text(_)), "a quoted text is a text");
        Some(expr.at(node.span))
    }
}
