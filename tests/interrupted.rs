//! Runs that are interrupted or killed: what is there is whole, and running again works.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{Folder, Ran, files_below, ordain};

fn spawn(folder: &Folder, arguments: &[&str]) -> Child {
    let mut command = ordain(folder.path());
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program can be started")
}

#[expect(clippy::disallowed_methods, reason = "the test waits for another process")]
fn wait(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Waits until a folder is there, for ten seconds at most.
fn until_there(path: &Path) {
    for _ in 0..1_000 {
        if path.exists() {
            return;
        }
        wait(10);
    }
    panic!("{} never came to be", path.display());
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_with_what_there_is_and_exits_with_130() {
    let folder = Folder::with_shop();
    let child = spawn(&folder, &["run", "shop.fixed.yaml", "--seeds", "0..1000000000", "--format", "json"]);
    until_there(&folder.at("reports/out"));
    wait(300);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill is there").success());
    let ran = Ran::of(&child.wait_with_output().expect("it ends")).exits(130);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("what there is is whole");
    let runs = document["scenarios"][0]["runs"].as_u64().expect("runs are counted");
    assert!(runs > 0 && runs < 1_000_000_000);
    assert!(folder.read("reports/out/shop.fixed/report.html").ends_with("</html>\n"));
}

#[track_caller]
fn whole(folder: &Folder) {
    for file in files_below(&folder.at("reports")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(".ordain-unfinished-") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("reports are text");
        let end = match name.rsplit('.').next() {
            Some("svg") => "</svg>\n",
            Some("html") => "</html>\n",
            Some("dot") => "}\n",
            _ => "\n",
        };
        assert!(text.ends_with(end), "{name} is torn");
        if name.ends_with(".regression.yaml") {
            folder.run(&["replay", &file.to_string_lossy()]).exits(100).says("reproduced: ");
        }
    }
}

#[test]
fn a_killed_run_leaves_nothing_torn_and_runs_again() {
    let folder = Folder::with_shop();
    for ms in [0, 3, 10, 20, 30, 40, 60, 80, 120, 200] {
        let mut child = spawn(&folder, &["run", "shop.yaml", "shop.fixed.yaml", "--seeds", "0..400"]);
        wait(ms);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().expect("it ends");
        whole(&folder);
    }
    folder.run(&["run", "shop.yaml", "shop.fixed.yaml", "--seeds", "0..400", "-q"]).exits(100);
    whole(&folder);
    let all = files_below(&folder.at("reports/out/shop"));
    let unfinished = all.iter().filter(|file| file.to_string_lossy().contains("unfinished"));
    assert_eq!(unfinished.count(), 0, "{all:?}");
    assert_eq!(folder.findings().len(), 1);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::with_shop();
    let mut child = spawn(&folder, &["run", "shop.yaml", "--seeds", "0..200"]);
    drop(child.stdout.take());
    let ran = Ran::of(&child.wait_with_output().expect("it ends")).exits(100);
    assert_eq!(ran.err, "");
}
