//! Sources of choices for the search: one that follows a plan and listens, one that finds out the rules of places.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ordain_kernel::{Ask, Decide, Deviation, Draw, Fate, Key, Kind, Rule, RuleId, Site, Span, Value};

use crate::run::RunReport;
use crate::values::representative;

/// The choices that a run put, in order, and whether each deviated.
pub(crate) type Heard = Rc<RefCell<Vec<(Ask, bool)>>>;

/// Follows a plan, and hears all choices that the run puts.
pub(crate) struct Listener {
    plan: BTreeMap<(Key, Kind), Value>,
    heard: Heard,
}

impl Listener {
    pub(crate) fn new(deviations: &[Deviation]) -> (Listener, Heard) {
        let plan = deviations.iter().map(|deviation| (deviation.choice(), deviation.value)).collect();
        let heard = Heard::default();
        (Listener { plan, heard: heard.clone() }, heard)
    }
}

impl Decide for Listener {
    fn decide(&mut self, ask: &Ask, _: &[Rule]) -> Option<Value> {
        let value = self.plan.get(&(ask.key, ask.kind)).copied();
        self.heard.borrow_mut().push((*ask, value.is_some()));
        value
    }
}

/// Lets each place deviate once that was not surveyed yet, as mildly as its kind allows. What deviates is reported
/// with the first rule of its place, if it has any.
pub(crate) struct Survey {
    done: BTreeSet<Site>,
}

impl Decide for Survey {
    fn decide(&mut self, ask: &Ask, _: &[Rule]) -> Option<Value> {
        (takes_a_value(ask) && self.done.insert(ask.site)).then_some(match ask.kind {
            Kind::Hold => Value::HoldFor(Span(1)),
            Kind::Copy => Value::Copies { count: 1, late: Span::ZERO },
            Kind::Fate => Value::Fate(Fate::Lose), // no place of a process, a call or a strike knows it
            Kind::Pick => Value::Pick(1),
        })
    }
}

fn takes_a_value(ask: &Ask) -> bool {
    ask.kind != Kind::Pick || ask.room > 1
}

/// The rules that are known to be behind each place; none where nothing can deviate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    rules: BTreeMap<Site, BTreeSet<RuleId>>,
    surveyed: BTreeSet<Site>,
}

impl Places {
    /// Learns from a seeded run, in which any rule of a place may have struck.
    pub(crate) fn learn(&mut self, report: &RunReport) {
        for reason in &report.reasons {
            self.rules.entry(reason.site).or_default().extend(reason.rule);
        }
    }

    /// Learns from a survey, which tells the first rule of each place; says whether there was anything new.
    pub(crate) fn learn_all(&mut self, survey: &RunReport) -> bool {
        let before = self.surveyed.len();
        self.surveyed.extend(survey.reasons.iter().map(|reason| reason.site));
        self.learn(survey);
        self.surveyed.len() > before
    }

    /// A survey of the places that had none yet, when `heard` has any.
    pub(crate) fn survey(&self, heard: &[(Ask, bool)]) -> Option<Survey> {
        let unknown = |ask: &Ask| takes_a_value(ask) && !self.surveyed.contains(&ask.site);
        heard.iter().any(|(ask, _)| unknown(ask)).then(|| Survey { done: self.surveyed.clone() })
    }

    /// The deviations to try at a choice.
    pub(crate) fn deviations(&self, ask: &Ask, draws: &[Draw]) -> Vec<Deviation> {
        let rules = self.rules.get(&ask.site).into_iter().flatten();
        let draws = rules.filter_map(|rule| draws.get(usize::from(rule.0)));
        let mut values: Vec<Value> = draws.flat_map(|draw| representative(draw, ask.room)).collect();
        values.retain(|value| value.kind() == ask.kind);
        values.sort_unstable();
        values.dedup();
        values.into_iter().map(|value| Deviation { key: ask.key, value }).collect()
    }
}
