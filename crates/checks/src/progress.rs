//! How far each message came: its place in the order of acceptance, and its marks at each subscription.

use ordain_brokers::{MsgId, SubId};
use ordain_world::Spec;
use ordain_world::spec::TypeId;

/// A mark that a message has at a subscription.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Mark {
    /// A handling of it committed.
    Committed = 1,
    /// It was settled.
    Settled = 2,
    /// It left for a dead-letter queue, or was refused on purpose.
    DeadLettered = 4,
    /// It left its queue, and nothing keeps it.
    Dropped = 8,
    /// It was handled for the first time, by a commit or by its settle.
    Handled = 16,
}

/// The progress of all messages of a run, and what subscriptions handle.
#[derive(Debug)]
pub(crate) struct Progress {
    subs: usize,
    types: usize,
    handles: Vec<bool>,
    /// By message, then by subscription.
    marks: Vec<u8>,
    /// By message: its place in the order of acceptance, from 1; zero was never accepted.
    places: Vec<u32>,
    next: u32,
    /// By subscription: the latest accepted message that was delivered.
    delivered: Vec<u32>,
}

impl Progress {
    pub(crate) fn new(spec: &Spec) -> Progress {
        let (subs, types) = (spec.subs.len(), spec.types.len());
        let mut handles = vec![false; subs * types];
        for (at, sub) in spec.subs.iter().enumerate() {
            for (ty, _) in &sub.handlers {
                handles[at * types + ty.at()] = true;
            }
        }
        let delivered = vec![0; subs];
        Progress { subs, types, handles, marks: Vec::new(), places: Vec::new(), next: 0, delivered }
    }

    pub(crate) fn begin(&mut self) {
        self.marks.clear();
        self.places.clear();
        self.next = 0;
        self.delivered.fill(0);
    }

    /// Whether a subscription has a handler for a type.
    #[inline]
    pub(crate) fn handles(&self, sub: SubId, ty: TypeId) -> bool {
        self.handles[sub.0 as usize * self.types + ty.at()]
    }

    /// Marks a message; whether it had not been marked so before.
    #[inline]
    pub(crate) fn mark(&mut self, msg: MsgId, sub: SubId, mark: Mark) -> bool {
        let at = msg.0 as usize * self.subs + sub.0 as usize;
        if at >= self.marks.len() {
            self.marks.resize((msg.0 as usize + 1) * self.subs, 0);
        }
        let first = self.marks[at] & mark as u8 == 0;
        self.marks[at] |= mark as u8;
        first
    }

    /// Whether a message has a mark.
    #[inline]
    pub(crate) fn is(&self, msg: MsgId, sub: SubId, mark: Mark) -> bool {
        let at = msg.0 as usize * self.subs + sub.0 as usize;
        self.marks.get(at).is_some_and(|marks| marks & mark as u8 != 0)
    }

    /// Enters an acceptance; whether it is the message's first.
    #[inline]
    pub(crate) fn accept(&mut self, msg: MsgId) -> bool {
        let at = msg.0 as usize;
        if at >= self.places.len() {
            self.places.resize(at + 1, 0);
        }
        if self.places[at] != 0 {
            return false;
        }
        self.next += 1;
        self.places[at] = self.next;
        true
    }

    /// Its place in the order of acceptance, from 1; zero when it was never accepted.
    #[inline]
    pub(crate) fn place(&self, msg: MsgId) -> u32 {
        self.places.get(msg.0 as usize).copied().unwrap_or(0)
    }

    /// Enters a first delivery; whether a message accepted later had been delivered there before.
    #[inline]
    pub(crate) fn deliver(&mut self, msg: MsgId, sub: SubId) -> bool {
        let place = self.place(msg);
        let last = &mut self.delivered[sub.0 as usize];
        let overtaken = place != 0 && place < *last;
        *last = (*last).max(place);
        overtaken
    }

    /// All accepted messages, by handle.
    pub(crate) fn accepted(&self) -> impl Iterator<Item = MsgId> {
        let places = self.places.iter().enumerate();
        places.filter(|(_, place)| **place != 0).map(|(at, _)| MsgId(at as u32))
    }
}
