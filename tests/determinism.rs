//! The same input gives the same bytes: with any number of jobs, on any day, in a pipe or not.

use std::path::Path;

use crate::support::{Folder, Ran, files_below, masked, ordain, shipped};

/// Everything that a campaign said, without wall times, and everything that it wrote, to the byte.
fn campaign(scenario: &Path, folder: &Folder, jobs: &str, format: &str) -> Vec<(String, String)> {
    let mut command = ordain(folder.path());
    command.arg("run").arg(scenario).args(["--seeds", "0..60", "--out", "out", "--jobs", jobs, "--format", format]);
    let ran = Ran::of(&command.output().expect("the program can be started"));
    assert!(ran.code == Some(0) || ran.code == Some(100), "{}", ran.err);
    let mut all = vec![("standard output".to_owned(), masked(&ran.out))];
    let out = folder.at("out");
    for file in files_below(&out) {
        let text = std::fs::read_to_string(&file).expect("reports are text");
        all.push((file.strip_prefix(&out).unwrap_or(&file).display().to_string(), text));
    }
    all
}

#[track_caller]
fn same(left: &[(String, String)], right: &[(String, String)], what: &str) {
    let names = |all: &[(String, String)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "{what}");
    for ((name, a), (_, b)) in left.iter().zip(right) {
        let differ = a.lines().zip(b.lines()).find(|(a, b)| a != b);
        assert!(a == b, "{what}: {name} differs: {differ:?}");
    }
}

#[test]
fn one_job_and_two_give_the_same_bytes_for_every_shipped_scenario() {
    for scenario in shipped() {
        let folder = Folder::new();
        for format in ["json", "human"] {
            let what = format!("{} as {format}", scenario.display());
            let (one, two) = (campaign(&scenario, &folder, "1", format), campaign(&scenario, &folder, "2", format));
            same(&one, &two, &what);
        }
    }
}

#[test]
fn the_same_deviations_twice_give_the_same_log_for_every_shipped_scenario() {
    let folder = Folder::new();
    for scenario in shipped() {
        for seed in ["0", "7"] {
            let run = || {
                let mut command = ordain(folder.path());
                let command = command.arg("replay").arg(&scenario).args(["--seed", seed, "--verbose"]);
                Ran::of(&command.output().expect("the program can be started"))
            };
            let (first, second) = (run(), run());
            assert!(first.code == Some(0) || first.code == Some(100), "{}", first.err);
            assert!(first.out.lines().count() > 20, "{}", first.out);
            assert!(first.out == second.out, "{} differs from itself at seed {seed}", scenario.display());
        }
    }
}

#[test]
fn seeds_in_two_halves_find_what_they_find_in_one_range() {
    let folder = Folder::with_shop();
    let runs = |seeds: &str| {
        let ran = folder.run(&["run", "shop.yaml", "--seeds", seeds, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let failed = document["scenarios"][0]["findings"][0]["runs_failed"].as_u64().unwrap_or(0);
        (document["scenarios"][0]["events"].as_u64().unwrap_or(0), failed)
    };
    let (first, second, both) = (runs("0..50"), runs("50..100"), runs("0..100"));
    assert_eq!((first.0 + second.0, first.1 + second.1), both);
}

#[test]
fn colour_is_all_that_differs() {
    let folder = Folder::with_shop();
    let run = |extra: &[&str]| folder.run(&[&["run", "shop.yaml", "--seeds", "0..30"], extra].concat()).exits(100).out;
    let (plain, never, coloured) = (run(&[]), run(&["--color", "never"]), run(&["--color", "always"]));
    assert!(!plain.contains('\u{1b}'), "a pipe has no colours");
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(masked(&plain), masked(&never));
    assert_eq!(masked(&plain), masked(&without_colours(&coloured)));
}

#[test]
fn no_color_is_heeded() {
    let folder = Folder::with_shop();
    let output =
        ordain(folder.path()).args(["run", "shop.yaml", "--seeds", "0..30"]).env("NO_COLOR", "1").output().unwrap();
    let ran = Ran::of(&output).exits(100);
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
}

fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}
