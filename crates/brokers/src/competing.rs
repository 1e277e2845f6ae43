//! Competing consumers: which of them gets the next message. Round-robin, unless the choice deviates.

use ordain_kernel::{Key, Seg, Site, Value};

use crate::Cx;

/// The message that is to be handed out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handout {
    /// Where the choice is put.
    pub(crate) site: Site,
    /// The message's key.
    pub(crate) message: Key,
    /// The handling segment of the subscription.
    pub(crate) handling: Seg,
    /// Which delivery of the message to the subscription it will be, from 1.
    pub(crate) delivery: u32,
}

/// Chooses among `count` consumers, those for which `eligible` holds; the default is the first of them from
/// `turn` on. Moves `turn` behind the one chosen.
#[inline]
pub(crate) fn choose(
    handout: Handout,
    turn: &mut usize,
    count: usize,
    eligible: impl Fn(usize) -> bool,
    cx: &mut Cx<'_>,
) -> Option<usize> {
    let start = if *turn < count { *turn } else { 0 };
    let in_turn = || (start..count).chain(0..start).filter(|at| eligible(*at));
    let mut chosen = in_turn().next()?;
    if count > 1 {
        let room = in_turn().count() as u64;
        if room > 1 {
            let key = cx.trace.key(handout.message, handout.handling, handout.delivery);
            if let Some(Value::Pick(offset)) = cx.choices.ask(handout.site, key, room) {
                chosen = in_turn().nth(offset as usize).expect("picks are below the room");
            }
        }
    }
    *turn = chosen + 1;
    Some(chosen)
}
