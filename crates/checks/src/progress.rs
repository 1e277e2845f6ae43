//! How far each message came: its place in the order of acceptance, and its marks at each subscription.

use indexmap::IndexMap;
use ordain_brokers::{MsgId, SubId};
use ordain_kernel::EventId;
use ordain_world::spec::TypeId;
use ordain_world::{Msg, Spec};
use rustc_hash::FxBuildHasher;

/// A mark that a message has at a subscription.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Mark {
    /// A handling of it committed.
    Committed = 1,
    /// It was turned away for good: the inbox knew it, or nobody handles its version.
    Known = 2,
    /// It left for a dead-letter queue, or was refused on purpose.
    DeadLettered = 4,
    /// It left its queue, and nothing keeps it.
    Dropped = 8,
    /// It was settled, be it that it was handled or that a commit of a later offset included it.
    Settled = 16,
    /// A handling of it began and has not failed since.
    Begun = 32,
    /// Of the first accepted message of an id: a handling of one with this id committed.
    Handled = 64,
    /// A handling of it was rolled back, and none committed since.
    Failed = 128,
}

/// What is to be known of messages besides their marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// Which message of an id was accepted first.
    pub(crate) ids: bool,
    /// The events by which messages left subscriptions.
    pub(crate) ends: bool,
}

/// The progress of all messages of a run, and what subscriptions handle.
#[derive(Debug)]
pub(crate) struct Progress {
    subs: usize,
    types: usize,
    handles: Vec<bool>,
    /// By message, then by subscription.
    marks: Vec<u8>,
    keep: Keep,
    /// Laid out like the marks: by which event the message left, none while it has not.
    ends: Vec<EventId>,
    /// The first accepted message of each id and type: a relay, or a saga, may send one again.
    firsts: IndexMap<(u64, TypeId), MsgId, FxBuildHasher>,
    /// By message: its place in the order of acceptance, from 1, and the event; zero was never accepted.
    places: Vec<(u32, EventId)>,
    next: u32,
    /// By subscription: the latest accepted message that was delivered.
    delivered: Vec<u32>,
}

impl Progress {
    pub(crate) fn new(spec: &Spec, keep: Keep) -> Progress {
        let (subs, types) = (spec.subs.len(), spec.types.len());
        let mut handles = vec![false; subs * types];
        for (at, sub) in spec.subs.iter().enumerate() {
            for (ty, _) in &sub.handlers {
                handles[at * types + ty.at()] = true;
            }
        }
        let delivered = vec![0; subs];
        Progress {
            subs,
            types,
            handles,
            marks: Vec::new(),
            keep,
            ends: Vec::new(),
            firsts: IndexMap::default(),
            places: Vec::new(),
            next: 0,
            delivered,
        }
    }

    pub(crate) fn begin(&mut self) {
        self.marks.clear();
        self.ends.clear();
        self.firsts.clear();
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

    /// Takes a mark back.
    #[inline]
    pub(crate) fn unmark(&mut self, msg: MsgId, sub: SubId, mark: Mark) {
        if let Some(marks) = self.marks.get_mut(msg.0 as usize * self.subs + sub.0 as usize) {
            *marks &= !(mark as u8);
        }
    }

    /// Marks a message as one that left a subscription, by an event.
    #[inline]
    pub(crate) fn end(&mut self, msg: MsgId, sub: SubId, mark: Mark, event: EventId) {
        if !self.mark(msg, sub, mark) || !self.keep.ends {
            return;
        }
        let at = msg.0 as usize * self.subs + sub.0 as usize;
        if at >= self.ends.len() {
            self.ends.resize((msg.0 as usize + 1) * self.subs, EventId::NONE);
        }
        if self.ends[at] == EventId::NONE {
            self.ends[at] = event;
        }
    }

    /// The event by which a message left a subscription, else that of its acceptance.
    pub(crate) fn trail(&self, msg: MsgId, sub: SubId) -> EventId {
        let left = self.ends.get(msg.0 as usize * self.subs + sub.0 as usize).copied();
        let accepted = || self.places.get(msg.0 as usize).map_or(EventId::NONE, |(_, event)| *event);
        left.filter(|event| *event != EventId::NONE).unwrap_or_else(accepted)
    }

    /// The first accepted message with the id and type of this one.
    #[inline]
    pub(crate) fn first(&self, msg: MsgId, of: &Msg) -> MsgId {
        self.firsts.get(&(of.id, of.ty)).copied().unwrap_or(msg)
    }

    /// Whether a message has a mark.
    #[inline]
    pub(crate) fn is(&self, msg: MsgId, sub: SubId, mark: Mark) -> bool {
        let at = msg.0 as usize * self.subs + sub.0 as usize;
        self.marks.get(at).is_some_and(|marks| marks & mark as u8 != 0)
    }

    /// Enters an acceptance by an event; whether it is the message's first.
    #[inline]
    pub(crate) fn accept(&mut self, msg: MsgId, of: &Msg, event: EventId) -> bool {
        let at = msg.0 as usize;
        if at >= self.places.len() {
            self.places.resize(at + 1, (0, EventId::NONE));
        }
        if self.places[at].0 != 0 {
            return false;
        }
        self.next += 1;
        self.places[at] = (self.next, event);
        if self.keep.ids {
            self.firsts.entry((of.id, of.ty)).or_insert(msg);
        }
        true
    }

    /// Its place in the order of acceptance, from 1; zero when it was never accepted.
    #[inline]
    pub(crate) fn place(&self, msg: MsgId) -> u32 {
        self.places.get(msg.0 as usize).map_or(0, |(place, _)| *place)
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
        places.filter(|(_, (place, _))| *place != 0).map(|(at, _)| MsgId(at as u32))
    }
}
