//! The laws of ddmin, on predicates that follow no rule.

use ordain_kernel::mix;
use proptest::prelude::*;

use crate::ddmin;

/// A predicate that is true of the whole and of an arbitrary third of its parts.
fn arbitrary(part: &[u64], whole: usize, salt: u64) -> bool {
    part.len() == whole || part.iter().fold(salt, |h, item| mix(h, *item)).is_multiple_of(3)
}

proptest! {
    #[test]
    fn the_result_fails_and_is_one_minimal(items in prop::collection::btree_set(any::<u64>(), 0..24), salt: u64) {
        let items: Vec<u64> = items.into_iter().collect();
        let whole = items.len();
        let fails = |part: &[u64]| arbitrary(part, whole, salt);
        let small = ddmin(items.clone(), &mut |part: &[u64]| fails(part).then(|| part.to_vec()));
        prop_assert!(fails(&small));
        prop_assert!(small.is_sorted(), "the order is kept");
        prop_assert!(small.iter().all(|item| items.contains(item)));
        for index in 0..small.len() {
            let mut less = small.clone();
            less.remove(index);
            prop_assert!(!fails(&less), "item {index} of {small:?} could go");
        }
    }

    #[test]
    fn a_monotone_cause_is_found_exactly_in_few_runs(cause in prop::collection::btree_set(0_u32..400, 0..4)) {
        let mut runs = 0;
        let small = ddmin((0..400).collect(), &mut |part: &[u32]| {
            runs += 1;
            cause.iter().all(|item| part.contains(item)).then(|| part.to_vec())
        });
        prop_assert_eq!(small, cause.iter().copied().collect::<Vec<_>>());
        prop_assert!(runs < 120, "{} runs", runs);
    }

    #[test]
    fn what_the_probe_drops_beside_stays_dropped(items in 1_u32..60) {
        // Each probe keeps only even items: the odd ones never come back.
        let small = ddmin((0..items).collect(), &mut |part: &[u32]| {
            part.contains(&0).then(|| part.iter().copied().filter(|item| item % 2 == 0).collect())
        });
        prop_assert_eq!(small, [0]);
    }
}
