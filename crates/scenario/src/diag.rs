//! Diagnostics: what is wrong, where, and how to mend it, told the way a compiler tells it.

use std::fmt::Write as _;

use crate::source::{Place, Source, Span};

/// The most diagnostics that one report shows.
pub const SHOWN_MAX: usize = 100;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot run.
    Error,
    /// The scenario can run, but probably not as meant.
    Warning,
}

impl Severity {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// The family a diagnostic belongs to; stable, so that tools may match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The file as a whole cannot be read.
    File,
    /// The YAML is malformed, or beyond a limit.
    Yaml,
    /// A key that the section does not have.
    UnknownKey,
    /// A key that the section must have.
    MissingKey,
    /// A value of the wrong form.
    Value,
    /// A body or an expression that cannot be parsed.
    Syntax,
    /// A name that nothing declares.
    UnknownName,
    /// Two declarations that contradict each other.
    Conflict,
    /// A message field that nothing gives.
    Gap,
    /// An expression of the wrong type.
    Type,
    /// A saga that breaks the saga rules.
    Saga,
    /// A fault that the real system could never show.
    Fault,
    /// Virtual times that do not fit together.
    Time,
    /// Something declared and never used.
    Unused,
    /// Captured load that cannot be read.
    Capture,
}

impl Code {
    /// The word inside the brackets, such as `unknown-key`.
    pub fn word(self) -> &'static str {
        match self {
            Code::File => "file",
            Code::Yaml => "yaml",
            Code::UnknownKey => "unknown-key",
            Code::MissingKey => "missing-key",
            Code::Value => "value",
            Code::Syntax => "syntax",
            Code::UnknownName => "unknown-name",
            Code::Conflict => "conflict",
            Code::Gap => "gap",
            Code::Type => "type",
            Code::Saga => "saga",
            Code::Fault => "fault",
            Code::Time => "time",
            Code::Unused => "unused",
            Code::Capture => "capture",
        }
    }
}

/// A second place that a diagnostic points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where it is.
    pub span: Span,
    /// What it says.
    pub text: String,
}

/// One thing that is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its family.
    pub code: Code,
    /// Where it is.
    pub span: Span,
    /// What is wrong.
    pub text: String,
    /// A word under the carets.
    pub label: Option<String>,
    /// How to mend it.
    pub mend: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, text: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            code,
            span,
            text: text.into(),
            label: None,
            mend: None,
            related: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, text: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, text) }
    }

    /// Says how to mend it.
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// Says how to mend it, when that is known.
    pub fn mend_if(mut self, mend: Option<String>) -> Self {
        self.mend = mend.or(self.mend);
        self
    }

    /// Puts a word under the carets.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Points to a second place.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Related { span, text: text.into() });
        self
    }
}

/// All that is wrong with one file, in the order of the file.
#[derive(Clone, Debug)]
pub struct Report {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// An empty report on a file.
    pub fn new(source: Source) -> Self {
        Report { source, diagnostics: Vec::new() }
    }

    /// The file the report is on.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Adds a diagnostic, unless the very same is there already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = |d: &Diagnostic| (d.span.start, d.severity, d.span.end);
        let at = self.diagnostics.partition_point(|have| place(have) <= place(&diagnostic));
        if at == 0 || self.diagnostics[at - 1] != diagnostic {
            self.diagnostics.insert(at, diagnostic);
        }
    }

    /// Forgets the warnings.
    pub(crate) fn drop_warnings(&mut self) {
        self.diagnostics.retain(|d| d.severity == Severity::Error);
    }

    /// The diagnostics, in the order of the file.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether nothing at all was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many diagnostics of a severity were found.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// The line and column a diagnostic begins at.
    pub fn place(&self, diagnostic: &Diagnostic) -> Place {
        self.source.place(diagnostic.span.start)
    }

    /// One line a diagnostic: `file:line:column: severity[code]: text`, for editors and CI annotations.
    pub fn lines(&self) -> Vec<String> {
        let line = |d: &Diagnostic| {
            let at = self.place(d);
            format!(
                "{}:{}:{}: {}[{}]: {}",
                self.source.name(),
                at.line,
                at.column,
                d.severity.word(),
                d.code.word(),
                d.text
            )
        };
        self.diagnostics.iter().map(line).collect()
    }

    /// The whole report as text, with ANSI colours if asked for.
    pub fn render(&self, colour: bool) -> String {
        let paint = Paint { on: colour };
        let mut out = String::new();
        for diagnostic in self.diagnostics.iter().take(SHOWN_MAX) {
            self.render_one(diagnostic, paint, &mut out);
            out.push('\n');
        }
        if self.diagnostics.len() > SHOWN_MAX {
            let _ = writeln!(out, "{} more diagnostics are not shown\n", self.diagnostics.len() - SHOWN_MAX);
        }
        out.push_str(&self.summary());
        out
    }

    /// A last line such as `order-saga.yaml: 2 errors, 1 warning`; empty for an empty report.
    pub fn summary(&self) -> String {
        let count = |severity: Severity| match self.count(severity) {
            0 => None,
            1 => Some(format!("1 {}", severity.word())),
            n => Some(format!("{n} {}s", severity.word())),
        };
        let parts: Vec<String> = [Severity::Error, Severity::Warning].into_iter().filter_map(count).collect();
        if parts.is_empty() { String::new() } else { format!("{}: {}\n", self.source.name(), parts.join(", ")) }
    }

    fn render_one(&self, d: &Diagnostic, paint: Paint, out: &mut String) {
        let tone = if d.severity == Severity::Error { RED } else { YELLOW };
        let head = paint.dye(tone, &format!("{}[{}]", d.severity.word(), d.code.word()));
        let _ = writeln!(out, "{head}{}", paint.dye(BOLD, &format!(": {}", d.text)));
        let places = std::iter::once(d.span).chain(d.related.iter().map(|r| r.span));
        let last_line = places.map(|span| self.source.place(span.start).line).max().unwrap_or(1);
        let width = last_line.to_string().len();
        self.render_place(d.span, d.label.as_deref(), width, "-->", paint.with(tone), out);
        for related in &d.related {
            self.render_place(related.span, Some(&related.text), width, ":::", paint.with(BLUE), out);
        }
        if let Some(mend) = &d.mend {
            let _ = writeln!(out, "{:width$} {} {mend}", "", paint.dye(BLUE, "= help:"));
        }
    }

    fn render_place(&self, span: Span, label: Option<&str>, width: usize, arrow: &str, brush: Brush, out: &mut String) {
        let at = self.source.place(span.start);
        let paint = brush.paint;
        let _ =
            writeln!(out, "{:width$}{} {}:{}:{}", "", paint.dye(BLUE, arrow), self.source.name(), at.line, at.column);
        if self.source.text().is_empty() {
            return;
        }
        let bar = paint.dye(BLUE, "|");
        let (shown, before, carets) = self.window(span, at);
        let number = paint.dye(BLUE, &format!("{:>width$}", at.line));
        let label = label.map_or(String::new(), |text| format!(" {text}"));
        let mark = paint.dye(brush.tone, &format!("{}{label}", "^".repeat(carets)));
        let _ = writeln!(
            out,
            "{:width$} {bar}\n{number} {bar} {shown}\n{:width$} {bar} {}{mark}",
            "",
            "",
            " ".repeat(before)
        );
    }

    /// The part of a line that is shown, the characters before the carets, and how many carets.
    fn window(&self, span: Span, at: Place) -> (String, usize, usize) {
        const SHOWN: usize = 150;
        let line = self.source.line(at.line);
        let clean = |c: char| if c.is_control() { ' ' } else { c };
        let first = at.column as usize - 1;
        let length = self.source.slice(span).lines().next().map_or(0, |text| text.chars().count()).max(1);
        let skip = if first > SHOWN - 40 { first - 60 } else { 0 };
        let mut shown: String = line.chars().skip(skip).take(SHOWN).map(clean).collect();
        let mut before = first - skip;
        if skip > 0 {
            shown.insert_str(0, "...");
            before += 3;
        }
        if line.chars().count() > skip + SHOWN {
            shown.push_str("...");
        }
        let room = shown.chars().count().saturating_sub(before).max(1);
        (shown, before, length.min(room))
    }
}

const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const BLUE: &str = "1;34";
const BOLD: &str = "1";

#[derive(Clone, Copy)]
struct Paint {
    on: bool,
}

#[derive(Clone, Copy)]
struct Brush {
    paint: Paint,
    tone: &'static str,
}

impl Paint {
    fn with(self, tone: &'static str) -> Brush {
        Brush { paint: self, tone }
    }

    fn dye(self, tone: &str, text: &str) -> String {
        if self.on { format!("\x1b[{tone}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
