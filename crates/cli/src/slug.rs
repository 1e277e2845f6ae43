//! Names of files, made of names that people chose.

use std::collections::BTreeSet;

/// The longest name that is made.
const LONGEST: usize = 96;

/// A file name of a text: letters, digits, `_`, `.` and `-`; lower case, so that no two differ by case alone.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase).take(LONGEST) {
        match c {
            'a'..='z' | '0'..='9' | '_' | '.' => out.push(c),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_matches(['-', '.']).to_owned();
    if out.is_empty() { "unnamed".to_owned() } else { out }
}

/// Hands out names, none twice.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// The name of a text, with a number behind it if it is taken.
    pub(crate) fn take(&mut self, text: &str) -> String {
        let first = slug(text);
        let numbered = (2..).map(|n| format!("{first}-{n}"));
        let free = std::iter::once(first.clone()).chain(numbered).find(|name| !self.0.contains(name));
        let name = free.unwrap_or(first);
        self.0.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, slug};

    #[test]
    fn a_slug_is_a_safe_file_name() {
        assert_eq!(slug("charged_once/violated/payment.charges"), "charged_once-violated-payment.charges");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("Ünïcode  !"), "n-code");
        assert_eq!(slug("..."), "unnamed");
        assert!(slug(&"x".repeat(500)).len() <= 96);
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        assert_eq!([names.take("a/b"), names.take("a b"), names.take("A-B")], ["a-b", "a-b-2", "a-b-3"]);
    }
}
