//! What a message costs in each model: scenario S (three clients, a hundred requests each, and a reply to
//! each), from publish to settled, with the world reduced to an echo.

use std::collections::VecDeque;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ordain_brokers::kafka::{Kafka, KafkaOptions};
use ordain_brokers::rabbitmq::{RabbitMq, RabbitMqOptions};
use ordain_brokers::sqs::{Sqs, SqsOptions};
use ordain_brokers::{
    Broker, ChannelDef, ChannelId, Client, Cx, Effect, Input, Message, MsgId, Settle, SubId, SubscriptionDef, Tag,
    Token, Topology,
};
use ordain_kernel::{Choices, Key, Names, Span, Time, Trace};

const CLIENTS: u16 = 3;
const REQUESTS: u32 = 100;
const MESSAGES: u64 = 2 * CLIENTS as u64 * REQUESTS as u64;

/// Channel and subscription zero carry requests; number n > 0 carries the replies to client n.
fn topology() -> Topology {
    let channel = |n| ChannelDef { id: ChannelId(n), name: format!("c{n}"), partitions: 1, ..ChannelDef::default() };
    let sub = |n| SubscriptionDef {
        id: SubId(n),
        name: format!("s{n}"),
        channel: ChannelId(n),
        ..SubscriptionDef::default()
    };
    Topology { channels: (0..=CLIENTS).map(channel).collect(), subscriptions: (0..=CLIENTS).map(sub).collect() }
}

struct Echo<B> {
    broker: B,
    choices: Choices,
    trace: Trace,
    effects: Vec<Effect>,
    inbox: VecDeque<(Client, SubId, Tag, MsgId)>,
    sent: u32,
}

impl<B: Broker> Echo<B> {
    fn new(make: impl FnOnce(&Topology, &mut Choices, &mut Names) -> B) -> Self {
        let mut choices = Choices::default();
        let broker = make(&topology(), &mut choices, &mut Names::default());
        Echo { broker, choices, trace: Trace::default(), effects: Vec::new(), inbox: VecDeque::new(), sent: 0 }
    }

    fn input(&mut self, now: Time, input: Input) {
        let mut cx = Cx { choices: &mut self.choices, trace: &mut self.trace, effects: &mut self.effects };
        self.broker.input(now, input, &mut cx);
        for effect in self.effects.drain(..) {
            if let Effect::Deliver { client, sub, message, tag, .. } = effect {
                self.inbox.push_back((client, sub, tag, message));
            }
        }
    }

    fn publish(&mut self, now: Time, channel: u16) {
        self.sent += 1;
        let (id, key) = (MsgId(self.sent), Key(u64::from(self.sent)));
        let message = Message { id, key, partition_hash: Some(self.sent), routing: 0 };
        self.input(now, Input::Publish { channel: ChannelId(channel), message, token: Token(self.sent) });
    }

    fn run(&mut self) {
        self.broker.reset();
        let mut now = Time::START;
        for n in 0..=CLIENTS {
            self.input(now, Input::Join { client: Client(u32::from(n)), sub: SubId(n) });
        }
        for _ in 0..REQUESTS {
            for _ in 0..CLIENTS {
                self.publish(now, 0);
            }
            while let Some((client, sub, tag, message)) = self.inbox.pop_front() {
                now += Span::from_millis(5);
                self.input(now, Input::Settle { client, sub, tag, how: Settle::Ack });
                if sub == SubId(0) {
                    self.publish(now, 1 + (message.0 % u32::from(CLIENTS)) as u16);
                }
            }
        }
        assert_eq!(self.broker.backlog().ready + self.broker.backlog().unsettled, 0);
    }
}

fn models(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scenario_s");
    group.throughput(Throughput::Elements(MESSAGES));
    let options = KafkaOptions { initial_rebalance_delay: Span::ZERO, ..KafkaOptions::default() };
    let mut kafka = Echo::new(|topology, choices, names| Kafka::new(options, topology, choices, names));
    group.bench_function("kafka", |bencher| bencher.iter(|| kafka.run()));
    let mut rabbit =
        Echo::new(|topology, choices, names| RabbitMq::new(RabbitMqOptions::default(), topology, choices, names));
    group.bench_function("rabbitmq", |bencher| bencher.iter(|| rabbit.run()));
    let mut sqs = Echo::new(|topology, choices, names| Sqs::new(SqsOptions::default(), topology, choices, names));
    group.bench_function("sqs", |bencher| bencher.iter(|| sqs.run()));
    group.finish();

    let mut group = criterion.benchmark_group("backlog_of_a_million");
    group.sample_size(10).throughput(Throughput::Elements(1_000_000));
    let fresh = || Echo::new(|topology, choices, names| Kafka::new(options, topology, choices, names));
    let fill = |mut echo: Echo<Kafka>| (0..1_000_000).for_each(|_| echo.publish(Time::START, 0));
    group.bench_function("kafka", |bencher| bencher.iter_batched(fresh, fill, BatchSize::PerIteration));
    group.finish();
}

criterion_group!(benches, models);
criterion_main!(benches);
