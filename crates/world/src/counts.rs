//! Counts per message and subscription: dense by message, a short chain for its subscriptions.

use ordain_brokers::{MsgId, SubId};

/// The end of a chain.
const END: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Cell {
    sub: SubId,
    n: u32,
    next: u32,
}

/// A count for each (message, subscription), zero at first. A message has few subscriptions, so a chain is short.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    heads: Vec<u32>,
    cells: Vec<Cell>,
}

impl Counts {
    /// Counts one more, and gives the new count.
    pub(crate) fn bump(&mut self, msg: MsgId, sub: SubId) -> u32 {
        let msg = msg.0 as usize;
        if self.heads.len() <= msg {
            self.heads.resize(msg + 1, END);
        }
        let mut at = self.heads[msg];
        while let Some(cell) = self.cells.get_mut(at as usize) {
            if cell.sub == sub {
                cell.n += 1;
                return cell.n;
            }
            at = cell.next;
        }
        let next = std::mem::replace(&mut self.heads[msg], self.cells.len() as u32);
        self.cells.push(Cell { sub, n: 1, next });
        1
    }

    /// All back to zero; memory is kept.
    pub(crate) fn clear(&mut self) {
        self.heads.clear();
        self.cells.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_counts_for_itself() {
        let mut counts = Counts::default();
        for n in 1..=3 {
            for (msg, sub) in [(7, 0), (7, 2), (0, 2)] {
                assert_eq!(counts.bump(MsgId(msg), SubId(sub)), n);
            }
        }
        counts.clear();
        assert_eq!(counts.bump(MsgId(7), SubId(2)), 1);
    }
}
