//! A panic, on whatever thread, is a fault of ours: it says so, and the program ends with 1.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal;

/// The exit code of a fault of ours.
const FAULT: i32 = 1;

/// Panics end the program from here on.
pub(crate) fn watch() {
    std::panic::set_hook(Box::new(end));
}

fn end(panic: &PanicHookInfo<'_>) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if TOLD.swap(true, Ordering::SeqCst) {
        // Another thread is telling it, and will end the program.
        std::thread::park();
    }
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = panic.location().map_or(String::new(), |at| format!(" ({}:{})", at.file(), at.line()));
    terminal::complain(&format!(
        "error: this is a bug in ordain: {}{place}\n  \
         = help: please report it, with this line, the command and the scenario; RUST_BACKTRACE=1 tells more",
        text.unwrap_or("a panic without words"),
    ));
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        terminal::complain(&std::backtrace::Backtrace::force_capture().to_string());
    }
    std::process::exit(FAULT);
}
