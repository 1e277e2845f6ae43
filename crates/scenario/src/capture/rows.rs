//! Reads files as streams: lines of JSON, records of CSV, no line longer than the limit.

use std::io::{BufRead, BufReader, Read};

use ordain_world::Datum;

use crate::capture::columns::{FieldFrom, Plan};
use crate::capture::{Fault, LINE_BYTES_MAX, Raw, Sink, json, time, value};

type Stopped = Result<(), (u64, Fault)>;

/// Lines of JSON; blank lines are passed over.
pub(super) fn read_json_lines(file: impl Read, plan: &Plan, sink: &mut Sink) -> Stopped {
    let mut lines = BufReader::new(file);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let taken = lines.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes);
        let taken =
            taken.map_err(|error| (number, Fault::new(format!("cannot be read: {error}"), "check the file")))?;
        if taken == 0 {
            return Ok(());
        }
        if taken > LINE_BYTES_MAX {
            return Err((number, too_long()));
        }
        let outcome = match std::str::from_utf8(&bytes) {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => message(line.trim(), number, plan),
            Err(_) => {
                Err(Fault::new("the line is not UTF-8 text", "save the file as UTF-8, or set `skip_malformed: true`"))
            }
        };
        if !sink.take(number, outcome)? {
            return Ok(());
        }
    }
    Ok(())
}

fn too_long() -> Fault {
    Fault::new(format!("the line is longer than {LINE_BYTES_MAX} bytes"), "check that the file has one message a line")
}

/// One message of a line, unless it is of another type.
fn message(line: &str, number: u64, plan: &Plan) -> Result<Option<Raw>, Fault> {
    if let Some(complaint) = json::complaint(line) {
        return Err(Fault::new(
            format!("not a line of JSON: {complaint}"),
            "check `format`, or set `skip_malformed: true`",
        ));
    }
    let text_at =
        |path: &str| json::find(line, path).and_then(|raw| json::unquote(raw).or_else(|| Some(raw.to_owned())));
    if let Some((path, only)) = &plan.only
        && text_at(path).as_deref() != Some(only.as_str())
    {
        return Ok(None);
    }
    let stamp = text_at(&plan.time).ok_or_else(|| missing(&plan.time, "time"))?;
    let mut fields = Vec::with_capacity(plan.fields.len());
    for field in &plan.fields {
        fields.push(match (json::find(line, &field.path), &field.default) {
            (Some(raw), _) => value::of_json(raw, &field.ty, &field.name)?,
            (None, Some(default)) => default.clone(),
            (None, None) => return Err(missing(&field.path, &field.name)),
        });
    }
    let id = plan.id.as_deref().and_then(text_at);
    Ok(Some(Raw { line: number, at_ns: stamp_ns(&stamp)?, id, fields }))
}

fn missing(path: &str, what: &str) -> Fault {
    Fault::new(
        format!("there is nothing at `{path}`, which gives `{what}`"),
        format!("map it: `map: {{ {what}: PATH }}`, or give the field a default"),
    )
}

fn stamp_ns(stamp: &str) -> Result<i128, Fault> {
    time::parse(stamp.trim()).ok_or_else(|| {
        let shown: String = stamp.chars().take(40).collect();
        Fault::new(
            format!("`{}` is not a time", shown.escape_debug()),
            "times are written as in RFC 3339: 2019-03-15T00:04:00Z",
        )
    })
}

/// Records of CSV, with a header.
pub(super) fn read_csv(file: impl Read, plan: &Plan, sink: &mut Sink) -> Stopped {
    let limited = LineLimit { inner: BufReader::new(file), since_break: 0 };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(limited);
    let header = reader.headers().map_err(|error| (1, bad_record(&error)))?.clone();
    let columns = Columns::new(plan, &header).map_err(|fault| (1, fault))?;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let outcome = columns.message(&record, header.len(), line, plan).map(Some);
                if !sink.take(line, outcome)? {
                    return Ok(());
                }
            }
            Err(error) => {
                let line = error.position().map_or_else(|| reader.position().line(), csv::Position::line);
                let broken = matches!(error.kind(), csv::ErrorKind::Io(_));
                let fault = bad_record(&error);
                if broken {
                    return Err((line, fault));
                }
                sink.take(line, Err(fault))?;
            }
        }
    }
}

fn bad_record(error: &csv::Error) -> Fault {
    let text = match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => return too_long(),
        csv::ErrorKind::Utf8 { .. } => "the line is not UTF-8 text".to_owned(),
        _ => format!("not a line of CSV: {error}"),
    };
    Fault::new(text, "check the file, or set `skip_malformed: true`")
}

/// Where each field stands in a record.
struct Columns {
    fields: Vec<Option<usize>>,
    time: usize,
    id: Option<usize>,
}

impl Columns {
    fn new(plan: &Plan, header: &csv::StringRecord) -> Result<Columns, Fault> {
        let find = |name: &str| header.iter().position(|column| column.trim() == name);
        let need = |name: &str, what: &str| {
            let names: Vec<&str> = header.iter().collect();
            find(name).ok_or_else(|| {
                Fault::new(
                    format!("there is no column `{name}`, which gives `{what}`"),
                    crate::suggest::mend(name, "column", names),
                )
            })
        };
        let field = |field: &FieldFrom| match &field.default {
            Some(_) => Ok(find(&field.path)),
            None => need(&field.path, &field.name).map(Some),
        };
        let fields = plan.fields.iter().map(field).collect::<Result<_, _>>()?;
        let id = plan.id.as_deref().map(|id| need(id, "id")).transpose()?;
        Ok(Columns { fields, time: need(&plan.time, "time")?, id })
    }

    fn message(&self, record: &csv::StringRecord, width: usize, line: u64, plan: &Plan) -> Result<Raw, Fault> {
        if record.len() != width {
            return Err(Fault::new(
                format!("{} columns, where the header has {width}", record.len()),
                "check the quotes, or set `skip_malformed: true`",
            ));
        }
        let text = |at: usize| record.get(at).unwrap_or_default();
        let field = |(from, at): (&FieldFrom, &Option<usize>)| match (at, &from.default) {
            (Some(at), Some(default)) if text(*at).is_empty() => Ok(default.clone()),
            (Some(at), _) => value::of_text(text(*at), &from.ty, &from.name),
            (None, default) => Ok(default.clone().unwrap_or(Datum::Nil)),
        };
        let fields = plan.fields.iter().zip(&self.fields).map(field).collect::<Result<_, _>>()?;
        let id = self.id.map(|at| text(at).to_owned());
        Ok(Raw { line, at_ns: stamp_ns(text(self.time))?, id, fields })
    }
}

/// A reader that stops at a line longer than the limit, so that no record grows without bound.
struct LineLimit<R> {
    inner: R,
    since_break: usize,
}

impl<R: Read> Read for LineLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in &buffer[..count] {
            self.since_break = if *byte == b'\n' { 0 } else { self.since_break + 1 };
            if self.since_break > LINE_BYTES_MAX {
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the line is too long"));
            }
        }
        Ok(count)
    }
}
