//! Brokers and channels.

use std::time::Duration;

use indexmap::IndexMap;

use super::Times;
use crate::source::Span;
use crate::syntax::ast::Ident;

/// A setting of a broker, after its key in the key table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A flag.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A duration.
    Time(Duration),
    /// A word.
    Word(&'static str),
}

/// A broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Its name.
    pub name: Ident,
    /// Its kind, as the file spells it.
    pub kind: &'static str,
    /// Its settings; what has neither a value nor a default is absent.
    pub settings: IndexMap<&'static str, Setting>,
}

impl Broker {
    /// A flag; off when absent.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.settings.get(key), Some(Setting::Flag(true)))
    }

    /// A number, if it is set.
    pub fn number(&self, key: &str) -> Option<i64> {
        if let Some(Setting::Number(number)) = self.settings.get(key) { Some(*number) } else { None }
    }

    /// A duration, if it is set.
    pub fn time(&self, key: &str) -> Option<Duration> {
        if let Some(Setting::Time(time)) = self.settings.get(key) { Some(*time) } else { None }
    }

    /// A word; empty when absent.
    pub fn word(&self, key: &str) -> &'static str {
        if let Some(Setting::Word(word)) = self.settings.get(key) { word } else { "" }
    }
}

/// How often something is tried again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// The most further tries; without it there is no limit.
    pub max: Option<u32>,
    /// The wait before a further try.
    pub backoff: Times,
    /// Where it stands.
    pub span: Span,
}

/// Topic or queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each handling service gets a copy.
    Topic,
    /// Each type has one handling service.
    Queue,
}

/// A topic or a queue.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: Ident,
    /// Its broker.
    pub broker: Ident,
    /// Topic or queue.
    pub mode: Mode,
    /// Ordered lanes.
    pub partitions: u32,
    /// The field that chooses the lane.
    pub key: Option<Ident>,
    /// The types that live here.
    pub carries: Vec<Ident>,
    /// What follows a failure.
    pub retry: Option<Retry>,
    /// Where hopeless messages go.
    pub dead_letter: Option<Ident>,
}
