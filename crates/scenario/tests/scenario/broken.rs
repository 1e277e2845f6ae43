//! Diagnostics of broken scenarios, as a person sees them.

use ordain_scenario::check;
use ordain_scenario::source::Source;

use crate::SMALL;

/// The report on the small scenario with some texts replaced.
fn report(changes: &[(&str, &str)]) -> String {
    let mut text = SMALL.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the small scenario");
        text = text.replace(from, to);
    }
    check(Source::new("small.yaml", text)).report.render(false)
}

#[test]
fn the_small_scenario_is_sound() {
    assert_eq!(report(&[]), "");
}

#[test]
fn slips_of_the_pen() {
    insta::assert_snapshot!(report(&[
        ("replicas: 2", "replcas: 2"),
        ("kind: kafka, session_timeout: 10s", "kind: kafka, sesion_timeout: 10s"),
        ("kind: rabbitmq", "kind: rabitmq"),
        ("emit OrderPlaced\n", "emit OrderPlacd\n"),
        ("add charges(order_id, amount = -amount)", "add charge(order_id, amount = -amont)"),
        ("crash: payment", "crash: paymnet"),
    ]));
}

#[test]
fn values_of_the_wrong_form() {
    insta::assert_snapshot!(report(&[
        ("load: 1m", "load: 60"),
        ("relay_every: 50ms", "relay_every: 50msec"),
        ("chance: 3%", "chance: 0.03"),
        ("every: 20ms..400ms", "every: 400ms..20ms"),
        ("partitions: 3", "partitions: many"),
        ("lasts: 12s", "lasts: [12s]"),
    ]));
}

#[test]
fn malformed_yaml() {
    insta::assert_snapshot!("tab", report(&[("  order:\n    tables", "  order:\n\ttables")]));
    insta::assert_snapshot!("unclosed", report(&[("timeout: 15s, undo: Refund }", "timeout: 15s, undo: Refund")]));
    insta::assert_snapshot!("twice", report(&[("    replicas: 2\n", "    replicas: 2\n    replicas: 3\n")]));
    insta::assert_snapshot!("boolean_key", report(&[("  totals:\n", "  yes:\n")]));
    insta::assert_snapshot!("documents", report(&[("faults:\n", "---\nfaults:\n")]));
}

#[test]
fn bodies_that_do_not_parse() {
    insta::assert_snapshot!(report(&[
        ("put orders(order_id, status = 'open')", "putt orders(order_id, status = 'open')"),
        ("call psp(order_id) latency 20ms..2s", "if amount = 3 { reject }"),
        ("add charges(order_id, amount = -amount)", "chance 0.9 { commit }"),
    ]));
}

#[test]
fn bodies_that_do_not_fit_their_types() {
    insta::assert_snapshot!(report(&[
        ("status = 'open')\n", "status = 3)\n"),
        ("if amount > 100", "if amount > 'much'"),
        ("latency 20ms..2s", "latency 20..2s"),
        ("placed += 1;", "status += 1;"),
        ("c.amount.sum() >= 0", "c.amount.sum()"),
        ("size(dead) == 0", "size(payment) == 0"),
    ]));
}

#[test]
fn gaps_in_messages() {
    insta::assert_snapshot!(report(&[
        (
            "Charged, Declined, Refund: { order_id: id, amount: int }",
            "Charged, Declined, Refund: { order_id: id, amount: int, why: string }"
        ),
        ("with: { amount: 1..200 }", "with: { amonut: 1..200 }"),
    ]));
}

#[test]
fn two_homes_and_two_handlers() {
    insta::assert_snapshot!(report(&[
        ("carries: [Charge, Refund]", "carries: [Charge, Refund, Charged]"),
        ("      PlaceOrder: |", "      Refund: 'reject'\n      PlaceOrder: |"),
    ]));
}

#[test]
fn a_pivot_that_can_be_refused() {
    insta::assert_snapshot!(report(&[("timeout: 15s, undo: Refund }", "timeout: 15s }")]));
}

#[test]
fn faults_that_cannot_be() {
    insta::assert_snapshot!(report(&[
        (
            "  - { duplicate: all, chance: 3% }\n",
            "  - { lose: orders }\n  - { rebalance: tasks }\n  - { partition: [bus, tasks], at: 5s }\n"
        ),
        ("after: committed, before: acked", "after: acked, before: committed"),
        ("pause: checkout, chance: 1%", "pause: totals, after: relay_read, before: relay_marked, chance: 1%"),
        ("ambiguous_commit: payment", "ambiguous_commit: mailer"),
        ("services:\n", "services:\n  mailer: { handles: { Declined: 'call smtp' } }\n"),
        ("fail: psp", "fails: psp"),
    ]));
}

#[test]
fn checks_of_nothing() {
    insta::assert_snapshot!(report(&[
        ("payment.charges.by(order_id)", "payment.chargs.by(order_id)"),
        ("effects: psp, per: order_id, at_most: 1", "effects: pps, per: oder_id, at_most: 1"),
        ("saga: checkout", "after: Charge, expect: handled(Chargd), within: 5"),
    ]));
}

#[test]
fn a_drain_that_is_too_short() {
    insta::assert_snapshot!(report(&[("drain: 1m", "drain: 5s")]));
}

#[test]
fn a_hundred_diagnostics_and_no_more() {
    let many: String = (0..150).map(|at| format!("  - {{ crash: nobody{at} }}\n")).collect();
    let shown = report(&[("faults:\n", &format!("faults:\n{many}"))]);
    assert_eq!(shown.matches("error[").count(), 100);
    assert!(shown.contains("50 more diagnostics are not shown"), "{shown}");
}

#[test]
fn files_that_are_none() {
    let bytes = |bytes: Vec<u8>| {
        Source::from_bytes("x.yaml", bytes)
            .map(check)
            .map_or_else(|report| report.render(false), |c| c.report.render(false))
    };
    insta::assert_snapshot!("not_utf8", bytes(b"scenario: a\nabout: \xff\n".to_vec()));
    insta::assert_snapshot!("too_large", bytes(vec![b'#'; (1 << 20) + 1]));
    insta::assert_snapshot!("empty", bytes(Vec::new()));
    insta::assert_snapshot!("bomb", bytes(bomb().into_bytes()));
    insta::assert_snapshot!("deep", bytes("[".repeat(500).into_bytes()));
    let directory = Source::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path());
    assert!(directory.is_err_and(|report| report.render(false).contains("this is a directory")));
}

/// A billion laughs.
fn bomb() -> String {
    let mut text = "scenario: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        text += &format!("k{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
    }
    text
}
