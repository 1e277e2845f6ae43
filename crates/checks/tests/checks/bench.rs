//! A small shop, and facts about it made by hand.

use std::rc::Rc;

use ordain_brokers::kafka::KafkaOptions;
use ordain_brokers::rabbitmq::RabbitMqOptions;
use ordain_brokers::{ChannelId, MsgId, SubId};
use ordain_checks::{CheckKind, CheckSpec, Checks, Finish, Severity, Violation};
use ordain_kernel::{Chance, EventId, Key, Lane, Limits, Names, Span, Sym, Time};
use ordain_world::fact::{Gauges, SagaTurn};
use ordain_world::program::{Frame, Program, Step, StepCx};
use ordain_world::spec::{
    BrokerId, BrokerKind, BrokerSpec, ChannelSpec, Col, ExternalId, ExternalSpec, FieldSpec, Horizon, Retry, SagaId,
    SagaSpec, SagaStep, ServiceId, ServiceSpec, SubSpec, TableId, TableSpec, TypeId, TypeSpec,
};
use ordain_world::value::Ty;
use ordain_world::{Fact, Flow, Gauge, Messages, Observer, SagaRef, Spec, Tables, Transaction, Value, View, What};

pub(crate) const RESERVE: TypeId = TypeId(0);
pub(crate) const RELEASE: TypeId = TypeId(1);
pub(crate) const CHARGE: TypeId = TypeId(2);
pub(crate) const REFUND: TypeId = TypeId(3);
pub(crate) const SHIP: TypeId = TypeId(4);
pub(crate) const RESERVED: TypeId = TypeId(5);
pub(crate) const RELEASED: TypeId = TypeId(6);
pub(crate) const CHARGED: TypeId = TypeId(7);
pub(crate) const DECLINED: TypeId = TypeId(8);
pub(crate) const REFUNDED: TypeId = TypeId(9);
pub(crate) const SHIPPED: TypeId = TypeId(10);

const NAMES: [&str; 11] = [
    "Reserve", "Release", "Charge", "Refund", "Ship", "Reserved", "Released", "Charged", "Declined", "Refunded",
    "Shipped",
];

pub(crate) const WORK: ChannelId = ChannelId(0);
pub(crate) const EVENTS: ChannelId = ChannelId(1);

/// Stock, payment and shipping read `work`; checkout and audit read `events`.
pub(crate) const STOCK: SubId = SubId(0);
pub(crate) const PAYMENT: SubId = SubId(1);
pub(crate) const SHIPPING: SubId = SubId(2);
pub(crate) const CHECKOUT: SubId = SubId(3);
pub(crate) const AUDIT: SubId = SubId(4);

pub(crate) const ORDERS: TableId = TableId(0);
pub(crate) const ITEMS: TableId = TableId(1);
pub(crate) const CHARGES: TableId = TableId(2);
pub(crate) const SHOWN: TableId = TableId(3);

pub(crate) const PSP: ExternalId = ExternalId(0);
pub(crate) const SAGA: SagaId = SagaId(0);

#[derive(Debug)]
struct Nothing;

impl Program for Nothing {
    fn resume(&self, _frame: &mut Frame, _cx: &mut StepCx<'_>) -> Step {
        Step::Done
    }
}

fn types(names: &mut Names) -> Vec<TypeSpec> {
    let order_id = names.intern("order_id");
    let amount = names.intern("amount");
    let field = |name, ty| FieldSpec { name, ty, default: None, versions: 1 };
    let make = |(at, name): (usize, &&str)| TypeSpec {
        name: names.intern(name),
        fields: vec![field(order_id, Ty::Id), field(amount, Ty::Int)],
        versions: 1,
        channel: Some(if at < 5 { WORK } else { EVENTS }),
        request_sub: None,
    };
    NAMES.iter().enumerate().map(make).collect()
}

fn channels(names: &mut Names) -> Vec<ChannelSpec> {
    let retry = Retry { max: None, backoff: (Span::ZERO, Span::ZERO) };
    let key = Some(names.intern("order_id"));
    let mut make = |name: &str, broker, carries: std::ops::Range<u16>, dead_letter: Option<&str>| ChannelSpec {
        name: names.intern(name),
        broker: BrokerId(broker),
        carries: carries.map(TypeId).collect(),
        partitions: 1,
        key,
        retry,
        dead_letter: dead_letter.map(|name| names.intern(name)),
    };
    vec![make("work", 0, 0..5, Some("work_dlq")), make("events", 1, 5..11, None)]
}

fn tables(names: &mut Names) -> Vec<TableSpec> {
    let mut make = |name: &str, service, key: Option<&str>, columns: &[(&str, Ty)], rows| TableSpec {
        name: names.intern(name),
        service: ServiceId(service),
        key: key.map(|key| names.intern(key)),
        columns: columns.iter().map(|(name, ty)| (names.intern(name), ty.clone())).collect(),
        rows,
    };
    let mut spec = vec![
        make("orders", 3, Some("order_id"), &[("status", Ty::Str)], Vec::new()),
        make("items", 0, Some("sku"), &[("left", Ty::Int)], Vec::new()),
        make("charges", 1, None, &[("order_id", Ty::Id), ("amount", Ty::Int)], Vec::new()),
        make("shown", 4, Some("order_id"), &[("status", Ty::Str)], Vec::new()),
    ];
    spec[1].rows = vec![(Value::Str(names.intern("A")), vec![Value::Int(2)])];
    spec
}

fn saga(names: &mut Names) -> SagaSpec {
    let step = |act, done, refused, undo, undone| SagaStep {
        act,
        done,
        refused,
        undo,
        undone,
        timeout: None,
        retry: None,
        late: None,
    };
    SagaSpec {
        name: names.intern("checkout"),
        owner: ServiceId(3),
        key: names.intern("order_id"),
        starts: RESERVE,
        layout: vec![names.intern("order_id"), names.intern("amount")],
        steps: vec![
            step(RESERVE, RESERVED, None, Some(RELEASE), Some(RELEASED)),
            step(CHARGE, CHARGED, Some(DECLINED), Some(REFUND), Some(REFUNDED)),
            step(SHIP, SHIPPED, None, None, None),
        ],
        done: None,
        undone: None,
    }
}

/// The world that the facts are about.
pub(crate) fn shop() -> Spec {
    let mut names = Names::default();
    let nothing = || Rc::new(Nothing) as Rc<dyn Program>;
    let mut sub = |name: &str, service, channel, types: &[TypeId]| SubSpec {
        name: names.intern(name),
        service: ServiceId(service),
        channel: Some(channel),
        handlers: types.iter().map(|ty| (*ty, nothing())).collect(),
    };
    let subs = vec![
        sub("stock", 0, WORK, &[RESERVE, RELEASE]),
        sub("payment", 1, WORK, &[CHARGE, REFUND]),
        sub("shipping", 2, WORK, &[SHIP]),
        sub("checkout", 3, EVENTS, &[RESERVED, RELEASED, CHARGED, DECLINED, REFUNDED, SHIPPED]),
        sub("audit", 4, EVENTS, &[CHARGED, SHIPPED]),
    ];
    let mut service = |name: &str| ServiceSpec {
        name: names.intern(name),
        replicas: 1,
        concurrency: 1,
        dedup: None,
        outbox: None,
        serializable: false,
    };
    let services = ["stock", "payment", "shipping", "order", "audit"].iter().map(|name| service(name)).collect();
    let mut broker = |name: &str, kind| BrokerSpec { name: names.intern(name), kind, latency: Span::ZERO };
    let brokers = vec![
        broker("tasks", BrokerKind::RabbitMq(RabbitMqOptions::default())),
        broker("bus", BrokerKind::Kafka(KafkaOptions::default())),
    ];
    let (types, channels) = (types(&mut names), channels(&mut names));
    let (tables, sagas) = (tables(&mut names), vec![saga(&mut names)]);
    let externals = vec![ExternalSpec { name: names.intern("psp") }];
    Spec {
        names,
        name: "shop".into(),
        horizon: Horizon { load: Span::from_secs(60), drain: Span::from_secs(60) },
        limits: Limits::default(),
        types,
        brokers,
        channels,
        subs,
        services,
        tables,
        externals,
        sagas,
        saga_tables: Vec::new(),
        deploys: Vec::new(),
        faults: Vec::new(),
        answers: Vec::new(),
        span_chance: Chance::NEVER,
    }
}

/// A shop with one or more checks, and a run of it under way.
pub(crate) struct Bench {
    pub(crate) spec: Spec,
    pub(crate) names: Names,
    pub(crate) messages: Messages,
    pub(crate) tables: Tables,
    pub(crate) gauges: Gauges,
    pub(crate) checks: Checks,
    pub(crate) at: Time,
    pub(crate) event: EventId,
    pub(crate) flow: Flow,
}

impl Bench {
    /// With one check, named `check`.
    pub(crate) fn new(kind: CheckKind) -> Bench {
        Bench::with(vec![CheckSpec { name: "check".into(), severity: Severity::Error, kind }])
    }

    pub(crate) fn with(checks: Vec<CheckSpec>) -> Bench {
        let spec = shop();
        let mut checks = Checks::new(checks, &spec);
        checks.begin();
        Bench {
            names: spec.names.clone(),
            tables: Tables::new(&spec.tables),
            spec,
            messages: Messages::default(),
            gauges: Gauges::default(),
            checks,
            at: Time::START,
            event: EventId::NONE,
            flow: Flow::Go,
        }
    }

    /// Another run on the same checks.
    pub(crate) fn again(&mut self) {
        self.checks.begin();
        self.tables.reset(&self.spec.tables);
        self.messages.reset();
        self.gauges.reset();
        (self.at, self.event, self.flow) = (Time::START, EventId::NONE, Flow::Go);
    }

    pub(crate) fn sym(&mut self, text: &str) -> Sym {
        self.names.intern(text)
    }

    pub(crate) fn text(&mut self, text: &str) -> Value {
        Value::Str(self.sym(text))
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, secs: u64) {
        self.at += Span::from_secs(secs);
    }

    /// A message of command `c`, about order `c<c>`.
    pub(crate) fn msg(&mut self, ty: TypeId, command: u32) -> MsgId {
        let order = self.text(&format!("c{command}"));
        let mut msg = Messages::blank(Key::ROOT, ty);
        msg.command = command;
        msg.id = self.messages.len() as u64 + 1;
        self.messages.push(msg, &[order, Value::Int(1)])
    }

    /// The same with saga headers, sent by the handling of another.
    pub(crate) fn saga_msg(&mut self, ty: TypeId, command: u32, step: u16, undo: bool, from: Option<MsgId>) -> MsgId {
        let instance = self.text(&format!("c{command}"));
        let mut msg = Messages::blank(Key::ROOT, ty);
        msg.command = command;
        msg.id = self.messages.len() as u64 + 1;
        msg.causation = from;
        msg.saga = Some(SagaRef { saga: SAGA, instance: instance.clone(), step, undo });
        self.messages.push(msg, &[instance, Value::Int(1)])
    }

    /// The same message sent again by a relay: another handle, the same id and fields.
    pub(crate) fn republished(&mut self, msg: MsgId) -> MsgId {
        let (copy, fields) = (self.messages.get(msg).clone(), self.messages.fields(msg).to_vec());
        let copy = self.messages.push(copy, &fields);
        self.accept(copy);
        copy
    }

    pub(crate) fn fact(&mut self, what: What) {
        self.fact_with(what, &[]);
    }

    fn fact_with(&mut self, what: What, changes: &[ordain_world::Change]) {
        self.event = EventId(self.event.0 + 1);
        let fact = Fact { id: self.event, at: self.at, lane: Lane(0), key: Key::ROOT, what };
        let view = View {
            spec: &self.spec,
            names: &self.names,
            messages: &self.messages,
            tables: &self.tables,
            changes,
            gauges: &self.gauges,
        };
        self.flow = self.checks.fact(&fact, &view);
    }

    pub(crate) fn accept(&mut self, msg: MsgId) {
        let channel = self.spec.types[self.messages.get(msg).ty.at()].channel;
        self.fact(What::Accepted { msg, channel, partition: 0, offset: 0 });
    }

    pub(crate) fn accepted(&mut self, ty: TypeId, command: u32) -> MsgId {
        let msg = self.msg(ty, command);
        self.accept(msg);
        msg
    }

    pub(crate) fn settle(&mut self, msg: MsgId, sub: SubId) {
        self.fact(What::Settled { msg, sub });
    }

    pub(crate) fn deliver(&mut self, msg: MsgId, sub: SubId, n: u32) {
        self.fact(What::Delivered { msg, sub, n, redelivered: n > 1 });
    }

    /// A handling begins.
    pub(crate) fn begin(&mut self, msg: MsgId, sub: SubId, n: u32) {
        self.fact(What::Begun { msg, sub, n });
    }

    /// A handling is rolled back, and will be tried again.
    pub(crate) fn fail(&mut self, msg: MsgId, sub: SubId) {
        self.fact(What::RolledBack { msg, sub, why: Value::Nil });
        self.fact(What::Retrying { msg, sub });
    }

    /// A handling commits without a change of rows.
    pub(crate) fn commit(&mut self, msg: MsgId, sub: SubId) {
        self.commit_with(msg, sub, |_, _| {});
    }

    /// A handling commits what `write` does.
    pub(crate) fn commit_with(&mut self, msg: MsgId, sub: SubId, write: impl FnOnce(&mut Tables, &mut Transaction)) {
        let mut tx = Transaction::begin(0);
        write(&mut self.tables, &mut tx);
        let mut changes = Vec::new();
        let writer = EventId(self.event.0 + 1);
        self.tables.commit(&mut tx, writer, &mut changes, &mut Vec::new()).expect("read committed never conflicts");
        self.fact_with(What::Committed { msg, sub, ambiguous: false }, &changes);
    }

    /// A handling of a message of command `c` commits `table[key].col 0 = value`.
    pub(crate) fn put(&mut self, command: u32, table: TableId, key: &str, value: Value) {
        let msg = self.msg(SHIP, command);
        let key = self.text(key);
        self.commit_with(msg, SHIPPING, |tables, tx| {
            tables.put(tx, table, &key, [(Col(0), value)]).expect("nobody else holds locks");
        });
    }

    /// The same with a text.
    pub(crate) fn put_text(&mut self, command: u32, table: TableId, key: &str, value: &str) {
        let value = self.text(value);
        self.put(command, table, key, value);
    }

    /// A handling of `msg` appends a charge for the order of its command.
    pub(crate) fn charge(&mut self, msg: MsgId, amount: i64) {
        let order = self.messages.fields(msg)[0].clone();
        self.commit_with(msg, PAYMENT, |tables, tx| {
            tables.append(tx, CHARGES, [(Col(0), order), (Col(1), Value::Int(amount))]);
        });
    }

    pub(crate) fn saga(&mut self, command: u32, turn: SagaTurn) {
        let instance = self.text(&format!("c{command}"));
        let gauge = match turn {
            SagaTurn::Done => Some(Gauge::SagaDone(SAGA)),
            SagaTurn::Undone => Some(Gauge::SagaUndone(SAGA)),
            _ => None,
        };
        if let Some(gauge) = gauge {
            self.gauges.add(gauge, 1);
        }
        self.fact(What::Saga { saga: SAGA, instance, turn });
    }

    pub(crate) fn drain(&mut self) {
        self.fact(What::DrainBegan);
    }

    pub(crate) fn finish(&mut self, end: Finish) {
        let view = View {
            spec: &self.spec,
            names: &self.names,
            messages: &self.messages,
            tables: &self.tables,
            changes: &[],
            gauges: &self.gauges,
        };
        self.checks.finish(&view, self.at, self.event, end);
    }

    /// Quiet: the drain begins if it has not, and the run is judged.
    pub(crate) fn quiet(&mut self) {
        self.fact(What::Quiet);
        self.finish(Finish::Quiet);
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        self.checks.violations()
    }

    /// The violations as `word/place/subject: message`.
    pub(crate) fn told(&self) -> Vec<String> {
        let one = |v: &Violation| format!("{}/{}/{}: {}", v.signature.word, v.signature.place, v.subject, v.message);
        self.violations().iter().map(one).collect()
    }

    /// Asserts that exactly this was flagged: `word/place/subject`, or nothing.
    #[track_caller]
    pub(crate) fn expect(&self, wanted: &[&str]) {
        let found: Vec<String> = self
            .violations()
            .iter()
            .map(|v| format!("{}/{}/{}", v.signature.word, v.signature.place, v.subject))
            .collect();
        assert_eq!(found, wanted, "{:#?}", self.told());
    }
}
