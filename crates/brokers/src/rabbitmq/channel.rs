//! A consumer's channel: its delivery tags, its unacknowledged deliveries, and its prefetch credit.

use std::collections::VecDeque;

use ordain_kernel::Time;

use super::queue::Entry;
use crate::{Client, Tag};

/// A consumer on its channel. Each connection of a client to a queue is a channel with a number of its own.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) client: Client,
    /// The channel's number, never used again in a run; also the lane of its deliveries.
    pub(crate) lane: u32,
    /// When the server gives up on it, if it is silent.
    pub(crate) expires: Option<Time>,
    /// Deliveries from `first` on; settled ones in the middle are gaps.
    unacked: VecDeque<Option<Entry>>,
    first: u32,
    open: u32,
    /// How many of the last deliveries wait in the socket, since the client is silent.
    pub(crate) unsent: u32,
}

impl Channel {
    /// A channel without deliveries.
    pub(crate) fn new(client: Client, lane: u32) -> Channel {
        Channel { client, lane, expires: None, unacked: VecDeque::new(), first: 1, open: 0, unsent: 0 }
    }

    /// Makes an old channel a new one; memory is kept.
    pub(crate) fn renew(&mut self, client: Client, lane: u32) {
        let mut unacked = core::mem::take(&mut self.unacked);
        unacked.clear();
        *self = Channel { unacked, ..Channel::new(client, lane) };
    }

    /// Whether the prefetch limit lets another delivery through.
    #[inline]
    pub(crate) fn has_credit(&self, prefetch: Option<u32>) -> bool {
        prefetch.is_none_or(|max| self.open < max)
    }

    /// How many deliveries are unacknowledged.
    pub(crate) fn open(&self) -> u32 {
        self.open
    }

    fn tag(&self, number: u32) -> Tag {
        Tag((u64::from(self.lane) << 32) | u64::from(number))
    }

    /// Takes a delivery in; answers its tag.
    pub(crate) fn deliver(&mut self, entry: Entry) -> Tag {
        let tag = self.tag(self.first + self.unacked.len() as u32);
        self.unacked.push_back(Some(entry));
        self.open += 1;
        self.unsent += u32::from(self.expires.is_some());
        tag
    }

    /// Whether this delivery is unacknowledged here.
    pub(crate) fn holds(&self, tag: Tag) -> bool {
        let at = (tag.0 as u32).wrapping_sub(self.first) as usize;
        lane_of(tag) == self.lane && self.unacked.get(at).is_some_and(Option::is_some)
    }

    /// Takes a delivery out, if it is unacknowledged and of this channel.
    pub(crate) fn take(&mut self, tag: Tag) -> Option<Entry> {
        if lane_of(tag) != self.lane {
            return None;
        }
        let at = (tag.0 as u32).checked_sub(self.first)?;
        let entry = self.unacked.get_mut(at as usize)?.take()?;
        self.open -= 1;
        while let Some(None) = self.unacked.front() {
            self.unacked.pop_front();
            self.first += 1;
        }
        Some(entry)
    }

    /// Takes the oldest delivery out: for requeueing all in delivery order.
    pub(crate) fn take_oldest(&mut self) -> Option<Entry> {
        while let Some(entry) = self.unacked.pop_front() {
            self.first += 1;
            if entry.is_some() {
                self.open -= 1;
                return entry;
            }
        }
        None
    }

    /// The deliveries that waited in the socket, oldest first; they count as sent from here on.
    pub(crate) fn flush(&mut self) -> impl Iterator<Item = (Tag, Entry)> + '_ {
        let sent = self.unacked.len() - core::mem::take(&mut self.unsent) as usize;
        let first = self.first;
        let this = &*self;
        let waiting = this.unacked.iter().enumerate().skip(sent);
        waiting.filter_map(move |(at, entry)| Some((this.tag(first + at as u32), (*entry)?)))
    }

    /// The unacknowledged deliveries, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.unacked.iter().flatten()
    }
}

/// The channel number in a tag.
pub(crate) fn lane_of(tag: Tag) -> u32 {
    (tag.0 >> 32) as u32
}
