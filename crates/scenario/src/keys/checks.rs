//! Keys of the checks.

use super::{Section, Ty, Variant, Variants, key, may, must};

/// One check; the first key says which.
pub(super) static CHECK: Section = Section {
    path: "checks.NAME",
    what: "check",
    doc: "Something that must hold.",
    keys: &[key("severity", Ty::Choice(&["error", "warn"]), "error", "Whether a violation fails the run.", "warn")],
    variants: Variants::ByKey(VARIANTS),
};

const EVENT: &str = "message, or `handled(X)` or `committed(X)`";

const VARIANTS: &[Variant] = &[
    Variant {
        tag: "always",
        doc: "Holds after every commit.",
        keys: &[must("always", Ty::Expr, "The predicate.", "stock.items.all(i, i.left >= 0)")],
    },
    Variant {
        tag: "never",
        doc: "Holds after no commit.",
        keys: &[must("never", Ty::Expr, "The predicate.", "size(work_dlq) > 10")],
    },
    Variant {
        tag: "eventually",
        doc: "Holds when the system has come to rest.",
        keys: &[must("eventually", Ty::Expr, "The predicate.", "order.orders.all(o, o.status != 'open')")],
    },
    Variant {
        tag: "sometimes",
        doc: "Holds at least once in a campaign; if not, the scenario does not test what it means to.",
        keys: &[must("sometimes", Ty::Expr, "The predicate.", "sagas.checkout.undone > 0")],
    },
    Variant {
        tag: "after",
        doc: "Each X is followed by a Y.",
        keys: &[
            must(
                "after",
                Ty::Name(EVENT),
                "X: a message type (accepted by its broker), `handled(X)` or `committed(X)`.",
                "Declined",
            ),
            must("expect", Ty::Name(EVENT), "Y, likewise.", "committed(ReleaseStock)"),
            may(
                "same",
                Ty::Name("field"),
                "The field in which the two agree; without it, the causal chain.",
                "order_id",
            ),
            must("within", Ty::Duration, "How soon, from the later of X and the end of faults.", "60s"),
            key("earlier", Ty::Bool, "false", "Whether a Y that came before the X counts, too.", "true"),
        ],
    },
    Variant {
        tag: "converges",
        doc: "A copy follows its original.",
        keys: &[
            must(
                "converges",
                Ty::Text,
                "The copy: `projection.column` or `service.table.column`.",
                "order_view.status",
            ),
            must("to", Ty::Text, "The original: `service.table.column`.", "order.orders.status"),
            must("within", Ty::Duration, "How far behind it may be once faults have stopped.", "5s"),
        ],
    },
    Variant {
        tag: "effects",
        doc: "Counts the effects on an external system for each business key.",
        keys: &[
            must("effects", Ty::Name("external system"), "The external system.", "psp"),
            may(
                "per",
                Ty::Name("field"),
                "The field that names the business key; without it, the key of the call.",
                "order_id",
            ),
            may(
                "exactly",
                Ty::Int(1, 1),
                "Exactly one for each message whose handling calls the system, once at rest.",
                "1",
            ),
            may("at_most", Ty::Int(1, 1), "Never more than one.", "1"),
        ],
    },
    Variant {
        tag: "saga",
        doc: "Every instance ends, and is done or undone properly.",
        keys: &[must("saga", Ty::Name("saga"), "The saga.", "checkout")],
    },
    Variant {
        tag: "no_loss",
        doc: "Every accepted message is handled or dead-lettered.",
        keys: &[must("no_loss", Ty::Names("channel"), "`all`, a channel, or a list of them.", "all")],
    },
    Variant {
        tag: "order",
        doc: "Messages of one key are handled in the order they were accepted.",
        keys: &[
            must("order", Ty::Name("channel"), "The channel.", "orders"),
            may("per", Ty::Name("field"), "The field that names the key; without it, the channel's own.", "order_id"),
        ],
    },
];
