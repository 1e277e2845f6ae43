//! What is typed wrong is told, with a mend, and exits with 2; what selects nothing exits with 4.

use crate::support::Folder;

#[test]
fn help_has_examples_for_every_command() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).exits(0).says("Exit codes:").says("130  interrupted");
    for command in ["run", "replay", "keep", "check", "list", "graph", "schema", "new", "completions"] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command} is not listed");
        folder.run(&[command, "--help"]).exits(0).says("Examples:").says(&format!("ordain {command}"));
    }
}

#[test]
fn no_command_is_bad_usage() {
    Folder::new().run(&[]).exits(2).complains("Usage:");
}

#[test]
fn bad_values_are_told_with_a_mend() {
    let folder = Folder::with_shop();
    let cases: [(&[&str], &str); 11] = [
        (&["--seeds", "9..3"], "`3..9`"),
        (&["--seeds", "abc"], "such as `0..1000`"),
        (&["--seeds", "1000"], "`0..1000`"),
        (&["--seeds", ""], "such as `0..1000`"),
        (&["--budget", "0"], "such as `30s`"),
        (&["--budget", "0s"], "such as `30s`"),
        (&["--budget", "-3s"], ""),
        (&["--jobs", "0"], "0 is not in 1..=1024"),
        (&["--format", "xml"], "possible values: human, json, junit"),
        (&["--without", "payment.dedupe"], "no protection `payment.dedupe` is declared"),
        (&["--log", "ordain=loud"], "--log is not a log filter"),
    ];
    for (extra, words) in cases {
        let arguments = [&["run", "shop.yaml"], extra].concat();
        folder.run(&arguments).exits(2).complains(words);
    }
    folder.run(&["run", "shop.yaml", "--junit", "shop.yaml/junit.xml"]).exits(2).complains("cannot make the folder");
    assert!(!folder.at("reports").exists(), "nothing is written before all is well");
}

#[test]
fn paths_that_are_not_there_and_folders_without_scenarios_are_told() {
    let folder = Folder::with_shop();
    std::fs::create_dir(folder.at("empty")).unwrap();
    folder.run(&["run", "nowhere.yaml"]).exits(2).complains("nowhere.yaml: no such file or folder");
    for command in ["run", "list", "check"] {
        folder.run(&[command, "empty"]).exits(4).complains("no scenario under empty");
        folder.run(&[command, "x*.yaml"]).exits(4).complains("nothing matches x*.yaml");
    }
}

#[test]
fn output_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = Folder::with_shop();
    folder.write("taken", "a file");
    folder.run(&["run", "shop.yaml", "--out", "taken"]).exits(2).complains("--out DIR");
    folder.run(&["run", "shop.yaml", "--out", "taken/below"]).exits(2).complains("cannot write output there");
}

#[test]
fn a_new_scenario_overwrites_nothing_and_has_a_name() {
    let folder = Folder::with_shop();
    let before = folder.read("shop.yaml");
    folder.run(&["new", "shop"]).exits(2).complains("choose another name");
    folder.run(&["new", "shop.yaml"]).exits(2);
    assert_eq!(folder.read("shop.yaml"), before);
    folder.run(&["new", "no/such/folder/shop"]).exits(2).complains("make its folder first");
    for name in ["7shop", "sh op", "", "shöp", "..", "a: b"] {
        folder.run(&["new", name]).exits(2);
    }
}

#[test]
fn the_wrong_kind_of_file_is_told_what_it_is() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let finding = folder.findings().remove(0);
    folder.run(&["run", &finding]).exits(2).complains("this is a regression, not a scenario");
    folder.run(&["replay", "shop.yaml"]).exits(2).complains("add `--seed N`");
    folder.run(&["replay", &finding, "--seed", "1"]).exits(2).complains("leave out --seed");
    folder.run(&["keep", "shop.yaml"]).exits(2);
}
