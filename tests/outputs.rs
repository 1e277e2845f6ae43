//! The files of a campaign: all are there, all are whole, stale ones go, and nothing is written elsewhere.

use crate::support::{Folder, files_below};

fn names(folder: &Folder) -> Vec<String> {
    let files = files_below(folder.path()).into_iter();
    files.map(|file| file.strip_prefix(folder.path()).unwrap_or(&file).display().to_string()).collect()
}

#[test]
fn a_finding_has_its_files_and_nothing_is_written_elsewhere() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "--out", "here"]).exits(100);
    let slug = "here/shop/charged_once-violated-payment.charges";
    let mut expected: Vec<String> =
        ["dot", "mmd", "regression.yaml", "story.txt", "svg"].iter().map(|e| format!("{slug}.{e}")).collect();
    expected.extend(["here/shop/report.html", "shop.fixed.yaml", "shop.yaml"].map(str::to_owned));
    assert_eq!(names(&folder), expected);
    assert!(folder.read(&format!("{slug}.svg")).ends_with("</svg>\n"));
    assert!(folder.read(&format!("{slug}.dot")).ends_with("}\n"));
    assert!(folder.read(&format!("{slug}.mmd")).starts_with("flowchart"));
    assert!(folder.read(&format!("{slug}.story.txt")).contains("what happens"));
    let page = folder.read("here/shop/report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n") && page.contains("charged_once"));
}

#[test]
fn what_an_earlier_run_left_goes_and_what_is_not_ours_stays() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    folder.write("reports/out/shop/notes.md", "mine");
    folder.write("reports/out/shop/.ordain-unfinished-1-report.html", "torn");
    folder.write("shop.yaml", folder.read("shop.fixed.yaml"));
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(0);
    let left: Vec<String> = names(&folder).into_iter().filter(|name| name.starts_with("reports")).collect();
    assert_eq!(left, ["reports/out/shop/notes.md", "reports/out/shop/report.html"]);
}

#[test]
fn scenarios_with_one_file_name_have_folders_of_their_own() {
    let folder = Folder::with_shop();
    for name in ["a", "b"] {
        std::fs::create_dir(folder.at(name)).unwrap();
        folder.write(&format!("{name}/shop.yaml"), folder.read("shop.yaml"));
    }
    folder.run(&["run", "a", "b", "--seeds", "0..20", "-q"]).exits(100);
    assert!(folder.at("reports/out/shop/report.html").is_file());
    assert!(folder.at("reports/out/shop-2/report.html").is_file());
}

#[test]
fn graphs_come_in_every_language() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let finding = folder.findings().remove(0);
    folder.run(&["graph", &finding]).exits(0).says("digraph ordain");
    folder.run(&["graph", &finding, "--format", "mermaid"]).exits(0).says("flowchart TB");
    folder.run(&["graph", &finding, "--format", "sequence"]).exits(0).says("sequenceDiagram");
    folder.run(&["graph", &finding, "--format", "svg", "-o", "bug.svg"]).exits(0);
    assert!(folder.read("bug.svg").ends_with("</svg>\n"));
    let story = folder.run(&["graph", &finding]).exits(0).out;
    let whole = folder.run(&["graph", &finding, "--whole"]).exits(0).out;
    assert!(whole.len() > story.len());
}

#[test]
fn a_replay_writes_the_same_files_when_asked() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let finding = folder.findings().remove(0);
    folder.run(&["replay", &finding, "--out", "again"]).exits(100).says("wrote again");
    let regression = folder.read("again/shop/charged_once-violated-payment.charges.regression.yaml");
    let line = |text: &str, key: &str| text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
    assert_eq!(line(&regression, "trace_hash:"), line(&std::fs::read_to_string(&finding).unwrap(), "trace_hash:"));
}
