//! A heap of timers: earliest first, ties first in, first out; void ones are dropped when they come to the top.

use core::cmp::Ordering;
use std::collections::BinaryHeap;

use ordain_kernel::Time;

#[derive(Clone, Copy, Debug)]
struct Timer<T> {
    at: Time,
    count: u64,
    what: T,
}

impl<T> PartialEq for Timer<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Timer<T> {}

impl<T> PartialOrd for Timer<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Timer<T> {
    /// Reversed: the standard heap keeps the greatest at the top, and we want the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.count).cmp(&(self.at, self.count))
    }
}

/// Timers of one model. `T` says what is due; the model knows whether it still holds.
#[derive(Clone, Debug)]
pub(crate) struct Timers<T> {
    heap: BinaryHeap<Timer<T>>,
    count: u64,
}

impl<T> Timers<T> {
    /// No timers.
    pub(crate) const fn new() -> Self {
        Timers { heap: BinaryHeap::new(), count: 0 }
    }

    /// Sets a timer.
    pub(crate) fn set(&mut self, at: Time, what: T) {
        self.count += 1;
        self.heap.push(Timer { at, count: self.count, what });
    }

    /// When the first one is due.
    pub(crate) fn next_at(&self) -> Option<Time> {
        self.heap.peek().map(|timer| timer.at)
    }

    /// Takes the first one out if it is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<T> {
        if self.next_at()? > now {
            return None;
        }
        self.heap.pop().map(|timer| timer.what)
    }

    /// Drops timers from the top until one holds.
    pub(crate) fn trim(&mut self, holds: impl Fn(&T) -> bool) {
        while let Some(timer) = self.heap.peek()
            && !holds(&timer.what)
        {
            self.heap.pop();
        }
    }

    /// Takes all of them out, earliest first.
    pub(crate) fn take_all(&mut self) -> Vec<(Time, T)> {
        let mut all = Vec::with_capacity(self.heap.len());
        while let Some(timer) = self.heap.pop() {
            all.push((timer.at, timer.what));
        }
        all
    }

    /// All of them, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.heap.iter().map(|timer| &timer.what)
    }

    /// Forgets all; memory is kept.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_first_in_first_out_and_void_ones_vanish() {
        let mut timers = Timers::new();
        timers.set(Time(5), 'z');
        timers.set(Time(5), 'a');
        timers.set(Time(1), 'x');
        timers.trim(|what| *what != 'x');
        assert_eq!(timers.next_at(), Some(Time(5)));
        assert_eq!(timers.pop_due(Time(4)), None);
        assert_eq!(timers.pop_due(Time(5)), Some('z'));
        assert_eq!(timers.pop_due(Time(5)), Some('a'));
        assert_eq!(timers.iter().count(), 0);
    }
}
