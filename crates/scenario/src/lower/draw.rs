//! Draws the fields of generated commands: ranges, `oneof`, and arithmetic on them.

use ordain_kernel::LoadDraw;
use ordain_world::{Datum, Decimal};

use crate::lower::{Lowered, constants, refuse};
use crate::model::Type;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

/// One field of one command.
#[derive(Clone, Copy)]
pub(super) struct Draw<'a> {
    pub(super) draw: LoadDraw,
    pub(super) entry: &'a str,
    pub(super) ordinal: u64,
    pub(super) field: &'a str,
}

/// A whole number between two bounds, both included.
pub(super) fn fixed(word: u64, least: i64, most: i64) -> i64 {
    let room = (i128::from(most) - i128::from(least)).max(0) as u64;
    match room.checked_add(1) {
        Some(room) => (i128::from(least) + i128::from(LoadDraw::below(word, room))) as i64,
        None => word as i64,
    }
}

impl Draw<'_> {
    /// The value of an expression. Each random part draws from its own place in the text.
    pub(super) fn value(self, expr: &Expr, ty: &Type) -> Lowered<Datum> {
        self.part(expr, ty, &mut 0).map(|datum| constants::fit(datum, ty))
    }

    fn part(self, expr: &Expr, ty: &Type, drawn: &mut u32) -> Lowered<Datum> {
        match &expr.kind {
            ExprKind::Range(least, most) => {
                let (least, most) = (self.part(least, ty, drawn)?, self.part(most, ty, drawn)?);
                self.between(least, most, expr, drawn)
            }
            ExprKind::Call(name, items) if name.value == "oneof" && !items.is_empty() => {
                let at = LoadDraw::below(self.word(drawn), items.len() as u64) as usize;
                self.part(&items[at], ty, drawn)
            }
            ExprKind::Call(name, _) if name.value == "ordinal" => Ok(Datum::Int(self.ordinal as i64)),
            ExprKind::Binary(op, left, right) => {
                let (left, right) = (self.part(left, ty, drawn)?, self.part(right, ty, drawn)?);
                arithmetic(*op, &left, &right).map_or_else(
                    || refuse(expr.span, "this cannot be computed in `load`", "use whole numbers here"),
                    Ok,
                )
            }
            ExprKind::Unary(UnaryOp::Minus, operand) => match self.part(operand, ty, drawn)? {
                Datum::Int(value) => Ok(Datum::Int(value.saturating_neg())),
                _ => constants::constant(expr, ty),
            },
            _ => constants::constant(expr, ty),
        }
    }

    fn word(self, drawn: &mut u32) -> u64 {
        *drawn += 1;
        if *drawn == 1 {
            return self.draw.word(self.entry, self.ordinal, self.field);
        }
        self.draw.word(self.entry, self.ordinal, &format!("{}#{drawn}", self.field))
    }

    fn between(self, least: Datum, most: Datum, expr: &Expr, drawn: &mut u32) -> Lowered<Datum> {
        let word = self.word(drawn);
        match (least, most) {
            (Datum::Int(least), Datum::Int(most)) => Ok(Datum::Int(fixed(word, least, most))),
            (Datum::Span(least), Datum::Span(most)) => Ok(Datum::Span(fixed(word, least, most))),
            (Datum::Dec(least), Datum::Dec(most)) => {
                let scale = least.scale.max(most.scale);
                let units =
                    |d: Decimal| i64::try_from(i128::from(d.mantissa) * 10_i128.pow(u32::from(scale - d.scale))).ok();
                let bounds = units(least).zip(units(most));
                let drawn = bounds
                    .and_then(|(least, most)| Decimal::new(i128::from(fixed(word, least, most)), u32::from(scale)));
                drawn.map_or_else(
                    || refuse(expr.span, "the range has too many digits", "use fewer digits"),
                    |d| Ok(Datum::Dec(d)),
                )
            }
            _ => refuse(expr.span, "a range is for two numbers or two durations", "write `1..3`"),
        }
    }
}

fn arithmetic(op: BinaryOp, left: &Datum, right: &Datum) -> Option<Datum> {
    let (Datum::Int(a), Datum::Int(b)) = (left, right) else { return None };
    Some(Datum::Int(match op {
        BinaryOp::Plus => a.checked_add(*b)?,
        BinaryOp::Minus => a.checked_sub(*b)?,
        BinaryOp::Times => a.checked_mul(*b)?,
        BinaryOp::Over => a.checked_div(*b)?,
        BinaryOp::Remainder => a.checked_rem(*b)?,
        _ => return None,
    }))
}
