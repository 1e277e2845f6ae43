//! Effects on external systems: at most one a business key, or exactly one for each key that was asked for.

use indexmap::{IndexMap, IndexSet};
use ordain_brokers::MsgId;
use ordain_kernel::{EventId, Sym};
use ordain_world::spec::{ExternalId, ServiceId, TypeId};
use ordain_world::{Spec, Value};
use rustc_hash::FxBuildHasher;

use crate::now::Now;
use crate::routes::{Ear, Wanted};
use crate::sink::{Found, Sink};
use crate::spec::Moment;
use crate::text::{self, KeyOf};

/// An `effects` check.
#[derive(Debug)]
pub(crate) struct Effects {
    check: u16,
    pub(crate) external: ExternalId,
    external_name: String,
    exactly: bool,
    expected: Vec<(TypeId, KeyOf)>,
    /// The keys that had their effect.
    done: IndexSet<Value, FxBuildHasher>,
    /// The keys that must have it, and the first message that says so.
    wanted: IndexMap<Value, (MsgId, KeyOf), FxBuildHasher>,
}

impl Effects {
    pub(crate) fn new(
        spec: &Spec,
        check: u16,
        external: ExternalId,
        exactly: bool,
        expected: &[(TypeId, Option<Sym>)],
    ) -> Effects {
        Effects {
            check,
            external,
            external_name: spec.names.text(spec.externals[external.at()].name).to_owned(),
            exactly,
            expected: expected.iter().map(|(ty, field)| (*ty, KeyOf::new(spec, *ty, *field))).collect(),
            done: IndexSet::default(),
            wanted: IndexMap::default(),
        }
    }

    pub(crate) fn listen(&self, at: u16, wanted: &mut Wanted) {
        if self.exactly {
            for (ty, _) in &self.expected {
                wanted.add(Moment::Accepted(*ty), Ear::Expected(at));
            }
        }
    }

    pub(crate) fn begin(&mut self) {
        self.done.clear();
        self.wanted.clear();
    }

    /// A message that must have its effect was accepted.
    pub(crate) fn expected(&mut self, now: &Now<'_>, msg: MsgId) {
        let ty = now.view.messages.get(msg).ty;
        let keys = self.expected.iter().filter(|(of, _)| *of == ty);
        for (_, key) in keys {
            self.wanted.entry(key.value(now.view, msg)).or_insert((msg, *key));
        }
    }

    /// An effect happened, the `count`-th of its key.
    pub(crate) fn effect(
        &mut self,
        now: &Now<'_>,
        key: &Value,
        (msg, service): (MsgId, ServiceId),
        count: u32,
        sink: &mut Sink,
    ) {
        sink.evaluated(self.check, 1);
        if count == 1 {
            sink.subject(self.check);
        }
        if self.exactly {
            self.done.insert(key.clone());
        }
        if count > 1 {
            let view = now.view;
            let by = view.names.text(view.spec.services[service.at()].name);
            let subject = key.render(view.names);
            let found = Found {
                word: "duplicate-effect",
                place: format!("{by}.{}", self.external_name),
                message: format!("{count} effects on {} for {subject}, the last one by {by}", self.external_name),
                command: Some(view.messages.get(msg).command),
                event: EventId::NONE,
                subject,
            };
            sink.report(self.check, now, found);
        }
    }

    /// Reports the keys without their effect at quiet.
    pub(crate) fn finish(&mut self, now: &Now<'_>, sink: &mut Sink) {
        let names = now.view.names;
        for (key, (msg, of)) in &self.wanted {
            sink.evaluated(self.check, 1);
            let subject = of.text(key, names);
            let command_text = names.find(&subject).map(Value::Str);
            if self.done.contains(key) || command_text.is_some_and(|text| self.done.contains(&text)) {
                continue;
            }
            let message = format!(
                "no effect on {} for {}, though it was accepted",
                self.external_name,
                text::message(now.view, *msg)
            );
            let command = Some(now.view.messages.get(*msg).command);
            let place = self.external_name.clone();
            let event = EventId::NONE;
            sink.report(self.check, now, Found { word: "missing-effect", place, subject, command, event, message });
        }
    }
}
