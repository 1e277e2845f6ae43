//! What can be configured of a Kafka cluster and its consumers.

use ordain_kernel::Span;

/// When a consumer commits the offsets of what it handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// `commitSync` after each record (`enable.auto.commit=false`).
    EachRecord,
    /// `commitSync` once the whole polled batch is handled (`enable.auto.commit=false`).
    Batch,
    /// `enable.auto.commit=true`: the first poll after `interval` commits what earlier polls returned, and the
    /// next poll comes when all of that is handled. A close and a rebalance do not wait for it: they commit
    /// what the last poll returned, handled or not.
    Auto {
        /// `auto.commit.interval.ms`; the clients' default is [`Commit::AUTO_INTERVAL`].
        interval: Span,
    },
}

impl Commit {
    /// The Java client's default of `auto.commit.interval.ms`: 5 s.
    pub const AUTO_INTERVAL: Span = Span::from_secs(5);

    pub(crate) const fn is_auto(self) -> bool {
        matches!(self, Commit::Auto { .. })
    }
}

/// Where a group without committed offsets begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// At the beginning of the log. Ordain's groups then exist from the start, with committed offset zero.
    Earliest,
    /// At the end of the log, found anew at each assignment until the first commit: what was published
    /// before is skipped. The clients' own default.
    Latest,
}

/// Options of the Kafka model.
///
/// `Default` gives the real defaults of Kafka 4.x with the Java client, but for two: `commit` is
/// [`Commit::EachRecord`] (the clients': auto, each 5 s) and `offset_reset` is [`OffsetReset::Earliest`]
/// (the clients': latest), since a test wants no message skipped or lost by configuration.
///
/// ```
/// use ordain_brokers::kafka::KafkaOptions;
/// let options = KafkaOptions::default();
/// assert_eq!(options.session_timeout.to_string(), "45s");
/// assert_eq!(options.max_poll_records, 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KafkaOptions {
    /// `session.timeout.ms`: how long after its last sign of life a member is evicted.
    pub session_timeout: Span,
    /// `max.poll.interval.ms`: also the longest that a rebalance waits for its members.
    pub max_poll_interval: Span,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members after the first.
    pub initial_rebalance_delay: Span,
    /// `max.poll.records`: the most records that one poll returns; at least one.
    pub max_poll_records: u32,
    /// When consumers commit.
    pub commit: Commit,
    /// `auto.offset.reset`.
    pub offset_reset: OffsetReset,
    /// Records without a key that go to one partition before the producer moves to the next one. The real
    /// client switches by bytes (`batch.size`) and time (`linger.ms`); the model counts records.
    pub sticky_batch_records: u32,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        KafkaOptions {
            session_timeout: Span::from_secs(45),
            max_poll_interval: Span::from_secs(300),
            initial_rebalance_delay: Span::from_secs(3),
            max_poll_records: 500,
            commit: Commit::EachRecord,
            offset_reset: OffsetReset::Earliest,
            sticky_batch_records: 16,
        }
    }
}
