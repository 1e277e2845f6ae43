//! What the tests share: a folder to work in, the program, and what it said.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace is there")
}

/// The program, in a folder, free of the caller's settings.
pub(crate) fn ordain(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordain"));
    command.current_dir(folder);
    for name in ["NO_COLOR", "ORDAIN_LOG", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// What a command said, and how it ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// It ended with this code, and with no fault of ours.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Ran {
        assert!(!self.err.contains("this is a bug"), "{}", self.err);
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Standard error has these words.
    #[track_caller]
    pub(crate) fn complains(self, words: &str) -> Ran {
        assert!(self.err.contains(words), "`{words}` is not in:\n{}", self.err);
        self
    }

    /// Standard output has these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Ran {
        assert!(self.out.contains(words), "`{words}` is not in:\n{}", self.out);
        self
    }
}

/// A folder of its own, gone at the end.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(TempDir::new().expect("a temporary folder can be made"))
    }

    /// With the starter scenario, which has a bug, as `shop.yaml`; and its mended twin as `shop.fixed.yaml`.
    pub(crate) fn with_shop() -> Folder {
        let folder = Folder::new();
        folder.run(&["new", "shop"]).exits(0);
        let text = folder.read("shop.yaml");
        let mended = text.replace("# dedup:", "dedup:");
        assert_ne!(text, mended);
        folder.write("shop.fixed.yaml", &mended);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.at(name), text).expect("a temporary folder can be written to");
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&ordain(self.path()).args(arguments).output().expect("the program can be started"))
    }

    /// The regressions that a campaign wrote.
    pub(crate) fn findings(&self) -> Vec<String> {
        let below = files_below(&self.at("reports/out"));
        let named = below.into_iter().filter(|path| path.to_string_lossy().ends_with(".regression.yaml"));
        named.map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

/// All files below a folder, in order; none when it is not there.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        #[expect(clippy::disallowed_methods, reason = "what it lists is sorted below")]
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The scenarios that the project ships.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let files = files_below(&root().join("scenarios"));
    let kept =
        |path: &PathBuf| !path.components().any(|part| part.as_os_str().to_string_lossy().ends_with(".regressions"));
    let scenarios = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let scenarios: Vec<PathBuf> = scenarios.filter(kept).collect();
    assert!(!scenarios.is_empty(), "no scenario is shipped");
    scenarios
}

/// A text without its wall times, and with one space for many: columns move with the width of a time.
pub(crate) fn masked(text: &str) -> String {
    text.lines().map(|line| masked_line(line) + "\n").collect()
}

fn masked_line(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let unit = words.get(at + 1).map_or("", |next| next.split('<').next().unwrap_or_default());
        let number = word.rsplit('>').next().unwrap_or_default();
        let timed = ["ms", "s", "min"].contains(&unit) && number.parse::<u64>().is_ok_and(|_| true);
        let timed =
            timed || (unit == "s" && number.split_once('.').is_some_and(|(whole, _)| whole.parse::<u64>().is_ok()));
        match (timed, *word) {
            (true, _) => out.push("WALL"),
            (false, "ms" | "s" | "min") if out.last() == Some(&"WALL") => {}
            _ if at > 0 && words[at - 1] == "\"wall_ms\":" => out.push("WALL"),
            _ => out.push(word),
        }
    }
    out.join(" ")
}
