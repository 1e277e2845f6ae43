//! The scenarios that the project ships: valid by the schema, broken where they say so, mended where they say so.

use std::path::{Path, PathBuf};

use crate::support::{Folder, Ran, ordain, shipped};

fn run(folder: &Folder, command: &str, scenario: &Path, extra: &[&str]) -> Ran {
    Ran::of(&ordain(folder.path()).arg(command).arg(scenario).args(extra).output().expect("the program can be started"))
}

/// The keys of a file that stand at the beginning of a line.
fn top_keys(text: &str) -> Vec<&str> {
    let keyed = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    keyed.filter_map(|line| line.split_once(':').map(|(key, _)| key)).collect()
}

#[test]
fn every_shipped_scenario_has_the_keys_of_the_schema_and_no_diagnostic() {
    let folder = Folder::new();
    let schema: serde_json::Value = serde_json::from_str(&folder.run(&["schema"]).exits(0).out).expect("it is JSON");
    let known = schema["properties"].as_object().expect("the schema lists keys");
    for scenario in shipped() {
        let text = std::fs::read_to_string(&scenario).expect("scenarios are text");
        let keys = top_keys(&text);
        assert!(keys.iter().all(|key| known.contains_key(*key)), "{}: {keys:?}", scenario.display());
        for must in schema["required"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str) {
            assert!(keys.contains(&must), "{} has no `{must}`", scenario.display());
        }
        let ran = run(&folder, "check", &scenario, &[]).exits(0);
        assert!(!ran.out.contains("warning["), "{}", ran.out);
    }
}

/// `x.fixed.yaml` and the scenario that it mends.
fn twins() -> Vec<(PathBuf, PathBuf)> {
    let all = shipped();
    let broken = |fixed: &Path| {
        let stem = fixed.to_string_lossy().strip_suffix(".fixed.yaml")?.to_owned();
        let names = [format!("{stem}.yaml"), format!("{stem}.bug.yaml")];
        all.iter().find(|path| names.iter().any(|name| path.as_os_str() == name.as_str())).cloned()
    };
    let twins: Vec<_> = all.iter().filter_map(|fixed| Some((broken(fixed)?, fixed.clone()))).collect();
    assert!(!twins.is_empty(), "no scenario has a mended twin");
    twins
}

#[test]
fn what_is_broken_breaks_and_its_plans_are_fixed_in_the_twin() {
    for (broken, fixed) in twins() {
        let folder = Folder::new();
        run(&folder, "run", &broken, &["--seeds", "0..200", "-q"]).exits(100);
        let findings = folder.findings();
        assert!(!findings.is_empty(), "{}: no finding has a regression", broken.display());
        let header = std::fs::read_to_string(&fixed).expect("scenarios are text");
        for finding in findings {
            folder.run(&["replay", &finding]).exits(100).says("reproduced: ");
            let on = fixed.to_string_lossy().into_owned();
            let ran = folder.run(&["replay", &finding, "--on", &on]).exits(0);
            let explained = ran.out.starts_with("stale ")
                && header.lines().any(|line| line.starts_with('#') && line.contains("stale"));
            assert!(ran.out.starts_with("fixed: ") || explained, "{finding} on {on}:\n{}", ran.out);
        }
    }
}

#[test]
fn what_is_mended_holds() {
    let folder = Folder::new();
    for (_, fixed) in twins() {
        let ran = run(&folder, "run", &fixed, &["--seeds", "0..300"]).exits(0);
        assert!(!ran.out.contains("never fired"), "{}", ran.out);
    }
}

#[test]
fn the_patterns_hold_and_every_fault_of_theirs_fires() {
    let folder = Folder::new();
    let patterns: Vec<PathBuf> =
        shipped().into_iter().filter(|path| path.parent().is_some_and(|p| p.ends_with("patterns"))).collect();
    assert!(patterns.len() >= 3, "{patterns:?}");
    for pattern in patterns {
        let ran = run(&folder, "run", &pattern, &["--seeds", "0..300"]).exits(0);
        assert!(!ran.out.contains("never fired"), "{}", ran.out);
    }
}
