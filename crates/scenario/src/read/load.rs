//! Load, generated and captured, and deploys.

use indexmap::IndexMap;

use crate::diag::Code;
use crate::model::{CaptureFormat, Captured, Deploy, Generated, Load, LoadSource, Spike, Times};
use crate::read::section::{Reader, head};
use crate::read::settings::Settings;
use crate::source::Spanned;
use crate::syntax::ast::Ident;
use crate::syntax::literal::Decimal;

impl Reader<'_> {
    pub(super) fn load(&mut self, root: &Settings<'_>) -> Vec<Load> {
        let mut load = Vec::new();
        for (name, section) in root.named("load") {
            let source = match section.section("from") {
                Some(from) => {
                    self.captured_alone(section);
                    LoadSource::Captured(self.captured(from))
                }
                None => LoadSource::Generated(self.generated(name, section)),
            };
            load.push(Load { message: name.clone(), source });
        }
        load
    }

    fn captured_alone(&mut self, section: &Settings<'_>) {
        for key in ["count", "every", "spikes"].into_iter().filter(|key| section.given(key)) {
            let text = format!("`{key}` has no meaning beside `from`: captured load has its own number and times");
            self.error(
                Code::Conflict,
                section.span_of(key),
                text,
                "remove it, or use `limit` and `scale` inside `from`",
            );
        }
    }

    fn generated(&mut self, name: &Ident, section: &Settings<'_>) -> Generated {
        if !section.given("count") {
            let text = format!("load entry `{}` says neither `count` nor `from`", name.value);
            self.error(
                Code::MissingKey,
                name.span,
                text,
                "add `count: 200`, or `from: { file: .. }` for captured load",
            );
        }
        let times =
            |section: &Settings<'_>, key: &str| section.times(key).map_or(Times::default(), |times| times.value);
        let spike = |spike: &Settings<'_>| Spike {
            at: spike.length("at"),
            lasts: spike.length("lasts"),
            every: times(spike, "every"),
        };
        Generated {
            count: section.whole("count"),
            every: times(section, "every"),
            start: times(section, "start"),
            with: section.fields("with"),
            spikes: section.list("spikes").iter().map(spike).collect(),
        }
    }

    fn captured(&mut self, section: &Settings<'_>) -> Captured {
        let format = match section.word("format") {
            "jsonl" => CaptureFormat::JsonLines,
            "csv" => CaptureFormat::Csv,
            _ => CaptureFormat::CloudEvents,
        };
        let text = |key: &str| section.text(key).map(|text| text.value);
        Captured {
            span: section.span,
            file: section.name("file"),
            format,
            event_type: text("type"),
            map: self.capture_map(section),
            time: text("time"),
            id: text("id"),
            speed: self.speed(section),
            limit: section.int("limit").map(|limit| u32::try_from(limit.value).unwrap_or(u32::MAX)),
            skip_malformed: section.flag("skip_malformed"),
        }
    }

    fn capture_map(&mut self, section: &Settings<'_>) -> IndexMap<String, Ident> {
        let mut map = IndexMap::new();
        let Some(node) = section.own("map") else { return map };
        let Some(entries) = node.value.map() else {
            let text = format!("`map` must be a map from fields to columns or paths, found {}", node.value.shape());
            self.error(Code::Value, head(node.value), text, "write `{ trip: data.trip, cents: data.total_cents }`");
            return map;
        };
        for entry in entries {
            match entry.value.text() {
                Some(path) => {
                    drop(map.insert(entry.key.value.clone(), Spanned::new(path.trim().to_owned(), entry.value.span)))
                }
                None => self.error(
                    Code::Value,
                    head(&entry.value),
                    "expected a column or a path",
                    "for example `cents: data.total_cents`",
                ),
            }
        }
        map
    }

    /// `100x` is a hundred times faster; `0.01` is a hundredth of the spacing, which is the same.
    fn speed(&mut self, section: &Settings<'_>) -> (u64, u64) {
        let Some(scale) = section.text("scale") else { return (1, 1) };
        let (number, faster) = match scale.value.strip_suffix('x') {
            Some(number) => (number, true),
            None => (scale.value.as_str(), false),
        };
        let parsed = Decimal::parse(number.trim()).filter(|decimal| decimal.units > 0 && decimal.scale <= 9);
        let Some(decimal) = parsed else {
            let text = format!("`scale` must be a factor above zero, found `{}`", scale.value.escape_debug());
            self.error(
                Code::Value,
                scale.span,
                text,
                "write `100x` for a hundred times faster, or `0.01` for a hundredth of the spacing",
            );
            return (1, 1);
        };
        let (units, unit) = (decimal.units.unsigned_abs(), 10_u64.pow(u32::from(decimal.scale)));
        if faster { (units, unit) } else { (unit, units) }
    }

    pub(super) fn deploys(&mut self, root: &Settings<'_>) -> Vec<Deploy> {
        let mut deploys = Vec::new();
        for section in root.list("deploys") {
            deploys.push(Deploy {
                span: section.span,
                service: section.name("service"),
                emits: self.version_names(section, "emits"),
                at: section.length("at"),
                rolling: section.length("rolling"),
            });
        }
        deploys
    }
}
