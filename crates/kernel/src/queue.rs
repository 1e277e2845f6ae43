//! The event queue: (time, sequence) order, ties first in, first out, with limits and cancellation.

use core::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::time::{Span, Time};

/// Whether a pending event keeps the system from being quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something is still to be done: a delivery under way, a saga's timeout, a lease of an unsettled message.
    Work,
    /// Would change nothing by itself: a poll, a relay tick, the next scheduled fault.
    Upkeep,
}

/// A handle to a pending event, for [`Queue::cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// Hard limits of one run; what exceeds them is a livelock, not a long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events taken from the queue.
    pub events: u64,
    /// Virtual time.
    pub time: Time,
    /// Events pending at once.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { events: 50_000_000, time: Time::START + Span::from_secs(400 * 86_400), depth: 4_000_000 }
    }
}

/// Why the kernel stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// More events than [`Limits::events`].
    Events,
    /// Virtual time beyond [`Limits::time`].
    Time,
    /// More pending events than [`Limits::depth`].
    Depth,
}

impl Halt {
    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Halt::Events => "the limit of events was reached",
            Halt::Time => "the limit of virtual time was reached",
            Halt::Depth => "the limit of pending events was reached",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: Time,
    seq: u64,
    event: E,
}

impl<E> Entry<E> {
    const fn rank(&self) -> (Time, u64) {
        (self.at, self.seq)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

/// Classes of delay; the last one takes the absurdly long delays, too.
const CLASSES: usize = 64;

/// The class of an event that is in the heap.
const HEAP: usize = CLASSES;

/// Pending events in (time, sequence) order.
///
/// Base latencies are constant, so most events of one delay arrive already sorted. Each class of
/// delay (its number of bits, nearly) has a ring that takes them in O(1); the rest goes to a heap.
///
/// ```
/// use ordain_kernel::{Queue, Span, Weight};
/// let mut queue = Queue::default();
/// queue.after(Span(5), Weight::Work, "late");
/// queue.after(Span(1), Weight::Work, "soon");
/// assert_eq!(queue.pop(), Some("soon"));
/// assert_eq!(queue.now().0, 1);
/// ```
#[derive(Debug)]
pub struct Queue<E> {
    now: Time,
    seq: u64,
    popped: u64,
    len: usize,
    work: usize,
    rings: Vec<VecDeque<Entry<E>>>,
    /// The rank of each busy ring's first entry, and the time of its last: at hand without touching the ring.
    fronts: [(u64, u64); CLASSES],
    backs: [u64; CLASSES],
    busy: u64,
    heap: BinaryHeap<Entry<E>>,
    cancelled: IndexSet<u64, FxBuildHasher>,
    limits: Limits,
    halted: Option<Halt>,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue {
            now: Time::START,
            seq: 0,
            popped: 0,
            len: 0,
            work: 0,
            rings: (0..CLASSES).map(|_| VecDeque::new()).collect(),
            fronts: [(0, 0); CLASSES],
            backs: [0; CLASSES],
            busy: 0,
            heap: BinaryHeap::new(),
            cancelled: IndexSet::default(),
            limits: Limits::default(),
            halted: None,
        }
    }
}

impl<E> Queue<E> {
    /// The present instant.
    #[must_use]
    #[inline]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Events taken so far.
    #[must_use]
    pub const fn popped(&self) -> u64 {
        self.popped
    }

    /// Pending events that keep the system from being quiet.
    #[must_use]
    pub const fn work(&self) -> usize {
        self.work
    }

    /// Pending events.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is pending.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Why the queue refused to go on, if it did.
    #[must_use]
    pub const fn halted(&self) -> Option<Halt> {
        self.halted
    }

    /// Sets the limits of the runs to come.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Back to an empty queue at the start of time; memory is kept.
    pub fn reset(&mut self) {
        (self.now, self.seq, self.popped, self.len, self.work) = (Time::START, 0, 0, 0, 0);
        while self.busy != 0 {
            let class = self.busy.trailing_zeros() as usize;
            self.rings[class].clear();
            self.backs[class] = 0;
            self.busy &= self.busy - 1;
        }
        self.heap.clear();
        self.cancelled.clear();
        self.halted = None;
    }

    /// Schedules `event` after `delay`.
    #[inline]
    pub fn after(&mut self, delay: Span, weight: Weight, event: E) -> Ticket {
        self.at(self.now + delay, weight, event)
    }

    /// Schedules `event` at `at`, or now when that has passed: events fire late, never early.
    #[inline]
    pub fn at(&mut self, at: Time, weight: Weight, event: E) -> Ticket {
        let at = at.max(self.now);
        // The weight rides in the lowest bit, so that a ticket alone can undo the count.
        let work = weight == Weight::Work;
        self.seq += 2;
        let seq = self.seq | u64::from(work);
        self.work += usize::from(work);
        self.len += 1;
        if self.len > self.limits.depth {
            self.halted = Some(Halt::Depth);
        }
        let entry = Entry { at, seq, event };
        let class = class_of(at.0 - self.now.0);
        if self.backs[class] <= at.0 {
            self.backs[class] = at.0;
            if self.busy & 1 << class == 0 {
                self.busy |= 1 << class;
                self.fronts[class] = (at.0, seq);
            }
            self.rings[class].push_back(entry);
        } else {
            self.heap.push(entry);
        }
        Ticket(seq)
    }

    /// Takes back a pending event. Call it at most once a ticket, and never for an event that was popped.
    pub fn cancel(&mut self, ticket: Ticket) {
        if self.cancelled.insert(ticket.0) {
            self.work -= (ticket.0 & 1) as usize;
            self.len -= 1;
        }
    }

    /// The next event, with the clock moved to its time; nothing when empty or halted.
    #[inline]
    pub fn pop(&mut self) -> Option<E> {
        loop {
            let Entry { at, seq, event } = self.pop_entry()?;
            if !self.cancelled.is_empty() && self.cancelled.swap_remove(&seq) {
                continue;
            }
            if self.halted.is_some() || self.over_limits(at) {
                return None;
            }
            self.len -= 1;
            self.work -= (seq & 1) as usize;
            self.now = at;
            self.popped += 1;
            return Some(event);
        }
    }

    #[inline]
    fn over_limits(&mut self, at: Time) -> bool {
        if self.popped >= self.limits.events {
            self.halted = Some(Halt::Events);
        } else if at > self.limits.time {
            self.halted = Some(Halt::Time);
        }
        self.halted.is_some()
    }

    #[inline]
    fn pop_entry(&mut self) -> Option<Entry<E>> {
        // Sequence numbers differ above the weight's bit, so that whole ranks can be compared.
        let mut best = self.heap.peek().map_or((u64::MAX, u64::MAX), |entry| (entry.at.0, entry.seq));
        let mut class = HEAP;
        let mut busy = self.busy;
        while busy != 0 {
            let of = busy.trailing_zeros() as usize;
            busy &= busy - 1;
            let front = self.fronts[of];
            if front.0 < best.0 || front.0 == best.0 && front.1 < best.1 {
                (best, class) = (front, of);
            }
        }
        if class == HEAP {
            return self.heap.pop();
        }
        let ring = &mut self.rings[class];
        let entry = ring.pop_front();
        match ring.front() {
            Some(next) => self.fronts[class] = (next.at.0, next.seq),
            None => {
                self.busy &= !(1 << class);
                self.backs[class] = 0;
            }
        }
        entry
    }
}

/// The class of a delay: its number of bits.
#[inline]
const fn class_of(delay: u64) -> usize {
    (63 - (delay | 1).leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pops_in_time_then_insertion_order(delays in prop::collection::vec((0_u64..50, any::<bool>()), 1..200)) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, usize)> = Vec::new();
            let mut popped = Vec::new();
            for (i, (delay, pop)) in delays.iter().enumerate() {
                let at = queue.now().0 + delay;
                queue.after(Span(*delay), if i % 3 == 0 { Weight::Work } else { Weight::Upkeep }, i);
                model.push((at, i));
                if *pop {
                    popped.push(queue.pop().unwrap());
                    let least = *model.iter().min().unwrap();
                    model.retain(|e| *e != least);
                    prop_assert_eq!(*popped.last().unwrap(), least.1);
                }
            }
            model.sort_unstable();
            for (_, i) in model {
                prop_assert_eq!(queue.pop(), Some(i));
            }
            prop_assert_eq!((queue.work(), queue.len()), (0, 0));
        }
    }

    #[test]
    fn a_cancelled_event_never_fires_and_is_not_work() {
        let mut queue = Queue::default();
        let ticket = queue.after(Span(3), Weight::Work, 'a');
        queue.after(Span(4), Weight::Upkeep, 'b');
        queue.cancel(ticket);
        assert_eq!(queue.work(), 0);
        assert_eq!(queue.pop(), Some('b'));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn limits_end_a_livelock() {
        let mut queue = Queue::default();
        queue.set_limits(Limits { events: 10, ..Limits::default() });
        queue.after(Span(1), Weight::Work, ());
        while queue.pop().is_some() {
            queue.after(Span(1), Weight::Work, ());
        }
        assert_eq!(queue.halted(), Some(Halt::Events));
        assert_eq!(queue.popped(), 10);
    }
}
