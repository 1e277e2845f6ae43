//! Exchanges: which queues a routing key reaches.

use super::ExchangeKind;
use crate::{ChannelDef, SubscriptionDef};

/// Whether a topic exchange's binding pattern takes a routing key. Words are separated by dots; `*` stands
/// for exactly one word, `#` for any number of words, none included.
///
/// ```
/// use ordain_brokers::rabbitmq::topic_matches;
/// assert!(topic_matches("order.*", "order.placed"));
/// assert!(topic_matches("a.#", "a"));
/// assert!(!topic_matches("order.*", "order.item.added"));
/// ```
#[must_use]
pub fn topic_matches(pattern: &str, routing_key: &str) -> bool {
    let pattern: Vec<&str> = words(pattern).collect();
    // `reached[i]`: the first i words of the pattern can take the words of the key read so far.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_hashes(&pattern, &mut reached);
    for word in words(routing_key) {
        for at in (0..pattern.len()).rev() {
            let takes = pattern[at] == "*" || pattern[at] == "#" || pattern[at] == word;
            let stays = pattern[at] == "#" && reached[at + 1];
            reached[at + 1] = stays || (takes && reached[at]);
        }
        reached[0] = false;
        skip_hashes(&pattern, &mut reached);
    }
    reached[pattern.len()]
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    // An empty key has no words at all; elsewhere an empty word is a word, as the server splits it.
    text.split('.').filter(move |_| !text.is_empty())
}

/// A `#` may take no word.
fn skip_hashes(pattern: &[&str], reached: &mut [bool]) {
    for at in 0..pattern.len() {
        if reached[at] && pattern[at] == "#" {
            reached[at + 1] = true;
        }
    }
}

/// The routing of one exchange, worked out ahead of time.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    by_key: Vec<Vec<u32>>,
    other: Vec<u32>,
}

impl Routes {
    /// The routes from `channel` to these queues.
    pub(crate) fn new(kind: ExchangeKind, channel: &ChannelDef, queues: &[(u32, &SubscriptionDef)]) -> Routes {
        let reached = |takes: &dyn Fn(&SubscriptionDef) -> bool| {
            queues.iter().filter(|(_, def)| takes(def)).map(|(at, _)| *at).collect()
        };
        let by_key = (0..channel.routing_keys.len().max(highest_binding(queues)))
            .map(|key| {
                let text = channel.routing_keys.get(key).map(String::as_str);
                reached(&|def| takes(kind, def, key as u16, text))
            })
            .collect();
        Routes { by_key, other: reached(&|def| takes_all(kind, def)) }
    }

    /// The queues that a message with this routing key reaches.
    #[inline]
    pub(crate) fn of(&self, routing: u16) -> &[u32] {
        self.by_key.get(usize::from(routing)).unwrap_or(&self.other)
    }
}

fn highest_binding(queues: &[(u32, &SubscriptionDef)]) -> usize {
    queues.iter().flat_map(|(_, def)| &def.bindings).map(|key| usize::from(*key) + 1).max().unwrap_or(0)
}

fn takes_all(kind: ExchangeKind, def: &SubscriptionDef) -> bool {
    let unbound = def.bindings.is_empty() && def.binding_patterns.is_empty();
    let hash = kind == ExchangeKind::Topic && def.binding_patterns.iter().any(|pattern| pattern == "#");
    kind == ExchangeKind::Fanout || unbound || hash
}

fn takes(kind: ExchangeKind, def: &SubscriptionDef, key: u16, text: Option<&str>) -> bool {
    let by_pattern = |text: &str| match kind {
        ExchangeKind::Direct => def.binding_patterns.iter().any(|pattern| pattern == text),
        ExchangeKind::Topic => def.binding_patterns.iter().any(|pattern| topic_matches(pattern, text)),
        ExchangeKind::Fanout => true,
    };
    takes_all(kind, def) || def.bindings.contains(&key) || text.is_some_and(by_pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_word_and_a_hash_any_number() {
        for (pattern, key, yes) in [
            ("a.#", "a", true),
            ("a.#", "a.b.c", true),
            ("#", "", true),
            ("#", "a.b", true),
            ("*", "", false),
            ("*", "a", true),
            ("*", "a.b", false),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.c", false),
            ("#.c", "c", true),
            ("#.c", "a.b.c", true),
            ("#.c", "a.b", false),
            ("a.#.c.#", "a.c", true),
            ("a.#.c.#", "a.x.c.y.z", true),
            ("a.#.*", "a", false),
            ("a.#.*", "a.b", true),
            ("OrderPlaced", "OrderPlaced", true),
            ("OrderPlaced", "OrderPaid", false),
        ] {
            assert_eq!(topic_matches(pattern, key), yes, "{pattern:?} on {key:?}");
        }
    }

    #[test]
    fn bindings_by_number_and_by_pattern_reach_their_queues() {
        let channel = ChannelDef {
            routing_keys: vec!["order.placed".into(), "order.paid".into(), "stock.low".into()],
            ..ChannelDef::default()
        };
        let all = SubscriptionDef::default();
        let paid = SubscriptionDef { bindings: vec![1], ..SubscriptionDef::default() };
        let orders = SubscriptionDef { binding_patterns: vec!["order.*".into()], ..SubscriptionDef::default() };
        let queues = [(0, &all), (1, &paid), (2, &orders)];
        let topic = Routes::new(ExchangeKind::Topic, &channel, &queues);
        assert_eq!([topic.of(0), topic.of(1), topic.of(2), topic.of(9)], [&[0, 2][..], &[0, 1, 2], &[0], &[0]]);
        let direct = Routes::new(ExchangeKind::Direct, &channel, &queues);
        assert_eq!(direct.of(0), [0], "a direct exchange knows no patterns");
        let fanout = Routes::new(ExchangeKind::Fanout, &channel, &queues);
        assert_eq!(fanout.of(2), [0, 1, 2]);
    }
}
