//! Messages: the store of one run, and the headers that every message carries.

use ordain_brokers::MsgId;
use ordain_kernel::{EventId, Key, Time};

use crate::spec::{SagaId, ServiceId, TypeId};
use crate::value::Value;

/// The saga instance and step that a message belongs to; handlers copy it unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaRef {
    /// The saga.
    pub saga: SagaId,
    /// The instance's key.
    pub instance: Value,
    /// The step's index.
    pub step: u16,
    /// Whether the message undoes the step.
    pub undo: bool,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Msg {
    /// Where it came from.
    pub key: Key,
    /// Its type.
    pub ty: TypeId,
    /// The version of its type, from 1.
    pub version: u8,
    /// The id that user code sees: new for each emission, kept by an outbox row that is sent again.
    pub id: u64,
    /// The command at the root of its causes: the correlation id.
    pub command: u32,
    /// The message whose handling sent it; `None` for commands.
    pub causation: Option<MsgId>,
    /// The service that sent it; `None` for the load.
    pub source: Option<ServiceId>,
    /// The saga headers.
    pub saga: Option<SagaRef>,
    /// How often it had been published before: an outbox row that a relay sent again.
    pub republished: u32,
    /// Whether it is no message at all but the durable timer of a saga instance, handed to its owner.
    pub timer: bool,
    /// When it was made.
    pub time: Time,
    /// The event that made it.
    pub born: EventId,
    accepted: EventId,
    fields: (u32, u16),
}

/// All messages of a run; handles are [`MsgId`]s. Fields live in one arena.
#[derive(Debug, Default)]
pub struct Messages {
    messages: Vec<Msg>,
    arena: Vec<Value>,
}

impl Messages {
    /// Stores a message; `msg` needs no fields set, they come from `fields`.
    pub fn push(&mut self, mut msg: Msg, fields: &[Value]) -> MsgId {
        (msg.accepted, msg.fields) = (EventId::NONE, (self.arena.len() as u32, fields.len() as u16));
        self.arena.extend_from_slice(fields);
        self.messages.push(msg);
        MsgId((self.messages.len() - 1) as u32)
    }

    /// Stores a message and moves its fields out of `fields`.
    pub(crate) fn push_from(&mut self, mut msg: Msg, fields: &mut Vec<Value>) -> MsgId {
        (msg.accepted, msg.fields) = (EventId::NONE, (self.arena.len() as u32, fields.len() as u16));
        self.arena.append(fields);
        self.messages.push(msg);
        MsgId((self.messages.len() - 1) as u32)
    }

    /// The event by which the message was accepted; `None` before that.
    #[inline]
    pub(crate) fn accepted(&self, id: MsgId) -> Option<EventId> {
        Some(self.get(id).accepted).filter(|event| *event != EventId::NONE)
    }

    /// Notes by which event the message was accepted.
    #[inline]
    pub(crate) fn accept(&mut self, id: MsgId, event: EventId) {
        self.messages[id.0 as usize].accepted = event;
    }

    /// A message without fields, for [`Messages::push`].
    #[must_use]
    pub fn blank(key: Key, ty: TypeId) -> Msg {
        Msg {
            key,
            ty,
            version: 1,
            id: 0,
            command: 0,
            causation: None,
            source: None,
            saga: None,
            republished: 0,
            timer: false,
            time: Time::START,
            born: EventId::NONE,
            accepted: EventId::NONE,
            fields: (0, 0),
        }
    }

    /// The message behind a handle.
    ///
    /// # Panics
    /// When the handle is of another run.
    #[must_use]
    #[inline]
    pub fn get(&self, id: MsgId) -> &Msg {
        &self.messages[id.0 as usize]
    }

    /// Its fields, in the order of its type's layout.
    #[must_use]
    #[inline]
    pub fn fields(&self, id: MsgId) -> &[Value] {
        let (start, len) = self.messages[id.0 as usize].fields;
        &self.arena[start as usize..start as usize + len as usize]
    }

    /// How many messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Forgets all messages; memory is kept.
    pub fn reset(&mut self) {
        self.messages.clear();
        self.arena.clear();
    }
}
