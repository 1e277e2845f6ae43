//! A candidate of shrinking: commands and deviations, with the ties between them and a digest to remember it by.

use std::collections::{BTreeMap, BTreeSet};

use ordain_kernel::{Deviation, Digest, Fate, Key, Kind, Plan, Time, Value};
use ordain_world::{Command, Load};

use crate::finding::DeviationText;

/// A schedule that may or may not show the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) commands: Vec<Command>,
    pub(crate) deviations: Vec<Deviation>,
}

impl Candidate {
    pub(crate) fn load(&self) -> Load {
        Load { commands: self.commands.clone() }
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::new(self.deviations.clone())
    }

    /// The candidate with only these commands, and without the deviations rooted in the others.
    pub(crate) fn with_commands(&self, commands: Vec<Command>, roots: &Roots) -> Candidate {
        let numbers: BTreeSet<u32> = commands.iter().map(|command| command.number).collect();
        let rooted_here = |d: &&Deviation| roots.command(d.key).is_none_or(|number| numbers.contains(&number));
        Candidate { deviations: self.deviations.iter().filter(rooted_here).copied().collect(), commands }
    }

    /// The candidate with only these deviations.
    pub(crate) fn with_deviations(&self, deviations: Vec<Deviation>) -> Candidate {
        Candidate { commands: self.commands.clone(), deviations }
    }

    /// Without the deviations that did not fire and the commands that were issued after `end`.
    pub(crate) fn cut(&self, fired: &[Deviation], end: Time) -> Candidate {
        let happened: BTreeSet<(Key, Kind)> = fired.iter().map(Deviation::choice).collect();
        Candidate {
            commands: self.commands.iter().filter(|command| command.at <= end).cloned().collect(),
            deviations: self.deviations.iter().filter(|d| happened.contains(&d.choice())).copied().collect(),
        }
    }

    /// What it is remembered by. Fields never change while shrinking, so numbers and times say which commands.
    pub(crate) fn digest(&self) -> u128 {
        let mut digest = digest_of(&self.commands);
        for deviation in &self.deviations {
            let (tag, a, b) = value_words(&deviation.value);
            digest.update(deviation.key.0, tag);
            digest.update(a, b);
        }
        digest.value()
    }
}

/// What a load is remembered by, among the loads that shrinking makes of one.
pub(crate) fn load_digest(commands: &[Command]) -> u128 {
    digest_of(commands).value()
}

fn digest_of(commands: &[Command]) -> Digest {
    let mut digest = Digest::default();
    for command in commands {
        digest.update(u64::from(command.number), command.at.0);
    }
    digest.update(u64::MAX, commands.len() as u64);
    digest
}

fn value_words(value: &Value) -> (u64, u64, u64) {
    match *value {
        Value::HoldFor(span) => (1, span.0, 0),
        Value::HoldPast(key) => (2, key.0, 0),
        Value::HoldUntilQuiet => (3, 0, 0),
        Value::Copies { count, late } => (4, u64::from(count), late.0),
        Value::Fate(Fate::Crash { down }) => (5, down.0, 0),
        Value::Fate(Fate::Fail { done }) => (6, u64::from(done), 0),
        Value::Fate(Fate::Lose) => (7, 0, 0),
        Value::Fate(Fate::Ambiguous) => (8, 0, 0),
        Value::Fate(Fate::Pause { lasts }) => (9, lasts.0, 0),
        Value::Fate(Fate::Strike { at, lasts }) => (10, at.0, lasts.0),
        Value::Pick(offset) => (11, offset, 0),
    }
}

/// Which command each deviation is rooted in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots(BTreeMap<Key, u32>);

impl Roots {
    /// Reads them from the paths of a recorded run.
    pub(crate) fn of(texts: &[DeviationText]) -> Roots {
        Roots(texts.iter().filter_map(|d| Some((d.deviation.key, command_of(&d.path)?))).collect())
    }

    pub(crate) fn command(&self, key: Key) -> Option<u32> {
        self.0.get(&key).copied()
    }
}

/// The number of the command at the root of a path, when a command is there.
pub(crate) fn command_of(path: &str) -> Option<u32> {
    let body = path.strip_prefix('c')?;
    let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
    body[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::command_of;

    #[test]
    fn a_command_is_read_from_the_root_of_a_path_only() {
        assert_eq!(command_of("c7"), Some(7));
        assert_eq!(command_of("c12@order/Placed#2@stock.2"), Some(12));
        assert_eq!(command_of("^c.1"), None);
        assert_eq!(command_of("%cut stock.1"), None);
        assert_eq!(command_of("?00c7"), None);
    }
}
