//! The range assignor, and the permutation of member ids that stands for their arbitrary order.

use core::ops::Range;

/// The partitions of member number `member` of `members`: contiguous ranges in member-id order, where the
/// first members get one more when it does not divide evenly (the Java client's `RangeAssignor`).
pub(crate) fn range(partitions: u32, members: u32, member: u32) -> Range<u32> {
    let (each, more) = (partitions / members, partitions % members);
    let start = each * member + member.min(more);
    start..start + each + u32::from(member < more)
}

/// Permutes `items` by the permutation with this number; zero leaves them as they are, and each number below
/// the factorial of their count is another order.
pub(crate) fn permute<T>(items: &mut [T], mut order: u64) {
    for at in 0..items.len() {
        let rest = (items.len() - at) as u64;
        let pick = at + (order % rest) as usize;
        order /= rest;
        items[at..=pick].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_contiguous_and_the_first_members_get_more() {
        let ranges: Vec<_> = (0..3).map(|m| range(8, 3, m)).collect();
        assert_eq!(ranges, [0..3, 3..6, 6..8]);
        assert!(range(1, 2, 1).is_empty(), "a member too many gets nothing");
    }

    #[test]
    fn every_order_below_the_factorial_is_another_permutation() {
        let mut seen = std::collections::BTreeSet::new();
        for order in 0..24 {
            let mut items = [0, 1, 2, 3];
            permute(&mut items, order);
            seen.insert(items);
        }
        assert_eq!(seen.len(), 24);
        let mut items = [0, 1, 2, 3];
        permute(&mut items, 0);
        assert_eq!(items, [0, 1, 2, 3]);
    }
}
