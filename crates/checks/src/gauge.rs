//! Gauges: their names in places and sentences, and which of them a fact moves.

use ordain_brokers::{ChannelId, Loss, MsgId, SubId};
use ordain_world::fact::SagaTurn;
use ordain_world::spec::{SagaId, ServiceId};
use ordain_world::{Gauge, Spec, Value, What};

use crate::text;

/// A gauge as the scenario writes it: `sagas.checkout.undone`, `stock.dedup.hits`, `work_dlq`.
pub(crate) fn text(spec: &Spec, gauge: Gauge) -> String {
    let saga = |saga: SagaId| spec.names.text(spec.sagas[saga.at()].name);
    let service = |service: ServiceId| spec.names.text(spec.services[service.at()].name);
    match gauge {
        Gauge::SagaDone(id) => format!("sagas.{}.done", saga(id)),
        Gauge::SagaUndone(id) => format!("sagas.{}.undone", saga(id)),
        Gauge::SagaStuck(id) => format!("sagas.{}.stuck", saga(id)),
        Gauge::SagaOpen(id) => format!("sagas.{}.open", saga(id)),
        Gauge::DedupHits(id) => format!("{}.dedup.hits", service(id)),
        Gauge::DeadLetters(id) => match spec.channels[id.0 as usize].dead_letter {
            Some(name) => spec.names.text(name).to_owned(),
            None => format!("{}.dead_letters", text::channel(spec, id)),
        },
        Gauge::Lag(id) => format!("{}.lag", text::channel(spec, id)),
        Gauge::Effects(id) => format!("{}.effects", spec.names.text(spec.externals[id.at()].name)),
        Gauge::Crashes(id) => format!("{}.crashes", service(id)),
    }
}

/// The codes of the facts that can move a gauge, as a bit set.
pub(crate) fn codes(gauge: Gauge) -> u64 {
    let (msg, sub) = (MsgId(0), SubId(0));
    let bit = |what: What| 1_u64 << what.code();
    let deduplicated = bit(What::Deduplicated { msg, sub });
    let dead = bit(What::DeadLettered { msg, sub, why: Loss::Expired, kept: false });
    match gauge {
        Gauge::SagaDone(saga) | Gauge::SagaUndone(saga) | Gauge::SagaStuck(saga) | Gauge::SagaOpen(saga) => {
            bit(What::Saga { saga, instance: Value::Nil, turn: SagaTurn::Started })
        }
        Gauge::DedupHits(_) => deduplicated,
        Gauge::DeadLetters(_) => dead,
        Gauge::Lag(_) => {
            let accepted = bit(What::Accepted { msg, channel: None, partition: 0, offset: 0 });
            let done = bit(What::Settled { msg, sub }) | bit(What::Ignored { msg, sub });
            accepted | done | deduplicated | dead
        }
        Gauge::Effects(external) => {
            bit(What::Effect { msg: MsgId(0), external, key: Value::Nil, service: ServiceId(0), count: 1 })
        }
        Gauge::Crashes(service) => bit(What::Crashed { service, replica: 0, after: None }),
    }
}

/// The gauges that a fact moves.
pub(crate) fn moved(spec: &Spec, what: &What) -> [Option<Gauge>; 2] {
    let lag = |sub: SubId| channel_of(spec, sub).map(Gauge::Lag);
    match *what {
        What::Accepted { channel, .. } => [channel.map(Gauge::Lag), None],
        What::Deduplicated { sub, .. } => [Some(Gauge::DedupHits(spec.subs[sub.0 as usize].service)), lag(sub)],
        What::Settled { sub, .. } | What::Ignored { sub, .. } => [lag(sub), None],
        What::DeadLettered { sub, .. } => [channel_of(spec, sub).map(Gauge::DeadLetters), lag(sub)],
        What::Effect { external, .. } => [Some(Gauge::Effects(external)), None],
        What::Crashed { service, .. } => [Some(Gauge::Crashes(service)), None],
        What::Saga { saga, turn, .. } => match turn {
            SagaTurn::Started => [Some(Gauge::SagaOpen(saga)), None],
            SagaTurn::Done => [Some(Gauge::SagaDone(saga)), Some(Gauge::SagaOpen(saga))],
            SagaTurn::Undone => [Some(Gauge::SagaUndone(saga)), Some(Gauge::SagaOpen(saga))],
            SagaTurn::Stuck => [Some(Gauge::SagaStuck(saga)), Some(Gauge::SagaOpen(saga))],
            _ => [None, None],
        },
        _ => [None, None],
    }
}

fn channel_of(spec: &Spec, sub: SubId) -> Option<ChannelId> {
    spec.subs[sub.0 as usize].channel
}
