//! Sans-I/O models of message brokers: one state machine a system, with that system's own rules and defaults.
//!
//! A model is driven by [`Broker::input`] and answers with [`Effect`]s; it never asks what time it is, never
//! draws a number of its own, and knows no other broker. What the real system leaves open it puts as a
//! choice to the [`Choices`](ordain_kernel::Choices) handed in.
//!
//! A *client* is one connection of one process incarnation; a *subscription* is a consumer group (Kafka) or a
//! queue (RabbitMQ, SQS); a *source* is what a subscription reads: the topic, exchange or queue of a channel.

mod api;
mod competing;
mod index;
pub mod kafka;
#[cfg(test)]
mod laws;
pub mod rabbitmq;
#[cfg(test)]
mod rig;
pub mod sqs;
mod timers;

pub use api::{
    Accepted, Backlog, Broker, ChannelDef, ChannelId, Client, Cx, Down, Duplicates, Effect, Fault, Input, Loss,
    Message, MsgId, Order, Settle, SubId, SubscriptionDef, Tag, Token, Topology,
};
