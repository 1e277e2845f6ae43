//! Captured load: messages of a real system, from JSON Lines of CloudEvents, any JSON Lines, or CSV.
//!
//! Files are read as streams, a line at a time. Numbers keep every digit: no float is ever made of them.

mod columns;
mod json;
mod rows;
mod time;
mod value;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use ordain_world::Datum;

use crate::diag::{Code, Diagnostic};
use crate::model::{CaptureFormat, Captured, LoadSource, Message, Scenario};

/// The longest line that is read, in bytes.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// The most messages that are taken from one file.
pub const MESSAGES_MAX: usize = 1_000_000;

/// What a file gave.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// The messages, by time.
    pub commands: Vec<CapturedCommand>,
    /// How many lines could not be read and were skipped.
    pub skipped: usize,
}

/// One captured message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCommand {
    /// When, after the first one, scaled.
    pub at: Duration,
    /// The line it stood on, from one.
    pub line: u64,
    /// Its id, if the file has one.
    pub id: Option<String>,
    /// Its fields, in the order of the type's layout.
    pub fields: Vec<Datum>,
}

/// What is wrong with a captured file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureError {
    /// The file.
    pub file: String,
    /// The line, from one; none if it is about the file as a whole.
    pub line: Option<u64>,
    /// What is wrong.
    pub text: String,
    /// How to mend it.
    pub mend: String,
}

impl CaptureError {
    /// As a diagnostic at the place in the scenario that names the file.
    pub fn diagnostic(&self, captured: &Captured) -> Diagnostic {
        let place = self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file));
        Diagnostic::error(Code::Capture, captured.file.span, format!("{place}: {}", self.text)).mend(self.mend.clone())
    }
}

/// What is wrong with one line.
#[derive(Clone, Debug)]
struct Fault {
    text: String,
    mend: String,
}

impl Fault {
    fn new(text: impl Into<String>, mend: impl Into<String>) -> Self {
        Fault { text: text.into(), mend: mend.into() }
    }
}

/// One message before its time is known relative to the first.
struct Raw {
    line: u64,
    /// Nanoseconds since 1970.
    at_ns: i128,
    id: Option<String>,
    fields: Vec<Datum>,
}

impl Scenario {
    /// Captured load and the type of its messages.
    pub fn captured(&self) -> impl Iterator<Item = (&Message, &Captured)> {
        self.load.iter().filter_map(|load| match &load.source {
            LoadSource::Captured(captured) => Some((self.messages.get(&load.message.value)?, captured)),
            LoadSource::Generated(_) => None,
        })
    }
}

/// Reads a captured file.
///
/// # Errors
/// The first line that cannot be read, unless such lines are skipped; a file that cannot be opened or is empty.
pub fn read(captured: &Captured, message: &Message, path: &Path) -> Result<Capture, CaptureError> {
    let fail = |line, fault: Fault| CaptureError {
        file: captured.file.value.clone(),
        line,
        text: fault.text,
        mend: fault.mend,
    };
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return Err(fail(None, Fault::new("this is not a regular file", "copy the messages to a file, and name that")));
    }
    let file = File::open(path).map_err(|error| {
        fail(None, Fault::new(format!("cannot be read: {error}"), "the path is relative to the scenario file"))
    })?;
    let plan = columns::Plan::new(captured, message).map_err(|fault| fail(None, fault))?;
    let limit = captured.limit.map_or(MESSAGES_MAX, |limit| limit as usize).min(MESSAGES_MAX);
    let mut sink = Sink { raw: Vec::new(), skipped: 0, skip: captured.skip_malformed, limit };
    let outcome = match captured.format {
        CaptureFormat::Csv => rows::read_csv(file, &plan, &mut sink),
        CaptureFormat::CloudEvents | CaptureFormat::JsonLines => rows::read_json_lines(file, &plan, &mut sink),
    };
    outcome.map_err(|(line, fault)| fail(Some(line), fault))?;
    if sink.raw.is_empty() {
        let mend = if captured.event_type.is_some() {
            "check `type`: only CloudEvents of that type are taken"
        } else {
            "check the file and its `format`"
        };
        return Err(fail(None, Fault::new("no message was found", mend)));
    }
    Ok(sink.finish(captured.speed))
}

/// Takes what was read, or decides what becomes of what was not.
struct Sink {
    raw: Vec<Raw>,
    skipped: usize,
    skip: bool,
    limit: usize,
}

impl Sink {
    /// Takes one line's outcome; `false` when enough was taken.
    fn take(&mut self, line: u64, outcome: Result<Option<Raw>, Fault>) -> Result<bool, (u64, Fault)> {
        match outcome {
            Ok(Some(raw)) => self.raw.push(raw),
            Ok(None) => {}
            Err(_) if self.skip => self.skipped += 1,
            Err(fault) => return Err((line, fault)),
        }
        Ok(self.raw.len() < self.limit)
    }

    fn finish(mut self, (faster, slower): (u64, u64)) -> Capture {
        self.raw.sort_by_key(|raw| raw.at_ns);
        let first = self.raw.first().map_or(0, |raw| raw.at_ns);
        let scaled = |at_ns: i128| (at_ns - first).saturating_mul(i128::from(slower)) / i128::from(faster.max(1));
        let command = |raw: Raw| {
            let at = Duration::from_nanos(u64::try_from(scaled(raw.at_ns)).unwrap_or(u64::MAX));
            CapturedCommand { at, line: raw.line, id: raw.id, fields: raw.fields }
        };
        Capture { commands: self.raw.into_iter().map(command).collect(), skipped: self.skipped }
    }
}
