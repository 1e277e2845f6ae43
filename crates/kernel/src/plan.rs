//! Plans: the sparse map of deviations that, with a load, is a run.

use crate::key::Key;
use crate::rule::{Kind, Value};

/// One choice that is not at its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deviation {
    /// Where.
    pub key: Key,
    /// What instead of the default; its kind is part of the identity.
    pub value: Value,
}

impl Deviation {
    /// What identifies the choice: a key has at most one value of each kind.
    #[must_use]
    pub const fn choice(&self) -> (Key, Kind) {
        (self.key, self.value.kind())
    }
}

/// A sparse map from choices to values; everything else is at its default.
///
/// ```
/// use ordain_kernel::{Deviation, Key, Plan, Value};
/// let plan = Plan::new(vec![Deviation { key: Key(7), value: Value::Pick(1) }]);
/// assert_eq!(plan.len(), 1);
/// assert!(Plan::default().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    entries: Vec<Deviation>,
    used: Vec<bool>,
}

impl Plan {
    /// A plan of these deviations; of two for one choice the first counts.
    #[must_use]
    pub fn new(mut entries: Vec<Deviation>) -> Plan {
        entries.sort_by_key(Deviation::choice);
        entries.dedup_by_key(|d| d.choice());
        let used = vec![false; entries.len()];
        Plan { entries, used }
    }

    /// The deviations, by key.
    #[must_use]
    pub fn entries(&self) -> &[Deviation] {
        &self.entries
    }

    /// How many deviations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether this is the calm plan.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value for a choice; marks the entry as matched.
    pub(crate) fn take(&mut self, key: Key, kind: Kind) -> Option<Value> {
        let at = self.entries.binary_search_by_key(&(key, kind), Deviation::choice).ok()?;
        self.used[at] = true;
        Some(self.entries[at].value)
    }

    /// The deviations whose choice never came up in the run.
    pub fn unmatched(&self) -> impl Iterator<Item = &Deviation> {
        self.entries.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(d, _)| d)
    }
}
