//! The end of a run: what can only be judged then.

use crate::hear::Families;
use crate::now::Now;
use crate::progress::Progress;
use crate::quiescence;
use crate::sink::Sink;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Nothing was left to do.
    Quiet,
    /// It did not come to rest.
    NotQuiet {
        /// What is stuck, first first.
        stuck: Vec<String>,
        /// Why nothing moves, or what ran out.
        why: String,
    },
    /// An observer ended it.
    Stopped,
}

/// Judges the end of a run.
pub(crate) fn judge(families: &mut Families, progress: &Progress, sink: &mut Sink, now: &Now<'_>, end: &Finish) {
    match end {
        Finish::Stopped => {}
        Finish::NotQuiet { stuck, why } => sink.unquiet(now.at, now.event, quiescence::found(stuck, why)),
        Finish::Quiet => {
            families.invariants.finish(now, sink);
            families.afters.iter_mut().for_each(|check| check.finish(now, sink));
            families.converges.iter_mut().for_each(|check| check.finish(now, sink));
            families.effects.iter_mut().for_each(|check| check.finish(now, sink));
            families.sagas.iter_mut().for_each(|check| check.finish(now, sink));
            families.choreographies.iter_mut().for_each(|check| check.finish(now, sink));
            families.losses.iter().for_each(|check| check.finish(now, progress, sink));
        }
    }
}
