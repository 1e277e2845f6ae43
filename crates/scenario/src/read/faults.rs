//! Fault rules: their form. Whether the brokers can show them is analysed later.

use crate::diag::Code;
use crate::model::{Boundary, Channels, Count, Fault, FaultKind, Times, When, Window};
use crate::read::section::Reader;
use crate::read::settings::Settings;
use crate::source::Spanned;
use crate::syntax::ast::Ident;

impl Reader<'_> {
    pub(super) fn faults(&mut self, root: &Settings<'_>) -> Vec<Fault> {
        root.list("faults").iter().filter_map(|section| self.fault(section)).collect()
    }

    fn fault(&mut self, section: &Settings<'_>) -> Option<Fault> {
        let times = |key: &str| section.times(key).map(|times| times.value);
        let kind = match section.tag {
            "duplicate" => {
                let copies = section.count("copies").map_or(Count { least: 1, most: 1 }, |count| count.value);
                FaultKind::Duplicate { channels: channels(section, "duplicate"), copies, late: times("late") }
            }
            "reorder" => FaultKind::Reorder { channels: channels(section, "reorder") },
            "delay" => FaultKind::Delay { channels: channels(section, "delay"), by: times("by")? },
            "lose" => FaultKind::Lose { channels: channels(section, "lose") },
            "crash" => {
                let at = section.text("at").map(|at| Spanned::new(at.value, at.span));
                if at.is_some() && section.given("chance") {
                    let text = "a crash is either scripted by `at` or drawn by `chance`";
                    self.error(Code::Conflict, section.span_of("chance"), text, "remove one of them");
                }
                let down = times("down").unwrap_or_default();
                FaultKind::Crash { process: section.name("crash"), window: self.window(section), at, down }
            }
            "ambiguous_commit" => FaultKind::AmbiguousCommit { service: section.name("ambiguous_commit") },
            "partition" => self.partition(section)?,
            "rebalance" => {
                FaultKind::Rebalance { broker: section.name("rebalance"), every: times("every").unwrap_or_default() }
            }
            "pause" => self.pause(section),
            "fail" => FaultKind::Fail { external: section.name("fail"), effect_done: section.word("effect") == "done" },
            "slow" => FaultKind::Slow { external: section.name("slow"), by: times("by")? },
            _ => return None,
        };
        let by_chance = !matches!(&kind, FaultKind::Crash { at: Some(_), .. });
        let chance_ppm = section.ppm("chance").filter(|_| by_chance).map(|ppm| ppm.value);
        let span = section.span;
        Some(Fault { span, chance_ppm, kind })
    }

    fn window(&mut self, section: &Settings<'_>) -> Window {
        let boundary = |key: &str| section.choice(key).and_then(|word| Boundary::named(word.value));
        let window = Window { after: boundary("after"), before: boundary("before") };
        if let (Some(after), Some(before)) = (window.after, window.before) {
            let text = if after.of_relay() != before.of_relay() {
                Some(format!(
                    "`{}` and `{}` belong to different processes: a handling and a relay",
                    after.word(),
                    before.word()
                ))
            } else if after >= before {
                Some(format!("`{}` does not come before `{}`", after.word(), before.word()))
            } else {
                None
            };
            if let Some(text) = text {
                let order: Vec<&str> =
                    Boundary::ALL.iter().filter(|b| b.of_relay() == after.of_relay()).map(|b| b.word()).collect();
                self.error(Code::Fault, section.span_of("before"), text, format!("the order is {}", order.join(", ")));
            }
        }
        window
    }

    fn partition(&mut self, section: &Settings<'_>) -> Option<FaultKind> {
        let names = section.names("partition")?.value;
        let Ok(sides) = <[Ident; 2]>::try_from(names) else {
            let text = "a partition has exactly two sides";
            self.error(Code::Value, section.span_of("partition"), text, "write `partition: [stock, tasks]`");
            return None;
        };
        let times = |key: &str| section.times(key).map(|times| times.value);
        let when = match (times("at"), times("every")) {
            (Some(at), None) => When::At(at),
            (None, Some(every)) => When::Every(every),
            (both, _) => {
                let text = if both.is_some() {
                    "a partition has `at` or `every`, not both"
                } else {
                    "the partition does not say when it begins"
                };
                self.error(
                    Code::Value,
                    section.span,
                    text,
                    "write `at: 40s..80s` for once, or `every: 30s..60s` for again and again",
                );
                return None;
            }
        };
        Some(FaultKind::Partition { sides, when, lasts: times("lasts").unwrap_or_default() })
    }

    fn pause(&mut self, section: &Settings<'_>) -> FaultKind {
        let every = section.times("every").map(|times| times.value);
        if every.is_some() == section.given("chance") {
            let text = if every.is_some() {
                "a pause has `chance` or `every`, not both"
            } else {
                "the pause does not say how often"
            };
            self.error(Code::Value, section.span, text, "write `chance: 1%` for each boundary, or `every: 20s..60s`");
        }
        let lasts = section.times("lasts").map_or(Times::default(), |times| times.value);
        FaultKind::Pause { process: section.name("pause"), window: self.window(section), every, lasts }
    }
}

/// `all`, a channel, or a list of them.
pub(super) fn channels(section: &Settings<'_>, key: &str) -> Channels {
    let names = section.names(key).map_or(Vec::new(), |names| names.value);
    if names.len() == 1 && names[0].value == "all" { Channels::All } else { Channels::These(names) }
}
