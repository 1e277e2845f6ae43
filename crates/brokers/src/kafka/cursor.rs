//! A group's place in one partition: what is committed, handled and fetched.

use super::Tally;

/// The offsets of one group in one partition. All are "the next one": everything below is done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    /// The committed offset. Without a commit (reset to latest): where the group would begin.
    pub(crate) committed: u64,
    /// Whether there is a committed offset at all.
    pub(crate) has_commit: bool,
    /// The next record to fetch.
    pub(crate) position: u64,
    /// The end of what was handled since the assignment.
    pub(crate) handled: u64,
    /// Which member reads it, as an index.
    pub(crate) owner: Option<u32>,
    /// Whether it is in its member's queue of partitions with something to fetch.
    pub(crate) queued: bool,
    /// Whether its consumer has paused it until a retry is due.
    pub(crate) paused: bool,
    /// Counts pauses and revocations, so that the timer of an earlier pause is void.
    pub(crate) epoch: u32,
    /// The record that was last tried again, and how often.
    attempts: (u64, u32),
}

impl Cursor {
    /// The cursor of a new group.
    pub(crate) fn fresh(has_commit: bool) -> Cursor {
        Cursor { has_commit, ..Cursor::default() }
    }

    /// Records that are fetched and not covered by a commit.
    pub(crate) fn in_flight(&self) -> u64 {
        self.position.saturating_sub(self.committed)
    }

    /// Moves the position, and the count of what is in flight with it.
    pub(crate) fn seek(&mut self, position: u64, tally: &mut Tally) {
        tally.in_flight -= self.in_flight();
        self.position = position;
        tally.in_flight += self.in_flight();
    }

    /// Commits one more record.
    pub(crate) fn commit_one(&mut self, tally: &mut Tally) {
        tally.in_flight -= self.in_flight();
        self.committed += 1;
        self.has_commit = true;
        tally.in_flight += self.in_flight();
        tally.total -= 1;
    }

    /// Takes the partition back from its member, or back to the last commit: uncommitted work will repeat.
    pub(crate) fn rewind(&mut self, tally: &mut Tally) {
        self.seek(self.committed, tally);
        self.handled = self.committed;
        self.paused = false;
        self.epoch = self.epoch.wrapping_add(1);
        self.attempts = (0, 0);
    }

    /// Skips to the end of the log, as a reset to latest does.
    pub(crate) fn skip_to(&mut self, end: u64, tally: &mut Tally) {
        debug_assert!(!self.has_commit && self.position == self.committed, "only a group without a commit skips");
        tally.total -= end - self.committed;
        self.committed = end;
        self.position = end;
        self.handled = end;
    }

    /// Counts another failed attempt at the record at `offset`; answers how many there were.
    pub(crate) fn failed(&mut self, offset: u64) -> u32 {
        let before = if self.attempts.0 == offset { self.attempts.1 } else { 0 };
        self.attempts = (offset, before.saturating_add(1));
        self.attempts.1
    }
}
