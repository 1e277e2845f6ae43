//! Keys of the brokers: each kind with that system's own settings and defaults.

use super::{Key, Section, Ty, Variant, Variants, key, may, must};

/// One broker; `kind` chooses the rest of its keys.
pub static BROKERS: Section = Section {
    path: "brokers.NAME",
    what: "broker",
    doc: "A broker. What is not said has the real system's default.",
    keys: &[
        must("kind", Ty::Choice(KINDS), "The system that is modelled.", "kafka"),
        key("latency", Ty::Duration, "1ms", "The way to the broker, one way.", "1ms"),
    ],
    variants: Variants::ByValue("kind", VARIANTS),
};

/// The kinds of broker.
pub const KINDS: &[&str] = &["kafka", "rabbitmq", "sqs"];

const VARIANTS: &[Variant] = &[
    Variant {
        tag: "kafka",
        doc: "Apache Kafka 4.x: acks=all, idempotent producers, the Java client's defaults.",
        keys: KAFKA,
    },
    Variant { tag: "rabbitmq", doc: "RabbitMQ 4.x, publishers with confirms.", keys: RABBITMQ },
    Variant { tag: "sqs", doc: "Amazon SQS, standard queues: no order, at least once.", keys: SQS },
];

const KAFKA: &[Key] = &[
    key("session_timeout", Ty::Duration, "45s", "A consumer that is silent for so long is evicted.", "10s"),
    key(
        "max_poll_interval",
        Ty::Duration,
        "300s",
        "A consumer that does not poll for so long leaves the group.",
        "300s",
    ),
    key("max_poll_records", Ty::Int(1, 100_000), "500", "The most records one poll returns.", "100"),
    key("initial_rebalance_delay", Ty::Duration, "3s", "How long an empty group waits for more members.", "3s"),
    key(
        "commit",
        Ty::Choice(&["each_record", "batch", "auto"]),
        "each_record",
        "When offsets are committed: after each record, after each poll's records, or by the first poll after `auto_commit`, and at a close or rebalance.",
        "auto",
    ),
    key(
        "auto_commit",
        Ty::Duration,
        "5s",
        "With `commit: auto`, how often the poll commits what earlier polls returned, handled or not.",
        "5s",
    ),
    key(
        "auto_offset_reset",
        Ty::Choice(&["earliest", "latest"]),
        "earliest",
        "Where a group without a committed offset begins. (The clients' own default is latest; a scenario's groups exist from the start.)",
        "latest",
    ),
];

const RABBITMQ: &[Key] = &[
    may("prefetch", Ty::Int(1, 65_535), "Unacked messages a consumer may hold; without it, no limit.", "10"),
    key("queue", Ty::Choice(&["classic", "quorum"]), "classic", "The queue type.", "quorum"),
    key("delivery_limit", Ty::Int(1, 10_000), "20", "Returns that a message of a quorum queue survives.", "20"),
    key("heartbeat", Ty::Duration, "60s", "A silent connection is closed after twice this.", "60s"),
];

const SQS: &[Key] = &[
    key("visibility_timeout", Ty::Duration, "30s", "How long a received message is hidden from others.", "20s"),
    key("receive_batch", Ty::Int(1, 10), "1", "The most messages one receive returns.", "10"),
];
