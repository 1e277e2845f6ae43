//! A double charge, by hand: the order saga, `Charge(c7)` delivered twice, the second time after a crash that
//! took the payment service's memory of the first. Its words are those of the world's own traces.

use ordain_checks::{CheckTally, Grade, Severity, Signature, Tally, Violation};
use ordain_explore::{DeviationText, Finding, TraceData};
use ordain_kernel::{Deviation, EventId, Fate, Key, Lane, Recorded, Span, Time, Value};
use ordain_report::{CheckLine, FindingFiles, ScenarioResult};
use ordain_world::spec::TypeId;
use ordain_world::{Command, Load};

/// The lanes, by index.
const LANES: [&str; 5] = ["load", "tasks", "order/0", "payment/0", "psp"];

/// (time in microseconds, lane, code, path, text, causes); ids count from 1.
type Line = (u64, u16, u16, &'static str, &'static str, &'static [u32]);

const LOG: [Line; 31] = [
    (0, 0, 1, "c7", "issues PlaceOrder(c7) {order_id c7, sku A, qty 2}", &[]),
    (2_000, 2, 2, "c7", "takes PlaceOrder(c7)", &[1]),
    (2_000, 2, 4, "c7@order", "begins PlaceOrder(c7)", &[2]),
    (2_000, 2, 27, "c7@order!checkout", "checkout(c7) starts", &[3]),
    (2_000, 2, 8, "c7@order", "commits PlaceOrder(c7)", &[3]),
    (2_000, 2, 14, "c7@order", "order is done with PlaceOrder(c7)", &[5]),
    (52_000, 2, 10, "c7@order/Charge", "publishes Charge(c7)", &[5]),
    (54_000, 1, 2, "c7@order/Charge", "stores Charge(c7) in work at 0:41", &[7]),
    (56_000, 2, 11, "c7@order/Charge", "knows that Charge(c7) is stored", &[8]),
    (56_000, 3, 3, "c7@order/Charge@payment", "receives Charge(c7) as payment", &[8]),
    (56_000, 3, 4, "c7@order/Charge@payment", "begins Charge(c7)", &[10]),
    (56_000, 3, 7, "c7@order/Charge@payment:put seen", "ran a statement of Charge(c7)", &[11]),
    (76_000, 4, 12, "c7@order/Charge@payment:call psp", "psp acts for c7 (effect 1)", &[12]),
    (96_000, 3, 13, "c7@order/Charge@payment:call psp", "hears from psp", &[13]),
    (96_000, 3, 8, "c7@order/Charge@payment", "commits Charge(c7)", &[14]),
    (96_000, 3, 10, "c7@order/Charge@payment/Charged", "publishes Charged(c7)", &[15]),
    (98_000, 1, 2, "c7@order/Charge@payment/Charged", "stores Charged(c7) in replies at 0:12", &[16]),
    (100_000, 3, 11, "c7@order/Charge@payment/Charged", "knows that Charged(c7) is stored", &[17]),
    (100_000, 3, 14, "c7@order/Charge@payment", "payment is done with Charge(c7)", &[18]),
    (100_000, 3, 30, "c7@order/Charge@payment", "crash payment/0 after acked, at Charge(c7)", &[19]),
    (100_000, 3, 18, "^payment.0", "crashes after acked: what it remembered of Charge(c7) is gone", &[20]),
    (100_000, 2, 3, "c7@order/Charge@payment/Charged@order", "receives Charged(c7) as order", &[17]),
    (100_000, 2, 27, "c7@order!checkout", "checkout(c7) has Charge done", &[22]),
    (2_054_000, 1, 30, "c7@order/Charge@payment.2", "copy Charge(c7) -> payment", &[8]),
    (3_100_000, 3, 19, "^payment.0!restart", "restarts", &[21]),
    (3_102_000, 3, 3, "c7@order/Charge@payment.2", "receives Charge(c7).2 as payment", &[24, 25]),
    (3_102_000, 3, 4, "c7@order/Charge@payment.2", "begins Charge(c7).2", &[26]),
    (3_102_000, 3, 7, "c7@order/Charge@payment.2:put seen", "ran a statement of Charge(c7).2", &[27]),
    (3_122_000, 4, 12, "c7@order/Charge@payment.2:call psp", "psp acts for c7 (effect 2)", &[28]),
    (3_142_000, 3, 13, "c7@order/Charge@payment.2:call psp", "hears from psp", &[29]),
    (3_142_000, 3, 8, "c7@order/Charge@payment.2", "commits Charge(c7).2", &[30, 15]),
];

/// The story's events.
pub(crate) const STORY: [u32; 13] = [1, 5, 8, 10, 13, 15, 20, 21, 24, 25, 26, 29, 31];

pub(crate) fn story() -> Vec<EventId> {
    STORY.map(EventId).to_vec()
}

pub(crate) fn trace() -> TraceData {
    let event = |(at, line): (usize, &Line)| Recorded {
        id: EventId(at as u32 + 1),
        at: Time(line.0 * 1_000),
        code: line.2,
        lane: Lane(line.1),
        key: Key(at as u64 + 100),
        parents: line.5.iter().map(|p| EventId(*p)).collect(),
        text: line.4.to_owned(),
        touches: Vec::new(),
    };
    TraceData {
        events: LOG.iter().enumerate().map(event).collect(),
        lanes: LANES.map(str::to_owned).to_vec(),
        paths: LOG.iter().map(|line| line.3.to_owned()).collect(),
        hash: 7,
        ended_at: Time(3_142_000_000),
    }
}

fn deviation(key: u64, value: Value, path: &str, words: &str, event: u32) -> DeviationText {
    DeviationText {
        deviation: Deviation { key: Key(key), value },
        path: path.to_owned(),
        words: words.to_owned(),
        event: EventId(event),
    }
}

pub(crate) fn finding() -> Finding {
    let crash = Value::Fate(Fate::Crash { down: Span::from_secs(3) });
    let copy = Value::Copies { count: 1, late: Span::from_secs(2) };
    let path = "c7@order/Charge@payment";
    let signature = |check: &str, word: &str, place: &str| Signature {
        check: check.to_owned(),
        word: word.to_owned(),
        place: place.to_owned(),
    };
    Finding {
        violation: Violation {
            signature: signature("charged_once", "violated", "payment.charges"),
            grade: Grade::Violation,
            severity: Severity::Error,
            at: Time(3_142_000_000),
            event: EventId(31),
            subject: "c7".to_owned(),
            command: Some(7),
            message: "charges of order_id c7 count 2, and at most 1 is allowed".to_owned(),
        },
        seed: 204,
        runs_failed: 41,
        original: (200, 9),
        load: Load { commands: vec![Command { number: 7, at: Time(0), ty: TypeId(0), fields: Vec::new() }] },
        deviations: vec![
            deviation(1, crash, path, "crash payment/0 after acked, at Charge(c7)", 20),
            deviation(2, copy, "c7@order/Charge@payment.2", "copy Charge(c7) -> payment", 24),
        ],
        one_minimal: true,
        deletions_rerun: 3,
        shrink_runs: 61,
        trace: trace(),
        nondeterminism: None,
        no_fewer: Some(41),
    }
}

fn check(name: &str, evaluated: u64, subjects: u64, failed_runs: u64) -> CheckLine {
    CheckLine { name: name.to_owned(), evaluated, subjects, failed_runs }
}

fn tally() -> Tally {
    Tally {
        accepted: 81_224,
        delivered: 83_002,
        duplicates: 412,
        duplicates_after_commit: 209,
        deduplicated: 0,
        crashes: 122,
        crashes_after_commit: 38,
        overtaken: 1_750,
        dead_lettered: 3,
        effects: 20_110,
        sagas: (19_321, 679, 0),
        checks: vec![CheckTally::default(); 3],
    }
}

/// A scenario that fails.
pub(crate) fn failing() -> ScenarioResult {
    let replay = "ordain replay reports/out/order-saga/charged_once.regression".to_owned();
    let mut files = FindingFiles::new(finding(), story(), replay);
    files.files = ["charged_once.regression", "charged_once.html", "charged_once.svg"].map(str::to_owned).to_vec();
    ScenarioResult {
        name: "order-saga".to_owned(),
        path: "scenarios/order-saga.yaml".to_owned(),
        runs: 2_000,
        events: 1_204_411,
        wall_ms: 3_412,
        faults_never_fired: vec!["partition payment - tasks at 40s for 10s".to_owned()],
        never_held: Vec::new(),
        warnings: vec![("view_is_fresh".to_owned(), 17)],
        checks: vec![
            check("charged_once", 40_218, 20_000, 41),
            check("every_order_ends", 20_000, 20_000, 0),
            check("view_is_fresh", 60_003, 19_998, 0),
        ],
        tally: tally(),
        findings: vec![files],
    }
}

/// A scenario that passes, and one whose `sometimes` never held.
pub(crate) fn campaign() -> Vec<ScenarioResult> {
    let passing = ScenarioResult {
        name: "outbox".to_owned(),
        path: "scenarios/outbox.yaml".to_owned(),
        runs: 500,
        events: 90_417,
        wall_ms: 260,
        checks: vec![check("row_iff_event", 8_000, 4_000, 0), check("no_loss", 500, 12_000, 0)],
        tally: Tally { duplicates: 31, crashes: 9, effects: 4_000, ..Tally::default() },
        ..ScenarioResult::default()
    };
    let unheld = ScenarioResult {
        name: "refunds".to_owned(),
        path: "scenarios/refunds.yaml".to_owned(),
        runs: 1,
        events: 204,
        wall_ms: 75_204,
        never_held: vec!["a_refund_is_seen".to_owned()],
        checks: vec![check("a_refund_is_seen", 1, 1, 0), check("no_overdraft", 0, 0, 0)],
        ..ScenarioResult::default()
    };
    vec![failing(), passing, unheld]
}
