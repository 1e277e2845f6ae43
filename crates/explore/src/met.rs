//! Failures that are met on the way while another one is looked into.

use std::collections::BTreeMap;

use ordain_checks::{Signature, Violation};
use ordain_kernel::Plan;
use ordain_world::Load;

use crate::calm::Calm;
use crate::purse::Purse;
use crate::run::RunReport;

/// How many other signatures are remembered.
const MET_MAX: usize = 16;
/// How many loads are asked whether they show a signature by themselves, until it is given up.
const LOADS_MAX: u32 = 4;

/// Another failure that was met while shrinking. The calm run of its load does not show it, unless that of the full load
/// does as well.
#[derive(Clone, Debug)]
pub struct Met {
    /// What is violated.
    pub violation: Violation,
    /// The commands of the run that showed it.
    pub load: Load,
    /// Its deviations.
    pub plan: Plan,
}

/// What was met so far.
#[derive(Default)]
pub(crate) struct AllMet {
    pub(crate) all: Vec<Met>,
    asked: BTreeMap<Signature, u32>,
}

impl AllMet {
    /// Keeps the other signatures that a run showed, when its load can be told them of.
    pub(crate) fn remember(
        &mut self,
        report: &RunReport,
        own: &Signature,
        (load, plan): (&Load, &Plan),
        (calm, purse): (&mut Calm, &mut Purse<'_>),
    ) {
        for violation in report.errors() {
            let other = &violation.signature;
            if other == own || !self.wants(other) || calm.refuses(load, other) {
                continue;
            }
            *self.asked.entry(other.clone()).or_default() += 1;
            if calm.admits(load, other, purse) == Some(true) {
                self.all.push(Met { violation: violation.clone(), load: load.clone(), plan: plan.clone() });
            }
        }
    }

    fn wants(&self, signature: &Signature) -> bool {
        let known = self.all.iter().any(|met| met.violation.signature == *signature);
        let asked = self.asked.get(signature).copied().unwrap_or_default();
        self.all.len() < MET_MAX && !known && asked < LOADS_MAX
    }
}
