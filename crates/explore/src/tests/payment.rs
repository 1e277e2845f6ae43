//! A real world: a payment service that charges twice when a message comes twice, found and shrunk by a campaign.

use std::rc::Rc;
use std::sync::atomic::AtomicBool;

use ordain_brokers::SubId;
use ordain_brokers::sqs::SqsOptions;
use ordain_checks::{CheckKind, CheckSpec, Severity};
use ordain_kernel::{Chance, Form, Limits, Names, Plan, Seg, Span, Time};
use ordain_world::body::{Body, Instr};
use ordain_world::expr::Expr;
use ordain_world::spec::{
    BrokerId, BrokerKind, BrokerSpec, ChannelSpec, Col, ExternalId, ExternalSpec, FaultKind, FaultSpec, FieldSpec,
    Horizon, Retry, ServiceId, ServiceSpec, SubSpec, TableId, TableSpec, TypeId, TypeSpec,
};
use ordain_world::value::Ty;
use ordain_world::{Boundary, Command, Datum, Load, Spec};

use crate::asks::Places;
use crate::calm::Calm;
use crate::fewer::{Search, Searched};
use crate::met::AllMet;
use crate::purse::{Purse, Stop};
use crate::{Campaign, Factory, Hooks, LoadGen, Model, Outcome, Runner, Sim, Stored, Verdict, replay, story, twin};

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

struct Fifty;

impl LoadGen for Fifty {
    fn load(&self, _seed: u64) -> Load {
        load()
    }
}

struct Payments;

impl Factory for Payments {
    fn model(&self) -> Model {
        let kind = CheckKind::Effects { external: ExternalId(0), exactly: false, expected: Vec::new() };
        let check = CheckSpec { name: "charged_once".into(), severity: Severity::Error, kind };
        Model { spec: payment(vec![duplicates(), crashes()]), checks: vec![check], load: Box::new(Fifty) }
    }
}

fn run(jobs: usize) -> Outcome {
    let interrupted = AtomicBool::new(false);
    Campaign { seeds: 0..200, jobs, ..Campaign::default() }.run(&Payments, &Hooks::quiet(&interrupted))
}

#[test]
fn a_double_charge_is_found_shrunk_to_one_command_and_one_fault_and_replayed() {
    let outcome = run(2);
    assert_eq!(outcome.never_fired(), [""; 0]);
    let [finding] = &outcome.findings[..] else { panic!("one finding: {:?}", outcome.findings) };
    assert_eq!(finding.violation.signature.check, "charged_once");
    assert!(finding.nondeterminism.is_none(), "{:?}", finding.nondeterminism);
    assert!(finding.original.0 == 50 && finding.one_minimal);
    assert_eq!((finding.load.commands.len(), finding.deviations.len(), finding.deletions_rerun), (1, 1, 2));

    let events = finding.deviations.iter().map(|d| d.event).collect::<Vec<_>>();
    let told = story(&finding.trace, &finding.violation, &events);
    assert!((5..=15).contains(&told.len()), "{told:?}");
    let texts: Vec<&str> = told.iter().map(|id| finding.trace.events[id.0 as usize - 1].text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("effect 1")), "the first charge is part of it: {texts:?}");

    let sim = &mut Sim::new(Payments.model());
    let plan = Plan::new(finding.deviations.iter().map(|d| d.deviation).collect());
    let signature = finding.violation.signature.clone();
    let stored = Stored { load: finding.load.clone(), plan, signature, trace_hash: finding.trace.hash };
    assert_eq!(replay(sim, &stored).verdict, Verdict::Reproduced);
    assert_eq!(twin(sim, finding).expect("the calm run passes").without, finding.deviations[0]);
}

#[test]
fn a_campaign_on_a_world_does_not_depend_on_the_number_of_jobs() {
    let (one, three) = (run(1), run(3));
    assert_eq!(one.sums, three.sums);
    assert_eq!(format!("{:?}", one.findings), format!("{:?}", three.findings));
}

/// Searches for a single deviation over one command, with nothing known of the places; and how many runs it took.
fn searched(faults: Vec<FaultSpec>) -> (Searched, u32) {
    let mut sim = Sim::new(Model { spec: payment(faults), ..Payments.model() });
    let one = Load { commands: load().commands[..1].to_vec() };
    let signature = run(1).findings[0].violation.signature.clone();
    let (draws, stop) = (sim.about().draws, AtomicBool::new(false));
    let (mut calm, purse) = (Calm::of(one.clone()), Purse::new(&mut sim, (500, 1_000_000), Stop::on(&stop)));
    let (signature, draws) = (&signature, &draws[..]);
    let mut search =
        Search { purse, signature, draws, places: Places::default(), calm: &mut calm, met: AllMet::default() };
    (search.below(&one, 2), search.purse.runs)
}

#[test]
fn a_search_tries_what_the_scenario_declares_and_nothing_else() {
    let word = |searched: &Searched| match searched {
        Searched::Fewer(fewer) => fewer.iter().map(|d| d.value.to_string()).collect::<Vec<_>>().join(", "),
        Searched::None(proof) => format!("none in {proof}"),
        Searched::Unfinished => "unfinished".to_owned(),
    };
    assert_eq!(word(&searched(vec![crashes()]).0), "crash down 3s");
    assert_eq!(word(&searched(vec![duplicates()]).0), "copies 1 late 10ms");
    let (none, runs) = searched(Vec::new());
    assert_eq!(word(&none), "none in 3", "the calm run, and the least and the most of the one latency");
    assert!((4..=6).contains(&runs), "and the survey: {runs}");
}
