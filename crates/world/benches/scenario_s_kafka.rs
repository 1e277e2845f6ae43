//! Scenario S through the Kafka model (publish, fetch, handle, commit) beside the bare event loop, in turns in the same run.
//!
//! Three commands start a ping-pong of 100 pairs between a client and a server service over two topics.
//! `cargo bench -p ordain-world` prints the medians and the ratio to the bare loop.

#[path = "../../kernel/benches/bare/mod.rs"]
mod bare;

use std::rc::Rc;
use std::time::Duration;

use bare::{CLIENTS, ONE_WAY_NS, median, pairs_of, rate};
use ordain_brokers::ChannelId;
use ordain_brokers::kafka::KafkaOptions;
use ordain_kernel::{Chance, Form, Limits, Names, Seg, Span, Sym, Time};
use ordain_world::body::{Body, FieldFrom, Instr};
use ordain_world::expr::{Expr, Op};
use ordain_world::fact::Nobody;
use ordain_world::spec::{
    BrokerId, BrokerKind, BrokerSpec, ChannelSpec, FaultKind, FaultSpec, FieldSpec, Horizon, Retry, ServiceId,
    ServiceSpec, SubSpec, TypeId, TypeSpec,
};
use ordain_world::value::Ty;
use ordain_world::{Command, Datum, End, Load, RunSource, Spec, Value, World};

const REQUEST: TypeId = TypeId(0);
const REPLY: TypeId = TypeId(1);

fn bodies(names: &mut Names) -> (Body, Body) {
    let request = Seg::new(names, Form::Step, "emit Request");
    let reply = Seg::new(names, Form::Step, "emit Reply");
    let left = || Box::new(Expr::Field(1));
    let one = || Box::new(Expr::Const(Value::Int(1)));
    let client = Body {
        code: vec![
            Instr::Unless(Expr::Bin(Op::Gt, left(), one()), 2),
            Instr::Emit(request, REQUEST, vec![FieldFrom::Copy(0), FieldFrom::Expr(Expr::Bin(Op::Sub, left(), one()))]),
            Instr::End,
        ],
    };
    let server =
        Body { code: vec![Instr::Emit(reply, REPLY, vec![FieldFrom::Copy(0), FieldFrom::Copy(1)]), Instr::End] };
    (client, server)
}

fn service(name: Sym) -> ServiceSpec {
    ServiceSpec { name, replicas: 1, concurrency: 1, dedup: None, outbox: None, serializable: false }
}

fn spec() -> Spec {
    let mut names = Names::default();
    let (client, server) = bodies(&mut names);
    let mut sym = |text: &str| names.intern(text);
    let (id, left) = (sym("id"), sym("left"));
    let field = |name, ty| FieldSpec { name, ty, default: None, versions: 1 };
    let ty = |name, channel| TypeSpec {
        name,
        fields: vec![field(id, Ty::Id), field(left, Ty::Int)],
        versions: 1,
        channel: Some(ChannelId(channel)),
        request_sub: None,
    };
    let channel = |name, carries| ChannelSpec {
        name,
        broker: BrokerId(0),
        carries,
        partitions: 3,
        key: Some(id),
        retry: Retry { max: None, backoff: (Span::from_millis(200), Span::from_secs(5)) },
        dead_letter: None,
    };
    let (clients, servers) = (sym("clients"), sym("server"));
    let sub = |name, service, channel, ty, body| SubSpec {
        name,
        service: ServiceId(service),
        channel: Some(ChannelId(channel)),
        handlers: vec![(ty, Rc::new(body) as _)],
    };
    Spec {
        name: "s".into(),
        horizon: Horizon { load: Span::from_secs(600), drain: Span::from_secs(60) },
        limits: Limits::default(),
        types: vec![ty(sym("Request"), 0), ty(sym("Reply"), 1)],
        brokers: vec![BrokerSpec {
            name: sym("bus"),
            kind: BrokerKind::Kafka(KafkaOptions::default()),
            latency: Span(ONE_WAY_NS / 2),
        }],
        channels: vec![channel(sym("requests"), vec![REQUEST]), channel(sym("replies"), vec![REPLY])],
        subs: vec![sub(servers, 1, 0, REQUEST, server), sub(clients, 0, 1, REPLY, client)],
        services: vec![service(clients), service(servers)],
        tables: Vec::new(),
        externals: Vec::new(),
        sagas: Vec::new(),
        saga_tables: Vec::new(),
        deploys: Vec::new(),
        faults: vec![FaultSpec {
            text: "delay all".into(),
            chance: Chance::from_ppm(10_000),
            kind: FaultKind::Hold {
                subs: vec![ordain_brokers::SubId(0), ordain_brokers::SubId(1)],
                rungs: vec![Span::from_millis(10), Span::from_millis(100)],
                quiet: false,
            },
        }],
        answers: Vec::new(),
        span_chance: Chance::from_ppm(100_000),
        names,
    }
}

fn load() -> Load {
    let command = |client: usize| Command {
        number: client as u32,
        at: Time::START + Span::from_secs(5),
        ty: REQUEST,
        fields: vec![Datum::Str(format!("k{client}").into()), Datum::Int(i64::from(pairs_of(client)))],
    };
    Load { commands: (1..=CLIENTS).map(command).collect() }
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let (rounds, slice) = if quick { (1, Duration::from_millis(5)) } else { (15, Duration::from_millis(200)) };
    let (mut world, load) = (World::new(spec()), load());
    let calm = world.run(&load, RunSource::Calm, false, &mut Nobody);
    assert_eq!(calm.end, End::Quiet);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let bare = rate(slice, bare::run);
        let kafka = rate(slice, |seed| world.run(&load, RunSource::Seed(seed), false, &mut Nobody).popped);
        theirs.push(bare);
        ours.push(kafka);
        ratios.push(kafka * 1_000 / bare);
    }
    println!(
        "scenario S through the Kafka model, {} queue events and {} trace events a run:",
        calm.popped, calm.events
    );
    println!("  bare loop   {:>9} runs/s", median(&mut theirs));
    println!("  kafka       {:>9} runs/s", median(&mut ours));
    let ratio = median(&mut ratios);
    println!("  ratio       {:>5}.{:03}", ratio / 1_000, ratio % 1_000);
}
