//! Regressions: they reproduce, they are kept, they run first, and they say what became of them.

use crate::support::Folder;

fn found() -> (Folder, String) {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let finding = folder.findings().remove(0);
    (folder, finding)
}

#[test]
fn a_finding_reproduces() {
    let (folder, finding) = found();
    let ran =
        folder.run(&["replay", &finding]).exits(100).says("reproduced: ").says("charged_once/violated/payment.charges");
    assert!(ran.out.lines().count() < 30, "{}", ran.out);
    let verbose = folder.run(&["replay", &finding, "--verbose"]).exits(100).says("reproduced: ");
    assert!(verbose.out.len() > ran.out.len());
}

#[test]
fn a_finding_is_fixed_in_the_mended_twin_and_drifts_in_a_changed_one() {
    let (folder, finding) = found();
    folder.run(&["replay", &finding, "--on", "shop.fixed.yaml"]).exits(0).says("fixed: ");
    folder
        .run(&["replay", &finding, "--on", "shop.fixed.yaml", "--without", "payment.dedup"])
        .exits(100)
        .says("reproduced: ");
    let slower = folder.read("shop.yaml").replace("relay_every: 50ms", "relay_every: 70ms");
    folder.write("slower.yaml", slower);
    folder.run(&["replay", &finding, "--on", "slower.yaml"]).exits(100).says("drifted: ");
}

#[test]
fn a_finding_without_a_protection_is_replayed_without_it() {
    let (folder, _) = found();
    folder.run(&["run", "shop.fixed.yaml", "--without", "payment.dedup", "--out", "bare"]).exits(100);
    let finding = "bare/shop.fixed/charged_once-violated-payment.charges.regression.yaml";
    folder.run(&["replay", finding]).exits(100).says("reproduced: ");
    folder.run(&["keep", finding]).exits(0);
    folder.run(&["run", "shop.fixed.yaml"]).exits(0);
}

#[test]
fn a_deviation_without_a_place_makes_it_stale() {
    let (folder, finding) = found();
    let text = std::fs::read_to_string(&finding).unwrap();
    let moved: String = text
        .lines()
        .map(
            |line| if line.contains("kind:") { line.replace("/Charge@", "/Charge#9@") } else { line.to_owned() } + "\n",
        )
        .collect();
    assert_ne!(text, moved);
    std::fs::write(&finding, moved).unwrap();
    folder.run(&["replay", &finding]).exits(0).says("stale 1/1: ");
}

#[test]
fn a_kept_regression_that_is_stale_is_a_note() {
    let (folder, finding) = found();
    folder.run(&["keep", &finding, "--name", "lost"]).exits(0);
    let text = folder.read("shop.regressions/lost.yaml");
    folder.write("shop.regressions/lost.yaml", text.replace("/Charge@", "/Charge#9@"));
    folder.write("shop.yaml", folder.read("shop.fixed.yaml"));
    let ran = folder.run(&["run", "shop.yaml", "--seeds", "0..20"]).exits(0);
    ran.says("shop: kept lost: stale 1/1: ").says("the failure may only be hidden");
}

#[test]
fn an_unknown_key_of_a_regression_is_told_with_a_mend() {
    let (folder, finding) = found();
    let text = std::fs::read_to_string(&finding).unwrap();
    std::fs::write(&finding, text.replace("deviations:", "deviatons:")).unwrap();
    folder
        .run(&["replay", &finding])
        .exits(102)
        .complains("unknown key `deviatons` in a regression")
        .complains("did you mean `deviations`?");
}

#[test]
fn a_changed_scenario_is_a_note() {
    let (folder, finding) = found();
    folder.write("shop.yaml", folder.read("shop.yaml") + "# a comment\n");
    folder.run(&["replay", &finding]).exits(100).says("reproduced: ").complains("note: shop.yaml has changed");
}

#[test]
fn an_unrelated_handler_leaves_a_regression_as_it_is() {
    let (folder, finding) = found();
    let text = folder
        .read("shop.yaml")
        .replace("services:\n", "services:\n  auditor:\n    handles: { Audit: \"call log\" }\n");
    let text = text.replace("  Charge: { order_id", "  Audit: { order_id: id }\n  Charge: { order_id");
    let text = text.replace("load:\n", "load:\n  Audit: { count: 3, every: 1s }\n");
    folder.write("shop.yaml", text);
    folder.run(&["check", "shop.yaml"]).exits(0);
    folder.run(&["replay", &finding]).exits(100);
}

#[test]
fn a_kept_regression_runs_first_and_is_a_finding() {
    let (folder, finding) = found();
    folder.run(&["keep", &finding, "--name", "double-charge"]).exits(0).says("double-charge.yaml");
    assert!(folder.read("shop.regressions/double-charge.yaml").contains("scenario: \"../shop.yaml\""));
    folder.run(&["keep", &finding, "--name", "double-charge"]).exits(0).says("already kept");
    folder.run(&["replay", "shop.regressions/double-charge.yaml"]).exits(100).says("reproduced: ");
    let ran = folder.run(&["run", "shop.yaml", "--seeds", "0..20"]).exits(100);
    assert!(ran.out.starts_with("shop: kept double-charge: reproduced: "), "{}", ran.out);
    let fast = folder.run(&["run", "shop.yaml", "--seeds", "0..20", "--fail-fast"]).exits(100);
    fast.says("after 0 of 20 seeds").says("violation: charged_once");
    let none = folder.run(&["run", "shop.yaml", "--seeds", "0..20", "--no-regressions"]).exits(100);
    assert!(!none.out.contains("kept"));
    folder.write("shop.yaml", folder.read("shop.fixed.yaml"));
    folder.run(&["run", "shop.yaml", "--seeds", "0..20"]).exits(0).says("kept double-charge: fixed: ");
}

#[test]
fn another_regression_of_the_same_name_is_not_overwritten() {
    let (folder, finding) = found();
    folder.run(&["keep", &finding, "--name", "x"]).exits(0);
    folder.write("shop.regressions/x.yaml", "mine");
    folder.run(&["keep", &finding, "--name", "x"]).exits(2).complains("--name NAME");
    assert_eq!(folder.read("shop.regressions/x.yaml"), "mine");
    folder.run(&["keep", &finding, "--name", "../x"]).exits(2).complains("call it `x`");
}

#[test]
fn a_seed_replays_and_its_log_is_whole() {
    let folder = Folder::with_shop();
    let failing =
        (0..20).find(|seed| folder.run(&["replay", "shop.yaml", "--seed", &seed.to_string()]).code == Some(100));
    let failing = failing.expect("one of the first twenty seeds fails").to_string();
    let ran = folder.run(&["replay", "shop.yaml", "--seed", &failing]).exits(100);
    ran.says(&format!("seed {failing}: fails: ")).says("shrink: ordain run shop.yaml --seeds ");
    folder
        .run(&["replay", "shop.fixed.yaml", "--seed", &failing, "--verbose"])
        .exits(0)
        .says("passes: ")
        .says("issues PlaceOrder");
}
