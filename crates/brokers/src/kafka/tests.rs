//! The rules of the Kafka model, one test each.

use ordain_kernel::{Span, Time};

use super::{Commit, Kafka, KafkaOptions, OffsetReset};
use crate::rig::{Delivery, Rig, one_channel, sub};
use crate::{Broker, Client, Down, Effect, Fault, Input, Loss, Settle, SubId, SubscriptionDef};

fn options() -> KafkaOptions {
    KafkaOptions { initial_rebalance_delay: Span::ZERO, ..KafkaOptions::default() }
}

fn kafka(options: KafkaOptions, partitions: u32) -> Rig<Kafka> {
    kafka_with(options, partitions, &[sub(0)])
}

fn kafka_with(options: KafkaOptions, partitions: u32, subs: &[SubscriptionDef]) -> Rig<Kafka> {
    Rig::new(|choices, names| Kafka::new(options, &one_channel(partitions, subs), choices, names))
}

fn one_partition() -> Rig<Kafka> {
    let mut rig = kafka(options(), 1);
    rig.join(1);
    rig
}

fn rebalance(rig: &mut Rig<Kafka>, order: u64) {
    rig.input(Input::Fault(Fault::Rebalance { sub: SubId(0), order }));
}

/// Publishes 0 and then 1..=n, and acknowledges 0: the poll that follows returns the rest as one batch.
fn batch(rig: &mut Rig<Kafka>, n: u32) -> Vec<Delivery> {
    rig.publish(0);
    let first = rig.only();
    for message in 1..=n {
        rig.publish(message);
    }
    rig.ack(first);
    rig.deliveries()
}

#[test]
fn a_record_is_stored_confirmed_and_delivered_and_its_commit_settles_it() {
    let mut rig = one_partition();
    rig.publish(7);
    assert!(matches!(rig.effects[..], [Effect::Stored { .. }, Effect::Confirmed { .. }, Effect::Deliver { .. }]));
    let delivery = rig.only();
    assert_eq!((rig.backlog(), rig.broker.unsettled(SubId(0)).len()), ((0, 1), 1));
    rig.ack(delivery);
    assert_eq!((rig.settled(), rig.backlog()), (vec![7], (0, 0)));
    rig.ack(delivery);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: delivery.tag }), "a tag is good once");
}

#[test]
fn a_poll_waits_for_the_batch_and_returns_at_most_max_poll_records() {
    let mut rig = kafka(KafkaOptions { max_poll_records: 2, ..options() }, 1);
    rig.join(1);
    let polled = batch(&mut rig, 5);
    assert_eq!(polled.iter().map(|d| d.message).collect::<Vec<_>>(), [1, 2]);
    rig.ack(polled[0]);
    assert!(rig.deliveries().is_empty(), "one record of the batch is open");
    rig.ack(polled[1]);
    assert_eq!(rig.delivered(), [3, 4]);
}

#[test]
fn keyed_records_go_to_hash_modulo_partitions_and_lanes_are_partitions() {
    let mut rig = kafka(options(), 3);
    rig.join(1);
    rig.publish_hashed(1, Some(5));
    assert_eq!(rig.only().lane, Some(2));
}

#[test]
fn the_range_assignor_splits_contiguous_partitions_in_member_order() {
    let mut rig = kafka(options(), 3);
    rig.join(1);
    rig.join(2);
    let owners: Vec<u32> = (0..3)
        .map(|hash| {
            rig.publish_hashed(hash, Some(hash));
            rig.deliveries().first().map_or(0, |delivery| delivery.client.0)
        })
        .collect();
    assert_eq!(owners, [1, 0, 2], "partition 1 is client 1's too, which is busy");
    rebalance(&mut rig, 1);
    let swapped: Vec<(u32, u32)> = rig.deliveries().iter().map(|d| (d.message, d.client.0)).collect();
    assert_eq!(swapped, [(0, 2), (1, 2), (2, 1)]);
}

#[test]
fn groups_read_the_topic_independently() {
    let mut rig = kafka_with(options(), 1, &[sub(0), sub(1)]);
    rig.join(1);
    rig.input(Input::Join { client: Client(1), sub: SubId(1) });
    rig.publish(7);
    let both = rig.deliveries();
    assert_eq!(both.len(), 2);
    rig.ack(both[0]);
    assert_eq!(rig.backlog(), (0, 1));
}

#[test]
fn the_first_members_of_a_group_gather_for_the_initial_delay() {
    let mut rig = kafka(KafkaOptions::default(), 2);
    rig.join(1);
    rig.pass(Span::from_secs(1));
    rig.join(2);
    assert_eq!(rig.broker.deadline(), Some(Time::START + Span::from_secs(3)));
    rig.pass(Span::from_secs(2));
    assert!(rig.effects.is_empty(), "a newcomer extends the delay");
    rig.publish(0);
    assert!(rig.broker.deadline_is_work(), "a record waits for the group");
    rig.pass(Span::from_secs(3));
    assert_eq!(rig.delivered(), [0]);
    assert!(rig.has(Effect::Rebalanced { sub: SubId(0), generation: 1 }));
}

#[test]
fn a_rebalance_repeats_uncommitted_work_and_refuses_the_old_commit() {
    let mut rig = one_partition();
    let polled = batch(&mut rig, 2);
    rebalance(&mut rig, 0);
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: None }));
    assert_eq!(rig.delivered(), [1, 2]);
    rig.ack(polled[0]);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: polled[0].tag }));
    assert!(rig.settled().is_empty());
}

#[test]
fn a_crashed_member_holds_up_the_rebalance_until_its_session_ends() {
    let mut rig = one_partition();
    rig.publish(7);
    rig.down(1, Down::Crashed);
    rig.pass(Span::from_secs(2));
    rig.join(2);
    assert!(rig.deliveries().is_empty(), "the restarted process is a new member, and waits for the old one");
    rig.pass(Span::from_secs(42));
    assert!(rig.effects.is_empty());
    rig.pass(Span::from_secs(1));
    assert!(rig.has(Effect::Lost { client: Client(1), sub: SubId(0) }));
    assert_eq!((rig.delivered(), rig.only().client), (vec![7], Client(2)));
}

#[test]
fn a_member_that_leaves_is_replaced_at_once() {
    let mut rig = one_partition();
    rig.join(2);
    rig.publish(7);
    let owner = rig.only().client;
    assert_eq!(owner, Client(1));
    rig.down(1, Down::Closed);
    assert_eq!(rig.only().client, Client(2));
}

#[test]
fn a_short_pause_is_not_noticed() {
    let mut rig = one_partition();
    rig.publish(7);
    let delivery = rig.only();
    rig.down(1, Down::Paused);
    rig.publish(8);
    rig.pass(Span::from_secs(44));
    rig.up(1);
    rig.ack(delivery);
    assert_eq!((rig.settled(), rig.delivered()), (vec![7], vec![8]));
}

#[test]
fn a_cut_beyond_the_session_timeout_evicts_and_the_zombie_commits_in_vain() {
    let mut rig = one_partition();
    rig.join(2);
    rig.publish(7);
    let delivery = rig.only();
    rig.down(1, Down::Cut);
    rig.pass(Span::from_secs(45));
    assert!(rig.has(Effect::Lost { client: Client(1), sub: SubId(0) }));
    assert_eq!(rig.only().client, Client(2), "the other member takes over from the last commit");
    rig.up(1);
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: None }));
    rig.ack(delivery);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: delivery.tag }));
}

#[test]
fn a_silent_member_that_comes_back_in_time_lets_the_rebalance_end() {
    let mut rig = one_partition();
    rig.publish(7);
    rig.down(1, Down::Paused);
    rig.join(2);
    assert!(rig.deliveries().is_empty());
    rig.pass(Span::from_secs(10));
    rig.up(1);
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: None }));
    assert_eq!(rig.only().client, Client(1));
}

#[test]
fn a_duplicate_rewinds_to_the_last_commit_and_repeats_the_suffix() {
    let mut rig = one_partition();
    let polled = batch(&mut rig, 3);
    rig.ack(polled[0]);
    rig.duplicate(polled[1], Span::ZERO);
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: Some(0) }));
    assert_eq!(rig.delivered(), [2, 3]);
    let again = rig.deliveries();
    assert!(!again[0].redelivered, "Kafka has no such flag");
    rig.ack(again[0]);
    assert_eq!(rig.settled(), [2]);
}

#[test]
fn with_batch_commits_a_duplicate_repeats_handled_records_too() {
    let mut rig = kafka(KafkaOptions { commit: Commit::Batch, ..options() }, 1);
    rig.join(1);
    let polled = batch(&mut rig, 3);
    assert_eq!(rig.settled(), [0], "the batch of one was done");
    rig.ack(polled[0]);
    assert!(rig.settled().is_empty());
    rig.duplicate(polled[1], Span::ZERO);
    assert_eq!(rig.delivered(), [1, 2, 3]);
    for delivery in rig.deliveries() {
        rig.ack(delivery);
    }
    assert_eq!(rig.settled(), [1, 2, 3]);
}

#[test]
fn a_retry_blocks_its_partition_only() {
    let mut rig = kafka(options(), 2);
    rig.join(1);
    rig.publish(0);
    let first = rig.only();
    for message in 1..=4 {
        rig.publish(message);
    }
    rig.ack(first);
    let polled = rig.deliveries();
    let odd: Vec<Delivery> = polled.iter().copied().filter(|d| d.message % 2 == 1).collect();
    rig.settle(odd[0], Settle::Retry { after: Span::from_secs(2) });
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: Some(1) }));
    for delivery in polled.iter().filter(|d| d.message % 2 == 0) {
        rig.ack(*delivery);
        assert_eq!(rig.settled(), [delivery.message]);
    }
    rig.publish(5);
    assert!(rig.deliveries().is_empty(), "the partition is paused");
    assert!(rig.broker.deadline_is_work());
    rig.pass(Span::from_secs(2));
    assert_eq!(rig.delivered(), [1, 3, 5]);
}

#[test]
fn retries_beyond_the_limit_are_dead_lettered_and_the_partition_goes_on() {
    let limited = SubscriptionDef { retry_max: Some(1), ..sub(0) };
    let mut rig = kafka_with(options(), 1, &[limited]);
    rig.join(1);
    let polled = batch(&mut rig, 2);
    rig.settle(polled[0], Settle::Retry { after: Span::ZERO });
    assert_eq!(rig.delivered(), [1, 2]);
    rig.settle(rig.deliveries()[0], Settle::Retry { after: Span::ZERO });
    assert_eq!(rig.dead(), [(1, Loss::Exhausted)]);
    assert_eq!(rig.backlog(), (0, 1));
}

#[test]
fn a_refused_record_goes_to_the_dead_letter_topic_and_is_committed() {
    let mut rig = one_partition();
    rig.publish(7);
    rig.settle(rig.only(), Settle::Reject);
    assert_eq!((rig.dead(), rig.settled(), rig.backlog()), (vec![(7, Loss::Rejected)], vec![], (0, 0)));
}

/// A group of one member with automatic commits each 5 s.
fn automatic() -> Rig<Kafka> {
    let commit = Commit::Auto { interval: Commit::AUTO_INTERVAL };
    let mut rig = kafka(KafkaOptions { commit, ..options() }, 1);
    rig.join(1);
    rig
}

#[test]
fn the_first_poll_after_the_interval_commits_all_that_earlier_polls_returned() {
    let mut rig = automatic();
    let polled = batch(&mut rig, 2);
    assert!(rig.settled().is_empty(), "the interval is not over at the poll after the first record");
    rig.ack(polled[0]);
    rig.pass(Span::from_secs(6));
    assert!(rig.effects.is_empty(), "the interval is over amid a batch: no poll, no commit");
    assert_eq!(rig.broker.deadline(), None, "the next poll waits for the handler, not for a time");
    rig.ack(polled[1]);
    assert_eq!((rig.settled(), rig.backlog()), (vec![0, 1, 2], (0, 0)));
}

#[test]
fn the_interval_begins_anew_with_an_automatic_commit_and_goes_on_while_idle() {
    let mut rig = automatic();
    rig.publish(0);
    let first = rig.only();
    rig.pass(Span::from_secs(7));
    rig.ack(first);
    assert_eq!(rig.settled(), [0]);
    rig.publish(1);
    rig.ack(rig.only());
    assert_eq!(rig.broker.deadline(), Some(Time::START + Span::from_secs(12)), "5 s after the commit");
    rig.pass(Span::from_secs(16));
    rig.publish(2);
    rig.ack(rig.only());
    assert_eq!(rig.broker.deadline(), Some(Time::START + Span::from_secs(27)), "idle polls kept it at 22 s");
}

#[test]
fn an_idle_consumer_commits_its_last_batch_when_the_interval_is_over() {
    let mut rig = automatic();
    rig.publish(7);
    let delivery = rig.only();
    assert_eq!(rig.broker.deadline(), None);
    rig.ack(delivery);
    assert_eq!((rig.settled(), rig.backlog()), (vec![], (0, 1)));
    assert_eq!(rig.broker.wake(), (Some(Time::START + Span::from_secs(5)), true));
    rig.publish(8);
    assert_eq!(rig.broker.deadline(), None, "it is busy again");
    rig.ack(rig.only());
    rig.pass(Span::from_secs(5));
    assert_eq!((rig.settled(), rig.backlog()), (vec![7, 8], (0, 0)));
    assert_eq!(rig.broker.wake(), (None, false));
}

#[test]
fn a_crash_amid_a_batch_loses_nothing_under_automatic_commits() {
    let mut rig = automatic();
    let polled = batch(&mut rig, 2);
    rig.ack(polled[0]);
    rig.pass(Span::from_secs(6));
    rig.down(1, Down::Crashed);
    rig.join(2);
    rig.pass(Span::from_secs(45));
    assert_eq!(rig.delivered(), [0, 1, 2]);
}

#[test]
fn an_orderly_close_commits_what_the_last_poll_returned_handled_or_not() {
    let mut rig = automatic();
    let polled = batch(&mut rig, 2);
    rig.ack(polled[0]);
    rig.down(1, Down::Closed);
    assert_eq!((rig.settled(), rig.backlog()), (vec![0, 1, 2], (0, 0)), "nobody has handled 2");
    rig.join(2);
    assert!(rig.deliveries().is_empty(), "it is lost");
}

#[test]
fn a_rebalance_under_automatic_commits_loses_what_the_last_poll_returned() {
    let mut rig = automatic();
    let polled = batch(&mut rig, 2);
    rig.join(2);
    assert_eq!((rig.settled(), rig.deliveries().len()), (vec![0, 1, 2], 0));
    assert!(rig.has(Effect::Revoked { client: Client(1), sub: SubId(0), lane: None }));
    rig.ack(polled[0]);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: polled[0].tag }));
    assert_eq!(rig.backlog(), (0, 0));
}

#[test]
fn a_member_that_is_evicted_has_committed_nothing_automatically() {
    let mut rig = automatic();
    rig.publish(7);
    let delivery = rig.only();
    rig.ack(delivery);
    rig.down(1, Down::Cut);
    assert_eq!(rig.broker.deadline(), Some(Time::START + Span::from_secs(45)), "no commit gets through");
    rig.join(2);
    rig.pass(Span::from_secs(45));
    assert_eq!((rig.settled(), rig.delivered(), rig.only().client), (vec![], vec![7], Client(2)));
}

#[test]
fn a_group_that_begins_at_the_latest_offset_skips_what_was_before() {
    let mut rig = kafka(KafkaOptions { offset_reset: OffsetReset::Latest, ..options() }, 1);
    rig.publish(1);
    rig.join(1);
    assert!(rig.deliveries().is_empty());
    rig.publish(2);
    let second = rig.only();
    rebalance(&mut rig, 0);
    assert!(rig.deliveries().is_empty(), "without a commit the reset skips again");
    assert_eq!(rig.backlog(), (0, 0));
    rig.ack(second);
    rig.publish(3);
    rig.ack(rig.only());
    rig.publish(4);
    rebalance(&mut rig, 0);
    assert_eq!(rig.delivered(), [4], "with a commit it does not");
}

#[test]
fn an_unknown_channel_refuses_and_an_unknown_subscription_is_stale() {
    let mut rig = one_partition();
    let message = crate::Message { id: crate::MsgId(1), key: ordain_kernel::Key(1), partition_hash: None, routing: 0 };
    rig.input(Input::Publish { channel: crate::ChannelId(9), message, token: crate::Token(1) });
    assert!(rig.has(Effect::Refused { token: crate::Token(1) }));
    rig.publish(7);
    let delivery = Delivery { sub: SubId(9), ..rig.only() };
    rig.ack(delivery);
    assert!(rig.has(Effect::Stale { client: Client(1), tag: delivery.tag }));
}
