//! A consumer group: who is in it, its generations, and the eager rebalance of the classic protocol.

use ordain_kernel::{Span, Time};

use super::assignor;
use super::cursor::Cursor;
use super::member::{Member, Presence};
use super::{Commit, KafkaOptions, OffsetReset, Run};
use crate::{Client, Effect, SubId, SubscriptionDef};

/// What the coordinator is doing with the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No members.
    Empty,
    /// The first members of an empty group gather: `group.initial.rebalance.delay.ms`, over and over while
    /// new ones come.
    Gathering {
        /// When the delay ends.
        at: Time,
        /// How much longer it may be extended.
        left: Span,
        /// Whether somebody came since it was last extended.
        newcomers: bool,
    },
    /// A rebalance waits for the members that have not joined again, at most until `at`.
    Preparing {
        /// When it goes on without them.
        at: Time,
    },
    /// Partitions are assigned.
    Stable,
}

/// A consumer group on one topic.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) sub: SubId,
    pub(crate) topic: u32,
    pub(crate) retry_max: Option<u32>,
    pub(crate) dead_letter: bool,
    pub(crate) cursors: Vec<Cursor>,
    /// The members, in member-id order.
    pub(crate) members: Vec<Member>,
    pub(crate) phase: Phase,
    generation: u32,
    /// Clients that live on but were evicted while silent.
    evicted: Vec<Client>,
    /// Former members, for their memory.
    spare: Vec<Member>,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(def: &SubscriptionDef, topic: u32, partitions: u32, reset: OffsetReset) -> Group {
        Group {
            sub: def.id,
            topic,
            retry_max: def.retry_max,
            dead_letter: def.dead_letter,
            cursors: vec![Cursor::fresh(reset == OffsetReset::Earliest); partitions as usize],
            members: Vec::new(),
            phase: Phase::Empty,
            generation: 0,
            evicted: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// The index of a client's member.
    #[inline]
    pub(crate) fn member_of(&self, client: Client) -> Option<usize> {
        self.members.iter().position(|member| member.client == client)
    }

    /// When something happens by itself: to its membership, or an idle member commits.
    pub(crate) fn wake(&self) -> Option<Time> {
        let phase = match self.phase {
            Phase::Gathering { at, .. } | Phase::Preparing { at } => Some(at),
            Phase::Empty | Phase::Stable => None,
        };
        let members = self.members.iter().flat_map(|member| [member.expires(), member.commit_wake]);
        members.flatten().chain(phase).min()
    }

    /// A consumer joins.
    pub(crate) fn join(&mut self, client: Client, run: &mut Run<'_>) {
        if self.member_of(client).is_some() {
            return;
        }
        self.evicted.retain(|evicted| *evicted != client);
        let member = match self.spare.pop() {
            Some(mut member) => {
                member.renew(client);
                member
            }
            None => Member::new(client),
        };
        self.members.push(member);
        match self.phase {
            Phase::Empty if run.options.initial_rebalance_delay > Span::ZERO => self.gather(run),
            Phase::Gathering { at, left, .. } => {
                self.phase = Phase::Gathering { at, left, newcomers: true };
            }
            Phase::Empty | Phase::Stable => self.rebalance(None, run),
            Phase::Preparing { .. } => {}
        }
    }

    fn gather(&mut self, run: &mut Run<'_>) {
        let delay = run.options.initial_rebalance_delay;
        let left = run.options.max_poll_interval - delay;
        self.phase = Phase::Gathering { at: run.now + delay, left, newcomers: false };
    }

    /// A member leaves in an orderly way.
    pub(crate) fn leave(&mut self, client: Client, run: &mut Run<'_>) {
        self.evicted.retain(|evicted| *evicted != client);
        if let Some(at) = self.member_of(client) {
            self.release_all(run, Some(client));
            self.remove(at);
            self.after_departure(run);
        }
    }

    /// A member falls silent.
    pub(crate) fn silence(&mut self, client: Client, dead: bool, run: &mut Run<'_>) {
        if dead {
            self.evicted.retain(|evicted| *evicted != client);
        }
        let Some(at) = self.member_of(client) else {
            return;
        };
        let member = &mut self.members[at];
        let expires = member.expires().unwrap_or(run.now + run.options.session_timeout);
        let was_dead = matches!(member.presence, Presence::Silent { dead: true, .. });
        member.presence = Presence::Silent { expires, dead: dead || was_dead };
        member.commit_wake = None;
    }

    /// A silent client is heard again.
    pub(crate) fn hear(&mut self, client: Client, run: &mut Run<'_>) {
        if let Some(at) = self.evicted.iter().position(|evicted| *evicted == client) {
            self.evicted.swap_remove(at);
            run.revoked(client, self.sub, None);
            self.join(client, run);
            return;
        }
        let Some(at) = self.member_of(client) else {
            return;
        };
        let member = &mut self.members[at];
        if !matches!(member.presence, Presence::Silent { dead: false, .. }) {
            return;
        }
        member.presence = Presence::Live;
        member.joined = true;
        if core::mem::take(&mut member.holds_void) {
            run.revoked(client, self.sub, None);
        }
        match self.phase {
            Phase::Preparing { .. } => self.complete_when_joined(run),
            Phase::Stable => self.resume(at, run),
            Phase::Empty | Phase::Gathering { .. } => {}
        }
    }

    /// The time that [`Group::wake`] named has come.
    pub(crate) fn on_time(&mut self, run: &mut Run<'_>) {
        for member in 0..self.members.len() {
            if self.members[member].commit_wake.is_some_and(|at| at <= run.now) {
                self.poll(member, run);
            }
        }
        let mut departed = false;
        while let Some(at) = self.members.iter().position(|m| m.expires().is_some_and(|at| at <= run.now)) {
            self.evict(at, run);
            departed = true;
        }
        if departed {
            self.after_departure(run);
        }
        match self.phase {
            Phase::Gathering { at, left, newcomers } if at <= run.now => {
                if newcomers && left > Span::ZERO {
                    let delay = run.options.initial_rebalance_delay.min(left);
                    self.phase = Phase::Gathering { at: run.now + delay, left: left - delay, newcomers: false };
                } else {
                    self.complete(run);
                }
            }
            Phase::Preparing { at } if at <= run.now => {
                while let Some(at) = self.members.iter().position(|member| !member.joined) {
                    self.evict(at, run);
                }
                self.complete(run);
            }
            _ => {}
        }
    }

    /// Revokes all and assigns anew, members in the permutation `order` if there is one.
    pub(crate) fn rebalance(&mut self, order: Option<u64>, run: &mut Run<'_>) {
        if self.members.is_empty() {
            return;
        }
        if self.phase == Phase::Stable || self.phase == Phase::Empty {
            self.release_all(run, None);
            for member in &mut self.members {
                member.joined = member.is_live();
            }
            self.phase = Phase::Preparing { at: run.now + run.options.max_poll_interval };
            if self.generation > 0 {
                run.effects.push(Effect::Rebalanced { sub: self.sub, generation: self.generation });
            }
        }
        if let Some(order) = order {
            assignor::permute(&mut self.members, order);
        }
        self.complete_when_joined(run);
    }

    fn evict(&mut self, at: usize, run: &mut Run<'_>) {
        self.release_all(run, None);
        let Member { client, presence, .. } = self.members[at];
        if !matches!(presence, Presence::Silent { dead: true, .. }) {
            self.evicted.push(client);
        }
        run.effects.push(Effect::Lost { client, sub: self.sub });
        self.remove(at);
    }

    fn remove(&mut self, at: usize) {
        let member = self.members.remove(at);
        debug_assert!(member.batch.is_done(), "a member left with partitions in hand");
        self.spare.push(member);
    }

    fn after_departure(&mut self, run: &mut Run<'_>) {
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            self.generation += 1;
            run.effects.push(Effect::Rebalanced { sub: self.sub, generation: self.generation });
            return;
        }
        match self.phase {
            Phase::Stable => self.rebalance(None, run),
            Phase::Preparing { .. } => self.complete_when_joined(run),
            Phase::Empty | Phase::Gathering { .. } => {}
        }
    }

    /// Takes all partitions from all members, which commit automatically before that if they can. `leaving` has
    /// no use for a word about its buffer.
    fn release_all(&mut self, run: &mut Run<'_>, leaving: Option<Client>) {
        if run.options.commit.is_auto() {
            for member in 0..self.members.len() {
                if self.members[member].is_live() {
                    self.commit_positions(member, run);
                }
            }
        }
        for cursor in &mut self.cursors {
            cursor.rewind(run.tally);
            cursor.owner = None;
            cursor.queued = false;
        }
        for member in &mut self.members {
            member.fetchable.clear();
            member.commit_wake = None;
            if member.batch.close_all() == 0 || Some(member.client) == leaving {
                continue;
            }
            if member.is_live() {
                run.revoked(member.client, self.sub, None);
            } else {
                member.holds_void = true;
            }
        }
    }

    fn complete_when_joined(&mut self, run: &mut Run<'_>) {
        if matches!(self.phase, Phase::Preparing { .. }) && self.members.iter().all(|member| member.joined) {
            self.complete(run);
        }
    }

    /// Ends the rebalance: a new generation, with partitions assigned.
    fn complete(&mut self, run: &mut Run<'_>) {
        self.generation += 1;
        run.effects.push(Effect::Rebalanced { sub: self.sub, generation: self.generation });
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            return;
        }
        self.phase = Phase::Stable;
        let (partitions, members) = (self.cursors.len() as u32, self.members.len() as u32);
        for member in 0..members {
            for partition in assignor::range(partitions, members, member) {
                let cursor = &mut self.cursors[partition as usize];
                cursor.owner = Some(member);
                if !cursor.has_commit {
                    cursor.skip_to(run.topic.end(partition), run.tally);
                }
                self.offer(partition, run);
            }
        }
        for member in 0..self.members.len() {
            if let Commit::Auto { interval } = run.options.commit {
                self.members[member].commit_due = run.now + interval;
            }
            self.resume(member, run);
        }
    }

    /// Lets a member poll, if it can.
    fn resume(&mut self, member: usize, run: &mut Run<'_>) {
        if self.members[member].is_idle() {
            self.poll(member, run);
        }
    }

    /// Back to a group without members; memory is kept.
    pub(crate) fn reset(&mut self, options: &KafkaOptions) {
        self.cursors.fill(Cursor::fresh(options.offset_reset == OffsetReset::Earliest));
        self.spare.append(&mut self.members);
        self.evicted.clear();
        self.phase = Phase::Empty;
        self.generation = 0;
    }
}
