//! What can be configured of a RabbitMQ broker, its exchanges, queues and consumers.

use ordain_kernel::Span;

/// The type of the exchange behind a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangeKind {
    /// A binding takes exactly its routing key.
    Direct,
    /// A binding is a pattern of words: `*` is one word, `#` any number of words.
    #[default]
    Topic,
    /// Bindings take everything.
    Fanout,
}

/// The type of the queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueKind {
    /// The server's default: what is requeued goes back to its original position.
    #[default]
    Classic,
    /// Replicated: what is requeued goes ahead of fresh messages, in the order of return; returns are limited.
    Quorum,
}

/// Options of the RabbitMQ model. `Default` gives the server's own defaults of 4.x.
///
/// ```
/// use ordain_brokers::rabbitmq::{QueueKind, RabbitMqOptions};
/// let options = RabbitMqOptions::default();
/// assert_eq!(options.queue, QueueKind::Classic);
/// assert_eq!(options.prefetch, None, "unlimited");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RabbitMqOptions {
    /// The type of the channels' exchanges.
    pub exchange: ExchangeKind,
    /// The type of the queues.
    pub queue: QueueKind,
    /// `basic.qos`: the most unacknowledged deliveries of one consumer; `None` is unlimited.
    pub prefetch: Option<u32>,
    /// `x-delivery-limit` of quorum queues: how many counted returns a message survives; `None` is no limit.
    /// Classic queues have none.
    pub delivery_limit: Option<u32>,
    /// The negotiated heartbeat timeout. The server notices a silent connection after two of them.
    pub heartbeat: Span,
}

impl Default for RabbitMqOptions {
    fn default() -> Self {
        RabbitMqOptions {
            exchange: ExchangeKind::Topic,
            queue: QueueKind::Classic,
            prefetch: None,
            delivery_limit: Some(20),
            heartbeat: Span::from_secs(60),
        }
    }
}
