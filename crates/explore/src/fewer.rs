//! Whether fewer deviations would do: all smaller sets over a small load, as far as runs allow.

use ordain_checks::Signature;
use ordain_kernel::{Ask, Deviation, Draw, Plan};
use ordain_world::Load;

use crate::asks::{Heard, Listener, Places};
use crate::calm::Calm;
use crate::met::AllMet;
use crate::purse::Purse;
use crate::run::{Job, JobSource, RunReport};

/// What a search came to.
pub(crate) enum Searched {
    /// These break it, too, and there are fewer of them.
    Fewer(Vec<Deviation>),
    /// No smaller set of the tried values breaks it: so many runs prove that.
    None(u32),
    /// There were not runs enough to try all.
    Unfinished,
}

/// A search for fewer deviations that show a signature.
pub(crate) struct Search<'r> {
    pub(crate) purse: Purse<'r>,
    pub(crate) signature: &'r Signature,
    /// The draws of all rules.
    pub(crate) draws: &'r [Draw],
    /// The rules of places, as far as they are known.
    pub(crate) places: Places,
    pub(crate) calm: &'r mut Calm,
    /// Other signatures that were met.
    pub(crate) met: AllMet,
}

/// A set of deviations that was tried, and what could deviate after the last of them.
struct Tried {
    deviations: Vec<Deviation>,
    then: Vec<Deviation>,
}

impl Search<'_> {
    /// Tries all sets of less than `size` deviations over `load`, the smallest first, and of one size those that start
    /// latest. A size of two and more is only begun when the runs suffice for all of it. The load stays as it is, so it
    /// shows the signature by itself only when the full load does.
    pub(crate) fn below(&mut self, load: &Load, size: usize) -> Searched {
        let Some((calm, heard)) = self.listen(load, &[]) else { return Searched::Unfinished };
        let mut proof = 1;
        if calm.shows(self.signature).is_some() {
            return Searched::Fewer(Vec::new());
        }
        self.survey(load, &heard.borrow());
        let mut level = vec![Tried { deviations: Vec::new(), then: self.after_last(&heard.borrow()) }];
        for width in 1..size {
            let (mut next, mut sets) = (Vec::new(), 0);
            for (set, more) in level.iter().flat_map(|tried| tried.then.iter().map(move |more| (tried, *more))) {
                let deviations = [&set.deviations[..], &[more]].concat();
                let Some((report, heard)) = self.listen(load, &deviations) else { return Searched::Unfinished };
                proof += 1;
                if report.shows(self.signature).is_some() {
                    return Searched::Fewer(deviations);
                }
                if width + 1 < size && sets <= self.purse.runs_left() as usize {
                    let then = self.after_last(&heard.borrow());
                    sets += then.len();
                    next.push(Tried { deviations, then });
                }
            }
            if sets > self.purse.runs_left() as usize {
                return Searched::Unfinished;
            }
            level = next;
        }
        Searched::None(proof)
    }

    /// Makes a run of these deviations and hears what it puts; `None` when the runs have given out.
    fn listen(&mut self, load: &Load, deviations: &[Deviation]) -> Option<(RunReport, Heard)> {
        let (listener, heard) = Listener::new(deviations);
        let job = Job::new(load, JobSource::Other(Box::new(listener))).until(self.signature);
        let report = self.purse.run(job)?;
        let plan = Plan::new(deviations.to_vec());
        self.met.remember(&report, self.signature, (load, &plan), (&mut *self.calm, &mut self.purse));
        Some((report, heard))
    }

    /// Finds out the rules of the places that were not surveyed yet.
    fn survey(&mut self, load: &Load, heard: &[(Ask, bool)]) {
        while let Some(survey) = self.places.survey(heard)
            && let Some(report) = self.purse.run(Job::new(load, JobSource::Other(Box::new(survey))))
        {
            if !self.places.learn_all(&report) {
                return;
            }
        }
    }

    /// What may deviate after the last deviation of a run, the latest first: so each set is met once.
    fn after_last(&self, heard: &[(Ask, bool)]) -> Vec<Deviation> {
        let last = heard.iter().rposition(|(_, deviated)| *deviated).map_or(0, |at| at + 1);
        let asks = heard[last..].iter().rev();
        asks.flat_map(|(ask, _)| self.places.deviations(ask, self.draws)).collect()
    }
}
