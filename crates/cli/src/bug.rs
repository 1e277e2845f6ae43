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
    if terminal::variable("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        terminal::complain(&std::backtrace::Backtrace::force_capture().to_string());
    }
    std::process::exit(FAULT);
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// Set for the process that is to panic.
    const CHILD: &str = "ORDAIN_TEST_PANICS";

    #[test]
    #[ignore = "panics, in a process of its own"]
    fn child() {
        super::watch();
        if super::terminal::variable(CHILD).is_some() {
            #[expect(clippy::disallowed_methods, reason = "it is about threads")]
            let thread = std::thread::spawn(|| panic!("a test of panics"));
            drop(thread.join());
        }
    }

    #[test]
    fn a_panic_on_any_thread_is_a_bug_of_ours_and_exits_with_1() {
        let itself = std::env::current_exe().expect("a test has a file");
        let child = Command::new(itself)
            .args(["--exact", "bug::tests::child", "--ignored", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("a test can start itself");
        let told = String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.code(), Some(1), "{told}");
        assert!(told.contains("this is a bug in ordain: a test of panics"), "{told}");
    }
}
