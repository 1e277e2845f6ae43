//! A topic: its partitions, each an append-only log of messages, and the groups that read it.

use super::partitioner::Sticky;
use crate::{ChannelId, Message, MsgId};

/// A topic and its logs.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) channel: ChannelId,
    /// The lane of partition zero; lanes are unique over the topics of a broker.
    pub(crate) first_lane: u32,
    /// The logs, by partition; the index of a record is its offset.
    pub(crate) logs: Vec<Vec<MsgId>>,
    /// The groups that read it, as indices.
    pub(crate) groups: Vec<u32>,
    sticky: Sticky,
}

impl Topic {
    /// An empty topic. A topic has at least one partition.
    pub(crate) fn new(channel: ChannelId, partitions: u32, first_lane: u32) -> Topic {
        let logs = vec![Vec::new(); partitions.max(1) as usize];
        Topic { channel, first_lane, logs, groups: Vec::new(), sticky: Sticky::default() }
    }

    /// The number of partitions.
    pub(crate) fn partitions(&self) -> u32 {
        self.logs.len() as u32
    }

    /// Where the log of a partition ends: the offset of the next record.
    #[inline]
    pub(crate) fn end(&self, partition: u32) -> u64 {
        self.logs[partition as usize].len() as u64
    }

    /// The record at an offset.
    #[inline]
    pub(crate) fn record(&self, partition: u32, offset: u64) -> MsgId {
        self.logs[partition as usize][offset as usize]
    }

    /// Appends a message; answers its partition and offset.
    pub(crate) fn append(&mut self, message: &Message, sticky_batch: u32) -> (u32, u64) {
        let partitions = self.partitions();
        let partition = match message.partition_hash {
            Some(hash) => (hash & 0x7fff_ffff) % partitions,
            None => self.sticky.next(partitions, sticky_batch),
        };
        let log = &mut self.logs[partition as usize];
        log.push(message.id);
        (partition, log.len() as u64 - 1)
    }

    /// Empties the logs; memory is kept.
    pub(crate) fn reset(&mut self) {
        self.logs.iter_mut().for_each(Vec::clear);
        self.sticky = Sticky::default();
    }
}
