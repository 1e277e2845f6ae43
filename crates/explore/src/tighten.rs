//! Commands earlier and at rounder times: a load that is easier to read.

use ordain_kernel::{Span, Time};
use ordain_world::Command;

const GRAIN: Span = Span::from_millis(100);
const MILLI: u64 = 1_000_000;

/// The same commands at tighter times, the tightest first; each has a smaller sum of times than `commands`.
pub(crate) fn tighter_loads(commands: &[Command]) -> Vec<Vec<Command>> {
    let first = commands.first().map_or(Time::START, |command| command.at);
    let evenly = retimed(commands, |index, _| Time::START + GRAIN.times(index));
    let shifted = retimed(commands, |_, at| Time(whole_millis(at.since(first).0)));
    let rounded = retimed(commands, |_, at| Time(whole_millis(at.0)));
    let mut all = vec![evenly, shifted, rounded];
    all.retain(|tighter| total(tighter) < total(commands));
    all.dedup();
    all
}

fn retimed(commands: &[Command], at: impl Fn(u64, Time) -> Time) -> Vec<Command> {
    let timed = (0..).zip(commands);
    timed.map(|(index, command)| Command { at: at(index, command.at), ..command.clone() }).collect()
}

const fn whole_millis(nanos: u64) -> u64 {
    nanos - nanos % MILLI
}

fn total(commands: &[Command]) -> u128 {
    commands.iter().map(|command| u128::from(command.at.0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_world::spec::TypeId;

    #[test]
    fn a_tight_load_is_left_alone_and_a_loose_one_is_pulled_together() {
        let at = |number, nanos| Command { number, at: Time(nanos), ty: TypeId(0), fields: Vec::new() };
        let loose = [at(3, 7_000_000_123), at(9, 9_000_000_000)];
        let times: Vec<Vec<u64>> =
            tighter_loads(&loose).iter().map(|load| load.iter().map(|command| command.at.0).collect()).collect();
        assert_eq!(times, [[0, 100_000_000], [0, 1_999_000_000], [7_000_000_000, 9_000_000_000]]);
        assert!(tighter_loads(&[at(3, 0), at(9, 100_000_000)]).is_empty());
        assert!(tighter_loads(&[]).is_empty());
    }
}
