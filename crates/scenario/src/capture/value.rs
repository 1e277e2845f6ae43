//! Texts and parts of JSON to values of a type.

use ordain_world::{Datum, Decimal};

use crate::capture::Fault;
use crate::capture::json::{self, Part};
use crate::capture::time;
use crate::model::Type;
use crate::syntax::literal;

/// A column of CSV as a value.
pub(super) fn of_text(text: &str, ty: &Type, name: &str) -> Result<Datum, Fault> {
    let plain = text.trim();
    let value = match ty {
        Type::Text | Type::Id => Some(Datum::Str(text.into())),
        Type::Bool => match plain {
            "true" | "TRUE" | "1" => Some(Datum::Bool(true)),
            "false" | "FALSE" | "0" => Some(Datum::Bool(false)),
            _ => None,
        },
        Type::Int => whole(plain).map(Datum::Int),
        Type::Decimal => decimal(plain).map(Datum::Dec),
        Type::Duration => {
            literal::duration(plain).ok().and_then(|length| i64::try_from(length.as_nanos()).ok()).map(Datum::Span)
        }
        Type::Time => time::parse(plain).and_then(|at_ns| u64::try_from(at_ns).ok()).map(Datum::Time),
        Type::List(_) => None,
    };
    value.ok_or_else(|| {
        let shown: String = plain.chars().take(40).collect();
        Fault::new(
            format!("field `{name}` must be {}, found `{}`", wanted(ty), shown.escape_debug()),
            "map another column to the field, or change its type",
        )
    })
}

/// A part of JSON as a value.
pub(super) fn of_json(raw: &str, ty: &Type, name: &str) -> Result<Datum, Fault> {
    let unfit = |found: &str| {
        Fault::new(
            format!("field `{name}` must be {}, found {found}", wanted(ty)),
            "map another path to the field, or change its type",
        )
    };
    match (json::part(raw), ty) {
        (Part::Bool(value), Type::Bool) => Ok(Datum::Bool(value)),
        (Part::Number(digits), Type::Int | Type::Decimal) => of_text(digits, ty, name),
        (Part::Number(digits), Type::Text | Type::Id) => Ok(Datum::Str(digits.into())),
        (Part::Text(quoted), Type::Int | Type::Decimal | Type::Text | Type::Id | Type::Duration | Type::Time) => {
            let text = json::unquote(quoted).ok_or_else(|| unfit("a broken string"))?;
            of_text(&text, ty, name)
        }
        (Part::List(list), Type::List(inner)) => {
            let items = json::items(list).ok_or_else(|| unfit("a broken list"))?;
            items.into_iter().map(|item| of_json(item, inner, name)).collect::<Result<_, _>>().map(Datum::List)
        }
        (Part::Null, _) => Err(unfit("null")),
        (Part::Bool(_), _) => Err(unfit("a bool")),
        (Part::Number(_), _) => Err(unfit("a number")),
        (Part::Text(_), _) => Err(unfit("a string")),
        (Part::List(_), _) => Err(unfit("a list")),
        (Part::Map, _) => Err(unfit("a map")),
    }
}

/// A whole number; `12.0` is one, `12.5` is not.
fn whole(text: &str) -> Option<i64> {
    let digits = text.parse().ok();
    digits.or_else(|| literal::Decimal::parse(text).filter(|decimal| decimal.scale == 0).map(|decimal| decimal.units))
}

fn decimal(text: &str) -> Option<Decimal> {
    let decimal = literal::Decimal::parse(text)?;
    Decimal::new(i128::from(decimal.units), u32::from(decimal.scale))
}

fn wanted(ty: &Type) -> String {
    match ty {
        Type::Int => "a whole number".to_owned(),
        Type::Decimal => "a decimal number".to_owned(),
        Type::Time => "a time such as 2019-03-15T00:04:00Z".to_owned(),
        Type::Duration => "a duration such as 5s".to_owned(),
        other => format!("a {}", other.show()),
    }
}
