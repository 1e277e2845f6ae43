//! Delta debugging: the smallest part of a list that still fails.

/// Says whether a part of the list still fails, and if so what of it is worth keeping: the part itself, or less.
pub trait Probe<T> {
    /// `Some(kept)` when `part` fails; `kept` is `part` or a sublist of it that fails, too.
    fn fails(&mut self, part: &[T]) -> Option<Vec<T>>;
}

impl<T, F: FnMut(&[T]) -> Option<Vec<T>>> Probe<T> for F {
    fn fails(&mut self, part: &[T]) -> Option<Vec<T>> {
        self(part)
    }
}

/// Deletes chunks of ever smaller size, from the end (late items matter least), until no single deletion fails any more.
///
/// `items` itself must fail. The result fails, keeps the order, and is 1-minimal, provided that the probe is
/// deterministic; nothing is asked of it beyond that, monotonicity least of all.
///
/// ```
/// use ordain_explore::ddmin;
/// let needs_both = |part: &[u32]| (part.contains(&3) && part.contains(&71)).then(|| part.to_vec());
/// assert_eq!(ddmin((0..100).collect(), &mut { needs_both }), [3, 71]);
/// ```
pub fn ddmin<T: Clone>(items: Vec<T>, probe: &mut impl Probe<T>) -> Vec<T> {
    ddmin_to(1, items, probe)
}

/// The same with chunks no smaller than `finest`; only one of 1 gives a 1-minimal result.
pub(crate) fn ddmin_to<T: Clone>(finest: usize, items: Vec<T>, probe: &mut impl Probe<T>) -> Vec<T> {
    let mut kept = items;
    if !kept.is_empty()
        && let Some(none) = probe.fails(&[])
    {
        return none;
    }
    let mut chunk = kept.len().div_ceil(2);
    while !kept.is_empty() {
        let shrank = pass(&mut kept, chunk, probe);
        if chunk <= finest && (finest > 1 || !shrank) {
            break;
        }
        chunk = chunk.div_ceil(2).min(kept.len());
    }
    kept
}

/// Tries to delete each chunk once, from the end; says whether anything went.
fn pass<T: Clone>(kept: &mut Vec<T>, chunk: usize, probe: &mut impl Probe<T>) -> bool {
    let mut shrank = false;
    let mut end = kept.len();
    while end > 0 {
        let start = end.saturating_sub(chunk);
        // The empty list was tried first of all.
        if kept.len() > end - start {
            let part = [&kept[..start], &kept[end..]].concat();
            if let Some(less) = probe.fails(&part) {
                *kept = less;
                shrank = true;
            }
        }
        end = start.min(kept.len());
    }
    shrank
}
