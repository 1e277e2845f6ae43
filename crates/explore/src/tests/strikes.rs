//! Timed faults, shrunk: they strike at round times that their gaps allow.

use std::sync::atomic::AtomicBool;

use ordain_checks::{Grade, Severity, Violation};
use ordain_kernel::{Ask, Deviation, Draw, EventId, Fate, Key, Kind, RuleId, Site, Span, Time, Value};
use ordain_world::Load;

use super::toy::signature;
use crate::{About, Campaign, Hooks, Job, JobSource, Reason, RunReport, Runner};

/// One timed fault, that may strike from this time on.
const EARLIEST: Time = Time(2_500_000_000);
const DRAWN: Value = Value::Fate(Fate::Strike { at: Time(43_127_000_000), lasts: Span::from_millis(17_300) });

/// Fails when the fault lasts for five seconds.
struct Struck {
    gap: (Span, Span),
}

impl Struck {
    fn strike(source: JobSource<'_>) -> Option<Value> {
        let key = Key(7);
        match source {
            JobSource::Calm => None,
            JobSource::Seed(_) => Some(DRAWN),
            JobSource::Plan(plan) => plan.entries().iter().find(|d| d.key == key).map(|d| d.value),
            JobSource::Other(mut decide) => {
                decide.decide(&Ask { kind: Kind::Fate, site: Site(0), key, room: EARLIEST.0 }, &[])
            }
        }
    }
}

impl Runner for Struck {
    fn about(&self) -> About {
        let lasts = (Span::from_secs(2), Span::from_secs(20));
        About { draws: vec![Draw::Strike { gap: self.gap, lasts }], ..About::default() }
    }

    fn load(&mut self, _seed: u64) -> Load {
        Load::default()
    }

    fn run(&mut self, job: Job<'_>) -> RunReport {
        let Some(value) = Struck::strike(job.source) else { return RunReport::default() };
        let Value::Fate(Fate::Strike { at, lasts }) = value else { return RunReport::default() };
        let broken = Violation {
            signature: signature("broken"),
            grade: Grade::Violation,
            severity: Severity::Error,
            at,
            event: EventId::NONE,
            subject: String::new(),
            command: None,
            message: String::new(),
        };
        let deviation = Deviation { key: Key(7), value };
        let path = "%cut.1".into();
        RunReport {
            violations: (lasts >= Span::from_secs(5)).then_some(broken).into_iter().collect(),
            fired: vec![deviation],
            reasons: vec![Reason { site: Site(0), rule: Some(RuleId(0)) }],
            deviation_texts: vec![crate::DeviationText { deviation, path, words: String::new(), event: EventId::NONE }],
            ..RunReport::default()
        }
    }
}

#[test]
fn strikes_come_at_whole_seconds_within_their_gap_and_last_no_longer_than_they_must() {
    let cases = [(40_000, "at 43s lasts 5s"), (40_600, "at 44s lasts 5s"), (40_627, "at 44s lasts 5s")];
    for (least, text) in cases {
        let gap = (Span::from_millis(least), Span::from_secs(60));
        let campaign = Campaign { seeds: 0..1, ..Campaign::default() };
        let interrupted = AtomicBool::new(false);
        let outcome = campaign.run_with(&|| Box::new(Struck { gap }), &Hooks::quiet(&interrupted));
        let [finding] = &outcome.findings[..] else { panic!("one finding: {:?}", outcome.findings) };
        assert_eq!(finding.deviations[0].deviation.value.to_string(), text);
        assert_eq!(finding.no_fewer, Some(1));
    }
}
