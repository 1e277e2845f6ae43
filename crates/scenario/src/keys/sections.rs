//! Keys of the file as a whole, and of everything that is not a broker, a fault or a check.

use super::brokers::BROKERS;
use super::checks::CHECK;
use super::faults::FAULT;
use super::{Key, Section, Ty, key, may, must, section};

/// The whole file.
pub static ROOT: Section =
    section("", "scenario", "One simulated system, its load, its faults and what must hold.", ROOT_KEYS);

const ROOT_KEYS: &[Key] = &[
    must("scenario", Ty::Text, "The name of the scenario: letters, digits, `-` and `_`.", "order-saga"),
    may("about", Ty::Text, "One sentence on what must hold.", "An order is paid and shipped, or undone."),
    may("horizon", Ty::Section(&HORIZON), "How long a run lasts, in virtual time.", "{ load: 3m, drain: 2m }"),
    must("brokers", Ty::Named(&BROKERS, "broker"), "The brokers, by name.", "{ bus: { kind: kafka } }"),
    must(
        "channels",
        Ty::Named(&CHANNEL, "channel"),
        "Topics and queues: every message type has one home.",
        "{ orders: { broker: bus, carries: [OrderPlaced] } }",
    ),
    may(
        "messages",
        Ty::Own,
        "Message types and their fields: `Type: { field: type }`. Left out, the types that channels carry have no fields. Several types may share a line (`A, B: {..}`); `Type@2` is version 2. A field may have a default: `gift: bool = false`.",
        "{ OrderPlaced: { order_id: id, qty: int } }",
    ),
    must(
        "services",
        Ty::Named(&SERVICE, "service"),
        "The services, by name.",
        "{ stock: { handles: { Reserve: 'emit Reserved' } } }",
    ),
    may(
        "externals",
        Ty::Named(&EXTERNAL, "external system"),
        "External systems that bodies `call`. One that is called and not listed here has the defaults.",
        "{ psp: { latency: 20ms..2s } }",
    ),
    may(
        "sagas",
        Ty::Named(&SAGA, "saga"),
        "Sagas with an owner, by name.",
        "{ checkout: { owner: order, key: order_id, starts: OrderPlaced, steps: [..] } }",
    ),
    may(
        "projections",
        Ty::Named(&PROJECTION, "projection"),
        "Read models folded from events, by name.",
        "{ order_view: { key: order_id, columns: { status: string }, folds: {..} } }",
    ),
    may(
        "load",
        Ty::Named(&LOAD, "message"),
        "The commands that drive the system, by message type.",
        "{ PlaceOrder: { count: 200, every: 20ms..400ms } }",
    ),
    may(
        "deploys",
        Ty::List(&DEPLOY),
        "Versions that roll through the replicas during a run.",
        "[{ service: order, emits: OrderPlaced@2, at: 90s }]",
    ),
    may("faults", Ty::List(&FAULT), "What may go wrong. Each entry is one rule.", "[{ duplicate: all, chance: 3% }]"),
    may(
        "checks",
        Ty::Named(&CHECK, "check"),
        "What must hold, by name.",
        "{ no_oversell: { always: 'stock.items.all(i, i.left >= 0)' } }",
    ),
];

static HORIZON: Section = section(
    "horizon",
    "horizon",
    "How long a run lasts, in virtual time.",
    &[
        key("load", Ty::Duration, "3m", "How long commands and faults go on.", "3m"),
        key("drain", Ty::Duration, "2m", "How long the system has to settle once faults have stopped.", "2m"),
    ],
);

static CHANNEL: Section = section(
    "channels.NAME",
    "channel",
    "A topic or a queue on one broker.",
    &[
        must("broker", Ty::Name("broker"), "The broker it lives on.", "bus"),
        key(
            "mode",
            Ty::Choice(&["topic", "queue"]),
            "topic",
            "`topic`: each service that handles a type gets a copy. `queue`: each type has one handling service, whose replicas compete.",
            "queue",
        ),
        key(
            "partitions",
            Ty::Int(1, 1024),
            "1",
            "Ordered lanes (partitions, shards); a message's key chooses its lane.",
            "6",
        ),
        may(
            "key",
            Ty::Name("field"),
            "The field that chooses the lane, or the message group; every type on the channel has it.",
            "order_id",
        ),
        must(
            "carries",
            Ty::Names("message"),
            "The message types that live here; each type has one home.",
            "[OrderPlaced, OrderClosed]",
        ),
        may(
            "retry",
            Ty::Section(&RETRY),
            "What follows a `fail`. Without it, the broker's own redelivery.",
            "{ max: 4, backoff: 200ms..5s }",
        ),
        may(
            "dead_letter",
            Ty::Text,
            "Where messages go that are rejected, or have failed too often; the name can be used in checks: `size(work_dlq)`.",
            "work_dlq",
        ),
    ],
);

static RETRY: Section = section(
    "retry",
    "retry policy",
    "How often, and after how long, something is tried again.",
    &[
        may("max", Ty::Int(0, 10_000), "The most further tries after the first; without it there is no limit.", "4"),
        key(
            "backoff",
            Ty::Span,
            "100ms..5s",
            "The wait before a further try: doubled each time, from the lower bound up to the upper.",
            "200ms..5s",
        ),
    ],
);

static SERVICE: Section = section(
    "services.NAME",
    "service",
    "A process with replicas, tables and handlers.",
    &[
        key("replicas", Ty::Int(1, 64), "1", "How many processes compete for its messages.", "2"),
        key("concurrency", Ty::Int(1, 1024), "1", "How many messages one replica handles at a time.", "4"),
        key(
            "isolation",
            Ty::Choice(&["read_committed", "serializable"]),
            "read_committed",
            "Isolation of its transactions. A serializable handling that loses a race aborts and runs again.",
            "serializable",
        ),
        may(
            "tables",
            Ty::Named(&TABLE, "table"),
            "Its durable tables, by name.",
            "{ items: { key: sku, columns: { left: int } } }",
        ),
        may(
            "outbox",
            Ty::Section(&OUTBOX),
            "With it, `emit` writes a row in the same commit as the tables, and a relay publishes it later. Without it, `emit` publishes after the commit, before the ack.",
            "{ relay_every: 50ms }",
        ),
        may(
            "dedup",
            Ty::Section(&DEDUP),
            "An inbox: a message that was handled before is acked and skipped.",
            "{ by: message_id, window: 10m }",
        ),
        must(
            "handles",
            Ty::Bodies("message"),
            "What it does with each message type: one transaction a body.",
            "{ Ship: 'emit Shipped' }",
        ),
    ],
);

static TABLE: Section = section(
    "services.NAME.tables.NAME",
    "table",
    "A durable table.",
    &[
        may("key", Ty::Text, "The key column; it need not be listed under `columns`.", "sku"),
        key("append", Ty::Bool, "false", "A table without a key, that rows are only added to.", "true"),
        key(
            "columns",
            Ty::Fields,
            "",
            "Columns and their types; a default may follow: `left: int = 0`.",
            "{ left: int }",
        ),
        may(
            "rows",
            Ty::Own,
            "Rows that are there from the beginning: `KEY: { column: value }`, or a list of rows for an `append` table.",
            "{ A: { left: 400 } }",
        ),
    ],
);

static OUTBOX: Section = section(
    "services.NAME.outbox",
    "outbox",
    "A table of messages to publish, and the relay that publishes them.",
    &[key("relay_every", Ty::Duration, "100ms", "How often the relay looks for rows.", "50ms")],
);

static DEDUP: Section = section(
    "services.NAME.dedup",
    "dedup",
    "An inbox of messages already handled.",
    &[
        key("by", Ty::Text, "message_id", "`message_id`, or the field that names the business event.", "message_id"),
        may("window", Ty::Duration, "How long a message is remembered; without it, for ever.", "10m"),
    ],
);

static EXTERNAL: Section = section(
    "externals.NAME",
    "external system",
    "A payment provider, a mailer: its effects are counted per business key.",
    &[key("latency", Ty::Span, "20ms", "How long a call takes.", "20ms..2s")],
);

static SAGA: Section = section(
    "sagas.NAME",
    "saga",
    "Steps that are all done, or undone in reverse. An instance is a durable row of the owner.",
    &[
        must("owner", Ty::Name("service"), "The service that runs it; its outbox carries the commands.", "order"),
        must("key", Ty::Text, "The field that names an instance.", "order_id"),
        must("starts", Ty::Name("message"), "The event that begins an instance.", "OrderPlaced"),
        must(
            "steps",
            Ty::List(&STEP),
            "The steps, in order. One without `undo` is the pivot: it and those after it can only be retried.",
            "[{ do: Charge, done: Charged, undo: Refund }]",
        ),
        may("done", Ty::Body, "What the owner does when all steps are done.", "emit OrderClosed(status = 'shipped')"),
        may(
            "undone",
            Ty::Body,
            "What the owner does when all has been undone.",
            "emit OrderClosed(status = 'cancelled')",
        ),
        may(
            "late",
            Ty::Body,
            "What the owner does with a reply that no step waits for; without it the reply is counted and ignored.",
            "emit LateReply",
        ),
    ],
);

static STEP: Section = section(
    "sagas.NAME.steps[]",
    "saga step",
    "One command, its replies, and how it is undone.",
    &[
        must("do", Ty::Name("message"), "The command; its name is the step's name.", "Charge"),
        must("done", Ty::Name("message"), "The reply that says it is done.", "Charged"),
        may(
            "refused",
            Ty::Name("message"),
            "The reply that says it was refused: completed steps are undone.",
            "Declined",
        ),
        may(
            "timeout",
            Ty::Duration,
            "How long to wait for a reply. After the last try the outcome is unknown: this step is undone too.",
            "15s",
        ),
        may(
            "retry",
            Ty::Section(&RETRY),
            "How often the command is sent again, under the same id.",
            "{ max: 3, backoff: 1s..10s }",
        ),
        may("undo", Ty::Name("message"), "The command that undoes it; a step without is the pivot.", "Refund"),
        may(
            "undone",
            Ty::Name("message"),
            "The reply that says it is undone; without it, undo is sent and not awaited.",
            "Refunded",
        ),
    ],
);

static PROJECTION: Section = section(
    "projections.NAME",
    "projection",
    "A read model folded from events, with its own subscription.",
    &[
        must("key", Ty::Text, "The field of the events that names a row.", "order_id"),
        must("columns", Ty::Fields, "Columns and their types.", "{ status: string }"),
        must(
            "folds",
            Ty::Bodies("message"),
            "What each event does to its row.",
            "{ OrderPlaced: \"put (status = 'open')\" }",
        ),
        key("replicas", Ty::Int(1, 64), "1", "How many processes compete for the events.", "1"),
        may("dedup", Ty::Section(&DEDUP), "An inbox, as services have.", "{ by: message_id }"),
    ],
);

static LOAD: Section = section(
    "load.TYPE",
    "load entry",
    "Commands of one type, generated or captured.",
    &[
        may("count", Ty::Int(0, 1_000_000), "How many commands.", "200"),
        key("every", Ty::Span, "100ms", "The time between two of them.", "20ms..400ms"),
        key("start", Ty::Span, "0s", "When the first one comes.", "10s"),
        may(
            "with",
            Ty::Values,
            "Fields: a value, a range, `oneof(..)`. A field of type `id` that is not given is new in each command.",
            "{ sku: \"oneof('A', 'B')\", qty: 1..3 }",
        ),
        may("spikes", Ty::List(&SPIKE), "Times of heavier load.", "[{ at: 60s, lasts: 5s, every: 2ms }]"),
        may(
            "from",
            Ty::Section(&FROM),
            "Replays captured messages in place of generated ones.",
            "{ file: rides.jsonl, format: cloudevents }",
        ),
    ],
);

static SPIKE: Section = section(
    "load.TYPE.spikes[]",
    "spike",
    "A time of heavier load.",
    &[
        must("at", Ty::Duration, "When it begins.", "60s"),
        must("lasts", Ty::Duration, "How long it lasts.", "5s"),
        must("every", Ty::Span, "The time between two commands while it lasts.", "2ms"),
    ],
);

static FROM: Section = section(
    "load.TYPE.from",
    "captured load",
    "Messages captured from a real system, replayed in their order and spacing.",
    &[
        must("file", Ty::Text, "The file, relative to the scenario.", "rides.jsonl"),
        key(
            "format",
            Ty::Choice(&["cloudevents", "jsonl", "csv"]),
            "cloudevents",
            "CloudEvents as JSON Lines, any JSON Lines, or CSV with a header.",
            "csv",
        ),
        may("type", Ty::Text, "Take only CloudEvents of this type.", "taxi.ride.completed"),
        may(
            "map",
            Ty::Own,
            "From the message's fields to columns, or to paths such as `data.total_cents`; a field that is not listed is taken by its own name.",
            "{ trip: data.trip, cents: data.total_cents }",
        ),
        may("time", Ty::Text, "The column or path that holds the time; CloudEvents have `time`.", "pickup"),
        may("id", Ty::Text, "The column or path that holds the message id; CloudEvents have `id`.", "trip_id"),
        key(
            "scale",
            Ty::Text,
            "1x",
            "How much faster than captured: `100x`, or `0.01` for a hundredth of the spacing.",
            "100x",
        ),
        may("limit", Ty::Int(1, 1_000_000), "Take only so many.", "1000"),
        key(
            "skip_malformed",
            Ty::Bool,
            "false",
            "Count and skip lines that cannot be read, where they would be errors.",
            "true",
        ),
    ],
);

static DEPLOY: Section = section(
    "deploys[]",
    "deploy",
    "A version that rolls through the replicas of a service.",
    &[
        must("service", Ty::Name("service"), "The service.", "order"),
        must("emits", Ty::Names("message version"), "The versions it emits from then on.", "OrderPlaced@2"),
        must("at", Ty::Duration, "When it begins.", "90s"),
        key("rolling", Ty::Duration, "0s", "The time between the first replica and the last.", "20s"),
    ],
);
