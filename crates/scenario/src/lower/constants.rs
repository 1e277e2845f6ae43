//! Constants: literals to values, types to types.

use std::rc::Rc;
use std::sync::Arc;

use ordain_world::value::Ty;
use ordain_world::{Datum, Decimal, Value};

use crate::lower::{Lowered, Lowering, refuse};
use crate::model::Type;
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};

impl Lowering<'_> {
    /// The value of a constant expression.
    pub(super) fn constant(&mut self, expr: &Expr, ty: &Type) -> Lowered<Value> {
        let datum = constant(expr, ty)?;
        Ok(Value::from_datum(&datum, &mut self.spec.names))
    }
}

/// The value of a constant expression, free of any run.
pub(crate) fn constant(expr: &Expr, ty: &Type) -> Lowered<Datum> {
    let datum = match &expr.kind {
        ExprKind::Null => Datum::Nil,
        ExprKind::Bool(value) => Datum::Bool(*value),
        ExprKind::Int(value) => Datum::Int(*value),
        ExprKind::Decimal(value) => Datum::Dec(decimal(*value, expr)?),
        ExprKind::Text(text) => Datum::Str(Arc::from(text.as_str())),
        ExprKind::Duration(value) => Datum::Span(i64::try_from(value.as_nanos()).unwrap_or(i64::MAX)),
        ExprKind::List(items) => {
            let inner = if let Type::List(inner) = ty { inner } else { ty };
            Datum::List(items.iter().map(|item| constant(item, inner)).collect::<Lowered<_>>()?)
        }
        ExprKind::Unary(UnaryOp::Minus, operand) => match constant(operand, ty)? {
            Datum::Int(value) => Datum::Int(value.saturating_neg()),
            Datum::Dec(value) => Datum::Dec(Decimal { mantissa: value.mantissa.saturating_neg(), ..value }),
            Datum::Span(value) => Datum::Span(value.saturating_neg()),
            other => other,
        },
        _ => return refuse(expr.span, "this must be a constant", "give a literal: a number, a 'text', true, 5s .."),
    };
    Ok(fit(datum, ty))
}

/// A whole number where a decimal is wanted becomes one.
pub(super) fn fit(datum: Datum, ty: &Type) -> Datum {
    match (datum, ty) {
        (Datum::Int(value), Type::Decimal) => Decimal::new(i128::from(value), 0).map_or(Datum::Int(value), Datum::Dec),
        (datum, _) => datum,
    }
}

/// A decimal literal.
pub(super) fn decimal(value: crate::syntax::literal::Decimal, expr: &Expr) -> Lowered<Decimal> {
    match Decimal::new(i128::from(value.units), u32::from(value.scale)) {
        Some(decimal) => Ok(decimal),
        None => refuse(expr.span, "the decimal has too many digits", "use at most 18 digits"),
    }
}

/// A list value.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::List(Rc::new(items))
}

/// The world's type of a type.
pub(super) fn ty(ty: &Type) -> Ty {
    match ty {
        Type::Bool => Ty::Bool,
        Type::Int => Ty::Int,
        Type::Decimal => Ty::Dec,
        Type::Text => Ty::Str,
        Type::Id => Ty::Id,
        Type::Duration => Ty::Span,
        Type::Time => Ty::Time,
        Type::List(inner) => Ty::List(Box::new(self::ty(inner))),
    }
}
