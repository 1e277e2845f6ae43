//! The tests' rig: a broker with its choices, its clock, and a log of its effects.

use ordain_kernel::{Choices, Key, Names, Plan, Source, Span, Time, Trace};

use crate::{
    Broker, ChannelDef, ChannelId, Client, Cx, Down, Effect, Fault, Input, Loss, Message, MsgId, Settle, SubId,
    SubscriptionDef, Tag, Token, Topology,
};

/// A delivery as the tests look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) client: Client,
    pub(crate) sub: SubId,
    pub(crate) message: u32,
    pub(crate) tag: Tag,
    pub(crate) lane: Option<u32>,
    pub(crate) redelivered: bool,
}

/// One broker under test. Every step leaves its effects in `effects`.
pub(crate) struct Rig<B> {
    pub(crate) broker: B,
    pub(crate) choices: Choices,
    pub(crate) trace: Trace,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Time,
    published: u32,
}

/// A topology of one channel with as many partitions, and these subscriptions on it.
pub(crate) fn one_channel(partitions: u32, subs: &[SubscriptionDef]) -> Topology {
    let channel = ChannelDef { name: "orders".into(), partitions, ..ChannelDef::default() };
    Topology { channels: vec![channel], subscriptions: subs.to_vec() }
}

/// Subscription number `id` of channel zero.
pub(crate) fn sub(id: u16) -> SubscriptionDef {
    SubscriptionDef { id: SubId(id), name: format!("s{id}"), dead_letter: true, ..SubscriptionDef::default() }
}

impl<B: Broker> Rig<B> {
    /// A rig around the broker that `make` builds, with the calm source and with recording on.
    pub(crate) fn new(make: impl FnOnce(&mut Choices, &mut Names) -> B) -> Self {
        let mut choices = Choices::default();
        let broker = make(&mut choices, &mut Names::default());
        let mut trace = Trace::default();
        trace.begin(true);
        Rig { broker, choices, trace, effects: Vec::new(), now: Time::START, published: 0 }
    }

    /// From here on these deviations.
    pub(crate) fn plan(&mut self, plan: Plan) {
        self.choices.begin(Source::Plan(plan));
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.effects.clear();
        let mut cx = Cx { choices: &mut self.choices, trace: &mut self.trace, effects: &mut self.effects };
        self.broker.input(self.now, input, &mut cx);
    }

    pub(crate) fn join(&mut self, client: u32) {
        self.input(Input::Join { client: Client(client), sub: SubId(0) });
    }

    pub(crate) fn down(&mut self, client: u32, how: Down) {
        self.input(Input::Down { client: Client(client), how });
    }

    pub(crate) fn up(&mut self, client: u32) {
        self.input(Input::Up { client: Client(client) });
    }

    /// Publishes message number `message`; its hash is its number.
    pub(crate) fn publish(&mut self, message: u32) {
        self.publish_hashed(message, Some(message));
    }

    pub(crate) fn publish_hashed(&mut self, message: u32, partition_hash: Option<u32>) {
        self.published += 1;
        let key = Key(1_000 + u64::from(message));
        let message = Message { id: MsgId(message), key, partition_hash, routing: 0 };
        self.input(Input::Publish { channel: ChannelId(0), message, token: Token(self.published) });
    }

    pub(crate) fn settle(&mut self, delivery: Delivery, how: Settle) {
        let Delivery { client, sub, tag, .. } = delivery;
        self.input(Input::Settle { client, sub, tag, how });
    }

    pub(crate) fn ack(&mut self, delivery: Delivery) {
        self.settle(delivery, Settle::Ack);
    }

    pub(crate) fn duplicate(&mut self, delivery: Delivery, late: Span) {
        self.input(Input::Fault(Fault::Duplicate { tag: delivery.tag, sub: delivery.sub, late }));
    }

    /// Lets time pass; wakes the broker whenever it asked for it. Effects of all wakes are kept.
    pub(crate) fn pass(&mut self, span: Span) {
        let until = self.now + span;
        let mut all = Vec::new();
        while let Some(at) = self.broker.deadline().filter(|at| *at <= until) {
            assert!(at >= self.now, "a deadline in the past: {at} at {}", self.now);
            self.now = at;
            self.input(Input::Wake);
            all.append(&mut self.effects);
        }
        self.now = until;
        self.effects = all;
    }

    /// The deliveries among the last step's effects.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let delivery = |effect: &Effect| match *effect {
            Effect::Deliver { client, sub, message, tag, lane, redelivered } => {
                Some(Delivery { client, sub, message: message.0, tag, lane, redelivered })
            }
            _ => None,
        };
        self.effects.iter().filter_map(delivery).collect()
    }

    /// The numbers of the messages delivered in the last step.
    pub(crate) fn delivered(&self) -> Vec<u32> {
        self.deliveries().iter().map(|delivery| delivery.message).collect()
    }

    /// The only delivery of the last step.
    pub(crate) fn only(&self) -> Delivery {
        let all = self.deliveries();
        assert_eq!(all.len(), 1, "one delivery among {:?}", self.effects);
        all[0]
    }

    /// The numbers of the messages settled in the last step.
    pub(crate) fn settled(&self) -> Vec<u32> {
        let settled = |effect: &Effect| match effect {
            Effect::Settled { message, .. } => Some(message.0),
            _ => None,
        };
        self.effects.iter().filter_map(settled).collect()
    }

    /// The messages dead-lettered in the last step, and why.
    pub(crate) fn dead(&self) -> Vec<(u32, Loss)> {
        let dead = |effect: &Effect| match effect {
            Effect::DeadLettered { message, why, kept: true, .. } => Some((message.0, *why)),
            _ => None,
        };
        self.effects.iter().filter_map(dead).collect()
    }

    pub(crate) fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }

    pub(crate) fn backlog(&self) -> (u64, u64) {
        let backlog = self.broker.backlog();
        (backlog.ready, backlog.unsettled)
    }
}
