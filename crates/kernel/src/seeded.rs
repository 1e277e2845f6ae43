//! The seeded source: ChaCha expands a seed into one subkey a rule; `mix` decides, ChaCha draws values.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::key::Key;
use crate::mix::{mix, text_hash};
use crate::rule::{Chance, Draw, Fate, Rule, Value};
use crate::time::{Span, Time};

/// The share of faults that each seed leaves on, in quarters.
const SWARM_ON_QUARTERS: u64 = 3;

#[derive(Clone, Copy, Debug)]
struct Armed {
    subkey: u64,
    /// Never, when the seed leaves the rule off.
    chance: Chance,
}

/// Decides by seed which opportunities deviate, and how.
#[derive(Clone, Debug)]
pub struct Seeded {
    seed: u64,
    armed: Vec<Armed>,
}

fn chacha(seed: u64, key: u64) -> ChaCha8Rng {
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&key.to_le_bytes());
    bytes[16..23].copy_from_slice(b"ordain1");
    ChaCha8Rng::from_seed(bytes)
}

fn below(word: u64, n: u64) -> u64 {
    ((u128::from(word) * u128::from(n)) >> 64) as u64
}

fn within(rng: &mut ChaCha8Rng, (low, high): (Span, Span)) -> Span {
    // Whole milliseconds where the range has them: shorter to read, and no less likely to break things.
    let grain = if high.0 - low.0.min(high.0) >= 1_000_000 { 1_000_000 } else { 1 };
    let steps = high.0.saturating_sub(low.0) / grain;
    Span(low.0 + grain * below(rng.next_u64(), steps + 1))
}

fn one_of(rng: &mut ChaCha8Rng, rungs: &[Span]) -> Span {
    let word = rng.next_u64();
    if rungs.is_empty() { Span::ZERO } else { rungs[below(word, rungs.len() as u64) as usize] }
}

impl Seeded {
    /// Expands `seed` for these rules.
    #[must_use]
    pub fn new(seed: u64, rules: &[Rule]) -> Seeded {
        let mut seeded = Seeded { seed, armed: Vec::new() };
        seeded.rearm(seed, rules);
        seeded
    }

    pub(crate) fn rearm(&mut self, seed: u64, rules: &[Rule]) {
        self.seed = seed;
        self.armed.clear();
        let alone = rules.iter().filter(|rule| rule.fault).count() == 1;
        for rule in rules {
            let mut rng = chacha(seed, rule.hash());
            let subkey = rng.next_u64();
            let on = !rule.fault || alone || below(rng.next_u64(), 4) < SWARM_ON_QUARTERS;
            self.armed.push(Armed { subkey, chance: if on { rule.chance } else { Chance::NEVER } });
        }
    }

    /// Whether rule number `index` deviates at `key`.
    #[inline]
    pub(crate) fn hits(&self, index: usize, key: Key) -> bool {
        let armed = self.armed[index];
        armed.chance.hit(mix(armed.subkey, key.0))
    }

    /// The value of a deviation, drawn from (seed, key, rule); `room` as in [`crate::Choices::ask`].
    #[cold]
    pub(crate) fn draw(&self, rule: &Rule, key: Key, room: u64) -> Option<Value> {
        let rng = &mut chacha(self.seed, mix(key.0, rule.hash()));
        Some(match &rule.draw {
            Draw::Hold { rungs, quiet } if *quiet && below(rng.next_u64(), 16) == 0 || rungs.is_empty() => {
                Value::HoldUntilQuiet
            }
            Draw::Hold { rungs, .. } => Value::HoldFor(one_of(rng, rungs)),
            Draw::Copies { count: (low, high), late } => Value::Copies {
                count: low + below(rng.next_u64(), u64::from(high - low) + 1) as u32,
                late: one_of(rng, late),
            },
            Draw::Crash { down } => Value::Fate(Fate::Crash { down: within(rng, *down) }),
            Draw::Pause { lasts } => Value::Fate(Fate::Pause { lasts: within(rng, *lasts) }),
            Draw::Ambiguous => Value::Fate(Fate::Ambiguous),
            Draw::Lose => Value::Fate(Fate::Lose),
            Draw::Fail { done } => {
                let coin = below(rng.next_u64(), 2) == 0;
                Value::Fate(Fate::Fail { done: done.unwrap_or(coin) })
            }
            Draw::Alternative if room < 2 => return None,
            Draw::Alternative => Value::Pick(1 + below(rng.next_u64(), room - 1)),
            Draw::Strike { gap, lasts } => {
                Value::Fate(Fate::Strike { at: Time(room) + within(rng, *gap), lasts: within(rng, *lasts) })
            }
        })
    }
}

/// Draws for the load: one word for each (entry, ordinal, field), so that deleting a command moves no other.
#[derive(Clone, Copy, Debug)]
pub struct LoadDraw {
    subkey: u64,
}

impl LoadDraw {
    /// The draws of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> LoadDraw {
        LoadDraw { subkey: chacha(seed, text_hash("load")).next_u64() }
    }

    /// The word of one field of one command.
    ///
    /// ```
    /// use ordain_kernel::LoadDraw;
    /// let draw = LoadDraw::new(1);
    /// assert_eq!(draw.word("PlaceOrder", 7, "qty"), LoadDraw::new(1).word("PlaceOrder", 7, "qty"));
    /// assert_ne!(draw.word("PlaceOrder", 7, "qty"), draw.word("PlaceOrder", 8, "qty"));
    /// ```
    #[must_use]
    pub fn word(&self, entry: &str, ordinal: u64, field: &str) -> u64 {
        mix(mix(mix(self.subkey, text_hash(entry)), ordinal), text_hash(field))
    }

    /// A number below `n` from one word, without visible bias; `n` must not be zero.
    #[must_use]
    pub fn below(word: u64, n: u64) -> u64 {
        below(word, n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Rule {
        Rule { name: name.into(), chance: Chance::from_ppm(500_000), draw: Draw::Ambiguous, fault: true }
    }

    /// ChaCha8, 256-bit zero key, zero nonce: first words of the published keystream
    /// (draft-strombergson-chacha-test-vectors-00, TC1).
    #[test]
    fn chacha8_gives_the_published_keystream() {
        let mut rng = ChaCha8Rng::from_seed([0; 32]);
        assert_eq!(rng.next_u32().to_le_bytes(), [0x3e, 0x00, 0xef, 0x2f]);
        assert_eq!(rng.next_u32().to_le_bytes(), [0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn adding_a_rule_moves_no_draw_of_another() {
        let few = [rule("a"), rule("b")];
        let many = [rule("z"), rule("a"), rule("b")];
        let (x, y) = (Seeded::new(9, &few), Seeded::new(9, &many));
        for key in 0..200 {
            assert_eq!(x.hits(0, Key(key)), y.hits(1, Key(key)));
        }
    }
}
