//! What a choice can be: its kind, its values, and the fault rules that make it deviate.

use core::fmt;

use crate::key::Key;
use crate::mix::text_hash;
use crate::time::{Span, Time};

/// The four kinds of choice. There is no fifth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A pending delivery, step, confirm, ack or timer waits. Default: it does not.
    Hold,
    /// A delivery happens again. Default: it does not.
    Copy,
    /// At a boundary: crash, fail, lose, ambiguous, pause; or a timed fault strikes. Default: nothing happens.
    Fate,
    /// An alternative that the contract leaves open. Default: the first.
    Pick,
}

impl Kind {
    /// The word used in files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Hold => "hold",
            Kind::Copy => "copy",
            Kind::Fate => "fate",
            Kind::Pick => "pick",
        }
    }
}

/// What happens at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The process dies and comes back after `down`.
    Crash {
        /// How long it stays down.
        down: Span,
    },
    /// An external call fails; `done` says whether its effect happened all the same.
    Fail {
        /// Whether the effect happened.
        done: bool,
    },
    /// The message is lost, where the contract allows it.
    Lose,
    /// The commit happened, its answer is lost.
    Ambiguous,
    /// The process stands still, then goes on as if nothing had been.
    Pause {
        /// How long it stands still.
        lasts: Span,
    },
    /// A timed fault (partition, rebalance, timed pause) strikes.
    Strike {
        /// When.
        at: Time,
        /// For how long; zero for a point event.
        lasts: Span,
    },
}

/// The value of a choice that is not at its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Hold for a span.
    HoldFor(Span),
    /// Hold until just after the event with this key; until quiet when it never happens.
    HoldPast(Key),
    /// Hold until nothing else is left to do.
    HoldUntilQuiet,
    /// Deliver `count` more times, each `late` after the one before.
    Copies {
        /// How many more times.
        count: u32,
        /// How late, where the mechanism leaves that open.
        late: Span,
    },
    /// A fate at a boundary.
    Fate(Fate),
    /// The offset from the default among the alternatives (for a span: nanoseconds above its lower bound).
    Pick(u64),
}

impl Value {
    /// The kind of choice that this value answers.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Value::HoldFor(_) | Value::HoldPast(_) | Value::HoldUntilQuiet => Kind::Hold,
            Value::Copies { .. } => Kind::Copy,
            Value::Fate(_) => Kind::Fate,
            Value::Pick(_) => Kind::Pick,
        }
    }
}

/// A probability as a threshold on 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u64);

impl Chance {
    /// Never.
    pub const NEVER: Chance = Chance(0);
    /// At each opportunity.
    pub const ALWAYS: Chance = Chance(u64::MAX);

    /// A chance in parts per million; a million and more is always.
    ///
    /// ```
    /// use ordain_kernel::Chance;
    /// assert!(Chance::from_ppm(1_000_000).hit(u64::MAX));
    /// assert!(!Chance::NEVER.hit(0));
    /// ```
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Chance {
        if ppm >= 1_000_000 { Chance::ALWAYS } else { Chance((u64::MAX / 1_000_000) * ppm as u64) }
    }

    /// Whether a drawn word falls under this chance.
    #[must_use]
    #[inline]
    pub const fn hit(self, word: u64) -> bool {
        word < self.0 || self.0 == u64::MAX
    }
}

/// How the value of a deviation is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draw {
    /// One of these spans, or until quiet in one case of sixteen when `quiet`.
    Hold {
        /// The rungs, shortest first.
        rungs: Vec<Span>,
        /// Whether "until quiet" is among the values.
        quiet: bool,
    },
    /// A number of copies and one of the lateness rungs.
    Copies {
        /// Fewest and most copies.
        count: (u32, u32),
        /// Lateness rungs; empty means at once.
        late: Vec<Span>,
    },
    /// A crash with a downtime in this range.
    Crash {
        /// Shortest and longest downtime.
        down: (Span, Span),
    },
    /// A pause in this range.
    Pause {
        /// Shortest and longest pause.
        lasts: (Span, Span),
    },
    /// An ambiguous commit.
    Ambiguous,
    /// A loss.
    Lose,
    /// A failed external call; `None` draws whether its effect was done.
    Fail {
        /// Whether the effect is done.
        done: Option<bool>,
    },
    /// Another alternative, uniformly among those eligible.
    Alternative,
    /// A timed fault: the gap to the occurrence before, and its length.
    Strike {
        /// Shortest and longest gap.
        gap: (Span, Span),
        /// Shortest and longest length.
        lasts: (Span, Span),
    },
}

/// The index of a rule in [`crate::Choices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// A place in the system where choices of one kind are put; the index of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(pub u32);

/// A reason for choices to deviate: a declared fault, or an answer that the scenario leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its identity: draws depend on this text, so adding a rule moves no draw of another.
    pub name: String,
    /// How often an opportunity deviates.
    pub chance: Chance,
    /// What value it then gets.
    pub draw: Draw,
    /// Whether the rule is a fault: each seed first draws which faults are on (swarm testing).
    /// Answers and spans are always on.
    pub fault: bool,
}

impl Rule {
    /// The stable hash of the rule's identity.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        text_hash(self.name.as_str())
    }
}

impl fmt::Display for Value {
    /// The spelling of regression files: `for 20s`, `until quiet`, `copies 2 late 30s`, `crash down 3s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::HoldFor(span) => write!(f, "for {span}"),
            Value::HoldPast(key) => write!(f, "past {:016x}", key.0),
            Value::HoldUntilQuiet => f.write_str("until quiet"),
            Value::Copies { count, late } if *late == Span::ZERO => write!(f, "copies {count}"),
            Value::Copies { count, late } => write!(f, "copies {count} late {late}"),
            Value::Fate(Fate::Crash { down }) => write!(f, "crash down {down}"),
            Value::Fate(Fate::Fail { done: true }) => f.write_str("fail done"),
            Value::Fate(Fate::Fail { done: false }) => f.write_str("fail not_done"),
            Value::Fate(Fate::Lose) => f.write_str("lose"),
            Value::Fate(Fate::Ambiguous) => f.write_str("ambiguous"),
            Value::Fate(Fate::Pause { lasts }) => write!(f, "pause {lasts}"),
            Value::Fate(Fate::Strike { at, lasts }) => write!(f, "at {} lasts {lasts}", Span(at.0)),
            Value::Pick(offset) => write!(f, "pick {offset}"),
        }
    }
}

impl core::str::FromStr for Value {
    type Err = String;

    /// Reads what [`Value`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Value, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let value = match words.as_slice() {
            ["for", span] => Value::HoldFor(parse_span(span)?),
            ["past", ..] => Value::HoldPast(parse_past(text.trim_start()["past".len()..].trim())?),
            ["until", "quiet"] => Value::HoldUntilQuiet,
            ["copies", n] => Value::Copies { count: parse_count(n)?, late: Span::ZERO },
            ["copies", n, "late", late] => Value::Copies { count: parse_count(n)?, late: parse_span(late)? },
            ["crash", "down", down] => Value::Fate(Fate::Crash { down: parse_span(down)? }),
            ["fail", "done"] => Value::Fate(Fate::Fail { done: true }),
            ["fail", "not_done"] => Value::Fate(Fate::Fail { done: false }),
            ["lose"] => Value::Fate(Fate::Lose),
            ["ambiguous"] => Value::Fate(Fate::Ambiguous),
            ["pause", lasts] => Value::Fate(Fate::Pause { lasts: parse_span(lasts)? }),
            ["at", at, "lasts", lasts] => {
                Value::Fate(Fate::Strike { at: Time(parse_span(at)?.0), lasts: parse_span(lasts)? })
            }
            ["pick", n] => Value::Pick(n.parse().map_err(|_| format!("{n:?} is not a whole number"))?),
            _ => {
                return Err(format!(
                    "{text:?} is no value of a choice, such as `for 20s`, `copies 1` or `crash down 3s`"
                ));
            }
        };
        Ok(value)
    }
}

/// A path as people write it, or the 16 hexadecimal digits of a key whose path is not known.
fn parse_past(text: &str) -> Result<Key, String> {
    if text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return u64::from_str_radix(text, 16).map(Key).map_err(|error| error.to_string());
    }
    crate::key::parse_key(text).map_err(|error| error.to_string())
}

fn parse_count(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| format!("{text:?} is not a number of copies"))
}

fn parse_span(text: &str) -> Result<Span, String> {
    text.parse()
}

impl core::str::FromStr for Span {
    type Err = String;

    /// Reads a whole number with a unit: `ns`, `us`, `ms`, `s`, `m`, `h`, `d`.
    fn from_str(text: &str) -> Result<Span, String> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let wrong = || format!("{text:?} is not a duration, such as `200ms` or `5s`");
        let count: u64 = text[..unit_at].parse().map_err(|_| wrong())?;
        let nanos: u64 = match &text[unit_at..] {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            _ => return Err(wrong()),
        };
        count.checked_mul(nanos).map(Span).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span() -> impl Strategy<Value = Span> {
        (0_u64..1_000_000_000_000).prop_map(Span)
    }

    fn value() -> impl Strategy<Value = super::Value> {
        use super::Value as V;
        prop_oneof![
            span().prop_map(V::HoldFor),
            any::<u64>().prop_map(|key| V::HoldPast(Key(key))),
            Just(V::HoldUntilQuiet),
            (1_u32..9, span()).prop_map(|(count, late)| V::Copies { count, late }),
            span().prop_map(|down| V::Fate(Fate::Crash { down })),
            any::<bool>().prop_map(|done| V::Fate(Fate::Fail { done })),
            Just(V::Fate(Fate::Lose)),
            Just(V::Fate(Fate::Ambiguous)),
            span().prop_map(|lasts| V::Fate(Fate::Pause { lasts })),
            (span(), span()).prop_map(|(at, lasts)| V::Fate(Fate::Strike { at: Time(at.0), lasts })),
            any::<u64>().prop_map(V::Pick),
        ]
    }

    proptest! {
        #[test]
        fn a_value_reads_back_as_it_is_written(value in value()) {
            prop_assert_eq!(value.to_string().parse::<super::Value>(), Ok(value));
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text in ".{0,40}") {
            let _ = text.parse::<super::Value>();
        }
    }

    #[test]
    fn past_takes_a_path() {
        let key = crate::key::parse_key("c7@stock:put items").unwrap();
        assert_eq!("past c7@stock:put items".parse(), Ok(super::Value::HoldPast(key)));
    }
}
