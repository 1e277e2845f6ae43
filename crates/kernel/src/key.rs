//! Keys: where a decision came from, as a 64-bit fold of name texts, with a readable path.
//!
//! | what | path |
//! |---|---|
//! | command | `c7` |
//! | message of a handling | handling `/Type#k` |
//! | handling of a message | message `@subscription.n` |
//! | step of a handling | handling `:verb target#k` |
//! | republish of a message | message `~n` |
//! | timer | owner `!name.n` |
//! | occurrence of a fault rule | `%rule.n` |
//! | incarnation | `^service.replica` and its restart `!restart.n` |
//!
//! `#1`, `.1` and `~1` are not printed.

use core::fmt;
use std::fmt::Write as _;

use crate::mix::{mix, text_hash};
use crate::names::{Names, Sym};

/// A causal key: says where a decision came from, never when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u64);

/// What a segment of a path stands for; each form has its own separator and its own salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A command of the load: `c7`.
    Command,
    /// A message: `/Type#k`.
    Message,
    /// A handling: `@subscription.n`.
    Handling,
    /// A step: `:verb target#k`.
    Step,
    /// A republish: `~n`.
    Republish,
    /// A timer: `!name.n`.
    Timer,
    /// An occurrence of a fault rule: `%rule.n`.
    Rule,
    /// A process: `^service.replica`.
    Process,
}

impl Form {
    const fn salt(self) -> u64 {
        mix(0x6F72_6461_696E, self as u64 + 1)
    }

    const fn sigil(self) -> Option<char> {
        match self {
            Form::Command => None,
            Form::Message => Some('/'),
            Form::Handling => Some('@'),
            Form::Step => Some(':'),
            Form::Republish => Some('~'),
            Form::Timer => Some('!'),
            Form::Rule => Some('%'),
            Form::Process => Some('^'),
        }
    }

    const fn counter(self) -> char {
        match self {
            Form::Message | Form::Step => '#',
            _ => '.',
        }
    }

    const fn is_root(self) -> bool {
        matches!(self, Form::Command | Form::Rule | Form::Process)
    }
}

/// One segment of a path, ready to fold: its form and name hashed once, ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seg {
    /// The fold of form and name text.
    pub hash: u64,
    /// The form.
    pub form: Form,
    /// The name, for rendering.
    pub name: Sym,
}

impl Seg {
    /// A segment of `form` named `name`.
    #[must_use]
    pub fn new(names: &mut Names, form: Form, name: &str) -> Seg {
        let sym = names.intern(name);
        Seg { hash: mix(form.salt(), names.hash(sym)), form, name: sym }
    }
}

impl Key {
    /// The empty path, parent of the roots.
    pub const ROOT: Key = Key(0x6F72_6461_696E_2121);

    /// The key of `seg` number `n` below `self`; numbers start at 1.
    #[must_use]
    #[inline]
    pub const fn child(self, seg: Seg, n: u32) -> Key {
        Key(mix(self.0 ^ seg.hash, n as u64))
    }
}

/// Appends the text of one segment.
pub(crate) fn write_segment(out: &mut String, form: Form, name: &str, n: u32) {
    if let Some(sigil) = form.sigil() {
        out.push(sigil);
    }
    match form {
        Form::Command => {
            let _ = write!(out, "{name}{n}");
        }
        Form::Republish => {
            if n != 1 {
                let _ = write!(out, "{n}");
            }
        }
        Form::Rule | Form::Process => {
            let _ = write!(out, "{name}.{n}");
        }
        _ => {
            out.push_str(name);
            if n != 1 {
                let _ = write!(out, "{}{n}", form.counter());
            }
        }
    }
}

/// A path that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseKeyError {
    /// Byte offset of the segment that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of the key", self.what, self.at)
    }
}

impl std::error::Error for ParseKeyError {}

/// Reads a path as people write it back into its key.
///
/// # Errors
/// When the text is not a path; the error says at which byte.
///
/// ```
/// use ordain_kernel::{Form, Key, Names, Seg, parse_key};
/// let mut names = Names::default();
/// let command = Seg::new(&mut names, Form::Command, "c");
/// let handling = Seg::new(&mut names, Form::Handling, "payment");
/// let key = Key::ROOT.child(command, 7).child(handling, 2);
/// assert_eq!(parse_key("c7@payment.2"), Ok(key));
/// ```
pub fn parse_key(text: &str) -> Result<Key, ParseKeyError> {
    let mut key = Key::ROOT;
    let mut at = 0;
    while at < text.len() || at == 0 {
        let rest = &text[at..];
        let form = form_of(rest).ok_or(ParseKeyError { at, what: "empty key" })?;
        if form.is_root() != (at == 0) {
            return Err(ParseKeyError {
                at,
                what: if at == 0 { "no command, rule or process" } else { "a root inside a path" },
            });
        }
        let body = &rest[usize::from(form.sigil().is_some())..];
        let end = body.find(['/', '@', ':', '~', '!', '%', '^']).unwrap_or(body.len());
        let (name, n) = split_counter(form, &body[..end]).ok_or(ParseKeyError { at, what: "bad segment" })?;
        key = Key(mix(key.0 ^ mix(form.salt(), text_hash(name)), u64::from(n)));
        at = text.len() - body.len() + end;
    }
    Ok(key)
}

fn form_of(rest: &str) -> Option<Form> {
    Some(match rest.chars().next()? {
        '/' => Form::Message,
        '@' => Form::Handling,
        ':' => Form::Step,
        '~' => Form::Republish,
        '!' => Form::Timer,
        '%' => Form::Rule,
        '^' => Form::Process,
        _ => Form::Command,
    })
}

fn split_counter(form: Form, body: &str) -> Option<(&str, u32)> {
    match form {
        Form::Command => {
            let digits = body.find(|c: char| c.is_ascii_digit())?;
            Some((&body[..digits], body[digits..].parse().ok()?))
        }
        Form::Republish => Some(("", if body.is_empty() { 1 } else { body.parse().ok()? })),
        _ => match body.rsplit_once(form.counter()) {
            Some((name, n)) => Some((name, n.parse().ok()?)),
            None if body.is_empty() => None,
            None => Some((body, 1)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nonsense_is_an_error_with_a_place() {
        for text in ["", "/Order", "c7/", "c7@a.x", "cx", "c7%rule.1"] {
            assert!(parse_key(text).is_err(), "{text:?} was read as a key");
        }
    }

    proptest! {
        #[test]
        fn a_path_reads_back_as_its_key(
            root in (0_usize..3, 1_u32..500),
            steps in prop::collection::vec((0_usize..5, "[A-Za-z][A-Za-z_ -]{0,8}", 1_u32..20), 0..8),
        ) {
            let mut names = Names::default();
            let mut trace = crate::trace::Trace::default();
            trace.begin(true);
            let roots = [(Form::Command, "c"), (Form::Rule, "cut stock"), (Form::Process, "payment")];
            let (form, name) = roots[root.0];
            let seg = Seg::new(&mut names, form, name);
            let mut key = trace.key(Key::ROOT, seg, root.1);
            for (form, name, n) in steps {
                let form = [Form::Message, Form::Handling, Form::Step, Form::Republish, Form::Timer][form];
                let name = if form == Form::Republish { String::new() } else { name };
                let seg = Seg::new(&mut names, form, &name);
                key = trace.key(key, seg, n);
            }
            let path = trace.recorded().unwrap().path(&names, key);
            prop_assert_eq!(parse_key(&path), Ok(key), "{}", path);
        }

        #[test]
        fn any_text_is_a_key_or_an_error(text in ".{0,40}") {
            let _ = parse_key(&text);
        }
    }
}
