//! The rules of the RabbitMQ model, one test each.

use ordain_kernel::{Deviation, Form, Key, Names, Plan, Seg, Span, Value};

use super::{QueueKind, RabbitMq, RabbitMqOptions, Requeue};
use crate::rig::{Delivery, Rig, one_channel, sub};
use crate::{Broker, ChannelId, Client, Cx, Down, Effect, Input, Loss, MsgId, Settle, SubId, SubscriptionDef};

fn rabbit_with(options: RabbitMqOptions, subs: &[SubscriptionDef]) -> Rig<RabbitMq> {
    Rig::new(|choices, names| RabbitMq::new(options, &one_channel(1, subs), choices, names))
}

fn rabbit(queue: QueueKind, prefetch: Option<u32>) -> Rig<RabbitMq> {
    rabbit_with(RabbitMqOptions { queue, prefetch, ..RabbitMqOptions::default() }, &[sub(0)])
}

fn requeue(rig: &mut Rig<RabbitMq>, delivery: Delivery, how: Requeue) {
    rig.effects.clear();
    let mut cx = Cx { choices: &mut rig.choices, trace: &mut rig.trace, effects: &mut rig.effects };
    rig.broker.requeue(rig.now, delivery.client, delivery.sub, delivery.tag, how, &mut cx);
}

/// Publishes `0..n` to a queue without consumers, then lets client 1 consume.
fn consume(rig: &mut Rig<RabbitMq>, n: u32) -> Vec<Delivery> {
    (0..n).for_each(|message| rig.publish(message));
    rig.join(1);
    rig.deliveries()
}

#[test]
fn without_a_prefetch_limit_a_consumer_gets_everything_in_order() {
    let mut rig = rabbit(QueueKind::Classic, None);
    let all = consume(&mut rig, 4);
    assert_eq!(rig.delivered(), [0, 1, 2, 3]);
    assert!(all.iter().all(|d| d.lane == all[0].lane && !d.redelivered));
    rig.ack(all[2]);
    assert_eq!((rig.settled(), rig.backlog()), (vec![2], (0, 3)));
    rig.ack(all[2]);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: all[2].tag }));
}

#[test]
fn prefetch_limits_unacknowledged_deliveries() {
    let mut rig = rabbit(QueueKind::Classic, Some(2));
    let two = consume(&mut rig, 4);
    assert_eq!((rig.delivered(), rig.backlog()), (vec![0, 1], (2, 2)));
    rig.ack(two[1]);
    assert_eq!(rig.delivered(), [2]);
}

#[test]
fn competing_consumers_take_turns() {
    let mut rig = rabbit(QueueKind::Classic, None);
    rig.join(1);
    rig.join(2);
    let clients: Vec<u32> = (0..4)
        .map(|message| {
            rig.publish(message);
            rig.only().client.0
        })
        .collect();
    assert_eq!(clients, [1, 2, 1, 2]);
}

#[test]
fn which_competing_consumer_is_a_pick_at_the_handling() {
    let mut rig = rabbit(QueueKind::Classic, None);
    let handling = Seg::new(&mut Names::default(), Form::Handling, "s0");
    let key = Key(1_000).child(handling, 1);
    rig.plan(Plan::new(vec![Deviation { key, value: Value::Pick(1) }]));
    rig.join(1);
    rig.join(2);
    rig.publish(0);
    assert_eq!(rig.only().client, Client(2));
    rig.publish(1);
    assert_eq!(rig.only().client, Client(1), "the turn goes on from there");
    assert_eq!(rig.choices.fired().len(), 1);
}

#[test]
fn a_classic_queue_requeues_to_the_original_position() {
    let mut rig = rabbit(QueueKind::Classic, Some(5));
    let all = consume(&mut rig, 7);
    rig.down(1, Down::Paused);
    requeue(&mut rig, all[4], Requeue::Nack);
    requeue(&mut rig, all[1], Requeue::Nack);
    rig.down(1, Down::Closed);
    rig.join(2);
    assert_eq!(rig.delivered(), [0, 1, 2, 3, 4]);
    assert!(rig.deliveries().iter().all(|d| d.redelivered));
}

#[test]
fn a_quorum_queue_requeues_ahead_of_fresh_messages_in_the_order_of_return() {
    let mut rig = rabbit(QueueKind::Quorum, Some(5));
    let all = consume(&mut rig, 7);
    rig.join(2);
    let second = rig.deliveries();
    assert_eq!(rig.delivered(), [5, 6]);
    for delivery in &second {
        rig.ack(*delivery);
    }
    rig.down(2, Down::Closed);
    // Client 1 has no credit while it holds five; it gives back 4, then 1, and each comes straight again.
    requeue(&mut rig, all[4], Requeue::Nack);
    assert_eq!(rig.delivered(), [4]);
    assert!(rig.only().redelivered);
    // Without a consumer the order of return is seen.
    rig.down(1, Down::Crashed);
    rig.publish(7);
    rig.join(3);
    assert_eq!(rig.delivered(), [0, 1, 2, 3, 4], "after a close: in the order of the deliveries");
}

#[test]
fn nack_4_then_1_gives_4_1_on_a_quorum_queue() {
    let mut rig = rabbit(QueueKind::Quorum, Some(2));
    let mut held = consume(&mut rig, 2);
    rig.publish(2);
    // A second consumer with credit for one more, so that what is returned can be watched.
    rig.down(1, Down::Paused);
    requeue(&mut rig, held[1], Requeue::Nack);
    requeue(&mut rig, held[0], Requeue::Nack);
    rig.up(1);
    held = rig.deliveries();
    assert_eq!(held.iter().map(|d| d.message).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(rig.backlog(), (1, 2));
}

#[test]
fn the_21st_counted_return_is_dead_lettered_and_nacks_do_not_count() {
    let mut rig = rabbit(QueueKind::Quorum, None);
    rig.join(1);
    rig.publish(7);
    for _ in 0..40 {
        let delivery = rig.only();
        requeue(&mut rig, delivery, Requeue::Nack);
    }
    for _ in 0..20 {
        let delivery = rig.only();
        requeue(&mut rig, delivery, Requeue::Reject);
    }
    let delivery = rig.only();
    rig.duplicate(delivery, Span::ZERO);
    assert_eq!(rig.dead(), [(7, Loss::Exhausted)], "a closed channel counts");
    assert_eq!(rig.backlog(), (0, 0));
}

#[test]
fn classic_queues_have_no_delivery_limit() {
    let mut rig = rabbit(QueueKind::Classic, None);
    rig.join(1);
    rig.publish(7);
    for _ in 0..40 {
        let delivery = rig.only();
        requeue(&mut rig, delivery, Requeue::Reject);
    }
    assert_eq!(rig.delivered(), [7]);
}

#[test]
fn a_crash_requeues_all_at_once() {
    let mut rig = rabbit(QueueKind::Classic, None);
    consume(&mut rig, 3);
    rig.down(1, Down::Crashed);
    assert_eq!((rig.backlog(), rig.broker.deadline()), ((3, 0), None));
    rig.join(2);
    assert_eq!(rig.delivered(), [0, 1, 2]);
}

#[test]
fn a_lost_connection_requeues_everything_and_the_old_tags_are_unknown() {
    let mut rig = rabbit(QueueKind::Classic, None);
    let all = consume(&mut rig, 3);
    rig.ack(all[0]);
    rig.duplicate(all[1], Span::ZERO);
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: all[0].lane }));
    let again = rig.deliveries();
    assert_eq!(rig.delivered(), [1, 2]);
    assert!(again.iter().all(|d| d.redelivered && d.lane != all[0].lane));
    rig.ack(all[1]);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: all[1].tag }));
    rig.ack(again[0]);
    assert_eq!(rig.settled(), [1]);
}

#[test]
fn a_silent_client_is_given_up_after_two_heartbeats() {
    let mut rig = rabbit(QueueKind::Classic, None);
    let all = consume(&mut rig, 1);
    rig.down(1, Down::Cut);
    rig.publish(1);
    assert!(rig.deliveries().is_empty(), "it waits in the socket");
    rig.pass(Span::from_secs(119));
    assert!(rig.effects.is_empty());
    rig.pass(Span::from_secs(1));
    assert!(rig.has(Effect::Lost { client: Client(1), sub: SubId(0) }));
    rig.up(1);
    assert_eq!(rig.effects[0], Effect::Revoked { client: Client(1), sub: SubId(0), lane: None });
    assert_eq!(rig.delivered(), [0, 1]);
    rig.ack(all[0]);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: all[0].tag }));
}

#[test]
fn a_short_cut_only_delays_what_waited_in_the_socket() {
    let mut rig = rabbit(QueueKind::Classic, None);
    let all = consume(&mut rig, 1);
    rig.down(1, Down::Cut);
    rig.publish(1);
    rig.pass(Span::from_secs(60));
    rig.up(1);
    assert_eq!((rig.only().message, rig.only().redelivered), (1, false));
    rig.ack(all[0]);
    assert_eq!(rig.settled(), [0]);
}

#[test]
fn a_retry_waits_in_the_retry_queue_and_comes_back_to_the_tail() {
    let mut rig = rabbit(QueueKind::Classic, Some(1));
    let first = consume(&mut rig, 2)[0];
    rig.settle(first, Settle::Retry { after: Span::from_secs(5) });
    assert_eq!((rig.delivered(), rig.backlog()), (vec![1], (1, 1)));
    assert!(rig.broker.deadline_is_work());
    let second = rig.only();
    rig.publish(2);
    rig.pass(Span::from_secs(5));
    rig.ack(second);
    assert_eq!(rig.delivered(), [2]);
    rig.ack(rig.only());
    assert_eq!((rig.only().message, rig.only().redelivered), (0, false), "as a new message");
}

#[test]
fn retries_beyond_the_limit_are_dead_lettered() {
    let mut rig = rabbit_with(RabbitMqOptions::default(), &[SubscriptionDef { retry_max: Some(1), ..sub(0) }]);
    rig.join(1);
    rig.publish(7);
    rig.settle(rig.only(), Settle::Retry { after: Span::ZERO });
    rig.settle(rig.only(), Settle::Retry { after: Span::ZERO });
    assert_eq!((rig.dead(), rig.backlog()), (vec![(7, Loss::Exhausted)], (0, 0)));
}

#[test]
fn a_rejected_message_is_kept_only_with_a_dead_letter_queue() {
    let mut rig = rabbit_with(RabbitMqOptions::default(), &[SubscriptionDef { dead_letter: false, ..sub(0) }]);
    rig.join(1);
    rig.publish(7);
    rig.settle(rig.only(), Settle::Reject);
    assert!(rig.has(Effect::DeadLettered { sub: SubId(0), message: MsgId(7), why: Loss::Rejected, kept: false }));
}

#[test]
fn an_unroutable_publish_is_confirmed_and_dropped() {
    let mut rig = rabbit_with(RabbitMqOptions::default(), &[SubscriptionDef { bindings: vec![3], ..sub(0) }]);
    rig.publish(7);
    let dropped = Effect::Dropped { message: MsgId(7), channel: ChannelId(0), why: Loss::Unroutable };
    assert!(matches!(rig.effects[..], [Effect::Confirmed { .. }, last] if last == dropped));
}

#[test]
fn each_subscription_has_a_queue_of_its_own() {
    let mut rig = rabbit_with(RabbitMqOptions::default(), &[sub(0), sub(1)]);
    rig.join(1);
    rig.input(Input::Join { client: Client(2), sub: SubId(1) });
    rig.publish(7);
    let both: Vec<(u32, u16)> = rig.deliveries().iter().map(|d| (d.client.0, d.sub.0)).collect();
    assert_eq!(both, [(1, 0), (2, 1)]);
}

#[test]
fn a_million_messages_take_32_megabytes() {
    assert_eq!(size_of::<Option<super::queue::Entry>>(), 32, "bytes of a queued or unacknowledged message");
}
