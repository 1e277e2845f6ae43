//! "Did you mean": the nearest of the names that would have been right.

use std::fmt::Write as _;

/// The nearest candidate by edit distance, if one is near enough to be a slip.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_plain = plain(wrong);
    let limit = (wrong_plain.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = edits(&wrong_plain, &plain(candidate));
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A mend for an unknown name: the nearest name, or the list of all, or a word that there is none.
pub fn mend<'a>(wrong: &str, what: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = candidates.into_iter().collect();
    match nearest(wrong, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("no {what} is declared"),
        None => format!("the {what}s are {}", list(&names)),
    }
}

/// Names as a sentence would list them, cut when there are many: `` `a`, `b` and `c` ``.
pub fn list(names: &[&str]) -> String {
    const SHOWN: usize = 14;
    let mut out = String::new();
    for (at, name) in names.iter().take(SHOWN).enumerate() {
        let joint = match at {
            0 => "",
            _ if at + 1 == names.len() => " and ",
            _ => ", ",
        };
        let _ = write!(out, "{joint}`{name}`");
    }
    if names.len() > SHOWN {
        let _ = write!(out, " and {} more", names.len() - SHOWN);
    }
    out
}

/// Lower case and without the marks that people mix up, cut to a length that bounds the work.
fn plain(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).take(48).collect()
}

/// Edits between two names: insertion, deletion, change, or two neighbours swapped.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_not_strangers() {
        assert_eq!(nearest("replcas", ["replicas", "tables"]), Some("replicas"));
        assert_eq!(nearest("visibilityTimeout", ["visibility_timeout"]), Some("visibility_timeout"));
        assert_eq!(nearest("hanldes", ["handles", "tables"]), Some("handles"));
        assert_eq!(nearest("xyzzy", ["replicas", "tables"]), None);
        assert_eq!(mend("q", "service", ["a1", "b2", "c3"]), "the services are `a1`, `b2` and `c3`");
    }
}
