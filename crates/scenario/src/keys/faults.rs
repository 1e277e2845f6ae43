//! Keys of the faults.

use super::{Key, Section, Ty, Variant, Variants, key, may, must};

/// The boundaries of a handling, in order, then those of a relay.
pub const BOUNDARIES: &[&str] = &[
    "received",
    "begun",
    "statements",
    "committed",
    "published",
    "acked",
    "relay_read",
    "relay_published",
    "relay_marked",
];

/// One fault rule; the first key says which.
pub(super) static FAULT: Section = Section {
    path: "faults[]",
    what: "fault",
    doc: "One rule: something that may go wrong, and how often.",
    keys: &[],
    variants: Variants::ByKey(VARIANTS),
};

const VARIANTS: &[Variant] = &[
    Variant { tag: "duplicate", doc: "A message is delivered again, each channel in its own way.", keys: DUPLICATE },
    Variant { tag: "reorder", doc: "A message is overtaken by later ones, where the broker allows it.", keys: REORDER },
    Variant { tag: "delay", doc: "A message takes longer.", keys: DELAY },
    Variant { tag: "lose", doc: "A message is lost; refused where the broker promises not to.", keys: LOSE },
    Variant { tag: "crash", doc: "A process dies at a boundary, and comes back.", keys: CRASH },
    Variant { tag: "ambiguous_commit", doc: "A commit is done, but its answer is lost.", keys: AMBIGUOUS },
    Variant { tag: "partition", doc: "Two sides cannot reach each other.", keys: PARTITION },
    Variant { tag: "rebalance", doc: "The members of a consumer group change.", keys: REBALANCE },
    Variant { tag: "pause", doc: "A process stops, as in a long collection, and comes back unaware.", keys: PAUSE },
    Variant { tag: "fail", doc: "A call to an external system fails.", keys: FAIL },
    Variant { tag: "slow", doc: "A call to an external system takes longer.", keys: SLOW },
];

const CHANCE: Key = key("chance", Ty::Percent, "1%", "The chance at each opportunity.", "3%");
const AFTER: Key = may(
    "after",
    Ty::Choice(BOUNDARIES),
    "Not before this boundary; a wide pair means any boundary inside it.",
    "committed",
);
const BEFORE: Key = may("before", Ty::Choice(BOUNDARIES), "Before this boundary.", "acked");

const DUPLICATE: &[Key] = &[
    must("duplicate", Ty::Names("channel"), "`all`, a channel, or a list of them.", "all"),
    CHANCE,
    key("copies", Ty::Count, "1", "How many further copies.", "1..2"),
    may("late", Ty::Span, "How much later a copy comes; without it, the broker's own time.", "1s..10m"),
];

const REORDER: &[Key] = &[
    must(
        "reorder",
        Ty::Names("channel"),
        "`all`, a channel, or a list of them. Within an ordered lane nothing is overtaken: the lane is held.",
        "receipts",
    ),
    CHANCE,
];

const DELAY: &[Key] = &[
    must("delay", Ty::Names("channel"), "`all`, a channel, or a list of them.", "orders"),
    CHANCE,
    must("by", Ty::Span, "How much longer.", "100ms..30s"),
];

const LOSE: &[Key] = &[must("lose", Ty::Names("channel"), "A channel, or a list of them.", "metrics"), CHANCE];

const CRASH: &[Key] = &[
    must("crash", Ty::Name("service"), "A service, a saga or a projection.", "payment"),
    AFTER,
    BEFORE,
    CHANCE,
    may(
        "at",
        Ty::Text,
        "Exactly at this handling, `Charge(c7).2` being the second delivery; in place of `chance`.",
        "Charge(c7).2",
    ),
    key("down", Ty::Span, "1s", "How long until it is back.", "3s"),
];

const AMBIGUOUS: &[Key] =
    &[must("ambiguous_commit", Ty::Name("service"), "The service whose commit is in doubt.", "payment"), CHANCE];

const PARTITION: &[Key] = &[
    must(
        "partition",
        Ty::Names("service or broker"),
        "The two sides: a service (or a projection) and a broker.",
        "[stock, tasks]",
    ),
    may("at", Ty::Span, "When it begins.", "40s..80s"),
    may("every", Ty::Span, "How often it begins, in place of `at`.", "30s..60s"),
    key("lasts", Ty::Span, "10s", "How long it lasts.", "12s"),
];

const REBALANCE: &[Key] = &[
    must("rebalance", Ty::Name("broker"), "A Kafka broker.", "bus"),
    key("every", Ty::Span, "20s..60s", "How often.", "20s..60s"),
];

const PAUSE: &[Key] = &[
    must("pause", Ty::Name("service"), "A service, a saga or a projection.", "payment"),
    AFTER,
    BEFORE,
    may("chance", Ty::Percent, "The chance at each boundary.", "1%"),
    may("every", Ty::Span, "How often, in place of `chance`.", "20s..60s"),
    key("lasts", Ty::Span, "10s", "How long it stands still.", "50s"),
];

const FAIL: &[Key] = &[
    must("fail", Ty::Name("external system"), "The external system.", "psp"),
    CHANCE,
    key(
        "effect",
        Ty::Choice(&["not_done", "done"]),
        "not_done",
        "Whether the effect took place although the call failed.",
        "done",
    ),
];

const SLOW: &[Key] = &[
    must("slow", Ty::Name("external system"), "The external system.", "psp"),
    CHANCE,
    must("by", Ty::Span, "How much longer.", "1s..30s"),
];
