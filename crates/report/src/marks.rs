//! Marks: which events are deviations, and which one is the violation.

use std::collections::BTreeMap;

use ordain_explore::Finding;
use ordain_kernel::EventId;

/// What is special about the events of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    deviations: BTreeMap<EventId, Vec<usize>>,
    violation: Option<EventId>,
}

impl Marks {
    /// The marks of a finding: its deviations are numbered from 1, in their order.
    #[must_use]
    pub fn of(finding: &Finding) -> Marks {
        let mut deviations: BTreeMap<EventId, Vec<usize>> = BTreeMap::new();
        for (at, deviation) in finding.deviations.iter().enumerate() {
            if deviation.event != EventId::NONE {
                deviations.entry(deviation.event).or_default().push(at + 1);
            }
        }
        let violation = Some(finding.violation.event).filter(|e| *e != EventId::NONE);
        Marks { deviations, violation }
    }

    /// The numbers of the deviations at an event.
    #[must_use]
    pub fn deviations(&self, event: EventId) -> &[usize] {
        self.deviations.get(&event).map_or(&[], Vec::as_slice)
    }

    /// Whether the violation was seen at this event.
    #[must_use]
    pub fn is_violation(&self, event: EventId) -> bool {
        self.violation == Some(event)
    }

    /// `[1]`, `[1,2]`, `[!]`, `[1!]`, or nothing.
    #[must_use]
    pub fn label(&self, event: EventId) -> String {
        let numbers: Vec<String> = self.deviations(event).iter().map(usize::to_string).collect();
        let bang = if self.is_violation(event) { "!" } else { "" };
        if numbers.is_empty() && bang.is_empty() {
            return String::new();
        }
        format!("[{}{bang}]", numbers.join(","))
    }

    /// The events that are marked, in order.
    pub fn events(&self) -> impl Iterator<Item = EventId> {
        let mut all: Vec<EventId> = self.deviations.keys().copied().chain(self.violation).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter()
    }
}
