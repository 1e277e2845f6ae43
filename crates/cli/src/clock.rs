//! The wall clock: the only place in the workspace that reads it. No result depends on it, unless `--budget` is given.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "the command line measures wall time; simulations never see it")]
fn now() -> Instant {
    Instant::now()
}

/// Measures from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        now().duration_since(self.0)
    }

    pub(crate) fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Wall time that several scenarios share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    started: Stopwatch,
    whole: Option<Duration>,
}

impl Budget {
    pub(crate) fn new(whole: Option<Duration>) -> Budget {
        Budget { started: Stopwatch::start(), whole }
    }

    /// When the next of `left` scenarios must be through: each has an even share of what is left.
    pub(crate) fn share(&self, left: usize) -> Deadline {
        let elapsed = self.started.elapsed();
        let share = |whole: Duration| whole.saturating_sub(elapsed) / u32::try_from(left.max(1)).unwrap_or(u32::MAX);
        Deadline { from: Stopwatch::start(), after: self.whole.map(share) }
    }
}

/// A time that may pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    from: Stopwatch,
    after: Option<Duration>,
}

impl Deadline {
    pub(crate) fn passed(&self) -> bool {
        self.after.is_some_and(|after| self.from.elapsed() >= after)
    }
}
