//! How each fault will be realised on each channel: by that system's own mechanism, or not at all.

use crate::model::{Broker, Channel, Channels, FaultKind, Mode, Scenario};
use crate::syntax::literal::{show_duration, show_ppm};

/// One line of the list that `ordain check` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realisation {
    /// The fault, such as `duplicate all`.
    pub fault: String,
    /// Its chance, such as `3%`; empty for faults that go by time or are scripted.
    pub chance: String,
    /// Where it strikes: a channel, a process, a link.
    pub place: String,
    /// How.
    pub how: String,
}

/// How every fault of a scenario is realised, in the order of the file.
pub fn realisation(scenario: &Scenario) -> Vec<Realisation> {
    let mut lines = Vec::new();
    for fault in &scenario.faults {
        let chance = fault.chance_ppm.map_or(String::new(), show_ppm);
        for (place, how) in places(scenario, &fault.kind) {
            lines.push(Realisation { fault: fault.title(), chance: chance.clone(), place, how });
        }
    }
    lines
}

fn places(scenario: &Scenario, kind: &FaultKind) -> Vec<(String, String)> {
    let each = |channels: &Channels, how: fn(&Channel, &Broker) -> String| {
        let wanted = move |name: &str| match channels {
            Channels::All => true,
            Channels::These(names) => names.iter().any(|channel| channel.value == name),
        };
        let chosen = scenario.channels.values().filter(move |channel| wanted(&channel.name.value));
        let place = |channel: &Channel| {
            Some((channel.name.value.clone(), how(channel, scenario.brokers.get(&channel.broker.value)?)))
        };
        chosen.filter_map(place).collect::<Vec<_>>()
    };
    let one = |place: &str, how: String| vec![(place.to_owned(), how)];
    match kind {
        FaultKind::Duplicate { channels, .. } => each(channels, duplicate),
        FaultKind::Reorder { channels } | FaultKind::Delay { channels, .. } => each(channels, hold),
        FaultKind::Lose { channels } => each(channels, |_, _| "refused: accepted messages are not lost".to_owned()),
        FaultKind::Crash { process, window, at, down } => {
            let from = window.after.map_or("the arrival", |at| at.word());
            let to = window.before.map_or("the next boundary".to_owned(), |at| at.word().to_owned());
            let when = at.as_ref().map_or_else(String::new, |at| format!(", only at {}", at.value));
            one(
                &process.value,
                format!("a replica dies between {from} and {to}{when}; it is back after {}", span(*down)),
            )
        }
        FaultKind::Pause { process, lasts, .. } => {
            one(&process.value, format!("a replica stands still for {}, then goes on unaware", span(*lasts)))
        }
        FaultKind::AmbiguousCommit { service } => {
            one(&service.value, "the transaction is committed, its answer is lost, the handling runs again".to_owned())
        }
        FaultKind::Partition { sides, lasts, .. } => {
            let place = format!("{} - {}", sides[0].value, sides[1].value);
            one(
                &place,
                format!("nothing passes for {}; sessions and leases run out as the broker's rules say", span(*lasts)),
            )
        }
        FaultKind::Rebalance { broker, .. } => {
            one(&broker.value, "a member leaves and joins each group; uncommitted records come again".to_owned())
        }
        FaultKind::Fail { external, effect_done } => {
            let effect = if *effect_done { "after its effect" } else { "without an effect" };
            one(&external.value, format!("a call fails {effect}, and so does the handling"))
        }
        FaultKind::Slow { external, by } => one(&external.value, format!("a call takes {} longer", span(*by))),
    }
}

fn duplicate(_: &Channel, broker: &Broker) -> String {
    match broker.kind {
        "kafka" => "the consumer goes back to its last commit: the whole suffix comes again, in order",
        "rabbitmq" => "the connection is lost before the ack: the message comes again, marked redelivered",
        _ => "an extra delivery, at any time",
    }
    .to_owned()
}

fn hold(channel: &Channel, broker: &Broker) -> String {
    match (broker.kind, channel.mode) {
        ("kafka", _) if channel.partitions > 1 => {
            "a partition is held: others overtake it, its own records keep their order"
        }
        ("kafka", _) => "the partition is held: its records keep their order; other channels overtake them",
        ("rabbitmq", Mode::Queue | Mode::Topic) => {
            "a delivery is held in its consumer: others overtake it, as far as prefetch allows"
        }
        _ => "a message is held: any other may overtake it",
    }
    .to_owned()
}

fn span(times: crate::model::Times) -> String {
    if times.least == times.most {
        show_duration(times.least)
    } else {
        format!("{}..{}", show_duration(times.least), show_duration(times.most))
    }
}
