//! The lists of `clippy.toml` are the guard of determinism: each entry bites, and the core keeps to them.
//!
//! A scratch crate with one line for each banned thing is put under the project's own `clippy.toml`, and clippy must
//! flag exactly those lines. Where clippy is not installed, that part is skipped and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each banned path of the standard library, and a line that uses it.
const BANNED: &[(&str, &str)] = &[
    ("std::collections::HashMap", "pub fn hash_map(_: &std::collections::HashMap<u8, u8>) {}"),
    ("std::collections::HashSet", "pub fn hash_set(_: &std::collections::HashSet<u8>) {}"),
    ("std::hash::RandomState", "pub fn random_state(_: std::hash::RandomState) {}"),
    ("std::hash::DefaultHasher", "pub fn default_hasher(_: std::hash::DefaultHasher) {}"),
    ("f32", "pub fn single(x: f32) -> bool { x > 0.5 }"),
    ("f64", "pub fn double(x: f64) -> bool { x > 0.5 }"),
    ("std::thread::ThreadId", "pub fn thread_id(_: std::thread::ThreadId) {}"),
    ("std::thread::Builder", "pub fn builder(_: std::thread::Builder) {}"),
    ("std::net::TcpListener", "pub fn listener(_: &std::net::TcpListener) {}"),
    ("std::net::TcpStream", "pub fn stream(_: &std::net::TcpStream) {}"),
    ("std::net::UdpSocket", "pub fn socket(_: &std::net::UdpSocket) {}"),
    ("std::time::Instant::now", "pub fn instant() -> std::time::Instant { std::time::Instant::now() }"),
    ("std::time::SystemTime::now", "pub fn clock() -> std::time::SystemTime { std::time::SystemTime::now() }"),
    ("std::thread::sleep", "pub fn sleep(d: std::time::Duration) { std::thread::sleep(d) }"),
    ("std::thread::spawn", "pub fn spawn() { let _ = std::thread::spawn(|| ()); }"),
    ("std::thread::scope", "pub fn scope() { std::thread::scope(|_| ()); }"),
    ("std::thread::current", "pub fn current() -> bool { std::thread::current().name().is_some() }"),
    ("std::thread::available_parallelism", "pub fn cores() -> bool { std::thread::available_parallelism().is_ok() }"),
    ("std::env::var", "pub fn var() -> bool { std::env::var(\"X\").is_ok() }"),
    ("std::env::var_os", "pub fn var_os() -> bool { std::env::var_os(\"X\").is_some() }"),
    ("std::env::vars", "pub fn vars() -> usize { std::env::vars().count() }"),
    ("std::env::vars_os", "pub fn vars_os() -> usize { std::env::vars_os().count() }"),
    ("std::process::id", "pub fn process_id() -> u32 { std::process::id() }"),
    ("std::fs::read_dir", "pub fn list() -> bool { std::fs::read_dir(\"x\").is_ok() }"),
    ("std::path::Path::read_dir", "pub fn list_path(p: &std::path::Path) -> bool { p.read_dir().is_ok() }"),
];

/// Harmless neighbours: a list that flags everything would prove nothing.
const ALLOWED: &[&str] = &[
    "pub fn tree(_: &std::collections::BTreeMap<u8, u8>) {}",
    "pub fn span(_: std::time::Duration) {}",
    "pub fn whole(x: u64) -> bool { x > 5 }",
    "pub fn path(_: &std::path::Path) {}",
];

/// A function taken as a value, and an import under another name, are uses too.
const DISGUISED: &[&str] = &[
    "pub fn as_value() -> fn() -> std::time::Instant { std::time::Instant::now }",
    "pub use std::collections::HashMap as Table;",
];

/// Crates whose runs must be a pure function of load and deviations.
const CORE: &[&str] = &["kernel", "brokers", "world", "checks", "explore", "scenario"];

/// The only places of the core's sources that may step over the list: how often, and why.
const EXCEPTIONS: &[(&str, usize)] = &[
    // A campaign's worker threads. Results do not depend on their number, which a test of its own proves.
    ("explore/src/seeds.rs", 1),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The paths of a list: those of the standard library, and those of crates that need not be there.
fn banned_paths() -> (BTreeSet<String>, BTreeSet<String>) {
    let text = fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml can be read");
    let entries = text.lines().filter_map(|line| line.trim().strip_prefix("{ path = \""));
    let (mut here, mut elsewhere) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        let (path, rest) = entry.split_once('"').expect("a path ends with a quote");
        assert!(rest.contains("reason = \""), "{path}: an entry says why");
        let list = if rest.contains("allow-invalid = true") { &mut elsewhere } else { &mut here };
        assert!(list.insert(path.to_owned()), "{path} is listed once");
    }
    (here, elsewhere)
}

#[test]
fn every_entry_has_a_line_that_proves_it() {
    let (here, elsewhere) = banned_paths();
    let proved: BTreeSet<String> = BANNED.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(here, proved, "clippy.toml and this test list the same paths");
    assert!(elsewhere.iter().all(|path| !path.starts_with("std::")), "the standard library is always there");
}

#[test]
fn every_entry_bites_and_nothing_else_does() {
    let mut lines = vec!["//! Scratch."];
    lines.extend(BANNED.iter().map(|(_, line)| *line));
    lines.extend(DISGUISED);
    lines.extend(ALLOWED);
    let Some(flagged) = clippy(&lines) else { return };

    for (line, text) in (1..).zip(&lines) {
        let said = flagged.get(&line);
        let banned = BANNED.iter().find(|(_, code)| code == text).map(|(path, _)| *path);
        match banned {
            Some(path) => {
                let said = said.unwrap_or_else(|| panic!("{path} does not bite: {text}"));
                assert!(said.contains(&format!("`{path}`")), "{path} is named in: {said}");
            }
            None if DISGUISED.contains(text) => assert!(said.is_some(), "does not bite: {text}"),
            None => assert_eq!(said, None, "bites for nothing: {text}"),
        }
    }
}

/// What clippy says of a crate of these lines, by line number; none where it is not installed.
fn clippy(lines: &[&str]) -> Option<BTreeMap<usize, String>> {
    let cargo = env!("CARGO");
    if !Command::new(cargo).args(["clippy", "--version"]).output().is_ok_and(|out| out.status.success()) {
        println!("skipped: cargo clippy is not installed, so the lists could not be tried");
        return None;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints_bite");
    fs::create_dir_all(dir.join("src")).expect("a scratch folder can be made");
    let manifest = "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(dir.join("Cargo.toml"), manifest).expect("written");
    fs::write(dir.join("src/lib.rs"), lines.join("\n") + "\n").expect("written");
    fs::copy(root().join("clippy.toml"), dir.join("clippy.toml")).expect("copied");

    let out = Command::new(cargo)
        .args(["clippy", "--offline", "--quiet", "--message-format", "short", "--"])
        .args(["-D", "clippy::disallowed_types", "-D", "clippy::disallowed_methods"])
        .current_dir(&dir)
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("CLIPPY_CONF_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("clippy can be started");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success(), "clippy is content with:\n{}", lines.join("\n"));
    assert!(!said.contains("warning"), "clippy does not understand the list:\n{said}");
    Some(said.lines().filter_map(complaint).collect())
}

/// Reads `src/lib.rs:3:5: error: use of a disallowed type ..`.
fn complaint(line: &str) -> Option<(usize, String)> {
    let (number, rest) = line.strip_prefix("src/lib.rs:")?.split_once(':')?;
    rest.contains("disallowed").then(|| (number.parse().expect("a line number"), rest.to_owned()))
}

#[test]
fn the_core_is_under_the_list() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest can be read");
    for lint in ["disallowed_types", "disallowed_methods"] {
        let set = workspace.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| name.trim() == lint);
        assert!(set.is_some_and(|(_, level)| !level.contains("allow")), "{lint} is on in the workspace");
    }
    for name in CORE {
        let dir = root().join("crates").join(name);
        let manifest = fs::read_to_string(dir.join("Cargo.toml")).expect("the manifest can be read");
        assert!(manifest.replace(' ', "").contains("[lints]\nworkspace=true"), "{name} has the workspace's lints");
        for own in ["clippy.toml", ".clippy.toml"] {
            assert!(!dir.join(own).exists(), "{name} has a list of its own, which hides the project's");
        }
    }
}

#[test]
fn the_core_steps_over_the_list_only_where_it_is_written_here() {
    let crates = root().join("crates");
    let mut found = BTreeMap::new();
    for name in CORE {
        count_exceptions(&crates, &crates.join(name).join("src"), &mut found);
    }
    let allowed = EXCEPTIONS.iter().map(|(file, times)| ((*file).to_owned(), *times)).collect::<BTreeMap<_, _>>();
    for (file, times) in found {
        let limit = allowed.get(&file).copied().unwrap_or(0);
        assert!(times <= limit, "{file} steps over clippy.toml {times} times; {limit} are agreed");
    }
}

fn count_exceptions(crates: &Path, dir: &Path, found: &mut BTreeMap<String, usize>) {
    #[expect(clippy::disallowed_methods, reason = "what is found is entered in an ordered map")]
    let entries = fs::read_dir(dir).expect("a source folder can be listed");
    for path in entries.map(|entry| entry.expect("an entry can be read").path()) {
        if path.is_dir() {
            count_exceptions(crates, &path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).expect("a source file can be read");
            let times = text.matches("clippy::disallowed_").count();
            let file = path.strip_prefix(crates).expect("below crates").to_string_lossy().replace('\\', "/");
            if times > 0 {
                found.insert(file, times);
            }
        }
    }
}
