//! Documents for machines: JSON, JUnit, the schema, completions.

use serde_json::Value;

use crate::support::Folder;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

#[track_caller]
fn has_keys(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("not an object: {value}"));
    for key in keys {
        assert!(object.contains_key(*key), "no `{key}` in {value}");
    }
}

#[test]
fn the_json_document_has_the_shape_that_format_1_promises() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.yaml", "--seeds", "0..30", "--format", "json"]).exits(100);
    let document = json(&ran.out);
    assert_eq!(document["format"], 1);
    let scenario = &document["scenarios"][0];
    has_keys(scenario, &["name", "runs", "events", "wall_ms", "faults_never_fired", "findings"]);
    assert_eq!((&scenario["name"], &scenario["runs"]), (&Value::from("shop"), &Value::from(30)));
    let finding = &scenario["findings"][0];
    has_keys(finding, &["check", "grade", "signature", "seed", "runs_failed", "deviations", "commands"]);
    has_keys(finding, &["one_minimal", "deletions_rerun", "story", "files"]);
    assert_eq!((&finding["check"], &finding["grade"]), (&Value::from("charged_once"), &Value::from("violation")));
    assert_eq!(finding["one_minimal"], true);
    assert_eq!(finding["deviations"].as_array().map(Vec::len), Some(1));
    has_keys(&finding["deviations"][0], &["key", "kind", "value", "words"]);
    let files = finding["files"].as_array().expect("files are listed");
    assert_eq!(files.len(), 6);
    for file in files.iter().filter_map(Value::as_str) {
        assert!(folder.at("reports/out").join(file).is_file(), "{file} is named and not there");
    }
}

#[test]
fn json_on_standard_output_is_alone() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.fixed.yaml", "--seeds", "0..10", "--format", "json"]).exits(0);
    assert_eq!(json(&ran.out)["scenarios"][0]["findings"], Value::Array(Vec::new()));
}

#[test]
fn junit_is_printed_or_written() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.yaml", "--seeds", "0..30", "--format", "junit"]).exits(100);
    assert!(ran.out.starts_with("<?xml"), "{}", ran.out);
    folder.run(&["run", "shop.yaml", "--seeds", "0..30", "--junit", "junit.xml", "-q"]).exits(100);
    let written = folder.read("junit.xml");
    assert!(written.contains("<testsuite ") && written.contains("<failure"), "{written}");
    folder.run(&["run", "shop.yaml", "--seeds", "0..30", "--junit", "its/own/folder/junit.xml", "-q"]).exits(100);
    assert!(folder.read("its/own/folder/junit.xml").contains("<testsuite "));
}

#[test]
fn check_prints_diagnostics_and_realisations_as_json() {
    let folder = Folder::with_shop();
    folder.write("bad.yaml", "scenario: bad\nchanels: {}\n");
    let document = json(&folder.run(&["check", "bad.yaml", "shop.yaml", "--format", "json"]).exits(2).out);
    let (bad, good) = (&document["files"][0], &document["files"][1]);
    assert_eq!((&bad["ok"], &good["ok"]), (&Value::from(false), &Value::from(true)));
    has_keys(&bad["diagnostics"][0], &["severity", "code", "line", "column", "text", "mend"]);
    assert_eq!(good["faults"].as_array().map(Vec::len), Some(2));
    has_keys(&good["faults"][0], &["fault", "chance", "place", "how"]);
}

#[test]
fn check_says_how_each_fault_is_realised() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["check", "shop.yaml"]).exits(0).says("shop.yaml: ok").says("duplicate work");
    ran.says("the connection is lost before the ack");
}

#[test]
fn list_says_what_a_scenario_is_about() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["list", "."]).exits(0).says("(./shop.fixed.yaml)").says("(./shop.yaml)");
    ran.says("Every order is charged exactly once")
        .says("services: shop, payment")
        .says("checks: charged_once, nothing_lost");
}

#[test]
fn twins_of_one_name_are_called_as_their_files() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", ".", "--seeds", "0..10", "-q"]).exits(100);
    ran.says("pass  shop.fixed").says("FAIL  shop  ");
}

#[test]
fn the_schema_and_the_reference_are_printed() {
    let folder = Folder::new();
    let schema = json(&folder.run(&["schema"]).exits(0).out);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    folder.run(&["schema", "--reference"]).exits(0).says("# Scenario reference").says("| `scenario` |");
}

#[test]
fn completions_are_printed_for_every_shell() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        folder.run(&["completions", shell]).exits(0).says("ordain").says("replay");
    }
}

#[test]
fn the_log_is_off_by_default_and_tells_the_phases_when_asked() {
    let folder = Folder::with_shop();
    let run = ["run", "shop.yaml", "--seeds", "0..20"];
    assert_eq!(folder.run(&run).exits(100).err, "");
    folder.run(&[&run[..], &["-v"]].concat()).exits(100).complains("campaign begins").complains("shrunk");
    let output = crate::support::ordain(folder.path()).args(run).env("ORDAIN_LOG", "debug").output().unwrap();
    crate::support::Ran::of(&output).exits(100).complains("campaign over").complains("written");
}
