//! No loss: every accepted message is handled or dead-lettered by each subscription that handles its type.
//!
//! That it was settled is no proof: a committed offset settles everything below it, and a message may be acked
//! before it is handled.

use ordain_brokers::{ChannelId, MsgId, SubId};
use ordain_world::Spec;
use ordain_world::spec::TypeId;

use crate::now::Now;
use crate::progress::{Mark, Progress};
use crate::sink::{Found, Sink};
use crate::text;

/// A `no loss` check.
#[derive(Debug)]
pub(crate) struct NoLoss {
    check: u16,
    /// By type: where it must arrive. Types of other channels have none.
    audience: Vec<Vec<(ChannelId, SubId)>>,
}

impl NoLoss {
    pub(crate) fn new(spec: &Spec, check: u16, channels: &[ChannelId]) -> NoLoss {
        let mut audience = vec![Vec::new(); spec.types.len()];
        for (at, sub) in spec.subs.iter().enumerate() {
            let Some(channel) = sub.channel.filter(|channel| channels.contains(channel)) else { continue };
            for (ty, _) in &sub.handlers {
                if spec.types[ty.at()].channel == Some(channel) {
                    audience[ty.at()].push((channel, SubId(at as u16)));
                }
            }
        }
        NoLoss { check, audience }
    }

    fn audience(&self, ty: TypeId) -> &[(ChannelId, SubId)] {
        &self.audience[ty.at()]
    }

    /// Reports what did not arrive at quiet.
    pub(crate) fn finish(&self, now: &Now<'_>, progress: &Progress, sink: &mut Sink) {
        let view = now.view;
        for msg in progress.accepted() {
            let of = view.messages.get(msg);
            let audience = self.audience(of.ty);
            if audience.is_empty() {
                continue;
            }
            sink.subject(self.check);
            sink.evaluated(self.check, audience.len() as u64);
            for (channel, sub) in audience {
                if arrived(progress, msg, *sub) {
                    continue;
                }
                let why = reason(progress, msg, *sub);
                let subject = text::message(view, msg);
                let place = text::subscription(view.spec, *channel, *sub);
                let message = format!("{subject} was accepted and {why}: {place}");
                let (command, event) = (Some(of.command), progress.trail(msg, *sub));
                sink.report(self.check, now, Found { word: "lost", place, subject, command, event, message });
            }
        }
    }
}

/// Whether a message was handled, turned away for good, or kept in a dead-letter queue.
fn arrived(progress: &Progress, msg: MsgId, sub: SubId) -> bool {
    let is = |mark| progress.is(msg, sub, mark);
    // Of several transactions one may commit and a later one fail until the tries are used up.
    let given_up = is(Mark::Dropped) && is(Mark::Failed);
    is(Mark::Known) || is(Mark::DeadLettered) || (is(Mark::Committed) && !given_up)
}

/// Why a message counts as lost.
fn reason(progress: &Progress, msg: MsgId, sub: SubId) -> &'static str {
    if progress.is(msg, sub, Mark::Dropped) {
        "was dropped, and no dead-letter queue keeps it"
    } else if progress.is(msg, sub, Mark::Settled) {
        "was settled without being handled"
    } else {
        "is neither handled nor dead-lettered"
    }
}
