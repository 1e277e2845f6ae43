//! What a group's members do between rebalances: fetch, poll, settle, commit, try again.

use ordain_kernel::{Span, Time};

use super::cursor::Cursor;
use super::group::{Group, Phase};
use super::member::Entry;
use super::{Commit, Due, Run};
use crate::{Client, Effect, Loss, Settle, Tag};

impl Group {
    /// A record was appended to `partition`, or the partition came into a member's hands.
    pub(crate) fn offer(&mut self, partition: u32, run: &mut Run<'_>) -> Option<usize> {
        let cursor = &mut self.cursors[partition as usize];
        let owner = cursor.owner? as usize;
        if !cursor.queued && !cursor.paused && cursor.position < run.topic.end(partition) {
            cursor.queued = true;
            self.members[owner].fetchable.push_back(partition);
        }
        Some(owner)
    }

    /// A record was appended: it belongs to the group's backlog, and an idle member polls it at once.
    #[inline]
    pub(crate) fn appended(&mut self, partition: u32, run: &mut Run<'_>) {
        run.tally.total += 1;
        let cursor = &mut self.cursors[partition as usize];
        if cursor.owner.is_none() && !cursor.has_commit {
            cursor.skip_to(run.topic.end(partition), run.tally);
        }
        if let Some(owner) = self.offer(partition, run)
            && self.members[owner].is_idle()
        {
            self.poll(owner, run);
        }
    }

    /// One poll of an idle member: records of its partitions in turn, at most `max.poll.records`.
    pub(crate) fn poll(&mut self, member: usize, run: &mut Run<'_>) {
        debug_assert!(self.phase == Phase::Stable, "a poll outside a generation");
        self.auto_commit(member, run);
        let member_at = member;
        let member = &mut self.members[member];
        member.batch.begin(*run.next_tag);
        let mut room = u64::from(run.options.max_poll_records.max(1));
        while room > 0
            && let Some(partition) = member.fetchable.pop_front()
        {
            let cursor = &mut self.cursors[partition as usize];
            cursor.queued = false;
            if cursor.paused {
                continue;
            }
            let end = run.topic.end(partition);
            let until = end.min(cursor.position + room);
            room -= until - cursor.position;
            for offset in cursor.position..until {
                run.effects.push(Effect::Deliver {
                    client: member.client,
                    sub: self.sub,
                    message: run.topic.record(partition, offset),
                    tag: member.batch.push(partition, offset),
                    lane: Some(run.topic.first_lane + partition),
                    redelivered: false,
                });
            }
            cursor.seek(until, run.tally);
            if until < end {
                cursor.queued = true;
                member.fetchable.push_back(partition);
            }
        }
        *run.next_tag += member.batch.len() as u64;
        self.set_commit_wake(member_at, run);
    }

    /// A consumer settles a delivery.
    pub(crate) fn settle(&mut self, client: Client, tag: Tag, how: Settle, run: &mut Run<'_>) {
        let found = self.member_of(client).and_then(|at| Some((at, self.members[at].batch.close(tag)?)));
        let Some((member, entry)) = found else {
            run.effects.push(Effect::Stale { client, tag });
            return;
        };
        match how {
            Settle::Ack => self.acked(entry, run),
            Settle::Retry { after } => self.retry(member, entry, after, run),
            Settle::Reject => self.dead_letter(entry, Loss::Rejected, run),
        }
        self.poll_when_done(member, run);
    }

    fn acked(&mut self, entry: Entry, run: &mut Run<'_>) {
        let cursor = &mut self.cursors[entry.partition as usize];
        cursor.handled = cursor.handled.max(entry.offset + 1);
        if run.options.commit == Commit::EachRecord {
            self.commit(entry.partition, entry.offset + 1, run);
        }
    }

    /// Commits everything below `until`.
    fn commit(&mut self, partition: u32, until: u64, run: &mut Run<'_>) {
        let cursor = &mut self.cursors[partition as usize];
        while cursor.committed < until {
            let message = run.topic.record(partition, cursor.committed);
            cursor.commit_one(run.tally);
            run.effects.push(Effect::Settled { sub: self.sub, message });
        }
    }

    /// The consumer produces the record to the dead-letter topic, and commits up to and with it.
    fn dead_letter(&mut self, entry: Entry, why: Loss, run: &mut Run<'_>) {
        self.commit(entry.partition, entry.offset, run);
        let message = run.topic.record(entry.partition, entry.offset);
        run.effects.push(Effect::DeadLettered { sub: self.sub, message, why, kept: self.dead_letter });
        let cursor = &mut self.cursors[entry.partition as usize];
        if cursor.committed == entry.offset {
            cursor.commit_one(run.tally);
        }
        cursor.handled = cursor.handled.max(entry.offset + 1);
    }

    /// The consumer seeks back to the record and pauses its partition for `after`.
    fn retry(&mut self, member: usize, entry: Entry, after: Span, run: &mut Run<'_>) {
        let cursor = &mut self.cursors[entry.partition as usize];
        let failures = cursor.failed(entry.offset);
        if self.retry_max.is_some_and(|max| failures > max) {
            self.dead_letter(entry, Loss::Exhausted, run);
            return;
        }
        cursor.seek(entry.offset, run.tally);
        cursor.epoch = cursor.epoch.wrapping_add(1);
        cursor.paused = after > Span::ZERO;
        if cursor.paused {
            let due = Due { sub: self.sub, partition: entry.partition, epoch: cursor.epoch };
            run.timers.set(run.now + after, due);
        }
        self.void_partition(member, entry.partition, run);
        self.offer(entry.partition, run);
    }

    fn void_partition(&mut self, member: usize, partition: u32, run: &mut Run<'_>) {
        let member = &mut self.members[member];
        if member.batch.close_partition(partition) > 0 {
            run.revoked(member.client, self.sub, Some(run.topic.first_lane + partition));
        }
    }

    fn poll_when_done(&mut self, member: usize, run: &mut Run<'_>) {
        if !self.members[member].batch.is_done() {
            return;
        }
        if run.options.commit == Commit::Batch {
            for at in 0..self.members[member].batch.len() {
                let partition = self.members[member].batch.partition(at);
                self.commit(partition, self.cursors[partition as usize].handled, run);
            }
        }
        if self.members[member].is_live() {
            self.poll(member, run);
        }
    }

    /// The partition of this delivery is lost to its member and given back: it is read again from the last commit
    /// on. What is lost is not committed, not automatically either.
    pub(crate) fn duplicate(&mut self, tag: Tag, run: &mut Run<'_>) {
        let found = self.members.iter_mut().enumerate().find_map(|(at, member)| Some((at, member.batch.close(tag)?)));
        let Some((member, entry)) = found else { return };
        self.void_partition(member, entry.partition, run);
        self.cursors[entry.partition as usize].rewind(run.tally);
        self.offer(entry.partition, run);
        self.poll_when_done(member, run);
    }

    /// The backoff of a partition's retry is over.
    pub(crate) fn resume_partition(&mut self, partition: u32, run: &mut Run<'_>) {
        self.cursors[partition as usize].paused = false;
        if let Some(owner) = self.offer(partition, run)
            && self.members[owner].is_idle()
        {
            self.poll(owner, run);
        }
    }

    /// The automatic commit of a poll, once the interval is over: all that earlier polls returned.
    fn auto_commit(&mut self, member: usize, run: &mut Run<'_>) {
        let Commit::Auto { interval } = run.options.commit else {
            return;
        };
        let at = &mut self.members[member];
        if run.now < at.commit_due {
            return;
        }
        // A consumer that was idle has polled all the while: its interval began anew whenever it was over.
        let since = if at.batch.len() == 0 { at.commit_due } else { run.now };
        at.commit_due = next_on_grid(since, interval, run.now);
        self.commit_positions(member, run);
    }

    /// Commits the positions of a member: all that its polls have returned, handled or not.
    pub(crate) fn commit_positions(&mut self, member: usize, run: &mut Run<'_>) {
        for partition in 0..self.cursors.len() as u32 {
            let cursor = self.cursors[partition as usize];
            if cursor.owner == Some(member as u32) {
                self.commit(partition, cursor.position, run);
            }
        }
    }

    /// After a poll: when a later one commits automatically, if no record has to come for that.
    fn set_commit_wake(&mut self, member: usize, run: &Run<'_>) {
        if !run.options.commit.is_auto() {
            return;
        }
        let uncommitted = |cursor: &Cursor| cursor.owner == Some(member as u32) && cursor.in_flight() > 0;
        let waits = self.members[member].batch.is_done() && self.cursors.iter().any(uncommitted);
        let member = &mut self.members[member];
        member.commit_wake = waits.then_some(member.commit_due);
    }
}

/// The first time after `now` that is whole intervals after `since`, which is not later than `now`.
fn next_on_grid(since: Time, interval: Span, now: Time) -> Time {
    let interval = interval.0.max(1);
    let passed = now.since(since).0 / interval;
    since + Span(interval).times(passed + 1)
}
