//! No quiescence: the system did not come to rest, and what is stuck is named.

use ordain_kernel::EventId;

use crate::sink::Found;

/// Most stuck things told in one sentence.
const STUCK_TOLD: usize = 5;

/// The finding for a run that did not come to rest.
pub(crate) fn found(stuck: &[String], why: &str) -> Found {
    let first = stuck.first().map_or("", String::as_str);
    let told: Vec<&str> = stuck.iter().take(STUCK_TOLD).map(String::as_str).collect();
    let more = stuck.len().saturating_sub(STUCK_TOLD);
    let mut message = why.to_owned();
    if !told.is_empty() {
        message = format!("{why}; stuck: {}", told.join(", "));
    }
    if more > 0 {
        message.push_str(&format!(" and {more} more"));
    }
    let place = match without_ids(first) {
        place if place.is_empty() => "world".to_owned(),
        place => place,
    };
    let (subject, command) = (first.to_owned(), command(first));
    Found { word: "no-quiescence", place, subject, command, event: EventId::NONE, message }
}

/// A text up to its first colon, without what differs from run to run: groups in round or square brackets, counters behind `.`, `#` and
/// `~`, and words that are nothing but a number, or one letter and a number (`c7`).
fn without_ids(text: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    for c in text.split(": ").next().unwrap_or("").chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let words = plain.split_whitespace().map(word_without_ids).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn word_without_ids(word: &str) -> String {
    let mut out = String::new();
    for part in word.split_inclusive(['/', '@', ':', '!', '%', '^', ',', ';']) {
        let (body, end) = match part.char_indices().next_back() {
            Some((at, c)) if "/@:!%^,;".contains(c) => (&part[..at], &part[at..]),
            _ => (part, ""),
        };
        let body = match body.rfind(['.', '#', '~']) {
            Some(at) if is_number(&body[at + 1..]) || at + 1 == body.len() => &body[..at],
            _ => body,
        };
        let mut chars = body.chars();
        let id = is_number(body) || (chars.next().is_some_and(char::is_alphabetic) && is_number(chars.as_str()));
        if !id {
            out.push_str(body);
        }
        if !(id && out.is_empty()) {
            out.push_str(end);
        }
    }
    out.trim_end_matches(['/', '@', '!', '%', '^', ',', ';']).to_owned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of the first command in a text: the 7 of `Charge(c7)`.
fn command(text: &str) -> Option<u32> {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.find_map(|word| word.strip_prefix('c').filter(|rest| is_number(rest)).and_then(|rest| rest.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_no_ids() {
        for (text, place) in [
            ("Charge(c7) at payment", "Charge at payment"),
            ("c7@order/OrderPlaced#2@checkout.2", "order/OrderPlaced@checkout"),
            ("outbox of order: oldest row Charge(c7)", "outbox of order"),
            ("payment/1 is handling Charge(c7).2", "payment is handling Charge"),
            ("partition 4 of orders", "partition of orders"),
            ("Charge c7", "Charge"),
            ("checkout [c9]", "checkout"),
        ] {
            assert_eq!(without_ids(text), place, "{text}");
        }
        assert_eq!(found(&[], "the drain ended").place, "world");
        assert_eq!(found(&["Charge(c7)".into()], "the drain ended").command, Some(7));
    }
}
