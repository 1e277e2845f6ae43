//! Order: messages with one value of a field are handled first in the order in which the broker accepted them.

use indexmap::IndexMap;
use ordain_brokers::{ChannelId, MsgId, SubId};
use ordain_kernel::{EventId, Sym};
use ordain_world::{Spec, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::progress::Progress;
use crate::sink::{Found, Sink};
use crate::text;

/// An `order` check.
#[derive(Debug)]
pub(crate) struct Order {
    check: u16,
    channel: ChannelId,
    field_name: Option<Sym>,
    /// By type: where the field is.
    fields: Vec<Option<u16>>,
    /// By subscription: whether it reads the channel.
    reads: Vec<bool>,
    /// The latest accepted message that was handled, by subscription and value.
    last: IndexMap<(SubId, Value), MsgId, FxBuildHasher>,
}

impl Order {
    pub(crate) fn new(spec: &Spec, check: u16, channel: ChannelId, per: Option<Sym>) -> Order {
        let name = per.or(spec.channels[channel.0 as usize].key);
        let mut fields = vec![None; spec.types.len()];
        for (at, ty) in spec.types.iter().enumerate() {
            fields[at] = name.and_then(|name| ty.fields.iter().position(|f| f.name == name)).map(|at| at as u16);
        }
        let reads = spec.subs.iter().map(|sub| sub.channel == Some(channel)).collect();
        Order { check, channel, field_name: name, fields, reads, last: IndexMap::default() }
    }

    pub(crate) fn begin(&mut self) {
        self.last.clear();
    }

    /// A subscription handled a message id for the first time; `msg` is the first accepted one with this id.
    pub(crate) fn handled(&mut self, now: &Now<'_>, msg: MsgId, sub: SubId, progress: &Progress, sink: &mut Sink) {
        if !self.reads[sub.0 as usize] || progress.place(msg) == 0 {
            return;
        }
        let view = now.view;
        let field = self.fields[view.messages.get(msg).ty.at()];
        let value = field.and_then(|at| view.messages.fields(msg).get(at as usize)).cloned().unwrap_or_default();
        sink.evaluated(self.check, 1);
        let last = match self.last.entry((sub, value)) {
            indexmap::map::Entry::Vacant(slot) => {
                sink.subject(self.check);
                slot.insert(msg);
                return;
            }
            indexmap::map::Entry::Occupied(slot) => slot.into_mut(),
        };
        if progress.place(*last) < progress.place(msg) {
            *last = msg;
            return;
        }
        let later = *last;
        self.overtaken(now, msg, later, sub, sink);
    }

    fn overtaken(&self, now: &Now<'_>, msg: MsgId, later: MsgId, sub: SubId, sink: &mut Sink) {
        let view = now.view;
        let of = view.messages.get(msg);
        let value = self.fields[of.ty.at()].and_then(|at| view.messages.fields(msg).get(at as usize));
        let value = value.map(|value| value.render(view.names));
        let of_key = match (self.field_name, &value) {
            (Some(name), Some(value)) => format!(" of {} {value}", view.names.text(name)),
            _ => String::new(),
        };
        let place = text::subscription(view.spec, self.channel, sub);
        let message = format!(
            "{}{of_key} was handled after {}, which was accepted later: {place}",
            text::message(view, msg),
            text::message(view, later),
        );
        let subject = value.unwrap_or_else(|| text::message(view, msg));
        sink.report(
            self.check,
            now,
            Found { word: "out-of-order", place, subject, command: Some(of.command), event: EventId::NONE, message },
        );
    }
}
