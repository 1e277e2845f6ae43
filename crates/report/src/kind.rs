//! Kinds of event: the world's numbers, the words people filter by, and the classes that give a colour.

/// The code of [`ordain_world::What::Issued`].
pub(crate) const ISSUED: u16 = 1;
/// The code of [`ordain_world::What::Crashed`].
pub(crate) const CRASHED: u16 = 18;

/// By code: the word, and the class.
const KINDS: [(&str, &str); 32] = [
    ("event", "work"),
    ("issued", "load"),
    ("accepted", "message"),
    ("delivered", "message"),
    ("begun", "work"),
    ("deduplicated", "refused"),
    ("ignored", "refused"),
    ("statement", "work"),
    ("committed", "state"),
    ("rolled back", "refused"),
    ("sent", "message"),
    ("confirmed", "message"),
    ("effect", "effect"),
    ("answered", "work"),
    ("settled", "work"),
    ("retrying", "refused"),
    ("dead-lettered", "refused"),
    ("stale", "refused"),
    ("crashed", "process"),
    ("restarted", "process"),
    ("paused", "process"),
    ("resumed", "process"),
    ("cut", "process"),
    ("healed", "process"),
    ("rebalanced", "process"),
    ("consumer lost", "process"),
    ("held", "process"),
    ("saga", "state"),
    ("drain", "phase"),
    ("quiet", "phase"),
    ("deviation", "process"),
    ("dropped", "refused"),
];

/// The class of a code, as a CSS name.
pub(crate) fn class(code: u16) -> &'static str {
    KINDS.get(usize::from(code)).unwrap_or(&KINDS[0]).1
}

/// All words, by code.
pub(crate) fn words() -> Vec<&'static str> {
    KINDS.iter().map(|(word, _)| *word).collect()
}
