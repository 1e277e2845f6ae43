//! Each exit code that a scenario can bring about. 1 and 101 need a fault of ours, and are tested in the command line's
//! own unit tests (`bug.rs`, `commands/campaign.rs`); 130 is in `interrupted.rs`.

use crate::support::Folder;

#[test]
fn a_campaign_without_a_finding_exits_with_0() {
    let folder = Folder::with_shop();
    folder
        .run(&["run", "shop.fixed.yaml", "--seeds", "0..200"])
        .exits(0)
        .says("pass  shop")
        .says("1 scenario: 1 passed");
}

#[test]
fn a_starter_scenario_runs_and_finds_its_planted_bug() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.yaml"]).exits(100);
    let ran = ran
        .says("violation: charged_once")
        .says("1-minimal")
        .says("it takes one deviation")
        .says("replay: ordain replay ");
    assert!(ran.out.contains("FAIL  shop  1,000 runs"), "{}", ran.out);
    assert_eq!(ran.err, "", "no progress in a pipe");
}

#[test]
fn a_scenario_with_errors_exits_with_2_and_runs_nothing() {
    let folder = Folder::with_shop();
    folder.write("bad.yaml", "scenario: bad\nchanels: {}\n");
    let ran = folder.run(&["run", "shop.yaml", "bad.yaml"]).exits(2).complains("did you mean `channels`?");
    assert_eq!(ran.out, "");
    assert!(!folder.at("reports").exists());
}

#[test]
fn an_unreadable_regression_exits_with_102() {
    let folder = Folder::with_shop();
    folder.write("garbage.regression.yaml", "ordain: regression\nformat: 7\n");
    folder.run(&["replay", "garbage.regression.yaml"]).exits(102).complains("format `7` is unknown here");
    folder.write("binary.regression.yaml", [0xff, 0xfe, 0x00]);
    folder.run(&["replay", "binary.regression.yaml"]).exits(102).complains("not UTF-8 text");
    folder.run(&["replay", "nowhere.regression.yaml"]).exits(102);
    folder.run(&["keep", "nowhere.regression.yaml"]).exits(102);
    folder.run(&["graph", "garbage.regression.yaml"]).exits(102);
}

#[test]
fn a_regression_that_does_not_fit_its_scenario_exits_with_102() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let finding = folder.findings().remove(0);
    folder.write("shop.yaml", folder.read("shop.yaml").replace("PlaceOrder", "BuyThings"));
    folder.run(&["replay", &finding]).exits(102).complains("does not fit").complains("PlaceOrder");
    std::fs::remove_file(folder.at("shop.yaml")).unwrap();
    folder.run(&["replay", &finding]).exits(102).complains("its scenario is not there");
}

#[test]
fn an_unreadable_kept_regression_is_told_and_the_others_still_run() {
    let folder = Folder::with_shop();
    std::fs::create_dir(folder.at("shop.fixed.regressions")).unwrap();
    folder.write("shop.fixed.regressions/torn.yaml", "ordain: regression\n");
    let ran = folder.run(&["run", "shop.fixed.yaml", "--seeds", "0..20"]).exits(102).complains("torn.yaml");
    ran.says("pass  shop    20 runs".replace("    ", "  ").as_str());
    folder.run(&["run", "shop.fixed.yaml", "--seeds", "0..20", "--no-regressions"]).exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_exits_with_103() {
    let folder = Folder::with_shop();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("linux has it");
    let mut command = crate::support::ordain(folder.path());
    let output = command.args(["list", "shop.yaml"]).stdout(full).output().unwrap();
    crate::support::Ran::of(&output).exits(103).complains("cannot write to standard output");
}

#[test]
fn a_check_that_never_held_is_a_finding() {
    let folder = Folder::with_shop();
    let text = folder.read("shop.fixed.yaml")
        + "  seen: { sometimes: \"payment.charges.all(c, false) && size(payment.charges) > 1000\" }\n";
    folder.write("unheld.yaml", text);
    folder.run(&["run", "unheld.yaml", "--seeds", "0..20"]).exits(100).says("never held");
}

#[test]
fn fail_fast_ends_at_the_lowest_failing_seed_and_the_first_failing_scenario() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.yaml", "shop.fixed.yaml", "--fail-fast"]).exits(100);
    let ran = ran.says("stopped by the first failure").complains("not run: shop");
    assert!(!ran.out.contains("1,000 runs"), "{}", ran.out);
}

#[test]
fn a_budget_ends_it_early() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["run", "shop.fixed.yaml", "--seeds", "0..100000000", "--budget", "300ms"]).exits(0);
    ran.says("stopped by the budget after ");
}
