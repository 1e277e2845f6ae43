//! The last step of shrinking: values that are no less of a fault, but read simpler.

use ordain_kernel::{Deviation, Fate, Span, Time, Value};

use crate::asks::Listener;
use crate::candidate::Candidate;
use crate::readable::readable;
use crate::run::{Job, JobSource};
use crate::shrink::Shrinker;
use crate::simpler::replaced;

impl Shrinker<'_, '_> {
    /// Values that read simpler, once nothing is to be had any more. Each takes fewer characters, so it ends.
    pub(crate) fn readable_values(&mut self, from: Candidate) -> Candidate {
        let mut now = from;
        let mut index = 0;
        while let Some(deviation) = now.deviations.get(index).copied() {
            let earliest = self.earliest(&now, &deviation);
            let draw = self.bounds.draw(&deviation);
            let values = draw.map_or_else(Vec::new, |draw| readable(deviation.value, draw, earliest));
            let better = values.into_iter().find_map(|value| {
                let readable = now.with_deviations(replaced(&now.deviations, index, value));
                self.probe(&readable)
            });
            match better.or_else(|| self.without_lateness(&now, index)) {
                Some(better) => now = better,
                None => index += 1,
            }
        }
        now
    }

    /// What the gap of a timed fault's strike counts from: so the choice says when it is put.
    fn earliest(&mut self, of: &Candidate, strike: &Deviation) -> Time {
        if !matches!(strike.value, Value::Fate(Fate::Strike { .. })) {
            return Time::START;
        }
        let (listener, heard) = Listener::new(&of.deviations);
        let load = of.load();
        let job = Job::new(&load, JobSource::Other(Box::new(listener))).until(self.signature);
        if self.purse.run(job).is_none() {
            return Time::START;
        }
        let heard = heard.borrow();
        let ask = heard.iter().find(|(ask, _)| (ask.key, ask.kind) == strike.choice());
        ask.map_or(Time::START, |(ask, _)| Time(ask.room))
    }

    /// The candidate without the lateness of a copy, when the mechanism that makes it sets the time by itself: then the
    /// run is the same.
    fn without_lateness(&mut self, now: &Candidate, index: usize) -> Option<Candidate> {
        let Value::Copies { count, late } = now.deviations[index].value else { return None };
        if late == Span::ZERO {
            return None;
        }
        let plain = Value::Copies { count, late: Span::ZERO };
        let plain = now.with_deviations(replaced(&now.deviations, index, plain));
        let (late, at_once) = (self.run(now)?, self.run(&plain)?);
        if late.hash == at_once.hash { self.probe(&plain) } else { None }
    }
}
