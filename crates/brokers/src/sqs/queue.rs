//! A standard queue: the line of visible messages, those in flight, and the consumers that poll it.

use std::collections::VecDeque;

use ordain_kernel::{Key, Seg, Site, Span};

use super::store::{Slot, State, Store, handle};
use super::{Due, Run};
use crate::competing::{Handout, choose};
use crate::{Client, Effect, Loss, MsgId, Settle, SubId, SubscriptionDef, Tag};

/// A consumer: it receives, settles all that it received, and receives again.
#[derive(Clone, Copy, Debug)]
struct Poller {
    client: Client,
    /// Whether its requests reach the service.
    live: bool,
    /// Deliveries that it has not settled yet.
    open: u32,
    /// How many more messages its present receive may return.
    room: u32,
}

/// A standard queue and its consumers.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) sub: SubId,
    max_receive_count: Option<u32>,
    dead_letter: bool,
    handling: Seg,
    site: Site,
    /// The choice whether a delete with an old receipt handle works.
    old_handle: (Seg, Site),
    pub(crate) store: Store,
    /// Visible messages, by slot.
    line: VecDeque<u32>,
    pollers: Vec<Poller>,
    turn: usize,
}

impl Queue {
    /// An empty queue without consumers.
    pub(crate) fn new(def: &SubscriptionDef, handling: Seg, site: Site, old_handle: (Seg, Site)) -> Queue {
        Queue {
            sub: def.id,
            max_receive_count: def.retry_max,
            dead_letter: def.dead_letter,
            handling,
            site,
            old_handle,
            store: Store::default(),
            line: VecDeque::new(),
            pollers: Vec::new(),
            turn: 0,
        }
    }

    /// A message is sent to the queue.
    #[inline]
    pub(crate) fn send(&mut self, key: Key, id: MsgId, run: &mut Run<'_, '_>) {
        run.tally.total += 1;
        let slot = self.store.add(Slot { key, id, serial: 0, receives: 0, state: State::Visible, extra: false });
        self.line.push_back(slot);
        self.dispatch(run);
    }

    /// Answers the waiting receives while there are messages.
    pub(crate) fn dispatch(&mut self, run: &mut Run<'_, '_>) {
        while let Some(&slot) = self.line.front() {
            let next = *self.store.at(slot);
            if next.state == State::Gone {
                self.line.pop_front();
                self.store.release(slot);
                continue;
            }
            let pollers = &self.pollers;
            let eligible = |at: usize| pollers[at].live && pollers[at].room > 0;
            if self.max_receive_count.is_some_and(|max| next.receives >= max) && !next.extra {
                if !(0..pollers.len()).any(eligible) {
                    return;
                }
                self.line.pop_front();
                self.dead_letter(slot, Loss::Exhausted, run);
                continue;
            }
            let handout =
                Handout { site: self.site, message: next.key, handling: self.handling, delivery: next.receives + 1 };
            let Some(chosen) = choose(handout, &mut self.turn, pollers.len(), eligible, run.cx) else {
                return;
            };
            self.line.pop_front();
            self.deliver(slot, chosen, run);
        }
        for poller in &mut self.pollers {
            if poller.open > 0 {
                poller.room = 0;
            }
        }
    }

    fn deliver(&mut self, slot: u32, poller: usize, run: &mut Run<'_, '_>) {
        let serial = run.serial();
        self.store.renew(slot, serial);
        let message = self.store.at(slot);
        message.receives += 1;
        message.state = State::InFlight;
        let (id, redelivered) = (message.id, message.receives > 1);
        let poller = &mut self.pollers[poller];
        poller.open += 1;
        poller.room -= 1;
        run.tally.in_flight += 1;
        let (tag, client) = (handle(slot, serial), poller.client);
        run.visible_again.push_back((run.now + run.options.visibility_timeout, self.sub, tag));
        run.cx.effects.push(Effect::Deliver { client, sub: self.sub, message: id, tag, lane: None, redelivered });
    }

    /// A consumer starts to poll.
    pub(crate) fn join(&mut self, client: Client, run: &mut Run<'_, '_>) {
        if !self.pollers.iter().any(|poller| poller.client == client) {
            self.pollers.push(Poller { client, live: true, open: 0, room: run.options.receive_max.clamp(1, 10) });
            self.dispatch(run);
        }
    }

    /// A consumer is gone: it polls no more, and nobody notices.
    pub(crate) fn leave(&mut self, client: Client) {
        if let Some(at) = self.pollers.iter().position(|poller| poller.client == client) {
            self.pollers.remove(at);
            if self.turn > at {
                self.turn -= 1;
            }
        }
    }

    /// A consumer's requests reach the service, or no longer do.
    pub(crate) fn set_live(&mut self, client: Client, live: bool, run: &mut Run<'_, '_>) {
        if let Some(poller) = self.pollers.iter_mut().find(|poller| poller.client == client) {
            poller.live = live;
            if live {
                self.dispatch(run);
            }
        }
    }

    /// A consumer settles a delivery.
    pub(crate) fn settle(&mut self, client: Client, tag: Tag, how: Settle, run: &mut Run<'_, '_>) {
        if let Some(poller) = self.pollers.iter_mut().find(|poller| poller.client == client) {
            poller.open = poller.open.saturating_sub(1);
            if poller.open == 0 {
                poller.room = run.options.receive_max.clamp(1, 10);
            }
        }
        let given = tag;
        let tag = match how {
            Settle::Ack | Settle::Reject => self.good_for_delete(tag, run).unwrap_or(tag),
            Settle::Retry { .. } => tag,
        };
        let state = self.store.state(tag);
        let held = matches!(state, Some(State::InFlight | State::Hidden));
        let visible = state == Some(State::Visible);
        match how {
            Settle::Ack if held || visible => self.delete(tag, run),
            Settle::Reject if held || visible => self.reject(tag, run),
            Settle::Retry { after } if held => self.change_visibility(tag, after, run),
            _ => run.cx.effects.push(Effect::Stale { client, tag: given }),
        }
        self.dispatch(run);
    }

    /// The newest handle of the message behind an old one, if a delete with the old one works: by default.
    fn good_for_delete(&mut self, old: Tag, run: &mut Run<'_, '_>) -> Option<Tag> {
        let newest = self.store.renewed(old)?;
        let Slot { key, receives, .. } = *self.store.at(self.store.newest(newest)?);
        let (seg, site) = self.old_handle;
        let newest_delivery = run.cx.trace.key(key, self.handling, receives);
        let at = run.cx.trace.key(newest_delivery, seg, 1);
        run.cx.choices.ask(site, at, 2).is_none().then_some(newest)
    }

    /// `DeleteMessage` with a receipt handle that is good for it.
    fn delete(&mut self, tag: Tag, run: &mut Run<'_, '_>) {
        let Some(slot) = self.store.newest(tag) else {
            return;
        };
        let Slot { id, extra, .. } = *self.store.at(slot);
        self.remove(slot, run);
        if !extra {
            run.cx.effects.push(Effect::Settled { sub: self.sub, message: id });
        }
    }

    /// The consumer sends the message to the dead-letter queue, and deletes it here.
    fn reject(&mut self, tag: Tag, run: &mut Run<'_, '_>) {
        if let Some(slot) = self.store.newest(tag) {
            self.dead_letter(slot, Loss::Rejected, run);
        }
    }

    /// `ChangeMessageVisibility`. An extra delivery is of a deleted message: that ends it.
    fn change_visibility(&mut self, tag: Tag, after: Span, run: &mut Run<'_, '_>) {
        let Some(slot) = self.store.newest(tag) else {
            return;
        };
        if self.store.at(slot).extra {
            self.remove(slot, run);
            return;
        }
        self.leave_flight(slot, run);
        if after == Span::ZERO {
            self.show(slot);
        } else {
            self.store.at(slot).state = State::Hidden;
            run.timers.set(run.now + after, Due { sub: self.sub, tag });
        }
    }

    fn dead_letter(&mut self, slot: u32, why: Loss, run: &mut Run<'_, '_>) {
        let message = self.store.at(slot).id;
        if why == Loss::Exhausted {
            // It was at the head of the line, and is out of it.
            self.store.release(slot);
            run.tally.total -= 1;
        } else {
            self.remove(slot, run);
        }
        run.cx.effects.push(Effect::DeadLettered { sub: self.sub, message, why, kept: self.dead_letter });
    }

    fn leave_flight(&mut self, slot: u32, run: &mut Run<'_, '_>) {
        run.tally.in_flight -= u64::from(self.store.at(slot).state == State::InFlight);
    }

    fn remove(&mut self, slot: u32, run: &mut Run<'_, '_>) {
        self.leave_flight(slot, run);
        run.tally.total -= 1;
        let message = self.store.at(slot);
        if message.state == State::Visible {
            message.state = State::Gone;
        } else {
            self.store.release(slot);
        }
    }

    fn show(&mut self, slot: u32) {
        self.store.at(slot).state = State::Visible;
        self.line.push_back(slot);
    }

    /// The visibility timeout of a delivery is over.
    pub(crate) fn visible_again(&mut self, tag: Tag, run: &mut Run<'_, '_>) {
        let Some(slot) = self.store.newest(tag) else {
            return;
        };
        if self.store.at(slot).extra {
            self.remove(slot, run);
        } else {
            self.leave_flight(slot, run);
            self.show(slot);
            self.dispatch(run);
        }
    }

    /// A hidden message is due.
    pub(crate) fn due(&mut self, tag: Tag, run: &mut Run<'_, '_>) {
        if let Some(slot) = self.store.newest(tag) {
            self.show(slot);
            self.dispatch(run);
        }
    }

    /// Whether this is an extra delivery.
    pub(crate) fn is_extra(&mut self, tag: Tag) -> bool {
        let slot = self.store.newest(tag);
        slot.is_some_and(|slot| self.store.at(slot).extra)
    }

    /// The service delivers this message once more after `late`, deleted or not.
    pub(crate) fn duplicate(&mut self, tag: Tag, late: Span, run: &mut Run<'_, '_>) {
        let Some(slot) = self.store.newest(tag) else {
            return;
        };
        let original = self.store.at(slot);
        let extra = Slot { serial: run.serial(), state: State::Hidden, extra: true, ..*original };
        original.receives += 1;
        let (serial, slot) = (extra.serial, self.store.add(extra));
        run.tally.total += 1;
        if late == Span::ZERO {
            self.show(slot);
            self.dispatch(run);
        } else {
            run.timers.set(run.now + late, Due { sub: self.sub, tag: handle(slot, serial) });
        }
    }

    /// Back to an empty queue without consumers; memory is kept.
    pub(crate) fn reset(&mut self) {
        self.store.clear();
        self.line.clear();
        self.pollers.clear();
        self.turn = 0;
    }
}
