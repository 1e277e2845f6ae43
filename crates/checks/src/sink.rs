//! Where violations go: at most one a check and subject, capped, and the decision to stop early.

use ordain_kernel::{EventId, Time};
use ordain_world::Flow;

use crate::now::Now;
use crate::spec::{CheckSpec, Severity};
use crate::verdict::{CheckTally, Grade, Signature, Tally, VIOLATIONS_MAX, Violation};

/// What is wrong, before it is attached to a check and a moment.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) word: &'static str,
    pub(crate) place: String,
    pub(crate) subject: String,
    pub(crate) command: Option<u32>,
    /// The event that made it so, where it was not the one by which it was seen; else none.
    pub(crate) event: EventId,
    pub(crate) message: String,
}

#[derive(Debug)]
struct Head {
    name: String,
    severity: Severity,
}

/// Takes what checks find, and counts.
#[derive(Debug)]
pub(crate) struct Sink {
    heads: Vec<Head>,
    violations: Vec<Violation>,
    /// The check behind each violation.
    behind: Vec<u16>,
    stop_on: Option<Signature>,
    stop_on_any: bool,
    stopping: bool,
    pub(crate) tally: Tally,
}

impl Sink {
    pub(crate) fn new(specs: &[CheckSpec]) -> Sink {
        let heads = specs.iter().map(|s| Head { name: s.name.clone(), severity: s.severity });
        Sink {
            heads: heads.collect(),
            violations: Vec::new(),
            behind: Vec::new(),
            stop_on: None,
            stop_on_any: false,
            stopping: false,
            tally: Tally { checks: vec![CheckTally::default(); specs.len()], ..Tally::default() },
        }
    }

    /// Forgets a run; what to stop on stays.
    pub(crate) fn begin(&mut self) {
        self.violations.clear();
        self.behind.clear();
        self.stopping = false;
        self.tally.reset();
    }

    pub(crate) fn stop_on(&mut self, signature: Option<Signature>) {
        self.stop_on = signature;
    }

    pub(crate) fn stop_on_any(&mut self, on: bool) {
        self.stop_on_any = on;
    }

    #[inline]
    pub(crate) fn flow(&self) -> Flow {
        if self.stopping { Flow::Stop } else { Flow::Go }
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Takes a violation of a check, seen now.
    pub(crate) fn report(&mut self, check: u16, now: &Now<'_>, found: Found) {
        if self.has(check, &found.subject) {
            return;
        }
        let head = &self.heads[check as usize];
        let signature = Signature { check: head.name.clone(), word: found.word.to_owned(), place: found.place };
        let violation = Violation {
            signature,
            grade: Grade::Violation,
            severity: head.severity,
            at: now.at,
            event: if found.event == EventId::NONE { now.event } else { found.event },
            subject: found.subject,
            command: found.command,
            message: found.message,
        };
        self.push(check, violation);
    }

    /// Takes the verdict that the system did not come to rest.
    pub(crate) fn unquiet(&mut self, at: Time, event: EventId, found: Found) {
        let signature = Signature { check: "quiescence".to_owned(), word: found.word.to_owned(), place: found.place };
        let violation = Violation {
            signature,
            grade: Grade::NoQuiescence,
            severity: Severity::Error,
            at,
            event,
            subject: found.subject,
            command: found.command,
            message: found.message,
        };
        self.push(u16::MAX, violation);
    }

    fn push(&mut self, check: u16, violation: Violation) {
        let wanted = self.stop_on.as_ref() == Some(&violation.signature);
        self.stopping |= wanted || (self.stop_on_any && violation.severity == Severity::Error);
        // What a shrinking run waits for must not be lost to the cap.
        if self.violations.len() < VIOLATIONS_MAX {
            self.behind.push(check);
            self.violations.push(violation);
        } else if wanted {
            self.behind[VIOLATIONS_MAX - 1] = check;
            self.violations[VIOLATIONS_MAX - 1] = violation;
        }
    }

    fn has(&self, check: u16, subject: &str) -> bool {
        self.behind.iter().zip(&self.violations).any(|(of, violation)| *of == check && violation.subject == subject)
    }

    /// Counts evaluations of a check.
    #[inline]
    pub(crate) fn evaluated(&mut self, check: u16, times: u64) {
        self.tally.checks[check as usize].evaluated += times;
    }

    /// Counts subjects of a check.
    #[inline]
    pub(crate) fn subject(&mut self, check: u16) {
        self.tally.checks[check as usize].subjects += 1;
    }

    /// Notes that a coverage check held.
    pub(crate) fn held(&mut self, check: u16) {
        self.tally.checks[check as usize].held = true;
    }
}
