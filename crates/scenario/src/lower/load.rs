//! Load: every command's time and fields, drawn once from (seed, entry, ordinal, field), or replayed as captured.

use std::time::Duration;

use indexmap::IndexMap;
use ordain_explore::LoadGen;
use ordain_kernel::{LoadDraw, Time};
use ordain_world::spec::TypeId;
use ordain_world::{Command, Datum, Load};

use crate::capture::Capture;
use crate::lower::draw::{Draw, fixed};
use crate::lower::{Lowered, Lowering, constants};
use crate::model::{Generated, LoadSource, Message, Spike, Times, Type};
use crate::syntax::ast::Expr;

/// Draws the load of a scenario.
#[derive(Debug)]
pub(super) struct Generator {
    entries: Vec<Entry>,
    horizon: Duration,
}

#[derive(Debug)]
struct Entry {
    name: String,
    ty: TypeId,
    fields: Vec<Field>,
    commands: Commands,
}

#[derive(Debug)]
enum Commands {
    Drawn {
        count: u32,
        every: Times,
        start: Times,
        spikes: Vec<Spike>,
    },
    /// Times since the first, and fields.
    Captured(Vec<(Duration, Vec<Datum>)>),
}

#[derive(Debug)]
struct Field {
    name: String,
    ty: Type,
    from: From,
}

#[derive(Debug)]
enum From {
    /// The command's own id, or one derived from it.
    Id {
        first: bool,
    },
    Drawn(Expr),
    Fixed(Datum),
}

impl Lowering<'_> {
    pub(super) fn load(&self, captures: &IndexMap<String, Capture>) -> Lowered<Generator> {
        let mut entries = Vec::new();
        for load in &self.scenario.load {
            let Some(message) = self.scenario.messages.get(&load.message.value) else { continue };
            let ty = self.type_id(&load.message)?;
            let (commands, fields) = match &load.source {
                LoadSource::Generated(generated) => (drawn(generated), fields(message, &generated.with)?),
                LoadSource::Captured(_) => {
                    let capture = captures.get(&message.name.value);
                    let commands = capture.map_or(Vec::new(), |capture| {
                        capture.commands.iter().map(|c| (c.at, c.fields.clone())).collect()
                    });
                    (Commands::Captured(commands), Vec::new())
                }
            };
            entries.push(Entry { name: message.name.value.clone(), ty, fields, commands });
        }
        Ok(Generator { entries, horizon: self.scenario.load_for.value })
    }
}

fn drawn(generated: &Generated) -> Commands {
    let Generated { count, every, start, spikes, .. } = generated;
    Commands::Drawn { count: *count, every: *every, start: *start, spikes: spikes.clone() }
}

fn fields(message: &Message, with: &IndexMap<String, (crate::source::Span, Expr)>) -> Lowered<Vec<Field>> {
    let mut fields = Vec::new();
    let mut ids = 0;
    for column in message.layout() {
        let from = match (with.get(&column.name.value), &column.default) {
            (Some((_, expr)), _) => {
                // What cannot be drawn is told before the first run.
                Draw { draw: LoadDraw::new(0), entry: "", ordinal: 0, field: "" }.value(expr, &column.ty)?;
                From::Drawn(expr.clone())
            }
            (None, Some(default)) => From::Fixed(constants::constant(default, &column.ty)?),
            (None, None) if column.ty == Type::Id => {
                ids += 1;
                From::Id { first: ids == 1 }
            }
            (None, None) => From::Fixed(Datum::Nil),
        };
        fields.push(Field { name: column.name.value.clone(), ty: column.ty.clone(), from });
    }
    Ok(fields)
}

impl LoadGen for Generator {
    fn load(&self, seed: u64) -> Load {
        let draw = LoadDraw::new(seed);
        let mut issued: Vec<(Duration, usize, u32)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let times = entry.times(draw);
            let within = times.into_iter().zip(0..).filter(|(time, _)| *time < self.horizon);
            issued.extend(within.map(|(time, ordinal)| (time, at, ordinal)));
        }
        issued.sort_unstable();
        let numbered = issued.into_iter().zip(1..);
        let command = |((time, at, ordinal), number): ((Duration, usize, u32), u32)| {
            let entry = &self.entries[at];
            let at = Time(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
            Command { number, at, ty: entry.ty, fields: entry.fields(draw, ordinal, number) }
        };
        Load { commands: numbered.map(command).collect() }
    }
}

impl Entry {
    /// When each command is issued, by ordinal.
    fn times(&self, draw: LoadDraw) -> Vec<Duration> {
        let (count, every, start, spikes) = match &self.commands {
            Commands::Captured(commands) => return commands.iter().map(|(at, _)| *at).collect(),
            Commands::Drawn { count, every, start, spikes } => (*count, *every, *start, spikes),
        };
        let mut at = span(draw, &self.name, 0, "start", start);
        let mut times = Vec::with_capacity(count as usize);
        for ordinal in 0..count {
            times.push(at);
            let spike = spikes.iter().find(|spike| spike.at <= at && at < spike.at.saturating_add(spike.lasts));
            let gap = span(draw, &self.name, u64::from(ordinal), "every", spike.map_or(every, |spike| spike.every));
            // A spike that begins within the gap is not slept through.
            let next = at.saturating_add(gap);
            let begins = spikes.iter().map(|spike| spike.at).filter(|begin| at < *begin && *begin < next).min();
            at = begins.unwrap_or(next);
        }
        times
    }

    fn fields(&self, draw: LoadDraw, ordinal: u32, number: u32) -> Vec<Datum> {
        if let Commands::Captured(commands) = &self.commands {
            return commands.get(ordinal as usize).map_or(Vec::new(), |(_, fields)| fields.clone());
        }
        let field = |field: &Field| match &field.from {
            From::Fixed(datum) => datum.clone(),
            From::Id { first: true } => text(&format!("c{number}")),
            From::Id { first: false } => text(&format!("c{number}-{}", field.name)),
            From::Drawn(expr) => {
                let draw = Draw { draw, entry: &self.name, ordinal: u64::from(ordinal), field: &field.name };
                draw.value(expr, &field.ty).unwrap_or_default()
            }
        };
        self.fields.iter().map(field).collect()
    }
}

fn text(text: &str) -> Datum {
    Datum::Str(text.into())
}

/// A length in a range, in whole milliseconds where both ends are.
fn span(draw: LoadDraw, entry: &str, ordinal: u64, field: &str, range: Times) -> Duration {
    let (least, most) = (range.least.as_nanos() as u64, range.most.as_nanos() as u64);
    let unit = [1_000_000, 1_000, 1]
        .into_iter()
        .find(|unit| least.is_multiple_of(*unit) && most.is_multiple_of(*unit))
        .unwrap_or(1);
    let word = draw.word(entry, ordinal, field);
    Duration::from_nanos(fixed(word, (least / unit) as i64, (most / unit) as i64) as u64 * unit)
}
