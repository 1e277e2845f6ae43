//! The trace: a rolling hash that is always on, and the recorded events when a run is replayed.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::key::{Form, Key, Seg, write_segment};
use crate::mix::Digest;
use crate::names::{Names, Sym};
use crate::time::Time;

/// The number of an event in its run, from 1; [`EventId::NONE`] is no event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

impl EventId {
    /// No event: the parent of what nothing caused.
    pub const NONE: EventId = EventId(0);
}

/// A line of a space-time diagram: a replica, a broker, the load, the world outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub u16);

/// How a step used an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchKind {
    /// It read it.
    Read,
    /// It wrote it.
    Wrote,
    /// It sent it.
    Sent,
}

/// One entry of a step's footprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// How.
    pub kind: TouchKind,
    /// What: a stable hash of the row or message.
    pub object: u64,
}

/// A recorded event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub id: EventId,
    /// When.
    pub at: Time,
    /// What kind of fact; the world's numbering.
    pub code: u16,
    /// Where.
    pub lane: Lane,
    /// The causal key it belongs to.
    pub key: Key,
    /// What caused it, the main cause first.
    pub parents: Vec<EventId>,
    /// What it says to people.
    pub text: String,
    /// What it read, wrote and sent.
    pub touches: Vec<Touch>,
}

/// Everything recorded of one run.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The events in order.
    pub events: Vec<Recorded>,
    paths: IndexMap<Key, (Key, Form, Sym, u32), FxBuildHasher>,
}

impl Recording {
    /// The readable path of a key met in this run, or its number in hexadecimal.
    #[must_use]
    pub fn path(&self, names: &Names, key: Key) -> String {
        let mut chain = Vec::new();
        let mut at = key;
        while at != Key::ROOT {
            let Some(&(parent, form, name, n)) = self.paths.get(&at) else {
                return format!("?{:016x}", key.0);
            };
            chain.push((form, name, n));
            at = parent;
        }
        let mut out = String::new();
        for (form, name, n) in chain.into_iter().rev() {
            write_segment(&mut out, form, names.text(name), n);
        }
        out
    }

    /// The key at the root of `key`'s path: its command, rule or process.
    #[must_use]
    pub fn root(&self, key: Key) -> Key {
        let mut at = key;
        while let Some(&(parent, ..)) = self.paths.get(&at) {
            if parent == Key::ROOT {
                break;
            }
            at = parent;
        }
        at
    }

    #[cold]
    #[expect(clippy::too_many_arguments, reason = "the fields of one event")]
    fn push(
        &mut self,
        id: EventId,
        at: Time,
        code: u16,
        lane: Lane,
        key: Key,
        cause: EventId,
        text: impl FnOnce() -> String,
    ) {
        let parents = if cause == EventId::NONE { Vec::new() } else { vec![cause] };
        self.events.push(Recorded { id, at, code, lane, key, parents, text: text(), touches: Vec::new() });
    }

    #[cold]
    fn enter(&mut self, key: Key, parent: Key, seg: Seg, n: u32) {
        let path = (parent, seg.form, seg.name, n);
        let before = *self.paths.entry(key).or_insert(path);
        assert!(before == path, "two paths share the key {:016x}: {before:?} and {path:?}", key.0);
    }
}

/// The trace of a run.
#[derive(Debug, Default)]
pub struct Trace {
    digest: Digest,
    count: u32,
    recording: Option<Box<Recording>>,
}

impl Trace {
    /// Starts a run; with `record` every event is kept.
    pub fn begin(&mut self, record: bool) {
        self.digest = Digest::default();
        self.count = 0;
        self.recording = record.then(Box::default);
    }

    /// Whether events are kept in this run.
    #[must_use]
    #[inline]
    pub const fn recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Enters an event: into the hash always, into the recording when there is one.
    ///
    /// `text` is only called when recording; `data` is what distinguishes two events of one key and code.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "one event, entered on the hot path without a temporary")]
    pub fn enter(
        &mut self,
        at: Time,
        code: u16,
        lane: Lane,
        key: Key,
        data: u64,
        cause: EventId,
        text: impl FnOnce() -> String,
    ) -> EventId {
        self.count += 1;
        let id = EventId(self.count);
        self.digest.update(at.0 ^ (u64::from(code) << 48) ^ (u64::from(lane.0) << 32), key.0 ^ data.rotate_left(32));
        if let Some(recording) = &mut self.recording {
            recording.push(id, at, code, lane, key, cause, text);
        }
        id
    }

    /// Adds another cause to a recorded event.
    #[inline]
    pub fn also(&mut self, event: EventId, cause: EventId) {
        if let Some(recording) = &mut self.recording
            && cause != EventId::NONE
            && let Some(recorded) = recording.events.get_mut((event.0 as usize).wrapping_sub(1))
            && !recorded.parents.contains(&cause)
        {
            recorded.parents.push(cause);
        }
    }

    /// Adds to the footprint of a recorded event.
    #[inline]
    pub fn touch(&mut self, event: EventId, touch: Touch) {
        if let Some(recording) = &mut self.recording
            && let Some(recorded) = recording.events.get_mut((event.0 as usize).wrapping_sub(1))
        {
            recorded.touches.push(touch);
        }
    }

    /// The key of `seg` number `n` below `parent`; its path is kept when recording.
    ///
    /// # Panics
    /// When recording, if two paths share a key.
    #[inline]
    pub fn key(&mut self, parent: Key, seg: Seg, n: u32) -> Key {
        let key = parent.child(seg, n);
        if let Some(recording) = &mut self.recording {
            recording.enter(key, parent, seg, n);
        }
        key
    }

    /// The events so far.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The rolling hash so far.
    #[must_use]
    pub const fn hash(&self) -> u128 {
        self.digest.value()
    }

    /// Takes the recording out, at the end of a run.
    pub fn take(&mut self) -> Option<Box<Recording>> {
        self.recording.take()
    }

    /// The recording so far.
    #[must_use]
    pub fn recorded(&self) -> Option<&Recording> {
        self.recording.as_deref()
    }
}
