//! Scenario S as a bare hand-written event loop with boxed nodes, and the measuring in turns: shared by benchmarks.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) const CLIENTS: usize = 3;
pub(crate) const PAIRS: u32 = 100;
pub(crate) const ONE_WAY_NS: u64 = 5_000_000;

#[derive(Clone, Copy)]
struct Msg {
    from: usize,
    number: u32,
}

/// A pending arrival: time, sequence, receiver, sender, number.
type Pending = Reverse<(u64, u64, usize, usize, u32)>;

/// How many of the pairs are a client's; clients count from 1.
pub(crate) const fn pairs_of(client: usize) -> u32 {
    PAIRS / CLIENTS as u32 + if client <= PAIRS as usize % CLIENTS { 1 } else { 0 }
}

trait Node {
    fn on(&mut self, msg: Msg, out: &mut Vec<(usize, Msg)>);
}

struct Server {
    handled: u64,
}
struct Client {
    id: usize,
    left: u32,
}

impl Node for Server {
    fn on(&mut self, msg: Msg, out: &mut Vec<(usize, Msg)>) {
        self.handled += u64::from(msg.number);
        out.push((msg.from, Msg { from: 0, number: msg.number }));
    }
}

impl Node for Client {
    fn on(&mut self, msg: Msg, out: &mut Vec<(usize, Msg)>) {
        if self.left > 0 {
            self.left -= 1;
            out.push((0, Msg { from: self.id, number: msg.number + 1 }));
        }
    }
}

pub(crate) fn run(seed: u64) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut nodes: Vec<Box<dyn Node>> = vec![Box::new(Server { handled: 0 })];
    let mut heap: BinaryHeap<Pending> = BinaryHeap::new();
    let (mut seq, mut events) = (0, 0);
    for id in 1..=CLIENTS {
        nodes.push(Box::new(Client { id, left: pairs_of(id) }));
        heap.push(Reverse((0, seq, id, 0, 0)));
        seq += 1;
    }
    let mut out = Vec::new();
    while let Some(Reverse((now, _, to, from, number))) = heap.pop() {
        events += 1;
        nodes[to].on(Msg { from, number }, &mut out);
        for (to, msg) in out.drain(..) {
            let latency = ONE_WAY_NS + rng.next_u64() % 1_000_000;
            heap.push(Reverse((now + latency, seq, to, msg.from, msg.number)));
            seq += 1;
        }
    }
    events
}

/// Runs a second over a slice of time.
pub(crate) fn rate(slice: Duration, mut run: impl FnMut(u64) -> u64) -> u64 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < slice {
        for _ in 0..50 {
            black_box(run(runs));
            runs += 1;
        }
    }
    (u128::from(runs) * 1_000_000_000 / start.elapsed().as_nanos()) as u64
}

/// The middle one.
pub(crate) fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}
