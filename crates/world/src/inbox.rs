//! The inbox: which messages a service has handled before.

use ordain_brokers::{MsgId, SubId};

use crate::fact::Gauge;
use crate::run::Run;
use crate::spec::{DedupSpec, ServiceId};
use crate::value::Value;

impl Run<'_> {
    /// Whether the inbox has a marker for the message that is not too old.
    #[inline(never)]
    pub(crate) fn known(&mut self, service: u16, dedup: &DedupSpec, msg: MsgId, sub: SubId) -> bool {
        let key = self.inbox_key(dedup, msg, sub);
        let now = self.now();
        let marked = self.s.inbox.get(&(service, key));
        marked.is_some_and(|at| dedup.window.is_none_or(|window| now.since(*at) < window))
    }

    /// Whether the marker of the inbox, a unique row, was written by another handling since this one began.
    #[inline(never)]
    pub(crate) fn marked_meanwhile(&mut self, service: usize, msg: MsgId, sub: SubId) -> bool {
        let Some(dedup) = &self.spec.services[service].dedup else { return false };
        let known = self.known(service as u16, dedup, msg, sub);
        if known {
            self.s.gauges.add(Gauge::DedupHits(ServiceId(service as u16)), 1);
        }
        known
    }

    /// What identifies a message to an inbox: its id, or a field; two subscriptions never share a marker.
    pub(crate) fn inbox_key(&mut self, dedup: &DedupSpec, msg: MsgId, sub: SubId) -> Value {
        let of = self.s.messages.get(msg);
        let field = dedup.by.and_then(|name| {
            let at = self.spec.types[of.ty.at()].fields.iter().position(|f| f.name == name)?;
            self.s.messages.fields(msg).get(at).cloned()
        });
        let ty = i64::from(of.ty.0);
        let id = field.unwrap_or(Value::Int(of.id as i64));
        Value::List(std::rc::Rc::new(vec![Value::Int(i64::from(sub.0)), Value::Int(ty), id]))
    }

    pub(crate) fn mark_inbox(&mut self, service: usize, msg: MsgId, sub: SubId) {
        let Some(dedup) = &self.spec.services[service].dedup else { return };
        let key = self.inbox_key(dedup, msg, sub);
        let now = self.now();
        self.s.inbox.insert((service as u16, key), now);
    }
}
