//! Where a queue keeps its messages: slots that are used again, with the newest receipt handle of each.

use ordain_kernel::Key;
use rustc_hash::FxHashMap;

use crate::{MsgId, Tag};

/// Where a message is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No message; the slot may be used again.
    Free,
    /// Visible: in the queue's line.
    Visible,
    /// Received, hidden until its visibility timeout.
    InFlight,
    /// Hidden by the consumer until a time of its own.
    Hidden,
    /// Deleted while still in the line; the slot is free when the line gets there.
    Gone,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) key: Key,
    pub(crate) id: MsgId,
    /// The number in its newest receipt handle.
    pub(crate) serial: u32,
    /// `ApproximateReceiveCount`.
    pub(crate) receives: u32,
    pub(crate) state: State,
    /// Whether this is the extra delivery of a message, rather than the message.
    pub(crate) extra: bool,
}

/// The receipt handle of a delivery: which slot, and the number of the receive.
pub(crate) fn handle(slot: u32, serial: u32) -> Tag {
    Tag((u64::from(serial) << 32) | u64::from(slot))
}

/// The slots of one queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// From the number in an old receipt handle to that in the next one of the same message.
    renewals: FxHashMap<u32, u32>,
}

impl Store {
    /// Takes a message in; answers its slot.
    #[inline]
    pub(crate) fn add(&mut self, slot: Slot) -> u32 {
        if let Some(at) = self.free.pop() {
            self.slots[at as usize] = slot;
            return at;
        }
        self.slots.push(slot);
        self.slots.len() as u32 - 1
    }

    /// The message in a slot.
    #[inline]
    pub(crate) fn at(&mut self, slot: u32) -> &mut Slot {
        &mut self.slots[slot as usize]
    }

    /// The slot of a receipt handle, if that is its newest one. A deleted message's slot is found until it is
    /// used again.
    #[inline]
    pub(crate) fn newest(&self, tag: Tag) -> Option<u32> {
        let (slot, serial) = (tag.0 as u32, (tag.0 >> 32) as u32);
        self.slots.get(slot as usize).filter(|found| found.serial == serial).map(|_| slot)
    }

    /// Gives the message in a slot a new receipt handle; the old one is remembered.
    #[inline]
    pub(crate) fn renew(&mut self, slot: u32, serial: u32) {
        let before = core::mem::replace(&mut self.at(slot).serial, serial);
        if before != 0 {
            self.renewals.insert(before, serial);
        }
    }

    /// The newest handle of the message behind an old one, while that message is there.
    pub(crate) fn renewed(&self, old: Tag) -> Option<Tag> {
        let mut serial = *self.renewals.get(&((old.0 >> 32) as u32))?;
        while let Some(next) = self.renewals.get(&serial) {
            serial = *next;
        }
        let newest = handle(old.0 as u32, serial);
        self.state(newest).filter(|state| !matches!(state, State::Free | State::Gone)).map(|_| newest)
    }

    /// The state behind a newest receipt handle.
    pub(crate) fn state(&self, tag: Tag) -> Option<State> {
        self.newest(tag).map(|slot| self.slots[slot as usize].state)
    }

    /// Gives a slot back.
    #[inline]
    pub(crate) fn release(&mut self, slot: u32) {
        debug_assert!(self.slots[slot as usize].state != State::Free, "a slot is released twice");
        self.slots[slot as usize].state = State::Free;
        self.free.push(slot);
    }

    /// The messages that are neither deleted nor dead-lettered.
    pub(crate) fn messages(&self) -> impl Iterator<Item = MsgId> {
        self.slots.iter().filter(|slot| !matches!(slot.state, State::Free | State::Gone)).map(|slot| slot.id)
    }

    /// Forgets all; memory is kept.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.free.clear();
        self.renewals.clear();
    }
}
