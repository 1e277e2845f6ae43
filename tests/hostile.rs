//! Hostile input: whatever the bytes, there is a diagnostic or a verdict, soon, and never a panic.

use crate::support::Folder;

/// The same bytes on every day.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[track_caller]
fn refused(folder: &Folder, name: &str) {
    for command in ["run", "check", "list"] {
        let ran = folder.run(&[command, name]).exits(2);
        assert!(ran.err.len() + ran.out.len() < 200_000, "{command} {name}: {} bytes", ran.err.len() + ran.out.len());
    }
    let ran = folder.run(&["replay", name]);
    assert!(ran.code == Some(102) || ran.code == Some(2), "replay {name}: {:?} {}", ran.code, ran.err);
    assert!(!ran.err.contains("this is a bug"), "{}", ran.err);
}

#[test]
fn random_bytes_are_refused() {
    let folder = Folder::new();
    for seed in 0..12 {
        let bytes = noise(seed, 40 * (seed as usize + 1));
        folder.write("noise.yaml", &bytes);
        refused(&folder, "noise.yaml");
        let printable: Vec<u8> =
            bytes.iter().map(|byte| b" \n:-{}[]&*!|>'\"%@#,?abc09"[usize::from(*byte) % 25]).collect();
        folder.write("printable.yaml", printable);
        refused(&folder, "printable.yaml");
    }
}

#[test]
fn yaml_bombs_are_refused() {
    let folder = Folder::new();
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        laughs.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", ")));
    }
    folder.write("laughs.yaml", laughs);
    folder.write("deep.yaml", format!("scenario: {}{}", "[".repeat(100_000), "]".repeat(100_000)));
    folder.write("deep-map.yaml", format!("a: {}", "{a: ".repeat(50_000)));
    folder.write("self.yaml", "scenario: &x { a: *x }\n");
    folder.write("long.yaml", format!("scenario: {}\n", "x".repeat(3 << 20)));
    folder.write("many.yaml", (0..60_000).map(|n| format!("k{n}: 1\n")).collect::<String>());
    folder.write("wide.yaml", format!("scenario: x\nmessages: {{ {} }}\n", "A, ".repeat(100_000)));
    folder.write("empty.yaml", "");
    folder.write("nul.yaml", [0; 64]);
    folder.write("documents.yaml", "scenario: a\n---\nscenario: b\n");
    for name in ["laughs", "deep", "deep-map", "self", "long", "many", "wide", "empty", "nul", "documents"] {
        refused(&folder, &format!("{name}.yaml"));
    }
}

#[test]
fn scenarios_of_absurd_size_are_refused_or_run() {
    let folder = Folder::with_shop();
    let text = folder.read("shop.yaml");
    let cases = [
        ("count: 20", "count: 99999999999"),
        ("count: 20", "count: -1"),
        ("load: 30s", "load: 99999999d"),
        ("every: 100ms..1s", "every: 0ms..0ms"),
        ("every: 100ms..1s", "every: 1s..100ms"),
        ("chance: 3%", "chance: 101%"),
        ("amount = amount", "amount = 9223372036854775807 + 1"),
        ("c.count() <= 1", "c.count() / 0 <= 1"),
        ("prefetch: 10", "prefetch: 0"),
    ];
    for (old, new) in cases {
        let changed = text.replace(old, new);
        assert_ne!(changed, text, "{old}");
        folder.write("absurd.yaml", changed);
        let ran = folder.run(&["run", "absurd.yaml", "--seeds", "0..3", "-q"]);
        assert!(!ran.err.contains("this is a bug"), "{new}: {}", ran.err);
        assert!([0, 2, 100].contains(&ran.code.unwrap_or(-1)), "{new}: {:?} {}", ran.code, ran.err);
    }
}

#[test]
fn a_scenario_cut_anywhere_is_no_panic() {
    let folder = Folder::with_shop();
    let text = folder.read("shop.yaml");
    for at in (0..text.len()).step_by(97).filter(|at| text.is_char_boundary(*at)) {
        folder.write("cut.yaml", &text[..at]);
        let ran = folder.run(&["run", "cut.yaml", "--seeds", "0..2", "-q"]);
        assert!([0, 2, 100].contains(&ran.code.unwrap_or(-1)), "cut at {at}: {:?} {}", ran.code, ran.err);
    }
}

#[test]
fn a_regression_cut_anywhere_is_no_panic() {
    let folder = Folder::with_shop();
    folder.run(&["run", "shop.yaml", "--seeds", "0..20", "-q"]).exits(100);
    let text = std::fs::read_to_string(folder.findings().remove(0)).unwrap().replace("../../../shop.yaml", "shop.yaml");
    for at in (0..text.len()).step_by(31).filter(|at| text.is_char_boundary(*at)) {
        folder.write("cut.regression.yaml", &text[..at]);
        let ran = folder.run(&["replay", "cut.regression.yaml"]);
        assert!([0, 100, 102].contains(&ran.code.unwrap_or(-1)), "cut at {at}: {:?} {}", ran.code, ran.err);
        assert!(!ran.err.contains("this is a bug"), "cut at {at}: {}", ran.err);
    }
}

#[test]
fn a_folder_is_no_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.at("shop.yaml")).unwrap();
    for command in ["run", "check", "list"] {
        folder.run(&[command, "shop.yaml"]).exits(4).complains("shop.yaml is a folder without scenarios");
    }
    folder.run(&["replay", "shop.yaml", "--seed", "1"]).exits(2).complains("this is a directory");
    folder.run(&["replay", "shop.yaml"]).exits(102).complains("this is a directory");
    folder.run(&["graph", "shop.yaml"]).exits(102);
    folder.run(&["keep", "shop.yaml"]).exits(102);
}

#[cfg(unix)]
#[test]
fn a_pipe_a_device_and_a_socket_are_no_files() {
    let folder = Folder::with_shop();
    let made = std::process::Command::new("mkfifo").arg(folder.at("pipe.yaml")).status().expect("every unix has it");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.at("socket.yaml")).unwrap();
    for name in ["pipe.yaml", "socket.yaml", "/dev/zero", "/dev/null"] {
        for command in ["run", "check"] {
            let ran = folder.run(&[command, name]).exits(2);
            assert!((ran.out + &ran.err).contains("this is not a regular file"), "{command} {name}");
        }
        folder.run(&["replay", name]).exits(102).complains("this is not a regular file");
    }
    let load =
        folder.read("shop.yaml").replace("load:\n", "load:\n  Charge: { from: { file: pipe.yaml, format: jsonl } }\n");
    folder.write("captured.yaml", load);
    folder.run(&["check", "captured.yaml"]).exits(2);
}
