//! The text of one scenario file: where lines begin, and how it is brought in from disk.

use std::io::Read;
use std::path::Path;

use crate::diag::{Code, Diagnostic, Report};

/// The largest scenario file that is read, in bytes (1 MiB).
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// A half-open range of bytes in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A range from byte `start` to byte `end`; an inverted one is made empty.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end.max(start) as u32 }
    }

    /// The smallest range that covers both.
    pub fn to(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value with the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the file.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }

    /// Keeps the place and changes the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// A line and a column, both counted from one; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
}

/// One scenario file: its name and its text.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl Source {
    /// Takes a text under the name that diagnostics will show.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect();
        Source { name: name.into(), text, line_starts }
    }

    /// Takes the bytes of a file. A text that is too long or not UTF-8 is a diagnostic.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Report> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(too_large(name));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
                let head =
                    format!("the file is not UTF-8 text: line {line} holds the byte 0x{:02x}", error.as_bytes()[good]);
                Err(Report::of_file(name, Code::File, head, "save the file as UTF-8"))
            }
        }
    }

    /// Reads a file. A directory, a missing file or one that is too large is a diagnostic.
    pub fn open(path: &Path) -> Result<Self, Report> {
        let name = path.display().to_string();
        if path.is_dir() {
            let mend = "name a scenario file inside it, such as `order-saga.yaml`";
            return Err(Report::of_file(&name, Code::File, "this is a directory, not a scenario file", mend));
        }
        // A pipe would be waited for, and a device might never end.
        if path.metadata().is_ok_and(|about| !about.is_file()) {
            let mend = "copy it to a file first, and name that file";
            return Err(Report::of_file(&name, Code::File, "this is not a regular file", mend));
        }
        let cannot = |error: std::io::Error| {
            let text = format!("the file cannot be read: {error}");
            Report::of_file(&name, Code::File, text, "check the path and its permissions")
        };
        let file = std::fs::File::open(path).map_err(cannot)?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
        Source::from_bytes(&name, bytes)
    }

    /// The name that diagnostics show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte. A byte past the end is the end.
    pub fn place(&self, byte: u32) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1) - 1;
        let start = self.line_starts[line] as usize;
        let end = self.floor(byte as usize);
        let column = self.text.get(start..end.max(start)).map_or(0, |head| head.chars().count());
        Place { line: line as u32 + 1, column: column as u32 + 1 }
    }

    /// The text of a line (from one), without its line break.
    pub fn line(&self, line: u32) -> &str {
        let at = (line as usize).saturating_sub(1);
        let Some(start) = self.line_starts.get(at) else { return "" };
        let end = self.line_starts.get(at + 1).map_or(self.text.len(), |next| *next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// The text of a range; empty when the range does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        let (start, end) = (self.floor(span.start as usize), self.floor(span.end as usize));
        self.text.get(start..end.max(start)).unwrap_or("")
    }

    /// The nearest character boundary at or before a byte.
    fn floor(&self, byte: usize) -> usize {
        let mut at = byte.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn too_large(name: &str) -> Report {
    let text = format!("the file is longer than {} KiB", FILE_BYTES_MAX >> 10);
    let mend = "keep captured load in a file of its own, and name it with `load: { TYPE: { from: { file: .. } } }`";
    Report::of_file(name, Code::File, text, mend)
}

impl Report {
    /// A report with one error about a file as a whole.
    pub(crate) fn of_file(name: &str, code: Code, text: impl Into<String>, mend: &str) -> Self {
        let mut report = Report::new(Source::new(name, ""));
        report.push(Diagnostic::error(code, Span::default(), text).mend(mend));
        report
    }
}
