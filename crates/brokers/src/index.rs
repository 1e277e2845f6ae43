//! Dense lookup from the world's channel and subscription numbers to a model's own indices.

use crate::{ChannelId, SubId};

/// The index behind each number; numbers are small and dense, so this is a plain table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    at: Vec<Option<u32>>,
}

impl Index {
    /// The indices of these channels, in their order.
    pub(crate) fn of_channels(ids: impl Iterator<Item = ChannelId>) -> Index {
        Index::build(ids.map(|id| id.0))
    }

    /// The indices of these subscriptions, in their order.
    pub(crate) fn of_subs(ids: impl Iterator<Item = SubId>) -> Index {
        Index::build(ids.map(|id| id.0))
    }

    fn build(ids: impl Iterator<Item = u16>) -> Index {
        let mut at = Vec::new();
        for (index, id) in ids.enumerate() {
            let id = usize::from(id);
            if at.len() <= id {
                at.resize(id + 1, None);
            }
            assert!(at[id].is_none(), "two entries of the topology have the number {id}");
            at[id] = Some(index as u32);
        }
        Index { at }
    }

    /// The index of a channel, if it is on this broker.
    #[inline]
    pub(crate) fn channel(&self, id: ChannelId) -> Option<usize> {
        self.at.get(usize::from(id.0)).copied().flatten().map(|at| at as usize)
    }

    /// The index of a subscription, if it is on this broker.
    #[inline]
    pub(crate) fn sub(&self, id: SubId) -> Option<usize> {
        self.at.get(usize::from(id.0)).copied().flatten().map(|at| at as usize)
    }
}
