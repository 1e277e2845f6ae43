//! Laws that hold for every model, whatever happens to it: random inputs, with a book kept beside it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ordain_kernel::{Ask, Choices, Decide, Names, Rule, Source, Span, Value as Answer, mix};
use proptest::prelude::*;

use crate::kafka::{Commit, Kafka, KafkaOptions};
use crate::rabbitmq::{QueueKind, RabbitMq, RabbitMqOptions};
use crate::rig::{Delivery, Rig, one_channel, sub};
use crate::sqs::{Sqs, SqsOptions};
use crate::{Broker, Client, Down, Duplicates, Effect, Fault, Input, Settle, SubId, SubscriptionDef, Topology};

const CLIENTS: u32 = 3;
const SUBS: u16 = 2;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Op {
    Publish,
    /// The oldest, or with `late` the newest, delivery in a client's buffer is settled.
    Settle {
        client: u32,
        late: bool,
        how: Settle,
    },
    Duplicate {
        client: u32,
        late: u64,
    },
    Down {
        client: u32,
        how: Down,
    },
    Up {
        client: u32,
    },
    Rebalance {
        order: u64,
    },
    Pass {
        secs: u64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let client = 0..CLIENTS;
    let how = prop_oneof![
        6 => Just(Settle::Ack),
        2 => (0_u64..3).prop_map(|secs| Settle::Retry { after: Span::from_secs(secs) }),
        1 => Just(Settle::Reject),
    ];
    let down = prop_oneof![Just(Down::Closed), Just(Down::Crashed), Just(Down::Cut), Just(Down::Paused)];
    prop_oneof![
        8 => Just(Op::Publish),
        8 => (client.clone(), prop::bool::weighted(0.1), how).prop_map(|(client, late, how)| Op::Settle { client, late, how }),
        1 => (client.clone(), 0_u64..60).prop_map(|(client, late)| Op::Duplicate { client, late }),
        1 => (client.clone(), down).prop_map(|(client, how)| Op::Down { client, how }),
        1 => client.prop_map(|client| Op::Up { client }),
        1 => (0_u64..6).prop_map(|order| Op::Rebalance { order }),
        2 => (0_u64..50).prop_map(|secs| Op::Pass { secs }),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Up,
    Silent,
}

/// Picks something else by each key.
struct ByKey;

impl Decide for ByKey {
    fn decide(&mut self, ask: &Ask, _rules: &[Rule]) -> Option<Answer> {
        Some(Answer::Pick(mix(ask.key.0, 1) % ask.room))
    }
}

/// A small world around a broker: who is connected, what is in the buffers, what has become of each message.
struct Book<B> {
    rig: Rig<B>,
    /// The present connection of each client; a restart gets a new number.
    clients: Vec<(Client, Line)>,
    buffers: BTreeMap<Client, VecDeque<Delivery>>,
    accepted: u32,
    /// Deliveries, ends (settled or dead-lettered) by message and subscription.
    delivered: BTreeMap<(u32, u16), u32>,
    settled: BTreeSet<(u32, u16)>,
    dead: BTreeSet<(u32, u16)>,
    log: Vec<Effect>,
}

impl<B: Broker> Book<B> {
    fn new(make: impl FnOnce(&Topology, &mut Choices, &mut Names) -> B) -> Self {
        let topology = one_channel(2, &[sub(0), SubscriptionDef { retry_max: Some(2), ..sub(1) }]);
        let mut book = Book {
            rig: Rig::new(|choices, names| make(&topology, choices, names)),
            clients: (0..CLIENTS).map(|n| (Client(n), Line::Up)).collect(),
            buffers: BTreeMap::new(),
            accepted: 0,
            delivered: BTreeMap::new(),
            settled: BTreeSet::new(),
            dead: BTreeSet::new(),
            log: Vec::new(),
        };
        book.rig.choices.begin(Source::Other(Box::new(ByKey)));
        (0..CLIENTS).for_each(|n| book.join(Client(n)));
        book
    }

    fn join(&mut self, client: Client) {
        for id in 0..SUBS {
            self.input(Input::Join { client, sub: SubId(id) });
        }
    }

    fn input(&mut self, input: Input) {
        self.rig.input(input);
        self.note();
    }

    /// Enters the last step's effects, and checks them one by one.
    fn note(&mut self) {
        let effects = std::mem::take(&mut self.rig.effects);
        let extras = self.rig.broker.duplicates() == Duplicates::ExtraDelivery;
        for effect in &effects {
            match *effect {
                Effect::Stored { .. } => self.accepted += 1,
                Effect::Deliver { client, sub, message, tag, lane, redelivered } => {
                    let what = (message.0, sub.0);
                    let ended = self.settled.contains(&what) || self.dead.contains(&what);
                    assert!(!ended || extras, "{what:?} is delivered after its end");
                    let (_, line) =
                        *self.clients.iter().find(|(at, _)| *at == client).expect("a delivery to a dead client");
                    assert_eq!(line, Line::Up, "a delivery to a silent client");
                    *self.delivered.entry(what).or_default() += 1;
                    let delivery = Delivery { client, sub, message: message.0, tag, lane, redelivered };
                    self.buffers.entry(client).or_default().push_back(delivery);
                }
                Effect::Revoked { client, sub, lane } => {
                    let void = |d: &Delivery| d.sub == sub && (lane.is_none() || d.lane == lane);
                    self.buffers.entry(client).or_default().retain(|d| !void(d));
                }
                Effect::Settled { sub, message } => {
                    let what = (message.0, sub.0);
                    assert!(self.delivered.contains_key(&what), "{what:?} is settled and was never delivered");
                    assert!(!self.dead.contains(&what), "{what:?} is settled after it was dead-lettered");
                    assert!(self.settled.insert(what), "{what:?} is settled twice");
                }
                Effect::DeadLettered { sub, message, .. } => {
                    let what = (message.0, sub.0);
                    assert!(self.dead.insert(what) || extras, "{what:?} is dead-lettered twice");
                }
                _ => {}
            }
        }
        self.log.extend(effects);
        self.check();
    }

    /// The book and the broker agree on what is open.
    fn check(&self) {
        let backlog = self.rig.broker.backlog();
        let naive: usize = (0..SUBS).map(|id| self.rig.broker.unsettled(SubId(id)).len()).sum();
        assert_eq!(backlog.ready + backlog.unsettled, naive as u64, "the counters and the count");
        for id in 0..SUBS {
            let open: BTreeSet<u32> = self.rig.broker.unsettled(SubId(id)).iter().map(|message| message.0).collect();
            for message in 0..self.accepted {
                let ended = self.settled.contains(&(message, id)) || self.dead.contains(&(message, id));
                assert!(ended || open.contains(&message), "message {message} of subscription {id} has vanished");
                let extras = self.rig.broker.duplicates() == Duplicates::ExtraDelivery;
                assert!(!ended || !open.contains(&message) || extras, "message {message} is both done and open");
            }
        }
        assert!(!self.rig.broker.deadline_is_work() || self.rig.broker.deadline().is_some());
    }

    fn take(&mut self, client: u32, late: bool) -> Option<Delivery> {
        let (client, line) = self.clients[client as usize];
        let buffer = self.buffers.get_mut(&client).filter(|_| line == Line::Up)?;
        if late { buffer.pop_back() } else { buffer.pop_front() }
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Publish => {
                let message = self.accepted;
                self.rig.publish(message);
                self.note();
            }
            Op::Settle { client, late, how } => {
                if let Some(Delivery { client, sub, tag, .. }) = self.take(client, late) {
                    self.input(Input::Settle { client, sub, tag, how });
                }
            }
            Op::Duplicate { client, late } => {
                if let Some(Delivery { client, sub, tag, .. }) = self.take(client, false) {
                    self.input(Input::Fault(Fault::Duplicate { tag, sub, late: Span::from_secs(late) }));
                    if self.rig.broker.duplicates() == Duplicates::ExtraDelivery {
                        self.input(Input::Settle { client, sub, tag, how: Settle::Ack });
                    }
                }
            }
            Op::Down { client, how } => self.go_down(client as usize, how),
            Op::Up { client } => self.come_up(client as usize),
            Op::Rebalance { order } => self.input(Input::Fault(Fault::Rebalance { sub: SubId(0), order })),
            Op::Pass { secs } => self.pass(Span::from_secs(secs)),
        }
    }

    fn pass(&mut self, span: Span) {
        let until = self.rig.now + span;
        while let Some(at) = self.rig.broker.deadline().filter(|at| *at <= until) {
            assert!(at >= self.rig.now, "a deadline in the past");
            self.rig.now = at;
            self.input(Input::Wake);
            assert!(self.rig.broker.deadline().is_none_or(|next| next > at), "a wake leaves its deadline");
        }
        self.rig.now = until;
    }

    fn go_down(&mut self, at: usize, how: Down) {
        let (client, line) = self.clients[at];
        if matches!(how, Down::Closed | Down::Crashed) {
            // The process restarts at once, with another connection.
            self.buffers.remove(&client);
            let restarted = Client(client.0 + CLIENTS);
            self.clients[at] = (restarted, Line::Up);
            self.input(Input::Down { client, how });
            self.join(restarted);
        } else if line == Line::Up {
            self.clients[at].1 = Line::Silent;
            self.input(Input::Down { client, how });
        }
    }

    fn come_up(&mut self, at: usize) {
        if self.clients[at].1 == Line::Silent {
            self.clients[at].1 = Line::Up;
            self.input(Input::Up { client: self.clients[at].0 });
        }
    }

    /// The faults end, and everybody works: in the end nothing is open.
    fn drain(&mut self) {
        (0..CLIENTS as usize).for_each(|at| self.come_up(at));
        for _ in 0..20_000 {
            let next = (0..CLIENTS).find_map(|client| self.take(client, false));
            if let Some(Delivery { client, sub, tag, .. }) = next {
                self.input(Input::Settle { client, sub, tag, how: Settle::Ack });
            } else if self.rig.broker.deadline().is_some() {
                self.pass(self.rig.broker.deadline().unwrap_or(self.rig.now).since(self.rig.now));
            } else {
                break;
            }
        }
        let left = self.rig.broker.backlog();
        assert_eq!((left.ready, left.unsettled), (0, 0), "left at quiet");
    }
}

fn obey<B: Broker>(ops: &[Op], make: impl Fn(&Topology, &mut Choices, &mut Names) -> B) -> Result<(), TestCaseError> {
    let run = || {
        let mut book = Book::new(&make);
        ops.iter().for_each(|op| book.step(*op));
        book.drain();
        book
    };
    let (mut first, second) = (run(), run());
    prop_assert_eq!(&first.log, &second.log, "the same inputs twice");
    first.rig.broker.reset();
    let mut third = Book::new(|_, choices, names| {
        let _ = make(&one_channel(2, &[sub(0), SubscriptionDef { retry_max: Some(2), ..sub(1) }]), choices, names);
        first.rig.broker
    });
    ops.iter().for_each(|op| third.step(*op));
    third.drain();
    prop_assert_eq!(&third.log, &second.log, "after a reset");
    Ok(())
}

/// Kafka's consumers settle the records of a partition in order.
fn sequential(ops: Vec<Op>) -> Vec<Op> {
    let in_order = |op| match op {
        Op::Settle { client, how, .. } => Op::Settle { client, late: false, how },
        other => other,
    };
    ops.into_iter().map(in_order).collect()
}

fn kafka(commit: Commit) -> impl Fn(&Topology, &mut Choices, &mut Names) -> Kafka {
    let options = KafkaOptions { commit, max_poll_records: 4, ..KafkaOptions::default() };
    move |topology, choices, names| Kafka::new(options, topology, choices, names)
}

fn rabbit(queue: QueueKind, prefetch: Option<u32>) -> impl Fn(&Topology, &mut Choices, &mut Names) -> RabbitMq {
    let options = RabbitMqOptions { queue, prefetch, delivery_limit: Some(3), ..RabbitMqOptions::default() };
    move |topology, choices, names| RabbitMq::new(options, topology, choices, names)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kafka_obeys(ops in prop::collection::vec(op(), 1..80)) {
        let ops = sequential(ops);
        obey(&ops, kafka(Commit::EachRecord))?;
        obey(&ops, kafka(Commit::Batch))?;
    }

    #[test]
    fn kafka_with_automatic_commits_obeys(ops in prop::collection::vec(op(), 1..80)) {
        let ops = sequential(ops);
        obey(&ops, kafka(Commit::Auto { interval: Commit::AUTO_INTERVAL }))?;
    }

    #[test]
    fn kafka_with_automatic_commits_loses_nothing_while_nobody_comes_or_goes(ops in prop::collection::vec(op(), 1..80)) {
        let mut book = Book::new(kafka(Commit::Auto { interval: Commit::AUTO_INTERVAL }));
        let calm = |op: &Op| matches!(op, Op::Publish | Op::Settle { .. } | Op::Pass { .. });
        for op in sequential(ops).iter().filter(|op| calm(op)) {
            book.step(*op);
            for delivery in book.buffers.values().flatten() {
                let what = (delivery.message, delivery.sub.0);
                prop_assert!(!book.settled.contains(&what), "{what:?} is committed and not handled");
            }
        }
    }

    #[test]
    fn rabbitmq_obeys(ops in prop::collection::vec(op(), 1..80), quorum in any::<bool>(), prefetch in prop::option::of(1_u32..4)) {
        let queue = if quorum { QueueKind::Quorum } else { QueueKind::Classic };
        obey(&ops, rabbit(queue, prefetch))?;
    }

    #[test]
    fn sqs_obeys(ops in prop::collection::vec(op(), 1..80), receive_max in 1_u32..4) {
        let options = SqsOptions { receive_max, ..SqsOptions::default() };
        obey(&ops, |topology, choices, names| Sqs::new(options, topology, choices, names))?;
    }

    #[test]
    fn kafka_keeps_the_order_of_each_partition_until_a_rewind(ops in prop::collection::vec(op(), 1..80)) {
        let mut book = Book::new(kafka(Commit::EachRecord));
        sequential(ops).iter().for_each(|op| book.step(*op));
        // Without a step back every delivery on a lane is the next message of that lane; a step back only
        // goes to a message that is not settled by then.
        let mut place: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut last: BTreeMap<(u16, u32), usize> = BTreeMap::new();
        for effect in &book.log {
            match *effect {
                Effect::Stored { message, place: at, .. } => place.entry(at.partition).or_default().push(message.0),
                Effect::Deliver { sub, message, lane: Some(lane), .. } => {
                    let at = place[&lane].iter().position(|m| *m == message.0).expect("stored first");
                    let limit = last.get(&(sub.0, lane)).map_or(0, |before| before + 1);
                    prop_assert!(at <= limit, "lane {lane} skips from {limit} to {at}");
                    last.insert((sub.0, lane), at);
                }
                _ => {}
            }
        }
    }
}
