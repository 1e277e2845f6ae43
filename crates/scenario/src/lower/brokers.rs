//! Brokers and channels.

use ordain_brokers::ChannelId;
use ordain_brokers::kafka::{Commit, KafkaOptions, OffsetReset};
use ordain_brokers::rabbitmq::{QueueKind, RabbitMqOptions};
use ordain_brokers::sqs::SqsOptions;
use ordain_kernel::Span as Time;
use ordain_world::spec::{BrokerId, BrokerKind, BrokerSpec, ChannelSpec, Retry};

use crate::lower::{Lowered, Lowering, refuse, time, times};
use crate::model::{self, Broker};

impl Lowering<'_> {
    pub(super) fn brokers(&mut self) -> Lowered<()> {
        for broker in self.scenario.brokers.values() {
            let kind = broker_kind(broker)?;
            let latency = broker.time("latency").map_or(Time::from_millis(1), time);
            let name = self.spec.names.intern(&broker.name.value);
            self.broker_ids.insert(&broker.name.value, BrokerId(self.spec.brokers.len() as u16));
            self.spec.brokers.push(BrokerSpec { name, kind, latency });
        }
        for channel in self.scenario.channels.values() {
            let broker = self.broker_ids.get(channel.broker.value.as_str()).copied().unwrap_or(BrokerId(0));
            let key = channel.key.as_ref().map(|key| self.spec.names.intern(&key.value));
            let dead_letter = channel.dead_letter.as_ref().map(|name| self.spec.names.intern(&name.value));
            self.channel_ids.insert(&channel.name.value, ChannelId(self.spec.channels.len() as u16));
            let name = self.spec.names.intern(&channel.name.value);
            self.spec.channels.push(ChannelSpec {
                name,
                broker,
                carries: Vec::new(),
                partitions: channel.partitions,
                key,
                retry: retry(channel.retry.as_ref()),
                dead_letter,
            });
        }
        Ok(())
    }
}

/// A retry policy; without one, a failed message is tried again without end.
pub(super) fn retry(retry: Option<&model::Retry>) -> Retry {
    match retry {
        Some(retry) => Retry { max: retry.max, backoff: times(retry.backoff) },
        None => Retry { max: None, backoff: (Time::from_millis(100), Time::from_secs(5)) },
    }
}

fn broker_kind(broker: &Broker) -> Lowered<BrokerKind> {
    let number = |key: &str| broker.number(key).and_then(|number| u32::try_from(number).ok());
    let length = |key: &str, fallback: Time| broker.time(key).map_or(fallback, time);
    Ok(match broker.kind {
        "kafka" => {
            let options = KafkaOptions::default();
            BrokerKind::Kafka(KafkaOptions {
                session_timeout: length("session_timeout", options.session_timeout),
                max_poll_interval: length("max_poll_interval", options.max_poll_interval),
                initial_rebalance_delay: length("initial_rebalance_delay", options.initial_rebalance_delay),
                max_poll_records: number("max_poll_records").unwrap_or(options.max_poll_records),
                commit: match broker.word("commit") {
                    "batch" => Commit::Batch,
                    "auto" => Commit::Auto { interval: length("auto_commit", Commit::AUTO_INTERVAL) },
                    _ => Commit::EachRecord,
                },
                offset_reset: if broker.word("auto_offset_reset") == "latest" {
                    OffsetReset::Latest
                } else {
                    OffsetReset::Earliest
                },
                ..options
            })
        }
        "rabbitmq" => {
            let options = RabbitMqOptions::default();
            BrokerKind::RabbitMq(RabbitMqOptions {
                queue: if broker.word("queue") == "quorum" { QueueKind::Quorum } else { QueueKind::Classic },
                prefetch: number("prefetch"),
                delivery_limit: number("delivery_limit"),
                heartbeat: length("heartbeat", options.heartbeat),
                ..options
            })
        }
        "sqs" => {
            let options = SqsOptions::default();
            BrokerKind::Sqs(SqsOptions {
                visibility_timeout: length("visibility_timeout", options.visibility_timeout),
                receive_max: number("receive_batch").unwrap_or(options.receive_max),
            })
        }
        other => {
            return refuse(broker.name.span, format!("there is no model of `{other}`"), "use kafka, rabbitmq or sqs");
        }
    })
}
