//! Choices: every nondeterministic decision is put here, and a source answers it.

use crate::key::Key;
use crate::plan::{Deviation, Plan};
use crate::rule::{Kind, Rule, RuleId, Site, Value};
use crate::seeded::Seeded;

/// One question to a source: a choice at a place in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The kind of choice.
    pub kind: Kind,
    /// The static place.
    pub site: Site,
    /// Where it came from.
    pub key: Key,
    /// Picks: how many alternatives are eligible. Strikes: the earliest time in nanoseconds. Else zero.
    pub room: u64,
}

/// What a source says: nothing for the default, or a value and the rule behind it.
pub type Answer = Option<(Value, Option<RuleId>)>;

/// A source of your own: enumeration, guided search, or a log of what was asked.
pub trait Decide {
    /// Answers one choice; `None` is the default.
    fn decide(&mut self, ask: &Ask, rules: &[Rule]) -> Option<Value>;
}

/// Where deviations come from.
#[derive(Default)]
#[non_exhaustive]
pub enum Source {
    /// Every choice at its default.
    #[default]
    Calm,
    /// Rules and a seed decide.
    Seeded(Seeded),
    /// Exactly these deviations.
    Plan(Plan),
    /// Somebody else decides.
    Other(Box<dyn Decide>),
}

impl core::fmt::Debug for Source {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Source::Calm => "Calm",
            Source::Seeded(_) => "Seeded",
            Source::Plan(_) => "Plan",
            Source::Other(_) => "Other",
        })
    }
}

/// A deviation that happened in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The choice and its value.
    pub deviation: Deviation,
    /// The place.
    pub site: Site,
    /// The rule behind it, when a rule was.
    pub rule: Option<RuleId>,
}

#[derive(Clone, Debug)]
struct SiteRules {
    kind: Kind,
    rules: Vec<RuleId>,
}

/// The choices of a world: its rules, its sites, and the source that answers.
///
/// ```
/// use ordain_kernel::{Chance, Choices, Draw, Key, Kind, Rule, Seeded, Source};
/// let mut choices = Choices::default();
/// let rule = choices.add_rule(Rule {
///     name: "crash payment".into(),
///     chance: Chance::ALWAYS,
///     draw: Draw::Ambiguous,
///     fault: true,
/// });
/// let site = choices.add_site(Kind::Fate, vec![rule]);
/// assert!(choices.ask(site, Key(1), 0).is_none(), "calm is the default");
/// choices.begin(Source::Seeded(Seeded::new(1, choices.rules())));
/// assert!(choices.ask(site, Key(1), 0).is_some());
/// assert_eq!(choices.fired().len(), 1);
/// ```
#[derive(Debug, Default)]
pub struct Choices {
    rules: Vec<Rule>,
    sites: Vec<SiteRules>,
    source: Source,
    /// Whether a choice at each site can deviate at all in this run.
    open: Vec<bool>,
    faults_on: bool,
    fired: Vec<Fired>,
    asked: u64,
}

impl Choices {
    /// Adds a rule. Rules and sites belong to the scenario and survive [`Choices::begin`].
    pub fn add_rule(&mut self, rule: Rule) -> RuleId {
        self.rules.push(rule);
        RuleId((self.rules.len() - 1) as u16)
    }

    /// Adds a site whose choices of one kind these rules may move; of several that hit, the first counts.
    pub fn add_site(&mut self, kind: Kind, rules: Vec<RuleId>) -> Site {
        self.open.push(Self::can_deviate(&self.source, &rules));
        self.sites.push(SiteRules { kind, rules });
        Site((self.sites.len() - 1) as u32)
    }

    /// The rules, by [`RuleId`].
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Starts a run from `source`.
    pub fn begin(&mut self, source: Source) {
        self.source = source;
        self.start();
    }

    /// Starts a seeded run, reusing the memory of the last one.
    pub fn begin_seeded(&mut self, seed: u64) {
        if let Source::Seeded(seeded) = &mut self.source {
            seeded.rearm(seed, &self.rules);
        } else {
            self.source = Source::Seeded(Seeded::new(seed, &self.rules));
        }
        self.start();
    }

    fn start(&mut self) {
        for (open, at) in self.open.iter_mut().zip(&self.sites) {
            *open = Self::can_deviate(&self.source, &at.rules);
        }
        self.faults_on = true;
        self.fired.clear();
        self.asked = 0;
    }

    fn can_deviate(source: &Source, rules: &[RuleId]) -> bool {
        match source {
            Source::Calm => false,
            Source::Seeded(_) => !rules.is_empty(),
            Source::Plan(plan) => !plan.is_empty(),
            Source::Other(_) => true,
        }
    }

    /// Ends the faults: in the drain only picks (answers, spans, alternatives) may deviate; holds, copies and
    /// fates are at their default whatever the source says.
    pub fn end_faults(&mut self) {
        self.faults_on = false;
    }

    /// Whether a choice at `site` can deviate at all under the present source: a hint for the hot path.
    #[must_use]
    #[inline]
    pub fn open(&self, site: Site) -> bool {
        self.open[site.0 as usize]
    }

    /// Puts a choice: `None` is the default. `room` is the number of eligible alternatives for a pick,
    /// the earliest time in nanoseconds for a strike, and zero otherwise.
    #[inline]
    pub fn ask(&mut self, site: Site, key: Key, room: u64) -> Option<Value> {
        self.asked += 1;
        if !self.open(site) {
            return None;
        }
        self.ask_source(site, key, room)
    }

    #[inline(never)]
    fn ask_source(&mut self, site: Site, key: Key, room: u64) -> Option<Value> {
        let at = &self.sites[site.0 as usize];
        if !self.faults_on && at.kind != Kind::Pick {
            return None;
        }
        let (value, rule) = match &mut self.source {
            Source::Calm => return None,
            Source::Seeded(seeded) => {
                let rules = &self.rules;
                let hit = at.rules.iter().find(|id| seeded.hits(id.0 as usize, key))?;
                (seeded.draw(&rules[hit.0 as usize], key, room)?, Some(*hit))
            }
            Source::Plan(plan) => (plan.take(key, at.kind)?, at.rules.first().copied()),
            Source::Other(decide) => {
                let ask = Ask { kind: at.kind, site, key, room };
                (decide.decide(&ask, &self.rules)?, at.rules.first().copied())
            }
        };
        if matches!(value, Value::Pick(n) if n == 0 || n >= room) {
            return None;
        }
        self.fired.push(Fired { deviation: Deviation { key, value }, site, rule });
        Some(value)
    }

    /// The deviations of this run so far, in the order in which they happened.
    #[must_use]
    pub fn fired(&self) -> &[Fired] {
        &self.fired
    }

    /// How many choices were put in this run.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// The plan of this run, when it is one: asks which of its entries never came up.
    #[must_use]
    pub const fn plan(&self) -> Option<&Plan> {
        match &self.source {
            Source::Plan(plan) => Some(plan),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Chance, Draw, Fate};
    use crate::time::Span;
    use proptest::prelude::*;

    fn choices() -> (Choices, Site, Site) {
        let mut choices = Choices::default();
        let crash = Draw::Crash { down: (Span::from_secs(1), Span::from_secs(9)) };
        let rule = Rule { name: "crash".into(), chance: Chance::from_ppm(200_000), draw: crash, fault: true };
        let rule = choices.add_rule(rule);
        let span =
            Rule { name: "span".into(), chance: Chance::from_ppm(100_000), draw: Draw::Alternative, fault: false };
        let span = choices.add_rule(span);
        let (fate, pick) = (choices.add_site(Kind::Fate, vec![rule]), choices.add_site(Kind::Pick, vec![span]));
        (choices, fate, pick)
    }

    fn answers(choices: &mut Choices, fate: Site, pick: Site, keys: &[u64]) -> Vec<Option<Value>> {
        let asked = keys.iter().flat_map(|key| [choices.ask(fate, Key(*key), 0), choices.ask(pick, Key(*key), 50)]);
        asked.collect()
    }

    proptest! {
        #[test]
        fn the_deviations_of_a_seed_are_a_plan_that_answers_alike(seed: u64, keys in prop::collection::vec(any::<u64>(), 1..60)) {
            let (mut choices, fate, pick) = choices();
            choices.begin_seeded(seed);
            let mut keys = keys;
            keys.sort_unstable();
            keys.dedup();
            let seeded = answers(&mut choices, fate, pick, &keys);
            let plan = Plan::new(choices.fired().iter().map(|fired| fired.deviation).collect());
            choices.begin(Source::Plan(plan));
            prop_assert_eq!(answers(&mut choices, fate, pick, &keys), seeded);
            prop_assert_eq!(choices.plan().unwrap().unmatched().count(), 0);
        }

        #[test]
        fn an_empty_plan_is_calm(keys in prop::collection::vec(any::<u64>(), 1..60)) {
            let (mut choices, fate, pick) = choices();
            choices.begin(Source::Plan(Plan::default()));
            prop_assert!(answers(&mut choices, fate, pick, &keys).iter().all(Option::is_none));
        }
    }

    #[test]
    fn after_the_faults_only_picks_deviate() {
        let (mut choices, fate, pick) = choices();
        let crash = Value::Fate(Fate::Crash { down: Span::from_secs(1) });
        let at = |key, value| Deviation { key: Key(key), value };
        choices.begin(Source::Plan(Plan::new(vec![at(1, crash), at(1, Value::Pick(3))])));
        choices.end_faults();
        assert_eq!(choices.ask(fate, Key(1), 0), None);
        assert_eq!(choices.ask(pick, Key(1), 50), Some(Value::Pick(3)));
        assert_eq!(choices.plan().unwrap().unmatched().count(), 1);
    }

    #[test]
    fn a_pick_beyond_the_eligible_is_the_default() {
        let (mut choices, _, pick) = choices();
        choices.begin(Source::Plan(Plan::new(vec![Deviation { key: Key(1), value: Value::Pick(3) }])));
        assert_eq!(choices.ask(pick, Key(1), 3), None);
        assert!(choices.fired().is_empty());
    }
}
