//! A member of a consumer group: its session, and the batch of records that its last poll returned.

use std::collections::VecDeque;

use ordain_kernel::Time;

use crate::{Client, Tag};

/// Whether the coordinator hears a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Its heartbeats arrive.
    Live,
    /// No heartbeats since it crashed, stood still or was cut off: its session ends at `expires`.
    Silent {
        /// When it is evicted.
        expires: Time,
        /// Whether its process is gone for good.
        dead: bool,
    },
}

/// A record of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) partition: u32,
    pub(crate) offset: u64,
    open: bool,
}

/// What one poll returned. Tags are consecutive, so a record is found by its tag at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    first_tag: u64,
    entries: Vec<Entry>,
    open: u32,
}

impl Batch {
    /// Starts the next batch.
    pub(crate) fn begin(&mut self, first_tag: u64) {
        debug_assert!(self.open == 0, "a poll while records of the last one are open");
        self.first_tag = first_tag;
        self.entries.clear();
    }

    /// Adds a record; answers its tag.
    pub(crate) fn push(&mut self, partition: u32, offset: u64) -> Tag {
        let tag = Tag(self.first_tag + self.entries.len() as u64);
        self.entries.push(Entry { partition, offset, open: true });
        self.open += 1;
        tag
    }

    /// Closes the record with this tag, if it is open.
    pub(crate) fn close(&mut self, tag: Tag) -> Option<Entry> {
        let at = usize::try_from(tag.0.checked_sub(self.first_tag)?).ok()?;
        let entry = self.entries.get_mut(at).filter(|entry| entry.open)?;
        entry.open = false;
        self.open -= 1;
        Some(*entry)
    }

    /// Closes all records of a partition; answers how many were open.
    pub(crate) fn close_partition(&mut self, partition: u32) -> u32 {
        let before = self.open;
        for entry in &mut self.entries {
            if entry.open && entry.partition == partition {
                entry.open = false;
                self.open -= 1;
            }
        }
        before - self.open
    }

    /// Closes all records; answers how many were open.
    pub(crate) fn close_all(&mut self) -> u32 {
        self.entries.clear();
        core::mem::take(&mut self.open)
    }

    /// Whether all records are done with.
    pub(crate) fn is_done(&self) -> bool {
        self.open == 0
    }

    /// How many records the batch has.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The partition of record number `at`.
    pub(crate) fn partition(&self, at: usize) -> u32 {
        self.entries[at].partition
    }
}

/// A member of a group.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) client: Client,
    pub(crate) presence: Presence,
    /// Whether it has joined the generation in preparation.
    pub(crate) joined: bool,
    /// Whether it still holds deliveries in its buffer that were taken from it while it was silent.
    pub(crate) holds_void: bool,
    /// Its batch.
    pub(crate) batch: Batch,
    /// Partitions with something to fetch, in the order of the next fetches.
    pub(crate) fetchable: VecDeque<u32>,
    /// From when on a poll of it commits automatically.
    pub(crate) commit_due: Time,
    /// When its idle polls will have something to commit automatically.
    pub(crate) commit_wake: Option<Time>,
}

impl Member {
    /// A member that has just sent its first join.
    pub(crate) fn new(client: Client) -> Member {
        Member {
            client,
            presence: Presence::Live,
            joined: true,
            holds_void: false,
            batch: Batch::default(),
            fetchable: VecDeque::new(),
            commit_due: Time::START,
            commit_wake: None,
        }
    }

    /// Makes an old member a new one; memory is kept.
    pub(crate) fn renew(&mut self, client: Client) {
        let mut batch = core::mem::take(&mut self.batch);
        let mut fetchable = core::mem::take(&mut self.fetchable);
        batch.close_all();
        fetchable.clear();
        *self = Member { batch, fetchable, ..Member::new(client) };
    }

    /// Whether its heartbeats arrive.
    pub(crate) fn is_live(&self) -> bool {
        self.presence == Presence::Live
    }

    /// Whether it can poll.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_live() && self.batch.is_done()
    }

    /// When its session ends, if it is silent.
    pub(crate) fn expires(&self) -> Option<Time> {
        match self.presence {
            Presence::Live => None,
            Presence::Silent { expires, .. } => Some(expires),
        }
    }
}
