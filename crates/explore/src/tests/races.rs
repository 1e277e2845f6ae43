//! Fail-fast under the two races that matter: a lower seed that fails late, and a higher one that does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ordain_checks::{Grade, Severity, Violation};
use ordain_kernel::{EventId, Time};
use ordain_world::Load;

use super::toy::signature;
use crate::{About, Campaign, Ended, Hooks, Job, JobSource, RunReport, Runner};

/// With 200 seeds and two threads a batch has 12 seeds: this one begins the second.
const HIGHER: u64 = 12;

/// Seeds 1 and [`HIGHER`] fail. Seed 0 waits until the other has begun, or has failed.
#[derive(Clone, Default)]
struct Gate {
    higher_last: bool,
    begun: Arc<AtomicBool>,
    lower_failed: Arc<AtomicBool>,
    higher_failed: Arc<AtomicBool>,
}

fn wait_for(flag: &AtomicBool) {
    while !flag.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
}

fn failed() -> Violation {
    Violation {
        signature: signature("broken"),
        grade: Grade::Violation,
        severity: Severity::Error,
        at: Time::START,
        event: EventId::NONE,
        subject: String::new(),
        command: None,
        message: String::new(),
    }
}

impl Gate {
    fn pass(&self, seed: u64) {
        match seed {
            0 if self.higher_last => wait_for(&self.begun),
            0 => wait_for(&self.higher_failed),
            1 => self.lower_failed.store(true, Ordering::SeqCst),
            HIGHER => {
                self.begun.store(true, Ordering::SeqCst);
                if self.higher_last {
                    wait_for(&self.lower_failed);
                }
                self.higher_failed.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
    }
}

impl Runner for Gate {
    fn about(&self) -> About {
        About::default()
    }

    fn load(&mut self, _seed: u64) -> Load {
        Load::default()
    }

    fn run(&mut self, job: Job<'_>) -> RunReport {
        let JobSource::Seed(seed) = job.source else { return RunReport::default() };
        self.pass(seed);
        let fails = seed == 1 || seed == HIGHER;
        RunReport {
            hash: u128::from(seed),
            violations: fails.then(failed).into_iter().collect(),
            ..RunReport::default()
        }
    }
}

#[test]
fn the_lowest_failing_seed_is_the_end_in_whatever_order_failures_come() {
    for higher_last in [false, true] {
        let gate = Gate { higher_last, ..Gate::default() };
        let campaign = Campaign { seeds: 0..200, jobs: 2, fail_fast: true, ..Campaign::default() };
        let outcome = campaign.run_with(&|| Box::new(gate.clone()), &Hooks::quiet(&AtomicBool::new(false)));
        assert!(gate.higher_failed.load(Ordering::SeqCst) || higher_last, "the race was run");
        assert_eq!(outcome.ended, Ended::FailFast);
        assert_eq!((outcome.sums.runs, outcome.sums.failed), (2, 1), "seeds 0 and 1, and no other");
        assert_eq!(outcome.sums.failures[&signature("broken")].seed, 1);
    }
}
