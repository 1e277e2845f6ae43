//! The verdicts of replay.

use super::toy::{Seen, Toy, load, plan, signature};
use crate::{Job, JobSource, Runner, Stored, Verdict, replay};

fn toy(word: &'static str) -> Toy {
    Toy::new(move |seen: &Seen| (seen.has(7, 1) && seen.has(7, 2)).then_some((word, Some(7))).into_iter().collect())
}

fn stored(toy: &mut Toy) -> Stored {
    let (load, plan, signature) = (load([7]), plan(&[(7, 1), (7, 2)]), signature("broken"));
    let report = toy.run(Job::new(&load, JobSource::Plan(&plan)).until(&signature));
    Stored { trace_hash: report.hash, load, plan, signature }
}

#[test]
fn each_verdict_has_its_case() {
    let mut broken = toy("broken");
    let kept = stored(&mut broken);
    let verdict = |toy: &mut Toy, kept: &Stored| replay(toy, kept).verdict;

    assert_eq!(verdict(&mut broken, &kept), Verdict::Reproduced);
    let drifted = Stored { trace_hash: kept.trace_hash ^ 1, ..kept.clone() };
    assert_eq!(verdict(&mut broken, &drifted), Verdict::Drifted);

    let mut fixed = Toy::new(|_: &Seen| Vec::new());
    assert_eq!(verdict(&mut fixed, &kept), Verdict::Fixed);
    let mut smaller = fixed.clone();
    smaller.places = 1;
    assert_eq!(verdict(&mut smaller, &kept), Verdict::Stale { unmatched: 1, of: 2 });
    assert_eq!(verdict(&mut smaller, &kept).to_string(), "stale 1/2");

    let mut other = toy("worse");
    let replayed = replay(&mut other, &kept);
    assert_eq!(replayed.verdict, Verdict::Different(signature("worse")));
    assert_eq!(replayed.verdict.to_string(), "different toy/worse/here");
    assert_eq!(replayed.violation(&kept).map(|v| v.message.as_str()), Some("worse"));
}

#[test]
fn a_warning_of_another_kind_is_no_different_failure() {
    let kept = stored(&mut toy("broken"));
    assert_eq!(replay(&mut toy("warned"), &kept).verdict, Verdict::Fixed);
}

#[test]
fn only_what_fails_fails() {
    let fails = [Verdict::Reproduced, Verdict::Drifted, Verdict::Different(signature("x"))];
    assert!(fails.iter().all(Verdict::fails));
    assert!(!Verdict::Fixed.fails());
    assert!(!Verdict::Stale { unmatched: 1, of: 2 }.fails());
}
