//! The taxi pair on captured rides of New York, March 2019, where that file is at hand.

use std::path::{Path, PathBuf};

use crate::support::{Folder, root};

/// The captured events, beside the workspace.
const RIDES: &str = "../shared/data/taxi-rides-2019-03.jsonl";

fn rides() -> Option<PathBuf> {
    let file = root().join(RIDES);
    if file.is_file() {
        return file.canonicalize().ok();
    }
    println!("SKIPPED: the taxi pair on captured rides: {RIDES} is not there");
    None
}

/// A shipped scenario of the pair, on the captured rides instead of the sample.
fn on(rides: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(root().join("scenarios").join(name)).expect("the taxi pair is shipped");
    let swaps = [
        ("file: data/rides.jsonl", format!("file: \"{}\"", rides.display())),
        ("type: ride.completed", "type: taxi.ride.completed".to_owned()),
        ("data.ride", "data.trip".to_owned()),
    ];
    swaps.iter().fold(text, |text, (old, new)| {
        assert!(text.contains(old), "{name} has no `{old}`");
        text.replace(old, new)
    })
}

#[test]
fn the_double_charge_is_found_on_captured_rides_and_nothing_in_the_twin() {
    let Some(rides) = rides() else { return };
    let folder = Folder::new();
    folder.write("bug.yaml", on(&rides, "taxi-billing.bug.yaml"));
    folder.write("fixed.yaml", on(&rides, "taxi-billing.fixed.yaml"));
    folder.run(&["check", "bug.yaml"]).exits(0).says("captured load: RideCompleted: ");
    let ran = folder.run(&["run", "bug.yaml", "--seeds", "0..4"]).exits(100);
    ran.says("violation: charged_once").says("1-minimal").says("it takes one deviation");
    let finding = folder.findings().remove(0);
    folder.run(&["run", "fixed.yaml", "--seeds", "0..12"]).exits(0);
    folder.run(&["replay", &finding]).exits(100).says("reproduced: ");
    folder.run(&["replay", &finding, "--on", "fixed.yaml"]).exits(0).says("fixed: ");
}

#[test]
fn a_malformed_line_is_told_with_its_number_or_skipped_and_counted() {
    let folder = Folder::new();
    let sample = std::fs::read_to_string(root().join("scenarios/data/rides.jsonl")).expect("the sample is shipped");
    let mut lines: Vec<&str> = sample.lines().collect();
    lines.insert(2, "{ this is not json");
    folder.write("rides.jsonl", lines.join("\n"));
    let text = on(&folder.at("rides.jsonl"), "taxi-billing.fixed.yaml");
    let text = text.replace("type: taxi.ride.completed", "type: ride.completed").replace("data.trip", "data.ride");
    folder.write("strict.yaml", &text);
    folder.run(&["run", "strict.yaml", "--seeds", "0..2"]).exits(2).complains("rides.jsonl:3: ");
    folder
        .write("lenient.yaml", text.replace("format: cloudevents", "format: cloudevents\n      skip_malformed: true"));
    folder.run(&["run", "lenient.yaml", "--seeds", "0..2"]).exits(0).says("1 malformed line skipped");
}
