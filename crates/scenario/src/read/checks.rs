//! Checks: their form.

use indexmap::IndexMap;

use crate::diag::Code;
use crate::model::{Check, CheckKind, ColumnPath, EffectCount, EventName, Moment};
use crate::read::faults::channels;
use crate::read::section::Reader;
use crate::read::settings::Settings;
use crate::source::{Span, Spanned};
use crate::syntax::ast::Ident;

impl Reader<'_> {
    pub(super) fn checks(&mut self, root: &Settings<'_>) -> IndexMap<String, Check> {
        let mut checks = IndexMap::new();
        for (name, section) in root.named("checks") {
            if let Some(kind) = self.check(section) {
                let warn = section.word("severity") == "warn";
                checks.insert(name.value.clone(), Check { name: name.clone(), warn, kind });
            }
        }
        checks
    }

    fn check(&mut self, section: &Settings<'_>) -> Option<CheckKind> {
        let expr = |key: &str| section.expr(key).map(|expr| *expr.value);
        Some(match section.tag {
            "always" => CheckKind::Always(expr("always")?),
            "never" => CheckKind::Never(expr("never")?),
            "eventually" => CheckKind::Eventually(expr("eventually")?),
            "sometimes" => CheckKind::Sometimes(expr("sometimes")?),
            "after" => CheckKind::After {
                trigger: self.event(&section.text("after")?)?,
                expect: self.event(&section.text("expect")?)?,
                same: section.text("same"),
                within: section.duration("within")?,
                earlier: section.flag("earlier"),
            },
            "converges" => CheckKind::Converges {
                copy: self.path(&section.text("converges")?)?,
                original: self.path(&section.text("to")?)?,
                within: section.duration("within")?,
            },
            "effects" => self.effects(section)?,
            "saga" => CheckKind::Saga(section.text("saga")?),
            "no_loss" => CheckKind::NoLoss(channels(section, "no_loss")),
            "order" => CheckKind::Order { channel: section.text("order")?, per: section.text("per") },
            _ => return None,
        })
    }

    fn effects(&mut self, section: &Settings<'_>) -> Option<CheckKind> {
        let count = match (section.given("exactly"), section.given("at_most")) {
            (true, false) => EffectCount::ExactlyOne,
            (false, true) => EffectCount::AtMostOne,
            _ => {
                let mend = "write `exactly: 1`, or `at_most: 1`";
                self.error(Code::Value, section.span, "an effects check says either `exactly` or `at_most`", mend);
                return None;
            }
        };
        Some(CheckKind::Effects { external: section.text("effects")?, per: section.text("per"), count })
    }

    /// `X`, `accepted(X)`, `handled(X)` or `committed(X)`.
    fn event(&mut self, text: &Ident) -> Option<EventName> {
        let Some((word, rest)) = text.value.split_once('(') else {
            return Some(EventName { moment: Moment::Accepted, message: text.clone() });
        };
        let moment = match word.trim() {
            "accepted" => Some(Moment::Accepted),
            "handled" => Some(Moment::Handled),
            "committed" => Some(Moment::Committed),
            _ => None,
        };
        let (Some(moment), Some(name)) = (moment, rest.trim().strip_suffix(')')) else {
            let text_shown = text.value.escape_debug();
            let mend = "write a message type, `handled(X)` or `committed(X)`";
            self.error(Code::Value, text.span, format!("`{text_shown}` is not an event"), mend);
            return None;
        };
        let lead = (word.len() + 1 + rest.len() - rest.trim_start().len()) as u32;
        let start = (text.span.start + lead).min(text.span.end);
        let span = Span { start, end: (start + name.len() as u32).min(text.span.end).max(start) };
        Some(EventName { moment, message: Spanned::new(name.trim().to_owned(), span) })
    }

    /// `projection.column` or `service.table.column`.
    fn path(&mut self, text: &Ident) -> Option<ColumnPath> {
        let mut at = text.span.start;
        let parts: Vec<Ident> = text
            .value
            .split('.')
            .map(|part| {
                let span = Span { start: at, end: (at + part.len() as u32).min(text.span.end).max(at) };
                at = (span.end + 1).min(text.span.end);
                Spanned::new(part.trim().to_owned(), span)
            })
            .collect();
        match <[Ident; 3]>::try_from(parts) {
            Ok([owner, table, column]) => Some(ColumnPath { owner, table: Some(table), column }),
            Err(parts) => match <[Ident; 2]>::try_from(parts) {
                Ok([owner, column]) => Some(ColumnPath { owner, table: None, column }),
                Err(_) => {
                    let mend = "write `projection.column` or `service.table.column`";
                    self.error(
                        Code::Value,
                        text.span,
                        format!("`{}` is not a column", text.value.escape_debug()),
                        mend,
                    );
                    None
                }
            },
        }
    }
}
