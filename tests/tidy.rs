//! Habits of the code that no compiler checks.

use std::path::{Path, PathBuf};

use crate::support::{files_below, root};

/// No file is longer.
const LINES_MAX: usize = 700;
/// Half of the files are shorter.
const LINES_MEDIAN_MAX: usize = 200;

fn sources() -> Vec<(PathBuf, String)> {
    let root = root();
    let files = ["crates", "tests"].iter().flat_map(|folder| files_below(&root.join(folder)));
    let rust = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("sources are text");
        (path.strip_prefix(&root).map(Path::to_owned).unwrap_or(path), text)
    };
    rust.map(read).collect()
}

/// Places where a line has a word; these words are put together, so that this file does not have them.
fn found(words: &[String]) -> Vec<String> {
    let has = |line: &str| words.iter().any(|word| line.contains(word.as_str()));
    let mut places = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().enumerate().filter(|(_, line)| has(line));
        places.extend(lines.map(|(at, line)| format!("{}:{}: {}", path.display(), at + 1, line.trim())));
    }
    places
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these files do not begin with `//!`: {silent:?}");
}

#[test]
fn files_are_small_enough_to_hold_in_the_head() {
    let sources = sources();
    let mut lengths: Vec<usize> = sources.iter().map(|(_, text)| text.lines().count()).collect();
    let long: Vec<_> = sources
        .iter()
        .zip(&lengths)
        .filter(|(_, lines)| **lines > LINES_MAX)
        .map(|((path, _), lines)| (path, lines))
        .collect();
    assert!(long.is_empty(), "longer than {LINES_MAX} lines: {long:?}");
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= LINES_MEDIAN_MAX, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_to_do_or_to_debug() {
    let words: Vec<String> = ["todo", "dbg", "unimplemented"].iter().map(|word| format!("{word}{}", "!(")).collect();
    assert_eq!(found(&words), Vec::<String>::new());
}

#[test]
fn no_place_of_one_machine_is_named() {
    let words: Vec<String> =
        ["work", "root", "home", "Users", "tmp"].iter().map(|name| format!("/{name}{}", "/")).collect();
    assert_eq!(found(&words), Vec::<String>::new());
}

#[test]
fn nothing_is_silenced_without_a_reason() {
    let allow = format!("#[{}(", "allow");
    let silenced: Vec<String> = found(&[allow]).into_iter().filter(|place| !place.contains("reason")).collect();
    assert_eq!(silenced, Vec::<String>::new());
}
