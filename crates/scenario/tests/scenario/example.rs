//! Sound scenarios: read, lowered, and their load drawn.

use std::path::Path;

use ordain_explore::{Factory, Job, JobSource, Runner, Sim};
use ordain_scenario::source::Source;
use ordain_scenario::{Runnable, check, check_file, realisation};

use crate::SMALL;

fn small() -> Runnable {
    Runnable::new(check(Source::new("small.yaml", SMALL)), Path::new("."))
        .unwrap_or_else(|report| panic!("{}", report.render(false)))
}

#[test]
fn the_order_saga_reads_without_a_word() {
    let path = Path::new("../../scenarios/order-saga.yaml");
    let checked = check_file(path);
    assert_eq!(checked.report.render(false), "");
    let model = Runnable::new(checked, Path::new(".")).map(|runnable| runnable.model());
    let model = model.unwrap_or_else(|report| panic!("{}", report.render(false)));
    assert_eq!((model.spec.faults.len(), model.checks.len(), model.spec.sagas.len()), (7, 8, 1));
    assert_eq!(model.load.load(1).commands.len(), 200);
}

#[test]
fn a_model_is_the_same_each_time() {
    let runnable = small();
    let (one, two) = (runnable.model(), runnable.model());
    assert_eq!(format!("{:?}", one.spec), format!("{:?}", two.spec));
    assert_eq!(format!("{:?}", one.checks), format!("{:?}", two.checks));
}

#[test]
fn load_is_drawn_from_the_seed_alone() {
    let model = small().model();
    assert_eq!(model.load.load(7), model.load.load(7));
    assert_ne!(model.load.load(7), model.load.load(8));
    let load = model.load.load(7);
    assert!(load.commands.is_sorted_by_key(|command| command.at));
    assert_eq!(load.commands.iter().map(|command| command.number).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_calm_run_comes_to_rest_and_breaks_nothing() {
    let mut sim = Sim::new(small().model());
    let load = sim.load(1);
    let report = sim.run(Job::new(&load, JobSource::Calm));
    assert!(report.events > 100, "{} events", report.events);
    let errors: Vec<_> = report.errors().collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn predicates_and_bodies_compile() {
    let model = small().model();
    insta::assert_debug_snapshot!("checks", model.checks);
    insta::assert_debug_snapshot!("subscriptions", model.spec.subs);
}

#[test]
fn realisations_name_each_channels_own_way() {
    let checked = check(Source::new("small.yaml", SMALL));
    let lines = realisation(&checked.scenario.expect("the small scenario is sound"));
    let text: Vec<String> =
        lines.iter().map(|line| format!("{} {} | {} | {}", line.fault, line.chance, line.place, line.how)).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn protections_can_be_switched_off() {
    let mut scenario = check(Source::new("small.yaml", SMALL)).scenario.expect("the small scenario is sound");
    assert_eq!(scenario.protections(), ["order.outbox", "work.retry", "work.dead_letter", "checkout.Charge.undo"]);
    assert_eq!(scenario.without("order.outbox"), Ok(()));
    assert!(scenario.services["order"].outbox.is_none());
    let error = scenario.without("work.retyr").expect_err("a slip is an error");
    assert!(error.ends_with("did you mean `work.retry`?"), "{error}");
}

#[test]
fn without_messages_the_types_that_channels_carry_have_no_fields() {
    let checked = check_file(Path::new("../../scenarios/hello.yaml"));
    assert_eq!(checked.report.render(false), "");
    let scenario = checked.scenario.expect("it has no errors");
    assert_eq!(scenario.messages["Letter"].versions[0].fields.len(), 0);
}
