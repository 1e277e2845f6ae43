//! The order saga under its full fault profile: runs and events a second on one and two threads, and peak memory.
//!
//! `cargo bench -p ordain` prints medians. Events are trace events: each would be a line of the event log. The fixed
//! twin is used, so that no time goes into shrinking.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use ordain_explore::Factory;
use ordain_explore::{Campaign, Hooks, Job, JobSource, Runner, Sim};
use ordain_scenario::{Runnable, check_file};

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/order-saga.fixed.yaml");

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let (rounds, slice) = if quick { (1, Duration::from_millis(10)) } else { (9, Duration::from_secs(1)) };
    let path = Path::new(SCENARIO);
    let checked = check_file(path);
    let runnable = match Runnable::new(checked, path.parent().unwrap_or(path)) {
        Ok(runnable) => runnable,
        Err(report) => panic!("{}", report.render(false)),
    };
    let mut sim = Sim::new(runnable.model());
    let bare = (0..rounds).map(|_| one_thread(&mut sim, slice)).collect();
    let (runs, events) = median(bare);
    println!("order-saga, one thread:  {runs:>7} runs/s, {events:>9} events/s (medians of {rounds})");
    let campaign_runs = if quick { 4 } else { 400 };
    for jobs in [1, 2] {
        let figures = (0..rounds.min(5)).map(|_| campaign(&runnable, jobs, campaign_runs)).collect();
        let (runs, events) = median(figures);
        println!("campaign, {jobs} thread(s):  {runs:>7} runs/s, {events:>9} events/s");
    }
    let (few, many) = if quick { (2, 4) } else { (1_000, 10_000) };
    run_seeds(&mut sim, 0..few);
    let early = peak_kib();
    run_seeds(&mut sim, few..many);
    match (early, peak_kib()) {
        (Some(early), Some(late)) => {
            println!("peak memory: {early} KiB after {few} runs, {late} KiB after {many} runs")
        }
        _ => println!("peak memory: not known on this system (no /proc/self/status)"),
    }
}

/// Runs and events a second of seeded runs, load drawing included.
fn one_thread(sim: &mut Sim, slice: Duration) -> (u64, u64) {
    let start = Instant::now();
    let (mut runs, mut events) = (0, 0);
    while start.elapsed() < slice {
        let load = sim.load(runs);
        events += sim.run(Job::new(&load, JobSource::Seed(runs))).events;
        runs += 1;
    }
    (per_second(runs, start), per_second(events, start))
}

fn run_seeds(sim: &mut Sim, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let load = sim.load(seed);
        sim.run(Job::new(&load, JobSource::Seed(seed)));
    }
}

fn campaign(runnable: &Runnable, jobs: usize, runs: u64) -> (u64, u64) {
    let start = Instant::now();
    let never = AtomicBool::new(false);
    let outcome = Campaign { seeds: 0..runs, jobs, ..Campaign::default() }.run(runnable, &Hooks::quiet(&never));
    assert!(!outcome.failed(), "the fixed twin holds");
    (per_second(runs, start), per_second(outcome.sums.events, start))
}

fn per_second(count: u64, start: Instant) -> u64 {
    (u128::from(count) * 1_000_000_000 / start.elapsed().as_nanos().max(1)) as u64
}

fn median(mut figures: Vec<(u64, u64)>) -> (u64, u64) {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// The most memory this process has held, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
