//! One line on a terminal that says how far a campaign is; nothing anywhere else.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ordain_explore::Progress;

use crate::clock::Stopwatch;

/// The line is drawn at most so often.
const EVERY: Duration = Duration::from_millis(100);

/// The progress line of one scenario; erased when dropped.
pub(crate) struct Line {
    name: String,
    place: String,
    shown: bool,
    started: Stopwatch,
    drawn: Mutex<Option<Stopwatch>>,
}

impl Line {
    /// The line of scenario `at` of `of`; never drawn when `quiet`, or when standard error is no terminal.
    pub(crate) fn new(name: &str, (at, of): (usize, usize), quiet: bool) -> Line {
        let place = if of > 1 { format!("[{at}/{of}] ") } else { String::new() };
        let shown = !quiet && io::stderr().is_terminal();
        Line { name: name.to_owned(), place, shown, started: Stopwatch::start(), drawn: Mutex::new(None) }
    }

    /// Draws how far it is, unless that was just done.
    pub(crate) fn update(&self, progress: Progress) {
        if !self.shown {
            return;
        }
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let last = progress.done >= progress.of;
        if !last && drawn.is_some_and(|drawn| drawn.elapsed() < EVERY) {
            return;
        }
        *drawn = Some(Stopwatch::start());
        draw(&self.text(progress));
    }

    fn text(&self, Progress { done, of, failed }: Progress) -> String {
        let rate = done.saturating_mul(1_000) / self.started.elapsed_ms().max(1);
        let found = match failed {
            0 => "none failed".to_owned(),
            n => format!("{n} failed"),
        };
        let shrinking = if done >= of && failed > 0 { "; shrinking" } else { "" };
        format!("{}{}: {done} of {of} runs, {rate} runs/s, {found}{shrinking}", self.place, self.name)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let drawn = self.drawn.get_mut().unwrap_or_else(PoisonError::into_inner);
        if drawn.is_some() {
            draw("");
        }
    }
}

/// Returns to the start of the line, erases it, and writes another; cut, so that it never wraps.
fn draw(text: &str) {
    let text: String = text.chars().filter(|c| !c.is_control()).take(79).collect();
    let mut err = io::stderr().lock();
    let _ = write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush());
}
