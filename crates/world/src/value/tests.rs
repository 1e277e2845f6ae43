//! Tests of values: known answers, and the laws of decimals and spellings.

use core::cmp::Ordering;
use std::rc::Rc;

use ordain_kernel::{Names, Time};
use proptest::prelude::*;

use super::{ArithError, Datum, Decimal, ParseDecimalError, Value, ValueKind};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn list(items: &[i64]) -> Value {
    Value::List(Rc::new(items.iter().map(|n| Value::Int(*n)).collect()))
}

#[test]
fn values_render_as_people_write_them() {
    let mut names = Names::default();
    let text = Value::Str(names.intern("open"));
    for (value, want) in [
        (Value::Nil, "nil"),
        (Value::Bool(true), "true"),
        (Value::Int(-7), "-7"),
        (Value::Dec(dec("1.50")), "1.5"),
        (text, "open"),
        (Value::Span(-1_500_000_000), "-1500ms"),
        (Value::Time(Time(1_250_000_000)), "1.250s"),
        (list(&[1, 2]), "[1, 2]"),
        (Value::Span(i64::MIN), "-9223372036854775808ns"),
    ] {
        assert_eq!(value.render(&names), want);
        let mut bytes = Vec::new();
        value.partition_bytes(&names, &mut bytes);
        assert_eq!(bytes, want.as_bytes());
    }
}

#[test]
fn numbers_compare_by_size_and_strings_by_text() {
    let mut names = Names::default();
    let (z, a) = (Value::Str(names.intern("z")), Value::Str(names.intern("a")));
    for (left, right, want) in [
        (Value::Int(2), Value::Dec(dec("2.0")), Some(Ordering::Equal)),
        (Value::Dec(dec("1.99")), Value::Int(2), Some(Ordering::Less)),
        (z.clone(), a, Some(Ordering::Greater)),
        (Value::Nil, Value::Nil, Some(Ordering::Equal)),
        (Value::Nil, Value::Int(0), None),
        (Value::Int(0), z, None),
        (list(&[1, 2]), list(&[1, 3]), Some(Ordering::Less)),
        (list(&[1]), list(&[1, 3]), Some(Ordering::Less)),
    ] {
        assert_eq!(left.compare(&right, &names), want, "{left:?} and {right:?}");
        assert_eq!(left.equals(&right), want == Some(Ordering::Equal));
        if left.equals(&right) {
            assert_eq!(left.stable_hash(&names), right.stable_hash(&names));
        }
    }
}

#[test]
fn stable_hashes_do_not_depend_on_symbol_numbers() {
    let (mut one, mut other) = (Names::default(), Names::default());
    other.intern("something else first");
    let (a, b) = (Value::Str(one.intern("open")), Value::Str(other.intern("open")));
    assert_ne!(a, b);
    assert_eq!(a.stable_hash(&one), b.stable_hash(&other));
    assert_eq!(Value::Int(1).stable_hash(&one), ordain_kernel::mix(3, 1));
}

#[test]
fn arithmetic_has_known_answers() {
    let (second, minute) = (Value::Span(1_000_000_000), Value::Span(60_000_000_000));
    let now = Value::Time(Time(5_000_000_000));
    assert_eq!(Value::Int(-7).div(&Value::Int(2)), Ok(Value::Int(-3)));
    assert_eq!(Value::Int(-7).rem(&Value::Int(2)), Ok(Value::Int(-1)));
    assert_eq!(Value::Int(2).mul(&Value::Dec(dec("0.5"))), Ok(Value::Dec(dec("1"))));
    assert_eq!(minute.div(&second), Ok(Value::Int(60)));
    assert_eq!(second.mul(&Value::Int(60)), Ok(minute.clone()));
    assert_eq!(now.add(&second), Ok(Value::Time(Time(6_000_000_000))));
    assert_eq!(now.sub(&Value::Time(Time(6_000_000_000))), Ok(Value::Span(-1_000_000_000)));
    assert_eq!(Value::Int(1).neg(), Ok(Value::Int(-1)));
    assert_eq!(now.sub(&minute), Err(ArithError::Overflow));
    assert_eq!(Value::Int(i64::MAX).add(&Value::Int(1)), Err(ArithError::Overflow));
    assert_eq!(Value::Int(i64::MIN).div(&Value::Int(-1)), Err(ArithError::Overflow));
    assert_eq!(Value::Int(1).rem(&Value::Int(0)), Err(ArithError::DivisionByZero));
    let kinds = ArithError::Kinds { op: '+', left: ValueKind::Int, right: ValueKind::Nil };
    assert_eq!(Value::Int(1).add(&Value::Nil), Err(kinds));
    assert_eq!(kinds.to_string(), "no operator `+` between int and nil");
}

#[test]
fn decimals_divide_half_to_even() {
    for (a, b, want) in [
        ("1", "3", "0.333333"),
        ("2", "3", "0.666667"),
        ("-2", "3", "-0.666667"),
        ("1", "2000000", "0"),
        ("3", "2000000", "0.000002"),
        ("-3", "2000000", "-0.000002"),
        ("0.00000012", "1", "0.00000012"),
        ("7", "0.5", "14"),
    ] {
        assert_eq!(dec(a).checked_div(dec(b)).unwrap().to_string(), want, "{a} / {b}");
    }
    assert_eq!(dec("1").checked_div(dec("0.0")), Err(ArithError::DivisionByZero));
    assert_eq!(dec("9223372036854775807").checked_add(dec("0.1")), Err(ArithError::Overflow));
}

#[test]
fn decimals_parse_what_they_print() {
    for (text, want) in
        [("12.50", "12.5"), ("-0.0", "0"), ("100", "100"), ("-9223372036854775808", "-9223372036854775808")]
    {
        assert_eq!(dec(text).to_string(), want);
    }
    for text in ["", "-", ".5", "5.", "1e3", "1,5", "--1", "+1", "1.2.3"] {
        assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError::Syntax), "{text}");
    }
    for text in ["9223372036854775808", "0.1234567890123456789", "99999999999999999999999999999999999999999"] {
        assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError::TooLong), "{text}");
    }
}

#[test]
fn data_are_spelled_as_yaml_scalars() {
    for (datum, want) in [
        (Datum::Nil, "null"),
        (Datum::Dec(dec("2")), "2.0"),
        (Datum::Str("open".into()), "open"),
        (Datum::Str("7".into()), "\"7\""),
        (Datum::Str("no".into()), "\"no\""),
        (Datum::Str("two words: \"x\"\n".into()), r#""two words: \"x\"\n""#),
        (Datum::Span(200_000_000), "200ms"),
        (Datum::Time(1_250_000_000), "+1.250s"),
        (Datum::List(vec![Datum::Int(1), Datum::List(vec![])]), "[1, []]"),
    ] {
        assert_eq!(datum.to_string(), want);
        assert_eq!(want.parse(), Ok(datum));
    }
    for text in ["", "[1", "1]", "\"x", "5 s", "[1,,2]", "\"\\q\"", "5sx"] {
        assert!(text.parse::<Datum>().is_err(), "{text:?} was read");
    }
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000_000_i64..1_000_000_000_000, 0_u32..7).prop_map(|(m, s)| Decimal::new(i128::from(m), s).unwrap())
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u32..19).prop_map(|(m, s)| Decimal::new(i128::from(m), s).unwrap())
}

fn datum() -> impl Strategy<Value = Datum> {
    let leaf = prop_oneof![
        Just(Datum::Nil),
        any::<bool>().prop_map(Datum::Bool),
        any::<i64>().prop_map(Datum::Int),
        any_decimal().prop_map(Datum::Dec),
        any::<String>().prop_map(|text| Datum::Str(text.into())),
        "[a-z0-9.+-]{0,4}".prop_map(|text| Datum::Str(text.into())),
        any::<i64>().prop_map(Datum::Span),
        any::<u64>().prop_map(Datum::Time),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Datum::List))
}

proptest! {
    #[test]
    fn addition_commutes_and_subtraction_undoes_it(a in decimal(), b in decimal(), c in decimal()) {
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
        prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b), Ok(a));
        prop_assert_eq!(a.checked_add(b).unwrap().checked_add(c), b.checked_add(c).unwrap().checked_add(a));
    }

    #[test]
    fn multiplication_commutes_and_distributes(a in -1_000_i64..1_000, b in decimal(), c in decimal()) {
        let a = Decimal::from(a);
        prop_assert_eq!(a.checked_mul(b), b.checked_mul(a));
        prop_assert_eq!(a.checked_mul(b.checked_add(c).unwrap()), a.checked_mul(b).unwrap().checked_add(a.checked_mul(c).unwrap()));
    }

    #[test]
    fn a_quotient_is_within_half_a_digit(a in decimal(), b in -1_000_i64..1_000) {
        prop_assume!(b != 0);
        let back = a.checked_div(b.into()).unwrap().checked_mul(b.into()).unwrap();
        let off = back.checked_sub(a).unwrap();
        let most = Decimal::new(i128::from(b.abs()), 6).unwrap().checked_div(2.into()).unwrap();
        let magnitude = if off < Decimal::ZERO { Decimal::ZERO.checked_sub(off).unwrap() } else { off };
        prop_assert!(magnitude <= most.checked_add(dec("0.000001")).unwrap(), "{} / {} is off by {}", a, b, off);
    }

    #[test]
    fn order_agrees_with_cross_multiplication(a in any_decimal(), b in any_decimal()) {
        let left = i128::from(a.mantissa) * 10_i128.pow(b.scale.into());
        let right = i128::from(b.mantissa) * 10_i128.pow(a.scale.into());
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
        prop_assert_eq!(a == b, left == right);
    }

    #[test]
    fn decimals_read_back(a in any_decimal()) {
        prop_assert_eq!(a.to_string().parse(), Ok(a));
    }

    #[test]
    fn data_read_back(datum in datum()) {
        prop_assert_eq!(datum.to_string().parse(), Ok(datum));
    }

    #[test]
    fn data_survive_a_run(datum in datum()) {
        let mut names = Names::default();
        let value = Value::from_datum(&datum, &mut names);
        prop_assert_eq!(value.to_datum(&names), datum);
    }
}
