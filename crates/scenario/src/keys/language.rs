//! The words of bodies and predicates, as the reference tells them: statements, operators, functions, methods, counters.
//!
//! The tests hold these tables against the parser's and the type checker's own lists, and run every example.

/// Where an example stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Among the statements of a service or a saga.
    Body,
    /// Among the statements of a projection.
    Fold,
    /// A predicate of a check.
    Check,
    /// A value inside a body.
    Value,
    /// A value of `load.TYPE.with`.
    Load,
}

/// One form of the language.
#[derive(Debug)]
pub(super) struct Form {
    /// The words that it explains, as the parser or the type checker lists them.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests, which hold the tables against the code"))]
    pub(super) words: &'static [&'static str],
    /// How it is written.
    pub(super) form: &'static str,
    /// What it means.
    pub(super) doc: &'static str,
    /// Where the example stands.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests, which hold the tables against the code"))]
    pub(super) stand: Stand,
    /// An example that can be run.
    pub(super) example: &'static str,
}

const fn form(
    words: &'static [&'static str],
    form: &'static str,
    stand: Stand,
    doc: &'static str,
    example: &'static str,
) -> Form {
    Form { words, form, doc, stand, example }
}

use Stand::{Body, Check, Fold, Load, Value};

/// The statements.
pub(super) static STATEMENTS: &[Form] = &[
    form(
        &["put"],
        "`put T(KEY, c = e, ..)`",
        Body,
        "Makes the row, or changes the columns that are given. A new row has defaults elsewhere, or `null`. The key may be left out when the handled message has a field of its name.",
        "put orders(order_id, status = 'open')",
    ),
    form(&[], "`put (c = e, ..)`", Fold, "In a projection: the row of the event's own key.", "put (status = 'open')"),
    form(
        &["add"],
        "`add T(c = e, ..)`",
        Body,
        "Adds a row to a table that has no key (`append: true`). A bare name is a column of that name; columns that are not given are copied from the message by name.",
        "add charges(order_id, amount = 1)",
    ),
    form(
        &["del", "delete"],
        "`del T[KEY]`",
        Body,
        "Deletes a row; nothing happens when there is none. `delete` is the same.",
        "del orders[order_id]",
    ),
    form(
        &[],
        "`T[KEY].c = e`, `+=`, `-=`",
        Body,
        "Changes a column of a row. It is an error when there is no such row: the handling fails.",
        "items[sku].left -= qty",
    ),
    form(
        &[],
        "`c = e`, `+=`, `-=`",
        Fold,
        "In a projection: a column of the event's own row, which is made if it is not there.",
        "placed += 1",
    ),
    form(
        &["if"],
        "`if p { .. } else { .. }`",
        Body,
        "`else` may be left out, or go on with `if` or `chance`.",
        "if items[sku].left >= qty { items[sku].left -= qty } else { reject 'sold out' }",
    ),
    form(
        &["chance"],
        "`chance P% { .. } else { .. }`",
        Body,
        "A calm run takes the likelier branch; the other one is a deviation, found and shrunk like a fault.",
        "chance 90% { emit Charged } else { emit Declined }",
    ),
    form(
        &["emit"],
        "`emit M(f = e, ..)`",
        Body,
        "Publishes M after the commit: by the handling itself, or by the relay when the service has an `outbox`. Fields that are not given are copied from the handled message by name, or have their default.",
        "emit OrderClosed(status = 'paid')",
    ),
    form(
        &["send"],
        "`send M(f = e, ..)`",
        Body,
        "Publishes M at once, outside the transaction: a rollback does not take it back.",
        "send Charge",
    ),
    form(
        &["call"],
        "`call X(KEY) latency 20ms..2s`",
        Body,
        "Calls an external system and waits. The effect counts under the key; without one, under the command's. A calm run takes the shorter latency; without one, `externals.X.latency` holds. A call that fails fails the handling.",
        "call psp(order_id) latency 20ms..2s",
    ),
    form(
        &["commit"],
        "`commit`",
        Body,
        "Commits, publishes what was emitted, and goes on in a new transaction. What follows may run again without what came before.",
        "put orders(order_id, status = 'open'); commit; send Charge",
    ),
    form(
        &["fail"],
        "`fail 'why'`",
        Body,
        "Rolls back. The channel's `retry` decides what follows; without it, the broker's own redelivery.",
        "fail 'not yet'",
    ),
    form(
        &["reject"],
        "`reject 'why'`",
        Body,
        "Rolls back and refuses the message for good: it goes to the channel's `dead_letter`.",
        "reject 'unknown sku'",
    ),
    form(&["let"], "`let x = e`", Body, "Names a value, up to the end of the block.", "let left = items[sku].left"),
    form(&["sleep"], "`sleep D`", Body, "Waits so long in virtual time; locks stay held.", "sleep 10ms"),
];

/// Literals.
pub(super) static LITERALS: &[Form] = &[
    form(&[], "`12`, `1.5`, `-3`", Value, "An int of 64 bits, or an exact decimal; there are no floats.", "1.5"),
    form(
        &[],
        "`'text'`, `\"text\"`",
        Value,
        "A string. The escapes are `\\n`, `\\t`, `\\\\`, `\\'` and `\\\"`.",
        "'two words'",
    ),
    form(&[], "`true`, `false`, `null`", Value, "`null` is equal only to itself, and has no order.", "true"),
    form(&[], "`200ms`", Value, "A duration: `ns`, `us`, `ms`, `s`, `m`, `h` or `d`.", "1.5s"),
    form(&[], "`[a, b]`", Value, "A list of one type.", "sku in ['A', 'B']"),
    form(
        &[],
        "`a..b`",
        Value,
        "A range of numbers or durations, both ends included: after `in`; in `load`, where it is drawn from; and as a latency.",
        "qty in 1..3",
    ),
];

/// Operators, from the tightest to the loosest.
pub(super) static OPERATORS: &[Form] = &[
    form(&[], "`a.b`, `a[k]`, `f(a)`, `a.f(b)`", Value, "A column, a row, a function, a method.", "items[sku].left"),
    form(&["!", "-"], "`!p`, `-n`", Value, "Not; minus.", "!(sku in items)"),
    form(
        &["*", "/", "%"],
        "`*` `/` `%`",
        Value,
        "On ints the quotient is cut towards zero. A duration can be multiplied or divided by an int. Division by zero, and what does not fit 64 bits, is an error.",
        "qty * 2 % 3",
    ),
    form(
        &["+", "-"],
        "`+` `-`",
        Value,
        "Numbers; durations; a time and a duration; `-` of two times is a duration. Texts are not joined.",
        "now() + 5s > now()",
    ),
    form(&[".."], "`a..b`", Value, "A range.", "qty in 1..3"),
    form(
        &["==", "!=", "<", "<=", ">", ">="],
        "`==` `!=` `<` `<=` `>` `>=`",
        Value,
        "Compare values of one type; strings by their text. Comparisons are not chained: join two with `&&`.",
        "qty > 0 && qty <= 3",
    ),
    form(
        &["in"],
        "`x in [a, b]`, `x in a..b`, `k in T`",
        Value,
        "Whether a list or a range has a value; whether a table has a row of that key.",
        "sku in items",
    ),
    form(&["&&"], "`p && q`", Value, "And: `q` is looked at only if `p` holds.", "sku in items && items[sku].left > 0"),
    form(
        &["||"],
        "`p \\|\\| q`",
        Value,
        "Or: `q` is looked at only if `p` does not hold.",
        "!(sku in items) || items[sku].left < 1",
    ),
    form(
        &["?", ":"],
        "`p ? a : b`",
        Value,
        "`a` if `p` holds, else `b`; only one is looked at.",
        "qty > 1 ? 'many' : 'one'",
    ),
];

/// Functions.
pub(super) static FUNCTIONS: &[Form] = &[
    form(
        &["size"],
        "`size(x)`",
        Check,
        "Rows of a table or group, items of a list, characters of a string. In checks also messages of a channel that are accepted and not yet settled by all its readers, and messages in a dead-letter channel.",
        "size(work_dlq) == 0",
    ),
    form(&["now"], "`now()`", Value, "Virtual time. In bodies only.", "now()"),
    form(&["abs"], "`abs(n)`", Value, "Without its sign.", "abs(qty - 3)"),
    form(&["min"], "`min(a, b, ..)`", Value, "The least.", "min(qty, 3)"),
    form(&["max"], "`max(a, b, ..)`", Value, "The greatest.", "max(qty, 0)"),
    form(
        &["oneof"],
        "`oneof(a, b, ..)`",
        Load,
        "One of these, drawn for each command. In `load` only.",
        "oneof('A', 'B')",
    ),
    form(&["ordinal"], "`ordinal()`", Load, "The number of the command in its entry. In `load` only.", "ordinal()"),
];

/// Methods of tables, of groups of rows, and of their columns.
pub(super) static METHODS: &[Form] = &[
    form(
        &["all"],
        "`T.all(r, p)`",
        Check,
        "`p` holds for every row, which `p` calls `r`; of nested rows only the innermost can be looked at. It holds for an empty table.",
        "stock.items.all(i, i.left >= 0)",
    ),
    form(
        &["exists"],
        "`T.exists(r, p)`",
        Check,
        "`p` holds for some row.",
        "order.orders.exists(o, o.status == 'paid')",
    ),
    form(
        &["count"],
        "`T.count()`, `T.count(r, p)`",
        Check,
        "How many rows; how many of them `p` holds for.",
        "order.orders.count(o, o.status == 'open') <= 100",
    ),
    form(
        &["by"],
        "`T.by(c)`",
        Check,
        "The rows in groups that share a column; `.all` and `.exists` look at each group.",
        "payment.charges.by(order_id).all(g, g.count() <= 1)",
    ),
    form(
        &["sum"],
        "`T.c.sum()`, `g.c.sum()`",
        Check,
        "The sum of a column of a table or a group; 0 of no rows.",
        "payment.charges.by(order_id).all(g, g.amount.sum() in [0, 1])",
    ),
    form(
        &["min"],
        "`T.c.min()`, `g.c.min()`",
        Check,
        "The least; `null` of no rows.",
        "payment.charges.by(order_id).all(g, g.amount.min() >= 0)",
    ),
    form(
        &["max"],
        "`T.c.max()`, `g.c.max()`",
        Check,
        "The greatest; `null` of no rows.",
        "payment.charges.by(order_id).all(g, g.amount.max() <= 100)",
    ),
];

/// What checks can look at.
pub(super) static SIGHTS: &[Form] = &[
    form(&[], "`SERVICE.TABLE`", Check, "The committed rows of a table.", "stock.items['A'].left >= 0"),
    form(&[], "`PROJECTION`", Check, "The committed rows of a projection.", "totals.all(t, t.placed <= 1)"),
    form(&["hits"], "`SERVICE.dedup.hits`", Check, "Messages that its inbox turned away.", "stock.dedup.hits > 0"),
    form(&["crashes"], "`SERVICE.crashes`", Check, "How often its processes have crashed.", "payment.crashes > 0"),
    form(
        &["open", "done", "undone", "stuck"],
        "`sagas.SAGA.open`, `.done`, `.undone`, `.stuck`",
        Check,
        "Instances that are under way, have ended well, are undone, or can go neither way.",
        "sagas.checkout.undone > 0 && sagas.checkout.stuck == 0",
    ),
    form(
        &["effects"],
        "`EXTERNAL.effects`",
        Check,
        "Effects on an external system. A service or a channel of the same name hides it.",
        "psp.effects > 0",
    ),
    form(
        &[],
        "`size(CHANNEL)`",
        Check,
        "Messages that are accepted and not yet settled by all readers.",
        "size(work) <= 500",
    ),
    form(&[], "`size(DEAD_LETTER)`", Check, "Messages that were given up.", "size(work_dlq) == 0"),
];

/// The boundaries, as `BOUNDARIES` lists them.
pub(super) static BOUNDARY_DOCS: &[(&str, &str)] = &[
    ("received", "The message is in the process; nothing is done yet."),
    ("begun", "The inbox has let it through, and the transaction is open."),
    ("statements", "A statement has run. Each one is a boundary, each `send` and `call`, too."),
    ("committed", "The transaction is committed; nothing is published yet."),
    ("published", "The broker has confirmed an emitted message. Each one is a boundary; with an outbox there is none."),
    ("acked", "The delivery is settled."),
    ("relay_read", "The relay of the outbox has read a row."),
    ("relay_published", "The broker has confirmed what the relay published."),
    ("relay_marked", "The relay has marked the row as published."),
];

/// The segments of keys: form, meaning, and a key that ends with one.
pub(super) static KEYS: &[(&str, &str, &str)] = &[
    ("`cN`", "Command N of the load. Every key of a message begins with it.", "c7"),
    ("`/TYPE#k`", "The k-th message of a type that a handling, or a command, brings forth.", "c7@order/OrderPlaced"),
    (
        "`@READER.n`",
        "The n-th handling of a message by a service, a saga or a projection.",
        "c7@order/OrderPlaced@checkout.2",
    ),
    ("`:VERB TARGET#k`", "The k-th such statement of a handling.", "c7@order/Charge@payment:call psp"),
    ("`~n`", "The n-th time that a message is published again.", "c7@order/OrderPlaced~2"),
    ("`!NAME.n`", "The n-th time that a timer fires.", "c7@order!checkout"),
    (
        "`%RULE.n`",
        "The n-th occurrence of a fault that comes by itself, such as a partition.",
        "%partition stock tasks.1",
    ),
    ("`^SERVICE.r`", "Process r of a service; behind it, `!restart.n` is its n-th restart.", "^payment.0!restart.2"),
];

#[cfg(test)]
mod tests;
