//! Ctrl-C: the first asks campaigns to finish with what they have, the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Listens from here on.
pub(crate) fn listen() -> Outcome<&'static AtomicBool> {
    let heard = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    match ctrlc::set_handler(heard) {
        Ok(()) => Ok(&INTERRUPTED),
        Err(error) => Err(Failure::new(Exit::Unfinished, format!("cannot listen for interrupts: {error}"))),
    }
}

/// Whether it was pressed.
pub(crate) fn heard() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
