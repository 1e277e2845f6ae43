//! The tables know every word of the parser, and every example can be run.

use std::path::Path;

use super::*;
use crate::keys::BOUNDARIES;
use crate::source::Source;
use crate::syntax::ast::BinaryOp;
use crate::{Runnable, analyse, check, syntax};

const SYSTEM: &str = include_str!("tests.yaml");

fn words(forms: &[Form]) -> Vec<&'static str> {
    let mut words: Vec<&str> = forms.iter().flat_map(|form| form.words).copied().collect();
    words.sort_unstable();
    words
}

fn sorted(words: &[&'static str]) -> Vec<&'static str> {
    let mut words = words.to_vec();
    words.sort_unstable();
    words
}

#[test]
fn every_word_of_the_parser_and_the_type_checker_is_told() {
    assert_eq!(words(STATEMENTS), sorted(&syntax::VERBS));
    let (functions, methods) = analyse::words();
    assert_eq!(words(FUNCTIONS), sorted(&functions));
    assert_eq!(words(METHODS), sorted(&methods));
    let told = words(OPERATORS);
    for op in [
        BinaryOp::Or,
        BinaryOp::And,
        BinaryOp::Equal,
        BinaryOp::NotEqual,
        BinaryOp::Less,
        BinaryOp::LessOrEqual,
        BinaryOp::Greater,
        BinaryOp::GreaterOrEqual,
        BinaryOp::In,
        BinaryOp::Plus,
        BinaryOp::Minus,
        BinaryOp::Times,
        BinaryOp::Over,
        BinaryOp::Remainder,
    ] {
        assert!(told.contains(&op.sign()), "{}", op.sign());
    }
    let boundaries: Vec<&str> = BOUNDARY_DOCS.iter().map(|(name, _)| *name).collect();
    assert_eq!(boundaries, BOUNDARIES);
}

/// The system with the example in its place.
fn with(form: &Form) -> String {
    let quoted = |text: &str| format!("{text:?}");
    let (place, text) = match form.stand {
        Body => ("BODY", quoted(form.example)),
        Value => ("BODY", quoted(&format!("let x = {}", form.example))),
        Fold => ("FOLD", quoted(form.example)),
        Check => ("CHECK", quoted(form.example)),
        Load => ("LOAD", quoted(form.example)),
    };
    let field = if form.example.starts_with("ordinal") { "qty" } else { "sku" };
    let (load, other) =
        if field == "qty" { ("sku: \"'A'\", qty: LOAD", "1") } else { ("sku: LOAD, qty: 1", "\"'A'\"") };
    let mut out = SYSTEM.replace("WITH", load).replace(place, &text);
    for (place, calm) in
        [("BODY", "\"emit Charged\""), ("FOLD", "\"placed += 1\""), ("CHECK", "\"true\""), ("LOAD", other)]
    {
        out = out.replace(&format!(" {place}"), &format!(" {calm}"));
    }
    out
}

#[test]
fn every_example_can_be_run() {
    for form in [STATEMENTS, LITERALS, OPERATORS, FUNCTIONS, METHODS, SIGHTS].into_iter().flatten() {
        let checked = check(Source::new("example.yaml", with(form)));
        let wrong = checked.report.has_errors().then(|| checked.report.render(false));
        assert_eq!(wrong, None, "{}", form.example);
        let runnable = Runnable::new(checked, Path::new("."));
        assert!(runnable.is_ok(), "{}: {}", form.example, runnable.unwrap_err().render(false));
    }
}

#[test]
fn every_key_can_be_read() {
    for (_, _, key) in KEYS {
        assert!(ordain_kernel::parse_key(key).is_ok(), "{key}");
    }
}
