//! Builds the tree from parser events, within limits.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use crate::diag::{Code, Diagnostic, Report};
use crate::source::{Source, Span, Spanned};
use crate::yaml::{DEPTH_MAX, Entry, NODES_MAX, Node, NodeKind, Style};

/// Reads the one document of a file. What is wrong goes to the report; a tree comes back if any could be built.
pub fn parse(source: &Source, report: &mut Report) -> Option<Node> {
    if let Some(at) = source.text().find('\0') {
        let span = Span::new(at, at + 1);
        report.push(
            Diagnostic::error(Code::Yaml, span, "the file holds a zero byte").mend("save the file as plain text"),
        );
        return None;
    }
    let mut builder = Builder::new(source);
    let outcome = builder.run();
    for diagnostic in builder.found {
        report.push(diagnostic);
    }
    match outcome {
        Ok(None) => {
            let text = "the file is empty";
            report.push(
                Diagnostic::error(Code::Yaml, Span::default(), text).mend("a scenario begins with `scenario: NAME`"),
            );
            None
        }
        Ok(root) => root,
        Err(diagnostic) => {
            report.push(*diagnostic);
            None
        }
    }
}

type Stop = Box<Diagnostic>;

struct Builder<'a> {
    source: &'a Source,
    /// Byte offset of each character; empty when the text is ASCII.
    offsets: Vec<u32>,
    found: Vec<Diagnostic>,
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    open: Vec<Frame>,
    root: Option<Node>,
    documents: usize,
}

enum Frame {
    Map { start: u32, anchor: usize, entries: Vec<Entry>, seen: BTreeMap<String, Span>, key: Option<PendingKey> },
    Seq { start: u32, anchor: usize, items: Vec<Node> },
}

struct PendingKey {
    text: Spanned<String>,
    style: Style,
    usable: bool,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source) -> Self {
        let text = source.text();
        let offsets = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect()
        };
        let (found, open, anchors) = (Vec::new(), Vec::new(), BTreeMap::new());
        Builder { source, offsets, found, anchors, nodes: 0, open, root: None, documents: 0 }
    }

    fn run(&mut self) -> Result<Option<Node>, Stop> {
        let mut parser = Parser::new_from_str(self.source.text());
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| self.malformed(&error))?;
            let span = self.span(span);
            if !self.event(event, span)? {
                break;
            }
        }
        Ok(self.root.take())
    }

    /// Takes one event; `false` when nothing more needs reading.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, Stop> {
        match event {
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            Event::StreamEnd => return Ok(false),
            Event::DocumentStart(_) => return self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.no_tag(tag.is_some(), span);
                let node = self.scalar(text.into_owned(), style, span);
                self.count(1, span)?;
                self.finish(node, anchor);
            }
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::SequenceStart(anchor, tag) => {
                self.no_tag(tag.is_some(), span);
                self.enter(Frame::Seq { start: span.start, anchor, items: Vec::new() }, span)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.no_tag(tag.is_some(), span);
                self.enter(
                    Frame::Map { start: span.start, anchor, entries: Vec::new(), seen: BTreeMap::new(), key: None },
                    span,
                )?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
        }
        Ok(true)
    }

    fn document(&mut self, span: Span) -> Result<bool, Stop> {
        self.documents += 1;
        if self.documents > 1 {
            let error = Diagnostic::error(Code::Yaml, span, "a second document begins here; a file holds one scenario");
            self.found.push(error.mend("move what follows `---` to a file of its own"));
            return Ok(false);
        }
        Ok(true)
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Node {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        Node { kind: NodeKind::Scalar(text, style), span }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            let error = Diagnostic::error(Code::Yaml, span, "this alias is used inside its own anchor");
            return Err(Box::new(error.mend("write the value out")));
        };
        let (node, size) = (node.clone(), *size);
        if self.open.len() + depth(&node) > DEPTH_MAX {
            return Err(too_deep(span));
        }
        self.count(size, span)?;
        self.finish(node, 0);
        Ok(())
    }

    fn enter(&mut self, frame: Frame, span: Span) -> Result<(), Stop> {
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep(span));
        }
        self.count(1, span)?;
        self.open.push(frame);
        Ok(())
    }

    fn leave(&mut self, span: Span) {
        let (node, anchor) = match self.open.pop() {
            Some(Frame::Map { start, anchor, entries, .. }) => {
                let end = entries.last().map_or(span.end, |last| last.value.span.end.max(span.end));
                (Node { kind: NodeKind::Map(entries), span: Span { start, end } }, anchor)
            }
            Some(Frame::Seq { start, anchor, items }) => {
                let end = items.last().map_or(span.end, |last| last.span.end.max(span.end));
                (Node { kind: NodeKind::Seq(items), span: Span { start, end } }, anchor)
            }
            None => return,
        };
        self.finish(node, anchor);
    }

    fn finish(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.root = self.root.take().or(Some(node)),
            Some(Frame::Seq { items, .. }) => items.push(node),
            Some(Frame::Map { key: slot @ None, .. }) => {
                let (key, complaint) = as_key(node);
                *slot = Some(key);
                self.found.extend(complaint);
            }
            Some(Frame::Map { entries, seen, key, .. }) => {
                let Some(key) = key.take() else { return };
                if let Some(first) = seen.get(&key.text.value) {
                    self.found.push(duplicate(&key.text, *first));
                } else if key.usable {
                    seen.insert(key.text.value.clone(), key.text.span);
                    entries.push(Entry { key: key.text, key_style: key.style, value: node });
                }
            }
        }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > NODES_MAX {
            let text = format!("the file holds more than {NODES_MAX} values, aliases expanded");
            let error = Diagnostic::error(Code::Yaml, span, text);
            return Err(Box::new(error.mend("split the scenario, or use fewer aliases")));
        }
        Ok(())
    }

    fn no_tag(&mut self, tagged: bool, span: Span) {
        if tagged {
            let error = Diagnostic::error(Code::Yaml, span, "tags (`!..`) have no meaning in a scenario");
            self.found.push(error.mend("remove the tag; quote the value if it begins with `!`"));
        }
    }

    fn malformed(&self, error: &ScanError) -> Stop {
        let at = self.byte(error.marker().index());
        let span = Span { start: at, end: at + 1 };
        let line = self.source.line(self.source.place(at).line);
        let indent: &str = &line[..line.len() - line.trim_start().len()];
        if indent.contains('\t') || error.info().contains("tab") {
            let text = "a tab is used for indentation";
            return Box::new(Diagnostic::error(Code::Yaml, span, text).mend("indent with spaces"));
        }
        if error.info().contains("recursion limit") {
            return too_deep(span);
        }
        let text = format!("malformed YAML: {}", error.info());
        let mend = "check quotes, colons and indentation on this line and the one above; quote a value that holds `: ` or ` #`";
        Box::new(Diagnostic::error(Code::Yaml, span, text).mend(mend))
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
        Span { start, end: end.max(start) }
    }

    fn byte(&self, char: usize) -> u32 {
        let end = self.source.text().len() as u32;
        if self.offsets.is_empty() { (char as u32).min(end) } else { self.offsets.get(char).copied().unwrap_or(end) }
    }
}

fn as_key(node: Node) -> (PendingKey, Option<Diagnostic>) {
    let span = node.span;
    let NodeKind::Scalar(text, style) = node.kind else {
        let error = Diagnostic::error(Code::Yaml, span, "a key must be a plain name, not a map or a list");
        let text = Spanned::new(String::new(), span);
        return (
            PendingKey { text, style: Style::Plain, usable: false },
            Some(error.mend("name the entry: `name: value`")),
        );
    };
    let complaint = key_complaint(&text, style, span);
    let usable = complaint.is_none();
    (PendingKey { text: Spanned::new(text, span), style, usable }, complaint)
}

fn key_complaint(text: &str, style: Style, span: Span) -> Option<Diagnostic> {
    if style != Style::Plain {
        return None;
    }
    let yaml_1_1_boolean =
        ["on", "off", "yes", "no", "y", "n", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if yaml_1_1_boolean {
        let text = format!("the key `{text}` is a boolean to some readers of YAML, so it cannot be a name");
        return Some(Diagnostic::error(Code::Yaml, span, text).mend("choose another name, or put it in quotes"));
    }
    if text == "<<" {
        let text = "merge keys (`<<`) are not part of YAML 1.2";
        return Some(Diagnostic::error(Code::Yaml, span, text).mend("alias the whole value: `name: *anchor`"));
    }
    if text.is_empty() {
        let text = "a key is missing before this colon";
        return Some(Diagnostic::error(Code::Yaml, span, text).mend("name the entry: `name: value`"));
    }
    None
}

fn duplicate(key: &Spanned<String>, first: Span) -> Diagnostic {
    let text = format!("the key `{}` is given twice in one map", key.value);
    let error = Diagnostic::error(Code::Yaml, key.span, text).label("again here");
    error.related(first, "first given here").mend("keep one of them, or give them different names")
}

fn too_deep(span: Span) -> Stop {
    let text = format!("maps and lists are nested deeper than {DEPTH_MAX}");
    Box::new(
        Diagnostic::error(Code::Yaml, span, text).mend("no part of a scenario needs that depth; check the brackets"),
    )
}

/// The nodes of a tree. The depth limit bounds the recursion.
fn size(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar(..) => 1,
        NodeKind::Seq(items) => items.iter().fold(1, |sum, item| sum + size(item)),
        NodeKind::Map(entries) => entries.iter().fold(1, |sum, entry| sum + 1 + size(&entry.value)),
    }
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar(..) => 0,
        NodeKind::Seq(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        NodeKind::Map(entries) => 1 + entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
    }
}
