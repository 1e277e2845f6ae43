//! The arrows of ARCHITECTURE.md: a room imports only rooms above it, and what each room must never know is not there.

use std::fs;
use std::path::Path;

use crate::support::{files_below, root};

/// The rooms, from the top; each may import those before it.
const ROOMS: [&str; 9] = ["kernel", "brokers", "world", "checks", "explore", "scenario", "report", "ordain", "cli"];

/// The package of a room.
fn package(room: &str) -> String {
    if room == "ordain" { "ordain".to_owned() } else { format!("ordain-{room}") }
}

fn manifest(room: &str) -> String {
    let path = root().join("crates").join(room).join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The packages that a section of a manifest names.
fn named(manifest: &str, section: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == format!("[{section}]");
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            names.push(name.to_owned());
        }
    }
    names
}

#[test]
fn every_crate_is_a_room() {
    let crates = files_below(&root().join("crates"));
    let manifests = crates
        .iter()
        .filter(|path| path.ends_with("Cargo.toml") && path.components().count() == root().components().count() + 3);
    let mut found: Vec<_> = manifests.filter_map(|path| path.parent()?.file_name()?.to_str()).collect();
    found.sort_unstable();
    let mut rooms = ROOMS.to_vec();
    rooms.sort_unstable();
    assert_eq!(found, rooms);
}

#[test]
fn a_room_imports_only_rooms_above_it() {
    for (at, room) in ROOMS.iter().enumerate() {
        let above: Vec<String> = ROOMS[..at].iter().map(|room| package(room)).collect();
        let ours: Vec<String> = ROOMS.iter().map(|room| package(room)).collect();
        let manifest = manifest(room);
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in named(&manifest, section).iter().filter(|name| ours.contains(name)) {
                assert!(above.contains(name), "crates/{room} has `{name}` in [{section}], which is not above it");
            }
        }
    }
}

/// A package, and the only rooms that may depend on it.
const RESERVED: [(&str, &[&str]); 13] = [
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("ctrlc", &["cli"]),
    ("tracing-subscriber", &["cli"]),
    ("tracing", &["ordain", "cli"]),
    ("tokio", &["ordain"]),
    ("rand_chacha", &["kernel"]),
    ("saphyr-parser", &["scenario"]),
    ("csv", &["scenario"]),
    ("petgraph", &["report"]),
    ("serde", &["ordain", "report"]),
    ("serde_json", &["scenario", "report", "ordain", "cli"]),
    ("rand", &[]),
];

#[test]
fn a_package_is_known_only_where_it_belongs() {
    for room in ROOMS {
        for name in named(&manifest(room), "dependencies") {
            let allowed = RESERVED.iter().find(|(package, _)| *package == name).map(|(_, rooms)| *rooms);
            assert!(allowed.is_none_or(|rooms| rooms.contains(&room)), "crates/{room} must not depend on {name}");
        }
    }
}

#[test]
fn the_manifests_are_read_as_cargo_reads_them() {
    let text = "[package]\nname = \"x\"\n[dependencies]\n# no\na.workspace = true\nb = \"1\"\n\nc = { path = \"..\" }\n[dev-dependencies]\nd = \"1\"\n";
    assert_eq!(named(text, "dependencies"), ["a", "b", "c"]);
    assert_eq!(named(text, "dev-dependencies"), ["d"]);
    assert!(named(&manifest("cli"), "dependencies").contains(&"clap".to_owned()), "the test would see it");
}

/// What the sources of a room must not name.
const BANNED: [(&[&str], &[&str]); 3] = [
    (
        &["kernel", "brokers", "world", "checks"],
        &[
            "std::time",
            "std::thread",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::io",
            "tokio",
            "async fn",
        ],
    ),
    (&["explore"], &["std::time", "std::fs", "std::net", "std::env", "std::process", "std::io", "tokio"]),
    (&["scenario", "report"], &["Instant", "SystemTime", "std::thread", "std::net", "std::env", "std::process"]),
];

/// A line of code, without what stands behind `//`.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn mentions(room: &str, word: &str) -> Vec<String> {
    let source = root().join("crates").join(room).join("src");
    let files = files_below(&source).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let tests =
        |path: &Path| path.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name));
    let mut found = Vec::new();
    for path in files.filter(|path| !tests(path)) {
        let text = fs::read_to_string(&path).expect("sources are text");
        let lines = text.lines().enumerate().filter(|(_, line)| code(line).contains(word));
        found.extend(lines.map(|(at, _)| format!("{}:{}", path.display(), at + 1)));
    }
    found
}

#[test]
fn no_room_names_what_it_must_not_know() {
    for (rooms, words) in BANNED {
        for (room, word) in rooms.iter().flat_map(|room| words.iter().map(move |word| (room, word))) {
            let found = mentions(room, word);
            assert!(found.is_empty(), "crates/{room} must not know `{word}`: {found:?}");
        }
    }
    assert!(!mentions("cli", "std::time").is_empty(), "the test would see it");
}

#[test]
fn report_touches_no_files() {
    let found = mentions("report", "std::fs");
    assert!(found.is_empty(), "crates/report makes texts, and files are the command line's: {found:?}");
}

#[test]
fn only_one_module_reads_the_wall_clock() {
    for room in ROOMS {
        for place in mentions(room, "Instant::now").into_iter().chain(mentions(room, "SystemTime::now")) {
            assert!(place.contains("crates/cli/src/clock.rs"), "{place} reads the wall clock");
        }
    }
}
