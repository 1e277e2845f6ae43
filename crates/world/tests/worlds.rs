//! Small worlds built in Rust: what faults do to one service, and that the same deviations give the same run.

use std::rc::Rc;

use ordain_brokers::SubId;
use ordain_brokers::sqs::SqsOptions;
use ordain_kernel::{Chance, Form, Limits, Names, Plan, Seg, Span, Time};
use ordain_world::body::{Body, Instr};
use ordain_world::expr::Expr;
use ordain_world::fact::Nobody;
use ordain_world::spec::{
    BrokerId, BrokerKind, BrokerSpec, ChannelSpec, Col, ExternalId, ExternalSpec, FaultKind, FaultSpec, FieldSpec,
    Horizon, Retry, ServiceId, ServiceSpec, SubSpec, TableId, TableSpec, TypeId, TypeSpec,
};
use ordain_world::value::Ty;
use ordain_world::{Boundary, Command, Datum, End, Fact, Flow, Load, Observer, RunSource, Spec, View, What, World};

/// A payment service that takes `Charge` from an SQS queue, calls a provider and appends a row.
fn payment(faults: Vec<FaultSpec>) -> Spec {
    let mut names = Names::default();
    let channel = ordain_brokers::ChannelId(0);
    let call = Seg::new(&mut names, Form::Step, "call psp");
    let add = Seg::new(&mut names, Form::Step, "add charges");
    let body = Body {
        code: vec![
            Instr::Call(call, ExternalId(0), Some(Expr::Field(0)), (Span::from_millis(20), Span::from_secs(2))),
            Instr::Add(
                add,
                TableId(0),
                vec![(Col(0), Expr::Field(0)), (Col(1), Expr::Const(ordain_world::Value::Int(1)))],
            ),
            Instr::End,
        ],
    };
    let sym = |names: &mut Names, text: &str| names.intern(text);
    let order_id = sym(&mut names, "order_id");
    let amount = sym(&mut names, "amount");
    let payment = sym(&mut names, "payment");
    Spec {
        name: "payment".into(),
        horizon: Horizon { load: Span::from_secs(60), drain: Span::from_secs(600) },
        limits: Limits::default(),
        types: vec![TypeSpec {
            name: sym(&mut names, "Charge"),
            fields: vec![FieldSpec { name: order_id, ty: Ty::Id, default: None, versions: 1 }],
            versions: 1,
            channel: Some(channel),
            request_sub: None,
        }],
        brokers: vec![BrokerSpec {
            name: sym(&mut names, "tasks"),
            kind: BrokerKind::Sqs(SqsOptions::default()),
            latency: Span::from_millis(1),
        }],
        channels: vec![ChannelSpec {
            name: sym(&mut names, "work"),
            broker: BrokerId(0),
            carries: vec![TypeId(0)],
            partitions: 1,
            key: None,
            retry: Retry { max: None, backoff: (Span::from_millis(200), Span::from_secs(5)) },
            dead_letter: None,
        }],
        subs: vec![SubSpec {
            name: payment,
            service: ServiceId(0),
            channel: Some(channel),
            handlers: vec![(TypeId(0), Rc::new(body))],
        }],
        services: vec![ServiceSpec {
            name: payment,
            replicas: 2,
            concurrency: 1,
            dedup: None,
            outbox: None,
            serializable: false,
        }],
        tables: vec![TableSpec {
            name: sym(&mut names, "charges"),
            service: ServiceId(0),
            key: None,
            columns: vec![(order_id, Ty::Id), (amount, Ty::Int)],
            rows: Vec::new(),
        }],
        externals: vec![ExternalSpec { name: sym(&mut names, "psp") }],
        sagas: Vec::new(),
        saga_tables: Vec::new(),
        deploys: Vec::new(),
        faults,
        answers: Vec::new(),
        span_chance: Chance::from_ppm(100_000),
        names,
    }
}

fn duplicates() -> FaultSpec {
    FaultSpec {
        text: "duplicate work".into(),
        chance: Chance::from_ppm(30_000),
        kind: FaultKind::Duplicate {
            subs: vec![SubId(0)],
            copies: (1, 2),
            late: vec![Span::from_millis(10), Span::from_secs(31)],
        },
    }
}

fn crashes() -> FaultSpec {
    FaultSpec {
        text: "crash payment".into(),
        chance: Chance::from_ppm(10_000),
        kind: FaultKind::Crash {
            service: ServiceId(0),
            subs: Vec::new(),
            after: Boundary::Committed,
            before: Boundary::Acked,
            down: (Span::from_secs(3), Span::from_secs(3)),
            script: None,
        },
    }
}

fn load() -> Load {
    let command = |n: u32| Command {
        number: n,
        at: Time::START + Span::from_millis(u64::from(n) * 40),
        ty: TypeId(0),
        fields: vec![Datum::Str(format!("o{n}").into())],
    };
    Load { commands: (1..=50).map(command).collect() }
}

#[derive(Default)]
struct Effects {
    doubles: u32,
    delivered: u32,
    quiet: bool,
}

impl Observer for Effects {
    fn fact(&mut self, fact: &Fact, _view: &View<'_>) -> Flow {
        match fact.what {
            What::Effect { count, .. } if count > 1 => self.doubles += 1,
            What::Delivered { .. } => self.delivered += 1,
            What::Quiet => self.quiet = true,
            _ => {}
        }
        Flow::Go
    }
}

#[test]
fn a_calm_run_handles_each_message_once_and_is_quiet() {
    let mut world = World::new(payment(vec![duplicates(), crashes()]));
    let mut seen = Effects::default();
    let end = world.run(&load(), RunSource::Calm, false, &mut seen);
    assert_eq!(end.end, End::Quiet);
    assert_eq!((seen.doubles, seen.delivered, seen.quiet), (0, 50, true));
    assert_eq!(world.view().tables.len(TableId(0)), 50);
    assert!(world.fired().is_empty());
}

#[test]
fn a_duplicate_charges_twice_and_its_plan_replays_to_the_same_trace() {
    let mut world = World::new(payment(vec![duplicates(), crashes()]));
    let load = load();
    let mut found = 0;
    for seed in 0..200 {
        let mut seen = Effects::default();
        let first = world.run(&load, RunSource::Seed(seed), false, &mut seen);
        assert_eq!(first.end, End::Quiet, "seed {seed}");
        let plan = Plan::new(world.fired().iter().map(|fired| fired.deviation).collect());
        let again = world.run(&load, RunSource::Plan(plan.clone()), false, &mut Nobody);
        assert_eq!(again, first, "seed {seed}: its plan gives its trace");
        let recorded = world.run(&load, RunSource::Plan(plan), true, &mut Nobody);
        assert_eq!(recorded, first, "seed {seed}: recording changes nothing");
        assert_eq!(world.unmatched(), Vec::new(), "seed {seed}");
        found += u32::from(seen.doubles > 0);
    }
    assert!(found > 20, "only {found} of 200 seeds charged twice");
}

#[test]
fn an_empty_plan_is_a_calm_run() {
    let mut world = World::new(payment(vec![duplicates()]));
    let calm = world.run(&load(), RunSource::Calm, false, &mut Nobody);
    let empty = world.run(&load(), RunSource::Plan(Plan::default()), false, &mut Nobody);
    assert_eq!(calm, empty);
}

#[test]
fn deleting_a_command_moves_no_other_deviation() {
    let mut world = World::new(payment(vec![duplicates()]));
    let whole = load();
    let mut part = load();
    part.commands.retain(|command| command.number % 3 != 0);
    for seed in 0..50 {
        world.run(&whole, RunSource::Seed(seed), true, &mut Nobody);
        let trace = world.take_trace().expect("recorded");
        let of_part = |path: &str| {
            let digits: String = path.chars().skip(1).take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().is_ok_and(|number| number % 3 != 0)
        };
        let mut before: Vec<String> =
            trace.deviations.into_iter().map(|(_, path)| path).filter(|p| of_part(p)).collect();
        world.run(&part, RunSource::Seed(seed), true, &mut Nobody);
        let trace = world.take_trace().expect("recorded");
        let mut after: Vec<String> = trace.deviations.into_iter().map(|(_, path)| path).collect();
        // Redeliveries of later attempts depend on what else happened; first deliveries never do.
        before.retain(|path| !path.contains('.'));
        after.retain(|path| !path.contains('.'));
        before.sort();
        after.sort();
        assert_eq!(before, after, "seed {seed}");
    }
}

#[test]
fn a_recorded_trace_reads_like_a_story() {
    let mut world = World::new(payment(vec![duplicates()]));
    let mut load = load();
    load.commands.truncate(1);
    world.run(&load, RunSource::Calm, true, &mut Nobody);
    let trace = world.take_trace().expect("recorded");
    let lines: Vec<String> = trace
        .recording
        .events
        .iter()
        .map(|event| format!("{} {}: {}", event.at, trace.lanes[event.lane.0 as usize], event.text))
        .collect();
    let story = lines.join("\n");
    println!("{story}");
    for part in ["load: issues Charge(c1)", "tasks: stores Charge(c1) in work", "psp: psp acts for o1 (effect 1)"] {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
}
