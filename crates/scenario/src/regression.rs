//! Regression files: a stored failure as text that a person can read and edit.
//!
//! Format 1 is YAML with a fixed layout; deviations are words, keys are paths, values are those of the language.

use std::fmt::Write as _;

use ordain_checks::Signature;
use ordain_explore::{Finding, Stored};
use ordain_kernel::{Deviation, Digest, Plan, Span as Length, Time, Value, parse_key};
use ordain_world::{Command, Datum, Load, Spec};

use crate::diag::{Code, Diagnostic, Report};
use crate::source::{Source, Span};
use crate::suggest;
use crate::yaml::{self, Node};

/// The format that is written.
pub const FORMAT: u32 = 1;

/// The keys of a file, in the order they are written.
const KEYS: [&str; 10] = [
    "ordain",
    "format",
    "scenario",
    "scenario_hash",
    "without",
    "signature",
    "says",
    "trace_hash",
    "load",
    "deviations",
];

/// A stored failure, with types, fields and keys as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regression {
    /// The scenario file, relative to this one.
    pub scenario: String,
    /// The hash of the scenario's text when this was written; a difference is worth a note.
    pub scenario_hash: u128,
    /// The declared protections that were switched off, such as `payment.dedup`.
    pub without: Vec<String>,
    /// What it shows.
    pub signature: Signature,
    /// The same in a sentence.
    pub says: String,
    /// The hash of the run that showed it.
    pub trace_hash: u128,
    /// The commands.
    pub load: Vec<StoredCommand>,
    /// The deviations.
    pub deviations: Vec<StoredDeviation>,
}

/// A command of a stored failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its number.
    pub command: u32,
    /// When, in virtual time.
    pub at: Time,
    /// Its message type.
    pub ty: String,
    /// Its fields.
    pub with: Vec<(String, Datum)>,
}

/// A deviation of a stored failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDeviation {
    /// The path of the choice, such as `c7@order/OrderPlaced@checkout.2`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// What it does, in words; a comment for people.
    pub words: String,
}

/// The hash of a scenario's text that regression files carry.
pub fn scenario_hash(text: &str) -> u128 {
    let mut digest = Digest::default();
    for chunk in text.as_bytes().chunks(8) {
        let word = chunk.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        digest.update(word, chunk.len() as u64);
    }
    digest.value()
}

impl Regression {
    /// A finding as a regression of a scenario: its path and text, and the protections that were switched off.
    pub fn of(finding: &Finding, spec: &Spec, scenario: (&str, &str), without: &[String]) -> Regression {
        let (scenario, scenario_text) = scenario;
        let command = |command: &Command| {
            let ty = &spec.types[command.ty.at()];
            let names = ty.fields.iter().map(|field| spec.names.text(field.name).to_owned());
            let with = names.zip(command.fields.iter().cloned()).filter(|(_, value)| *value != Datum::Nil);
            let ty = spec.names.text(ty.name).to_owned();
            StoredCommand { command: command.number, at: command.at, ty, with: with.collect() }
        };
        let deviation = |d: &ordain_explore::DeviationText| StoredDeviation {
            key: d.path.clone(),
            value: d.deviation.value,
            words: d.words.clone(),
        };
        Regression {
            scenario: scenario.to_owned(),
            scenario_hash: scenario_hash(scenario_text),
            without: without.to_vec(),
            signature: finding.violation.signature.clone(),
            says: finding.violation.message.clone(),
            trace_hash: finding.trace.hash,
            load: finding.load.commands.iter().map(command).collect(),
            deviations: finding.deviations.iter().map(deviation).collect(),
        }
    }

    /// The file's text.
    pub fn write(&self) -> String {
        let quoted = |text: &str| Datum::Str(text.into()).to_string();
        let Signature { check, word, place } = &self.signature;
        let mut out = format!("ordain: regression\nformat: {FORMAT}\nscenario: {}\n", quoted(&self.scenario));
        let _ = writeln!(out, "scenario_hash: \"{:032x}\"", self.scenario_hash);
        if !self.without.is_empty() {
            let _ = writeln!(out, "without: [{}]", self.without.join(", "));
        }
        let _ = writeln!(
            out,
            "signature: {{ check: {}, word: {}, place: {} }}",
            quoted(check),
            quoted(word),
            quoted(place)
        );
        let _ = writeln!(out, "says: {}", quoted(&self.says));
        let _ = writeln!(out, "trace_hash: \"{:032x}\"", self.trace_hash);
        out.push_str(if self.load.is_empty() { "load: []\n" } else { "load:\n" });
        for command in &self.load {
            let with: Vec<String> = command.with.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let at = Length(command.at.0);
            let _ = writeln!(
                out,
                "  - {{ command: {}, at: {at}, type: {}, with: {{ {} }} }}",
                command.command,
                command.ty,
                with.join(", ")
            );
        }
        out.push_str(if self.deviations.is_empty() { "deviations: []\n" } else { "deviations:\n" });
        for deviation in &self.deviations {
            let words = deviation.words.replace(['\n', '\r'], " ");
            let comment = if words.is_empty() { String::new() } else { format!(" # {words}") };
            let _ = writeln!(
                out,
                "  - {{ kind: {}, key: \"{}\", value: {} }}{comment}",
                deviation.value.kind().word(),
                deviation.key,
                deviation.value
            );
        }
        out
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The report, with every place that cannot be read.
    pub fn read(source: &Source) -> Result<Regression, Report> {
        let mut reader = FileReader { source, report: Report::new(source.clone()) };
        let regression = yaml::parse(source, &mut reader.report).map(|root| reader.regression(&root));
        match regression {
            Some(regression) if !reader.report.has_errors() => Ok(regression),
            _ => Err(reader.report),
        }
    }

    /// The failure for a world: types and fields by name, keys by path.
    ///
    /// # Errors
    /// What the world does not have, in a sentence.
    pub fn resolve(&self, spec: &Spec) -> Result<Stored, String> {
        let commands = self.load.iter().map(|command| resolve_command(command, spec)).collect::<Result<_, _>>()?;
        let deviation = |d: &StoredDeviation| {
            let key = parse_key(&d.key)
                .map_err(|error| format!("`{}` is not a key: {} at {}", d.key, error.what, error.at))?;
            Ok(Deviation { key, value: d.value })
        };
        let deviations = self.deviations.iter().map(deviation).collect::<Result<Vec<_>, String>>()?;
        Ok(Stored {
            load: Load { commands },
            plan: Plan::new(deviations),
            signature: self.signature.clone(),
            trace_hash: self.trace_hash,
        })
    }
}

fn resolve_command(command: &StoredCommand, spec: &Spec) -> Result<Command, String> {
    let types = || spec.types.iter().map(|ty| spec.names.text(ty.name));
    let Some(at) = types().position(|name| name == command.ty) else {
        return Err(format!(
            "c{} is a `{}`, which the scenario does not have: {}",
            command.command,
            command.ty,
            suggest::mend(&command.ty, "message type", types())
        ));
    };
    let layout: Vec<&str> = spec.types[at].fields.iter().map(|field| spec.names.text(field.name)).collect();
    let mut fields = vec![Datum::Nil; layout.len()];
    for (name, value) in &command.with {
        let Some(field) = layout.iter().position(|have| have == name) else {
            return Err(format!("c{} has a field `{name}`, which `{}` does not have", command.command, command.ty));
        };
        fields[field] = value.clone();
    }
    Ok(Command { number: command.command, at: command.at, ty: ordain_world::spec::TypeId(at as u16), fields })
}

struct FileReader<'a> {
    source: &'a Source,
    report: Report,
}

impl FileReader<'_> {
    fn error(&mut self, span: Span, text: impl Into<String>, mend: &str) {
        self.report.push(Diagnostic::error(Code::Value, span, text).mend(mend));
    }

    fn regression(&mut self, root: &Node) -> Regression {
        if self.text(root, "ordain") != "regression" {
            self.error(
                root.get("ordain").map_or(root.span, |node| node.span),
                "this is not a regression file",
                "it begins with `ordain: regression`",
            );
        }
        let format = self.text(root, "format");
        if format.parse() != Ok(FORMAT) {
            self.error(
                root.get("format").map_or(root.span, |node| node.span),
                format!("format `{format}` is unknown here"),
                "this version reads format 1",
            );
        } else {
            self.unknown_keys(root);
        }
        let empty = Node { kind: yaml::NodeKind::Map(Vec::new()), span: root.span };
        let signature = root.get("signature").unwrap_or(&empty);
        let signature = Signature {
            check: self.text(signature, "check"),
            word: self.text(signature, "word"),
            place: self.text(signature, "place"),
        };
        let items = |key: &str| root.get(key).and_then(Node::seq).unwrap_or_default();
        let load = items("load").iter().filter_map(|item| self.command(item)).collect();
        let deviations = items("deviations").iter().filter_map(|item| self.deviation(item)).collect();
        Regression {
            scenario: self.text(root, "scenario"),
            scenario_hash: self.hash(root, "scenario_hash"),
            without: items("without").iter().filter_map(Node::text).map(str::to_owned).collect(),
            signature,
            says: self.text(root, "says"),
            trace_hash: self.hash(root, "trace_hash"),
            load,
            deviations,
        }
    }

    fn unknown_keys(&mut self, root: &Node) {
        for entry in root.map().unwrap_or_default() {
            let key = &entry.key;
            if !KEYS.contains(&key.value.as_str()) {
                let text = format!("unknown key `{}` in a regression", key.value);
                let mend = suggest::mend(&key.value, "key", KEYS);
                self.report.push(Diagnostic::error(Code::UnknownKey, key.span, text).mend(mend));
            }
        }
    }

    fn text(&mut self, node: &Node, key: &str) -> String {
        match node.get(key).and_then(Node::text) {
            Some(text) => text.to_owned(),
            None => {
                self.error(
                    node.span,
                    format!("the key `{key}` is missing"),
                    "compare with a file that `ordain keep` wrote",
                );
                String::new()
            }
        }
    }

    fn hash(&mut self, node: &Node, key: &str) -> u128 {
        let text = self.text(node, key);
        u128::from_str_radix(&text, 16).unwrap_or_else(|_| {
            self.error(
                node.get(key).map_or(node.span, |node| node.span),
                format!("`{key}` must be 32 hex digits"),
                "copy it from the report",
            );
            0
        })
    }

    fn command(&mut self, node: &Node) -> Option<StoredCommand> {
        let number = self.text(node, "command");
        let at = self.text(node, "at");
        let (Ok(command), Ok(at)) = (number.trim_start_matches('c').parse(), at.parse::<Length>()) else {
            self.error(
                node.span,
                "a command has a number and a time",
                "write `{ command: 7, at: 1234ms, type: PlaceOrder, with: {..} }`",
            );
            return None;
        };
        let mut with = Vec::new();
        for entry in node.get("with").and_then(Node::map).unwrap_or_default() {
            match self.datum(&entry.value) {
                Some(value) => with.push((entry.key.value.clone(), value)),
                None => self.error(
                    entry.value.span,
                    format!("`{}` cannot be read as a value", entry.key.value),
                    "write `7`, `1.5`, `open`, `\"two words\"`, `5s` or `[1, 2]`",
                ),
            }
        }
        Some(StoredCommand { command, at: Time(at.0), ty: self.text(node, "type"), with })
    }

    /// A value as it was written: quotes make a text.
    fn datum(&self, node: &Node) -> Option<Datum> {
        self.source.slice(node.span).parse().ok()
    }

    fn deviation(&mut self, node: &Node) -> Option<StoredDeviation> {
        let key = self.text(node, "key");
        let place = |name: &str| node.get(name).map_or(node.span, |node| node.span);
        if let Err(error) = parse_key(&key) {
            self.error(
                place("key"),
                format!("`{key}` is not a key: {} at {}", error.what, error.at),
                "a key is a path such as `c7@order/OrderPlaced@checkout.2`",
            );
            return None;
        }
        let value = match self.text(node, "value").parse::<Value>() {
            Ok(value) => value,
            Err(text) => {
                self.error(
                    place("value"),
                    text,
                    "write `for 20s`, `until quiet`, `copies 1`, `crash down 3s` or `pick 1`",
                );
                return None;
            }
        };
        let kind = self.text(node, "kind");
        if kind != value.kind().word() {
            self.error(
                place("kind"),
                format!("`{value}` is a {}, not a {kind}", value.kind().word()),
                "give the kind that fits the value",
            );
        }
        Some(StoredDeviation { key, value, words: String::new() })
    }
}
