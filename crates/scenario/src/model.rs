//! The scenario as plain data: names resolved, defaults filled in, every part with its place.

use std::time::Duration;

use indexmap::IndexMap;

use crate::source::{Span, Spanned};
use crate::syntax::ast::{Body, Expr, Ident};

/// A duration, or a range of them; both ends are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The shortest, which is the default.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
}

/// A number, or a range of them; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The smallest.
    pub least: u32,
    /// The largest.
    pub most: u32,
}

/// The type of a field, a column or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A 64-bit whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A text.
    Text,
    /// An identity; comparable with texts.
    Id,
    /// A span of time.
    Duration,
    /// A point in virtual time.
    Time,
    /// A list.
    List(Box<Type>),
}

impl Type {
    /// The names that a file may use.
    pub const NAMES: [&'static str; 7] = ["bool", "int", "decimal", "string", "id", "duration", "time"];

    /// The type of a name.
    pub fn named(name: &str) -> Option<Type> {
        Some(match name {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "decimal" => Type::Decimal,
            "string" => Type::Text,
            "id" => Type::Id,
            "duration" => Type::Duration,
            "time" => Type::Time,
            _ => {
                let inner = name.strip_prefix('[')?.strip_suffix(']')?;
                let flat = Type::named(inner.trim()).filter(|ty| !matches!(ty, Type::List(_)))?;
                Type::List(Box::new(flat))
            }
        })
    }

    /// The type as a file names it.
    pub fn show(&self) -> String {
        match self {
            Type::Bool => "bool".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Decimal => "decimal".to_owned(),
            Type::Text => "string".to_owned(),
            Type::Id => "id".to_owned(),
            Type::Duration => "duration".to_owned(),
            Type::Time => "time".to_owned(),
            Type::List(inner) => format!("[{}]", inner.show()),
        }
    }
}

/// A field of a message or a column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its value where none is given.
    pub default: Option<Expr>,
}

/// A whole scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: Ident,
    /// What must hold, in words.
    pub about: Option<String>,
    /// How long commands and faults go on.
    pub load_for: Spanned<Duration>,
    /// How long the system may take to settle.
    pub drain_for: Spanned<Duration>,
    /// Brokers by name.
    pub brokers: IndexMap<String, Broker>,
    /// Channels by name.
    pub channels: IndexMap<String, Channel>,
    /// Message types by name.
    pub messages: IndexMap<String, Message>,
    /// Services by name.
    pub services: IndexMap<String, Service>,
    /// External systems by name, those that are only called included.
    pub externals: IndexMap<String, External>,
    /// Sagas by name.
    pub sagas: IndexMap<String, Saga>,
    /// Projections by name.
    pub projections: IndexMap<String, Projection>,
    /// Load entries.
    pub load: Vec<Load>,
    /// Deploys.
    pub deploys: Vec<Deploy>,
    /// Fault rules.
    pub faults: Vec<Fault>,
    /// Checks by name.
    pub checks: IndexMap<String, Check>,
}

/// A setting of a broker, after its key in the key table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A flag.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A duration.
    Time(Duration),
    /// A word.
    Word(&'static str),
}

/// A broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Its name.
    pub name: Ident,
    /// Its kind, as the file spells it.
    pub kind: &'static str,
    /// Its settings; what has neither a value nor a default is absent.
    pub settings: IndexMap<&'static str, Setting>,
}

impl Broker {
    /// A flag; off when absent.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.settings.get(key), Some(Setting::Flag(true)))
    }

    /// A number, if it is set.
    pub fn number(&self, key: &str) -> Option<i64> {
        if let Some(Setting::Number(number)) = self.settings.get(key) { Some(*number) } else { None }
    }

    /// A duration, if it is set.
    pub fn time(&self, key: &str) -> Option<Duration> {
        if let Some(Setting::Time(time)) = self.settings.get(key) { Some(*time) } else { None }
    }

    /// A word; empty when absent.
    pub fn word(&self, key: &str) -> &'static str {
        if let Some(Setting::Word(word)) = self.settings.get(key) { word } else { "" }
    }
}

/// How often something is tried again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// The most further tries; without it there is no limit.
    pub max: Option<u32>,
    /// The wait before a further try.
    pub backoff: Times,
    /// Where it stands.
    pub span: Span,
}

/// Topic or queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each handling service gets a copy.
    Topic,
    /// Each type has one handling service.
    Queue,
}

/// A topic or a queue.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: Ident,
    /// Its broker.
    pub broker: Ident,
    /// Topic or queue.
    pub mode: Mode,
    /// Ordered lanes.
    pub partitions: u32,
    /// The field that chooses the lane.
    pub key: Option<Ident>,
    /// The types that live here.
    pub carries: Vec<Ident>,
    /// What follows a failure.
    pub retry: Option<Retry>,
    /// Where hopeless messages go.
    pub dead_letter: Option<Ident>,
}

/// A message type.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name.
    pub name: Ident,
    /// Its versions, rising.
    pub versions: Vec<Version>,
}

/// One version of a message type.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// Where it stands.
    pub span: Span,
    /// Its fields.
    pub fields: Vec<Column>,
}

impl Message {
    /// The newest version.
    pub fn newest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// A field of the newest version.
    pub fn field(&self, name: &str) -> Option<&Column> {
        self.newest()?.fields.iter().find(|field| field.name.value == name)
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }
}

/// A message type with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionName {
    /// The type.
    pub message: Ident,
    /// The version.
    pub number: u32,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Ident,
    /// How many processes.
    pub replicas: u32,
    /// Messages at a time in each.
    pub concurrency: u32,
    /// Whether transactions are serializable.
    pub serializable: bool,
    /// Tables by name.
    pub tables: IndexMap<String, Table>,
    /// The outbox, if it has one.
    pub outbox: Option<Outbox>,
    /// The inbox, if it has one.
    pub dedup: Option<Dedup>,
    /// Bodies by message type.
    pub handles: IndexMap<String, Spanned<Body>>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// The key column; a table without one is only added to.
    pub key: Option<Column>,
    /// The other columns.
    pub columns: Vec<Column>,
    /// Rows that are there from the beginning: all columns given, or with a default.
    pub rows: Vec<IndexMap<String, Expr>>,
}

impl Table {
    /// A column, the key included.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.all_columns().find(|column| column.name.value == name)
    }

    /// All columns, the key first.
    pub fn all_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().chain(&self.columns)
    }
}

/// An outbox and its relay.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// Where it stands.
    pub span: Span,
    /// How often the relay looks.
    pub relay_every: Duration,
}

/// An inbox.
#[derive(Clone, Debug)]
pub struct Dedup {
    /// Where it stands.
    pub span: Span,
    /// The field it goes by; none is the message id.
    pub by: Option<Ident>,
    /// How long it remembers.
    pub window: Option<Duration>,
}

/// An external system.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: Ident,
    /// How long a call takes.
    pub latency: Times,
}

/// A saga with an owner.
#[derive(Clone, Debug)]
pub struct Saga {
    /// Its name.
    pub name: Ident,
    /// The service that runs it.
    pub owner: Ident,
    /// The field that names an instance.
    pub key: Ident,
    /// The event that begins an instance.
    pub starts: Ident,
    /// The steps.
    pub steps: Vec<Step>,
    /// When all is done.
    pub done: Option<Spanned<Body>>,
    /// When all is undone.
    pub undone: Option<Spanned<Body>>,
    /// On a reply nobody waits for.
    pub late: Option<Spanned<Body>>,
}

/// A step of a saga.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands.
    pub span: Span,
    /// The command, which names the step.
    pub command: Ident,
    /// The reply that says done.
    pub done: Ident,
    /// The reply that says refused.
    pub refused: Option<Ident>,
    /// How long to wait for a reply.
    pub timeout: Option<Spanned<Duration>>,
    /// How often to send again.
    pub retry: Option<Retry>,
    /// The command that undoes it.
    pub undo: Option<Ident>,
    /// The reply that says undone.
    pub undone: Option<Ident>,
}

/// A projection.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Its name.
    pub name: Ident,
    /// Its rows.
    pub table: Table,
    /// How many processes.
    pub replicas: u32,
    /// The inbox, if it has one.
    pub dedup: Option<Dedup>,
    /// Bodies by message type.
    pub folds: IndexMap<String, Spanned<Body>>,
}

/// Commands of one type.
#[derive(Clone, Debug)]
pub struct Load {
    /// The type.
    pub message: Ident,
    /// Where they come from.
    pub source: LoadSource,
}

/// Where commands come from.
#[derive(Clone, Debug)]
pub enum LoadSource {
    /// They are drawn.
    Generated(Generated),
    /// They were captured.
    Captured(Captured),
}

/// Drawn commands.
#[derive(Clone, Debug)]
pub struct Generated {
    /// How many.
    pub count: u32,
    /// The time between two.
    pub every: Times,
    /// When the first comes.
    pub start: Times,
    /// Fields and how they are drawn.
    pub with: IndexMap<String, (Span, Expr)>,
    /// Times of heavier load.
    pub spikes: Vec<Spike>,
}

/// A time of heavier load.
#[derive(Clone, Debug)]
pub struct Spike {
    /// When it begins.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// The time between two commands.
    pub every: Times,
}

/// The form of a captured file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureFormat {
    /// CloudEvents as JSON Lines.
    CloudEvents,
    /// Any JSON Lines.
    JsonLines,
    /// CSV with a header.
    Csv,
}

/// Captured commands.
#[derive(Clone, Debug)]
pub struct Captured {
    /// Where it stands.
    pub span: Span,
    /// The file, relative to the scenario.
    pub file: Ident,
    /// Its form.
    pub format: CaptureFormat,
    /// Only CloudEvents of this type.
    pub event_type: Option<String>,
    /// From fields to columns or paths.
    pub map: IndexMap<String, Ident>,
    /// The column or path of the time.
    pub time: Option<String>,
    /// The column or path of the id.
    pub id: Option<String>,
    /// How much faster than captured, as a fraction: numerator and denominator.
    pub speed: (u64, u64),
    /// The most messages taken.
    pub limit: Option<u32>,
    /// Whether lines that cannot be read are skipped.
    pub skip_malformed: bool,
}

/// A version that rolls through replicas.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// Where it stands.
    pub span: Span,
    /// The service.
    pub service: Ident,
    /// What it emits from then on.
    pub emits: Vec<VersionName>,
    /// When it begins.
    pub at: Duration,
    /// How long it takes.
    pub rolling: Duration,
}

/// A boundary of a handling or of a relay, in the order they are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// The message has arrived.
    Received,
    /// The transaction has begun.
    Begun,
    /// The statements have run.
    Statements,
    /// The transaction is committed.
    Committed,
    /// What was emitted is published.
    Published,
    /// The message is acked.
    Acked,
    /// The relay has read rows.
    RelayRead,
    /// The relay has published them.
    RelayPublished,
    /// The relay has marked them.
    RelayMarked,
}

impl Boundary {
    /// All, in order.
    pub const ALL: [Boundary; 9] = [
        Boundary::Received,
        Boundary::Begun,
        Boundary::Statements,
        Boundary::Committed,
        Boundary::Published,
        Boundary::Acked,
        Boundary::RelayRead,
        Boundary::RelayPublished,
        Boundary::RelayMarked,
    ];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        crate::keys::BOUNDARIES[self as usize]
    }

    /// The boundary of a word.
    pub fn named(word: &str) -> Option<Boundary> {
        Boundary::ALL.into_iter().find(|boundary| boundary.word() == word)
    }

    /// Whether it belongs to a relay.
    pub fn of_relay(self) -> bool {
        self >= Boundary::RelayRead
    }
}

/// Which channels a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channels {
    /// All of them.
    All,
    /// These.
    These(Vec<Ident>),
}

/// A fault rule.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Where it stands.
    pub span: Span,
    /// The chance at each opportunity, in parts per million; none for rules that go by time or are scripted.
    pub chance_ppm: Option<u32>,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// The window between two boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before this one.
    pub after: Option<Boundary>,
    /// Before this one.
    pub before: Option<Boundary>,
}

/// What goes wrong.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the keys of the key table")]
pub enum FaultKind {
    /// A message is delivered again.
    Duplicate { channels: Channels, copies: Count, late: Option<Times> },
    /// A message is overtaken.
    Reorder { channels: Channels },
    /// A message takes longer.
    Delay { channels: Channels, by: Times },
    /// A message is lost.
    Lose { channels: Channels },
    /// A process dies.
    Crash { process: Ident, window: Window, at: Option<Spanned<String>>, down: Times },
    /// A commit is done and its answer lost.
    AmbiguousCommit { service: Ident },
    /// Two sides cannot reach each other.
    Partition { sides: [Ident; 2], when: When, lasts: Times },
    /// A group's members change.
    Rebalance { broker: Ident, every: Times },
    /// A process stands still.
    Pause { process: Ident, window: Window, every: Option<Times>, lasts: Times },
    /// A call fails.
    Fail { external: Ident, effect_done: bool },
    /// A call takes longer.
    Slow { external: Ident, by: Times },
}

/// Once, or again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once, at a time in this range.
    At(Times),
    /// Again and again, with this time between.
    Every(Times),
}

/// Something that must hold.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// Whether a violation only warns.
    pub warn: bool,
    /// What must hold.
    pub kind: CheckKind,
}

/// Which moment of a message a temporal check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The broker accepted it.
    Accepted,
    /// A handler handled it to its end.
    Handled,
    /// A handling of it committed.
    Committed,
}

/// A message type at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventName {
    /// The moment.
    pub moment: Moment,
    /// The type.
    pub message: Ident,
}

/// A column of a table or of a projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPath {
    /// The service or the projection.
    pub owner: Ident,
    /// The table; none for a projection.
    pub table: Option<Ident>,
    /// The column.
    pub column: Ident,
}

/// How many effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectCount {
    /// Exactly one for each business key, once at rest.
    ExactlyOne,
    /// Never more than one.
    AtMostOne,
}

/// What must hold.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the keys of the key table")]
pub enum CheckKind {
    /// After every commit.
    Always(Expr),
    /// After no commit.
    Never(Expr),
    /// At rest.
    Eventually(Expr),
    /// At least once in a campaign.
    Sometimes(Expr),
    /// Each X is followed by a Y.
    After {
        /// X.
        trigger: EventName,
        /// Y.
        expect: EventName,
        /// The field in which they agree.
        same: Option<Ident>,
        /// How soon.
        within: Spanned<Duration>,
        /// Whether a Y before the X counts.
        earlier: bool,
    },
    /// A copy follows its original.
    Converges { copy: ColumnPath, original: ColumnPath, within: Spanned<Duration> },
    /// Effects for each business key.
    Effects { external: Ident, per: Option<Ident>, count: EffectCount },
    /// Every instance ends properly.
    Saga(Ident),
    /// Every accepted message is handled.
    NoLoss(Channels),
    /// Messages of one key in order.
    Order { channel: Ident, per: Option<Ident> },
}
