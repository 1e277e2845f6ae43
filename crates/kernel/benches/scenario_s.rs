//! Scenario S on the kernel beside a bare hand-written event loop, in turns in the same run.
//!
//! S: one server, three clients, 100 request/response pairs, 5 ms one way. Both sides use boxed nodes and random
//! latency; the kernel's side also makes a causal key and puts a hold choice for each message, and keeps the
//! trace hash. `cargo bench -p ordain-kernel` prints the medians and the ratio.

mod bare;

use std::hint::black_box;
use std::time::Duration;

use bare::{CLIENTS, ONE_WAY_NS, median, pairs_of, rate};
use ordain_kernel::{
    Chance, Choices, Draw, EventId, Form, Key, Kind, Lane, Names, Queue, Rule, Seg, Site, Span, Time, Trace, Value,
    Weight,
};

mod kernel {
    use super::*;

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Arrival {
        to: usize,
        from: usize,
        number: u32,
        key: Key,
        cause: EventId,
    }

    pub(crate) trait Process {
        fn on(&mut self, arrival: Arrival, cx: &mut Cx<'_>);
    }

    pub(crate) struct Cx<'a> {
        queue: &'a mut Queue<Arrival>,
        choices: &'a mut Choices,
        trace: &'a mut Trace,
        wires: &'a Wires,
        event: EventId,
    }

    pub(crate) struct Wires {
        command: Seg,
        request: Seg,
        reply: Seg,
        hold: Site,
    }

    impl Cx<'_> {
        fn send(&mut self, seg: Seg, from: usize, to: usize, number: u32, parent: Key) {
            let key = self.trace.key(parent, seg, 1);
            let mut delay = Span(ONE_WAY_NS);
            if let Some(Value::HoldFor(span)) = self.choices.ask(self.wires.hold, key, 0) {
                delay = delay + span;
            }
            self.queue.after(delay, Weight::Work, Arrival { to, from, number, key, cause: self.event });
        }
    }

    struct Server {
        handled: u64,
    }
    struct Client {
        id: usize,
        left: u32,
    }

    impl Process for Server {
        fn on(&mut self, at: Arrival, cx: &mut Cx<'_>) {
            self.handled += u64::from(at.number);
            cx.send(cx.wires.reply, 0, at.from, at.number, at.key);
        }
    }

    impl Process for Client {
        fn on(&mut self, at: Arrival, cx: &mut Cx<'_>) {
            if self.left > 0 {
                self.left -= 1;
                cx.send(cx.wires.request, self.id, 0, at.number + 1, at.key);
            }
        }
    }

    pub(crate) struct World {
        queue: Queue<Arrival>,
        choices: Choices,
        trace: Trace,
        wires: Wires,
    }

    impl World {
        pub(crate) fn new() -> World {
            let mut names = Names::default();
            let mut choices = Choices::default();
            let rungs = (0..16).map(|i| Span::from_millis(i * 4)).collect();
            let rule = choices.add_rule(Rule {
                name: "hold".into(),
                chance: Chance::from_ppm(100_000),
                draw: Draw::Hold { rungs, quiet: false },
                fault: true,
            });
            let wires = Wires {
                command: Seg::new(&mut names, Form::Command, "c"),
                request: Seg::new(&mut names, Form::Message, "Request"),
                reply: Seg::new(&mut names, Form::Message, "Reply"),
                hold: choices.add_site(Kind::Hold, vec![rule]),
            };
            World { queue: Queue::default(), choices, trace: Trace::default(), wires }
        }

        pub(crate) fn run(&mut self, seed: u64) -> u64 {
            let World { queue, choices, trace, wires } = self;
            queue.reset();
            choices.begin_seeded(seed);
            trace.begin(false);
            let mut nodes: Vec<Box<dyn Process>> = vec![Box::new(Server { handled: 0 })];
            for id in 1..=CLIENTS {
                nodes.push(Box::new(Client { id, left: pairs_of(id) }));
                let key = trace.key(Key::ROOT, wires.command, id as u32);
                let start = Arrival { to: id, from: 0, number: 0, key, cause: EventId::NONE };
                queue.at(Time::START, Weight::Work, start);
            }
            while let Some(at) = queue.pop() {
                let event = trace.enter(
                    queue.now(),
                    1,
                    Lane(at.to as u16),
                    at.key,
                    u64::from(at.number),
                    at.cause,
                    String::new,
                );
                nodes[at.to].on(at, &mut Cx { queue, choices, trace, wires, event });
            }
            black_box(trace.hash());
            queue.popped()
        }
    }
}

/// The medians of `rounds` turns of both sides, in runs a second, and of their ratios.
fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let (rounds, slice) = if quick { (1, Duration::from_millis(5)) } else { (15, Duration::from_millis(200)) };
    let mut world = kernel::World::new();
    assert_eq!(bare::run(1), world.run(1), "both sides make the same events");
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let bare = rate(slice, bare::run);
        let kernel = rate(slice, |seed| world.run(seed));
        theirs.push(bare);
        ours.push(kernel);
        ratios.push(kernel * 1_000 / bare);
    }
    println!("scenario S, {} events a run, medians of {rounds} turns:", world.run(1));
    println!("  bare loop   {:>9} runs/s", median(&mut theirs));
    println!("  kernel      {:>9} runs/s (keys, hold choice and trace hash a message)", median(&mut ours));
    let ratio = median(&mut ratios);
    println!("  ratio       {:>5}.{:03}", ratio / 1_000, ratio % 1_000);
}
