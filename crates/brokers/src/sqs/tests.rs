//! The rules of the SQS model, one test each.

use ordain_kernel::{Ask, Decide, Rule, Source, Span, Time, Value};

use super::{Sqs, SqsOptions};
use crate::rig::{Delivery, Rig, one_channel, sub};
use crate::{Broker, ChannelId, Client, Down, Effect, Loss, MsgId, Settle, SubId, SubscriptionDef};

const TIMEOUT: Span = Span::from_secs(30);

fn sqs_with(options: SqsOptions, subs: &[SubscriptionDef]) -> Rig<Sqs> {
    Rig::new(|choices, names| Sqs::new(options, &one_channel(1, subs), choices, names))
}

fn sqs() -> Rig<Sqs> {
    let mut rig = sqs_with(SqsOptions::default(), &[sub(0)]);
    rig.join(1);
    rig
}

#[test]
fn a_consumer_receives_one_message_deletes_it_and_receives_the_next() {
    let mut rig = sqs();
    rig.publish(1);
    let first = rig.only();
    assert_eq!((first.lane, first.redelivered), (None, false));
    rig.publish(2);
    assert_eq!((rig.deliveries().len(), rig.backlog()), (0, (1, 1)));
    rig.ack(first);
    assert_eq!((rig.settled(), rig.delivered()), (vec![1], vec![2]));
}

#[test]
fn a_batch_is_settled_before_the_next_receive() {
    let mut rig = sqs_with(SqsOptions { receive_max: 10, ..SqsOptions::default() }, &[sub(0)]);
    (0..12).for_each(|message| rig.publish(message));
    rig.join(1);
    let batch = rig.deliveries();
    assert_eq!(batch.len(), 10);
    for delivery in &batch[..9] {
        rig.ack(*delivery);
        assert!(rig.deliveries().is_empty());
    }
    rig.ack(batch[9]);
    assert_eq!(rig.delivered(), [10, 11]);
    rig.publish(12);
    assert!(rig.deliveries().is_empty(), "the receive returned what there was");
}

#[test]
fn a_message_is_visible_again_after_the_timeout_whatever_became_of_its_consumer() {
    for how in [Down::Crashed, Down::Closed, Down::Cut, Down::Paused] {
        let mut rig = sqs();
        rig.publish(7);
        rig.down(1, how);
        assert!(rig.effects.is_empty(), "nobody notices");
        rig.join(2);
        assert_eq!(rig.broker.deadline(), Some(Time::START + TIMEOUT));
        assert!(rig.broker.deadline_is_work());
        rig.pass(TIMEOUT);
        assert_eq!((rig.only().client, rig.only().redelivered), (Client(2), true));
    }
}

/// A message whose handler outlasts its lease: the old delivery, and the newer one of another consumer.
fn received_again() -> (Rig<Sqs>, Delivery, Delivery) {
    let mut rig = sqs();
    rig.publish(7);
    let old = rig.only();
    rig.join(2);
    rig.pass(TIMEOUT);
    let newer = rig.only();
    assert_eq!((old.client, newer.client), (Client(1), Client(2)));
    (rig, old, newer)
}

/// Refuses deletes with old receipt handles.
struct Refuse;

impl Decide for Refuse {
    fn decide(&mut self, ask: &Ask, _rules: &[Rule]) -> Option<Value> {
        (ask.room == 2).then_some(Value::Pick(1))
    }
}

#[test]
fn a_delete_with_an_old_receipt_handle_works_by_default_and_the_newer_delivery_runs_on() {
    let (mut rig, old, newer) = received_again();
    rig.ack(old);
    assert_eq!((rig.settled(), rig.backlog(), rig.broker.deadline()), (vec![7], (0, 0), None));
    rig.publish(8);
    rig.publish(9);
    assert_eq!(rig.backlog(), (1, 1), "the newer delivery is still in its consumer's hands");
    rig.ack(newer);
    assert!(rig.has(Effect::Stale { client: Client(2), tag: newer.tag }));
    assert_eq!((rig.settled(), rig.delivered()), (vec![], vec![9]));
}

#[test]
fn a_delete_with_an_old_receipt_handle_may_be_refused() {
    let (mut rig, old, newer) = received_again();
    rig.choices.begin(Source::Other(Box::new(Refuse)));
    rig.ack(old);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: old.tag }));
    assert_eq!((rig.settled(), rig.backlog()), (vec![], (0, 1)));
    rig.ack(newer);
    assert_eq!((rig.settled(), rig.backlog()), (vec![7], (0, 0)));
}

#[test]
fn an_old_receipt_handle_never_deletes_another_message_in_the_same_place() {
    let (mut rig, old, newer) = received_again();
    rig.ack(newer);
    rig.publish(8);
    let other = rig.only();
    assert_eq!(other.tag.0 as u32, old.tag.0 as u32, "the place is used again");
    rig.ack(old);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: old.tag }));
    assert_eq!((rig.settled(), rig.backlog()), (vec![], (0, 1)));
}

#[test]
fn a_consumer_that_always_outlasts_its_lease_gets_done() {
    let mut rig = sqs();
    rig.join(2);
    rig.publish(7);
    let mut open = vec![rig.only()];
    rig.pass(TIMEOUT);
    open.extend(rig.deliveries());
    rig.pass(Span::from_secs(20));
    for delivery in open {
        rig.ack(delivery);
        assert!(rig.deliveries().is_empty());
    }
    assert_eq!((rig.backlog(), rig.broker.deadline()), ((0, 0), None));
}

#[test]
fn a_retry_with_an_old_receipt_handle_is_refused() {
    let (mut rig, old, _) = received_again();
    rig.settle(old, Settle::Retry { after: Span::ZERO });
    assert!(rig.has(Effect::Stale { client: Client(1), tag: old.tag }));
    assert_eq!(rig.backlog(), (0, 1));
}

#[test]
fn a_late_delete_still_works_while_nobody_has_received_the_message_again() {
    let mut rig = sqs();
    rig.publish(7);
    let slow = rig.only();
    rig.pass(TIMEOUT);
    assert_eq!((rig.deliveries().len(), rig.backlog()), (0, (1, 0)), "the only consumer is busy");
    rig.ack(slow);
    assert_eq!((rig.settled(), rig.deliveries().len(), rig.backlog()), (vec![7], 0, (0, 0)));
}

#[test]
fn a_message_received_max_receive_count_times_is_dead_lettered_by_the_next_receive() {
    let mut rig = sqs_with(SqsOptions::default(), &[SubscriptionDef { retry_max: Some(3), ..sub(0) }]);
    rig.join(1);
    rig.publish(7);
    for receive in 1..=3 {
        assert_eq!(rig.delivered(), [7], "receive {receive}");
        rig.settle(rig.only(), Settle::Retry { after: Span::ZERO });
    }
    assert_eq!((rig.dead(), rig.backlog()), (vec![(7, Loss::Exhausted)], (0, 0)));
}

#[test]
fn a_retry_hides_the_message_for_its_backoff() {
    let mut rig = sqs();
    rig.publish(7);
    rig.settle(rig.only(), Settle::Retry { after: Span::from_secs(5) });
    assert_eq!(rig.backlog(), (1, 0));
    rig.pass(Span::from_secs(5));
    assert_eq!(rig.delivered(), [7]);
}

#[test]
fn an_extra_delivery_comes_even_after_the_delete() {
    let mut rig = sqs();
    rig.publish(7);
    let delivery = rig.only();
    rig.ack(delivery);
    rig.duplicate(delivery, Span::from_secs(40));
    assert_eq!(rig.backlog(), (1, 0));
    assert!(rig.broker.deadline_is_work());
    rig.pass(Span::from_secs(40));
    let extra = rig.only();
    assert!(extra.redelivered);
    rig.ack(extra);
    assert_eq!((rig.settled(), rig.backlog()), (vec![], (0, 0)), "it is settled once");
}

#[test]
fn an_extra_delivery_that_is_never_deleted_ends_with_its_timeout() {
    let mut rig = sqs();
    rig.publish(7);
    let delivery = rig.only();
    rig.duplicate(delivery, Span::from_secs(1));
    rig.ack(delivery);
    assert_eq!(rig.settled(), [7]);
    rig.pass(Span::from_secs(1));
    assert_eq!(rig.delivered(), [7]);
    rig.down(1, Down::Crashed);
    rig.pass(TIMEOUT);
    assert_eq!((rig.backlog(), rig.broker.deadline()), ((0, 0), None));
}

#[test]
fn a_refused_message_moves_to_the_dead_letter_queue() {
    let mut rig = sqs();
    rig.publish(7);
    rig.settle(rig.only(), Settle::Reject);
    assert_eq!((rig.dead(), rig.backlog()), (vec![(7, Loss::Rejected)], (0, 0)));
}

#[test]
fn a_topic_fans_out_by_filter_policy_and_drops_what_nobody_takes() {
    let mut rig = sqs_with(SqsOptions::default(), &[SubscriptionDef { bindings: vec![1], ..sub(0) }]);
    rig.publish(7);
    assert!(rig.has(Effect::Dropped { message: MsgId(7), channel: ChannelId(0), why: Loss::Unroutable }));
    let mut rig = sqs_with(SqsOptions::default(), &[SubscriptionDef { bindings: vec![0], ..sub(0) }, sub(1)]);
    rig.publish(7);
    assert_eq!(rig.backlog(), (2, 0));
    assert_eq!(rig.broker.unsettled(SubId(1)), [MsgId(7)]);
}

#[test]
fn a_million_messages_take_24_megabytes() {
    assert_eq!(size_of::<super::store::Slot>(), 24, "bytes of a stored message");
}
