//! A runner without a world: commands with a few places each where something may deviate.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ordain_checks::{Grade, Severity, Signature, Tally, Violation};
use ordain_kernel::{
    Ask, Deviation, Digest, Draw, EventId, Key, Kind, Lane, Plan, Recorded, RuleId, Site, Span, Time, Value, mix,
    parse_key,
};
use ordain_world::spec::TypeId;
use ordain_world::{Command, Load};

use crate::{About, CheckAbout, DeviationText, Job, JobSource, Reason, RunReport, Runner, TraceData};

/// What has happened so far in a toy run.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) commands: Vec<u32>,
    pub(super) fired: BTreeMap<(u32, u32), Value>,
    pub(super) quiet: bool,
}

impl Seen {
    pub(super) fn has(&self, command: u32, place: u32) -> bool {
        self.fired.contains_key(&(command, place))
    }
}

/// Says what is wrong so far: anomaly words, and the command concerned, where known.
pub(super) type Judge = Arc<dyn Fn(&Seen) -> Vec<(&'static str, Option<u32>)> + Send + Sync>;

/// The toy. Command 0 stands for timed faults: its places are `%cut.1`, `%cut.2` ...
#[derive(Clone)]
pub(super) struct Toy {
    pub(super) commands: u32,
    pub(super) places: u32,
    pub(super) chance_per_mille: u64,
    pub(super) judge: Judge,
    /// When set, each run enters another number in its trace.
    pub(super) jitter: Option<Arc<AtomicU64>>,
}

impl Toy {
    pub(super) fn new(judge: impl Fn(&Seen) -> Vec<(&'static str, Option<u32>)> + Send + Sync + 'static) -> Toy {
        Toy { commands: 100, places: 4, chance_per_mille: 500, judge: Arc::new(judge), jitter: None }
    }

    /// Drawn like a seeded source does: by key, whatever else there is.
    fn draws(&self, seed: u64, command: u32, place: u32) -> Option<Value> {
        let word = mix(mix(seed, u64::from(command)), u64::from(place));
        let values = [Value::HoldFor(Span::from_secs(20)), Value::Copies { count: 3, late: Span::from_secs(1) }];
        (word % 1_000 < self.chance_per_mille).then_some(values[(word >> 32) as usize % 2])
    }

    /// Each place puts two choices: whether it is held, and if not, whether it is copied.
    fn value(&self, source: &mut JobSource<'_>, command: u32, place: u32) -> Option<Value> {
        let key = key(command, place);
        match source {
            JobSource::Seed(seed) => self.draws(*seed, command, place),
            JobSource::Plan(plan) => plan.entries().iter().find(|d| d.key == key).map(|d| d.value),
            JobSource::Other(decide) => [Kind::Hold, Kind::Copy].into_iter().find_map(|kind| {
                let site = site(kind, place);
                decide.decide(&Ask { kind, site, key, room: 0 }, &[])
            }),
            JobSource::Calm => None,
        }
    }
}

/// The place of the choices of a kind; its number is that of its one rule, too.
fn site(kind: Kind, place: u32) -> Site {
    Site(2 * (place - 1) + u32::from(kind == Kind::Copy))
}

pub(super) fn path(command: u32, place: u32) -> String {
    if command == 0 { format!("%cut.{place}") } else { format!("c{command}:place#{place}") }
}

pub(super) fn key(command: u32, place: u32) -> Key {
    parse_key(&path(command, place)).expect("toy paths are paths")
}

pub(super) fn deviation(command: u32, place: u32, value: Value) -> Deviation {
    Deviation { key: key(command, place), value }
}

pub(super) fn plan(entries: &[(u32, u32)]) -> Plan {
    let value = Value::Copies { count: 1, late: Span::ZERO };
    Plan::new(entries.iter().map(|&(command, place)| deviation(command, place, value)).collect())
}

pub(super) fn load(numbers: impl IntoIterator<Item = u32>) -> Load {
    let command =
        |number| Command { number, at: Time(u64::from(number) * 1_000_000_000), ty: TypeId(0), fields: Vec::new() };
    Load { commands: numbers.into_iter().map(command).collect() }
}

pub(super) fn signature(word: &str) -> Signature {
    Signature { check: "toy".into(), word: word.into(), place: "here".into() }
}

/// How the hold and the copies of a place are drawn.
fn draws() -> [Draw; 2] {
    let rungs = [10, 5_000, 20_000].map(Span::from_millis).into();
    [
        Draw::Hold { rungs, quiet: false },
        Draw::Copies { count: (1, 3), late: vec![Span::from_millis(2), Span::from_secs(1)] },
    ]
}

/// One toy run in the making.
struct Run<'a> {
    toy: &'a Toy,
    job: Job<'a>,
    seen: Seen,
    digest: Digest,
    report: RunReport,
    trace: TraceData,
}

impl Run<'_> {
    /// Enters an event and judges; says whether the run goes on.
    fn event(&mut self, at: Time, path: String, text: &str, data: u64) -> bool {
        self.report.events += 1;
        let (id, key) = (EventId(self.report.events as u32), parse_key(&path).unwrap_or(Key::ROOT));
        self.digest.update(at.0 ^ data, key.0);
        self.report.ended_at = at;
        if self.job.record {
            let (lane, code) = (Lane(0), 8);
            let parents = self.trace.events.last().map(|event| event.id).into_iter().collect();
            let text = format!("{text} {data}");
            self.trace.events.push(Recorded { id, at, code, lane, key, parents, text, touches: Vec::new() });
            self.trace.paths.push(path);
        }
        for (word, command) in (self.toy.judge)(&self.seen) {
            let signature = signature(word);
            if self.report.shows(&signature).is_some() {
                continue;
            }
            let severity = if word.starts_with("warn") { Severity::Warn } else { Severity::Error };
            let stop = self.job.stop_on == Some(&signature);
            self.report.violations.push(Violation {
                signature,
                grade: Grade::Violation,
                severity,
                at,
                event: id,
                subject: "it".into(),
                command,
                message: word.into(),
            });
            if stop {
                return false;
            }
        }
        true
    }

    fn place(&mut self, at: Time, command: u32, place: u32) -> bool {
        let Some(value) = self.toy.value(&mut self.job.source, command, place) else { return true };
        self.seen.fired.insert((command, place), value);
        let deviation = Deviation { key: key(command, place), value };
        self.report.fired.push(deviation);
        let site = site(value.kind(), place);
        self.report.reasons.push(Reason { site, rule: Some(RuleId(site.0 as u16)) });
        self.report.fault_counts[place as usize - 1] += 1;
        if self.job.record {
            let event = EventId(self.report.events as u32 + 1);
            let (path, words) = (path(command, place), format!("{value} at {command}"));
            self.report.deviation_texts.push(DeviationText { deviation, path, words, event });
        }
        self.event(at, path(command, place), "deviates", 0)
    }

    fn all(&mut self) {
        let jitter = self.toy.jitter.as_ref().map_or(0, |jitter| jitter.fetch_add(1, Ordering::Relaxed));
        if !self.event(Time::START, "%start.1".into(), "starts", jitter) {
            return;
        }
        let places = self.toy.places;
        if !(1..=places).all(|place| self.place(Time::START, 0, place)) {
            return;
        }
        for command in self.job.load.commands.clone() {
            self.seen.commands.push(command.number);
            let issued = self.event(command.at, format!("c{}", command.number), "issued", 0);
            if !issued || !(1..=places).all(|place| self.place(command.at, command.number, place)) {
                return;
            }
        }
        self.seen.quiet = true;
        self.event(self.report.ended_at, "%quiet.1".into(), "quiet", 0);
    }
}

impl Runner for Toy {
    fn about(&self) -> About {
        let check = |name: &str, sometimes| CheckAbout { name: name.into(), severity: Severity::Error, sometimes };
        About {
            faults: (1..=self.places).map(|place| format!("fault {place}")).chain(["idle".into()]).collect(),
            checks: vec![check("toy", false), check("held", true)],
            draws: (1..=self.places).flat_map(|_| draws()).collect(),
        }
    }

    fn load(&mut self, _seed: u64) -> Load {
        load(1..=self.commands)
    }

    fn run(&mut self, job: Job<'_>) -> RunReport {
        let report = RunReport {
            fault_counts: vec![0; self.places as usize],
            tally: Tally { accepted: job.load.commands.len() as u64, ..Tally::default() },
            ..RunReport::default()
        };
        let (digest, seen) = (Digest::default(), Seen::default());
        let mut run = Run { toy: self, job, seen, digest, report, trace: TraceData::default() };
        run.all();
        let mut report = run.report;
        report.hash = run.digest.value();
        if let JobSource::Plan(plan) = run.job.source {
            report.unmatched = plan.len() - report.fired.len();
        }
        if run.job.record {
            let (hash, ended_at) = (report.hash, report.ended_at);
            report.trace = Some(TraceData { lanes: vec!["toy".into()], hash, ended_at, ..run.trace });
        }
        report
    }
}
