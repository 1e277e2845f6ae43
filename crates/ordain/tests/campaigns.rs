//! The facade as a test of a user's would use it.

use std::panic::catch_unwind;

use ordain::prelude::*;

/// Billing by an at-least-once queue; `dedup` is the mend.
fn billing(dedup: &str) -> Scenario {
    let text = format!(
        r#"
scenario: billing
brokers: {{ mail: {{ kind: sqs }} }}
channels: {{ rides: {{ broker: mail, mode: queue, carries: [Ride] }} }}
messages: {{ Ride: {{ ride: id }} }}
services:
  billing:
    {dedup}
    tables: {{ charges: {{ append: true, columns: {{ ride: id }} }} }}
    handles: {{ Ride: "add charges(ride)" }}
load: {{ Ride: {{ count: 5, every: 1s }} }}
faults:
  - {{ duplicate: rides, chance: 5% }}
checks:
  charged_once: {{ always: "billing.charges.by(ride).all(c, c.count() <= 1)" }}
"#
    );
    Scenario::from_text("billing.yaml", &text).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn a_double_charge_is_told_as_a_story() {
    let outcome = billing("").seeds(0..100).run();
    let finding = outcome.finding("charged_once").expect("the double charge is found");
    assert_eq!((finding.deviations.len(), finding.load.commands.len()), (1, 1), "one copy of one ride is enough");
    assert!(finding.one_minimal && finding.nondeterminism.is_none());

    let said = catch_unwind(|| outcome.assert_holds()).expect_err("the assertion fails");
    let said = said.downcast_ref::<String>().expect("a panic with a text");
    assert!(said.starts_with("billing.yaml does not hold"), "{said}");
    assert!(said.contains("charged_once") && said.contains(&finding.deviations[0].words), "{said}");
    assert!(said.contains(&format!("ordain replay billing.yaml --seed {}", finding.seed)), "{said}");
}

#[test]
fn its_twin_with_an_inbox_holds() {
    let outcome = billing("dedup: { by: message_id }").seeds(0..100).run();
    outcome.assert_holds();
    assert_eq!(outcome.story(), "");
    assert_eq!(outcome.never_fired(), Vec::<&str>::new(), "the fault that is held against did strike");
}

#[test]
fn the_outcome_does_not_depend_on_the_number_of_jobs() {
    let outcomes = [1, 2, 5].map(|jobs| billing("").seeds(0..60).jobs(jobs).run());
    for other in &outcomes[1..] {
        assert_eq!(other.campaign().sums, outcomes[0].campaign().sums);
        assert_eq!(other.story(), outcomes[0].story());
    }
}

#[test]
fn fail_fast_ends_at_the_lowest_failing_seed() {
    let whole = billing("").seeds(0..100).run();
    let fast = billing("").seeds(0..100).fail_fast().run();
    let lowest = |outcome: &Outcome| outcome.findings().iter().map(|finding| finding.seed).min();
    assert_eq!(lowest(&fast), lowest(&whole));
    assert!(fast.runs() < whole.runs());
}

#[test]
#[should_panic(expected = "no seed was run")]
fn an_empty_campaign_holds_nothing() {
    billing("").seeds(5..5).run().assert_holds();
}

#[test]
fn what_is_wrong_with_a_file_is_all_said() {
    let error = Scenario::from_text("two.yaml", "scenario: two\nchanels: {}\nservises: {}\n").unwrap_err();
    let said = format!("{error:?}");
    assert!(said.contains("`channels`") && said.contains("`services`"), "{said}");
    assert_eq!(error.to_string().matches("--> two.yaml:").count(), error.report().diagnostics().len(), "{error}");

    let missing = Scenario::from_file("no/such/file.yaml").unwrap_err();
    assert!(missing.to_string().contains("no/such/file.yaml"), "{missing}");
}
