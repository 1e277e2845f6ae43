//! Calm runs of smaller loads: a load that breaks a check by itself says nothing about deviations.
//!
//! A check that counts absolutely (`size(s.rows) == 60` of 60 commands) is violated by any deletion of a command. So when
//! the calm run of the full load passes, a smaller load only counts when its own calm run passes, too.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ordain_checks::Signature;
use ordain_world::Load;

use crate::candidate::load_digest;
use crate::purse::Purse;
use crate::run::{Job, JobSource};

/// What the calm runs of one seed's load, and of parts of it, show.
pub(crate) struct Calm {
    full: Load,
    /// By the digest of the load.
    shown: BTreeMap<u128, BTreeSet<Signature>>,
}

impl Calm {
    /// Nothing is known yet of a load and its parts.
    pub(crate) const fn of(full: Load) -> Calm {
        Calm { full, shown: BTreeMap::new() }
    }

    /// Whether a load can be told a signature of: unless it shows it by itself, and the full load does not. `None` when
    /// that could not be found out.
    pub(crate) fn admits(&mut self, load: &Load, signature: &Signature, purse: &mut Purse<'_>) -> Option<bool> {
        if *load == self.full || !self.shows(load, signature, purse)? {
            return Some(true);
        }
        let full = self.full.clone();
        self.shows(&full, signature, purse)
    }

    /// Whether it is known already that a load cannot be told a signature of.
    pub(crate) fn refuses(&self, load: &Load, signature: &Signature) -> bool {
        let known = |load: &Load| self.shown.get(&load_digest(&load.commands)).map(|shown| shown.contains(signature));
        *load != self.full && known(load) == Some(true) && known(&self.full) == Some(false)
    }

    fn shows(&mut self, load: &Load, signature: &Signature, purse: &mut Purse<'_>) -> Option<bool> {
        let shown = match self.shown.entry(load_digest(&load.commands)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let report = purse.run(Job::new(load, JobSource::Calm))?;
                unknown.insert(report.violations.into_iter().map(|violation| violation.signature).collect())
            }
        };
        Some(shown.contains(signature))
    }
}
