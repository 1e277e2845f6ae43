//! Bad input never panics: random bytes, random YAML, mutated scenarios, random bodies.

use ordain_scenario::check;
use ordain_scenario::regression::Regression;
use ordain_scenario::source::Source;
use ordain_scenario::syntax;
use ordain_scenario::yaml::TextMap;
use proptest::prelude::*;

use crate::SMALL;

fn read(bytes: Vec<u8>) {
    match Source::from_bytes("fuzz.yaml", bytes) {
        Ok(source) => {
            let _ = Regression::read(&source);
            let checked = check(source);
            assert!(checked.scenario.is_some() || checked.report.has_errors(), "no scenario, and no word why");
            let _ = checked.report.render(true);
        }
        Err(report) => assert!(report.has_errors()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(bytes);
    }

    #[test]
    fn random_yaml(parts in proptest::collection::vec("[-a-c:{}\\[\\],\"'|>&*!%@#? \n\t0-9é]{1,12}", 0..40)) {
        read(parts.concat().into_bytes());
    }

    #[test]
    fn mutated_scenarios(cuts in proptest::collection::vec((0..SMALL.len(), 0..30_usize, "[-a-c:{}\\[\\],\"'| \n0-9.%()é]{0,6}"), 1..4)) {
        let mut bytes = SMALL.as_bytes().to_vec();
        for (at, length, text) in cuts {
            let at = at.min(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, text.into_bytes());
        }
        read(bytes);
    }

    #[test]
    fn swapped_words(swaps in proptest::collection::vec((0..600_usize, 0..600_usize), 1..4)) {
        let mut words: Vec<&str> = SMALL.split_inclusive([' ', '\n', ',', '(', ')', '.', ':']).collect();
        for (a, b) in swaps {
            let (a, b) = (a % words.len(), b % words.len());
            words.swap(a, b);
        }
        read(words.concat().into_bytes());
    }

    #[test]
    fn random_bodies(text in "[a-z (){}\\[\\].,;=+<>!&|?:'\"0-9%@\n-]{0,80}") {
        let map = TextMap::identity(0, text.len());
        let _ = syntax::body(&text, &map);
        let _ = syntax::expression(&text, &map);
    }
}

#[test]
fn long_and_deep_texts_are_bounded() {
    let map = TextMap::identity(0, 0);
    for text in [
        "(".repeat(100_000),
        "-".repeat(100_000),
        "1+".repeat(100_000),
        "a.".repeat(100_000),
        "if a {".repeat(100_000),
        "!".repeat(100_000),
        "a?b:".repeat(50_000),
    ] {
        assert!(syntax::expression(&text, &map).is_err());
        assert!(syntax::body(&text, &map).is_err());
    }
    read("- ".repeat(200_000).into_bytes());
    read("a: {b: ".repeat(100_000).into_bytes());
    read("a:\n".repeat(200_000).into_bytes());
}
