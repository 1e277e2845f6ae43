//! Load: known messages, every field given, times within the horizon.

use std::time::Duration;

use crate::analyse::Analysis;
use crate::analyse::scope::{Place, Scope};
use crate::diag::{Code, Diagnostic};
use crate::model::{Captured, Generated, Load, LoadSource, Message, Type};
use crate::suggest;
use crate::syntax::literal::show_duration;

impl Analysis<'_> {
    pub(super) fn load(&mut self) {
        let scenario = self.scenario;
        if scenario.load.is_empty() {
            let text = "the scenario has no load, so nothing happens in it";
            self.warn(
                Code::Unused,
                scenario.name.span,
                text,
                "add `load: { PlaceOrder: { count: 200, every: 20ms..400ms } }`",
            );
        }
        for load in &scenario.load {
            let Some(message) = self.message(&load.message) else { continue };
            match &load.source {
                LoadSource::Generated(generated) => self.generated(load, generated, message),
                LoadSource::Captured(captured) => self.captured(captured, message),
            }
        }
    }

    fn generated(&mut self, load: &Load, generated: &Generated, message: &Message) {
        let Some(version) = message.newest() else { return };
        let mut scope = Scope::new(Place::Load);
        for (name, (span, value)) in &generated.with {
            match version.fields.iter().find(|field| field.name.value == *name) {
                Some(field) => self.expect_type(&field.ty, value, &mut scope, &format!("field `{name}`")),
                None => {
                    let names = version.fields.iter().map(|field| field.name.value.as_str());
                    let text = format!("message `{}` has no field `{name}`", message.name.value);
                    self.error(Code::UnknownName, *span, text, suggest::mend(name, "field", names));
                }
            }
        }
        let gaps = version.fields.iter().filter(|field| {
            field.default.is_none() && field.ty != Type::Id && !generated.with.contains_key(&field.name.value)
        });
        for field in gaps {
            let text = format!("the load does not give the field `{}` of `{}`", field.name.value, message.name.value);
            let error = Diagnostic::error(Code::Gap, load.message.span, text).related(field.name.span, "the field");
            self.report.push(error.mend(format!("add it: `with: {{ {}: {} }}`", field.name.value, sample(&field.ty))));
        }
        self.fits_horizon(load, generated);
    }

    fn fits_horizon(&mut self, load: &Load, generated: &Generated) {
        let horizon = self.scenario.load_for.value;
        let Some(least) = generated.every.least.checked_mul(generated.count.saturating_sub(1)) else { return };
        let least = least.saturating_add(generated.start.least);
        if generated.spikes.is_empty() && least > horizon {
            let text = format!(
                "{} commands take at least {}, longer than the load phase",
                generated.count,
                show_duration(least)
            );
            let mend = format!("lengthen `horizon.load` ({}), or send more often", show_duration(horizon));
            self.warn(Code::Time, load.message.span, text, mend);
        }
        for spike in generated.spikes.iter().filter(|spike| spike.at.saturating_add(spike.lasts) > horizon) {
            let text = format!("the spike at {} lasts beyond the load phase", show_duration(spike.at));
            self.warn(Code::Time, load.message.span, text, "lengthen `horizon.load`, or let it come earlier");
        }
        if generated.every.most == Duration::ZERO && generated.count > 1 {
            self.warn(
                Code::Time,
                load.message.span,
                "all commands come at the same instant",
                "give `every` a duration above zero",
            );
        }
    }

    fn captured(&mut self, captured: &Captured, message: &Message) {
        for (name, path) in &captured.map {
            let Some(version) = message.newest() else { return };
            if message.field(name).is_none() {
                let names = version.fields.iter().map(|field| field.name.value.as_str());
                let text = format!("message `{}` has no field `{name}`", message.name.value);
                self.error(Code::UnknownName, path.span, text, suggest::mend(name, "field", names));
            }
        }
    }
}

fn sample(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "true",
        Type::Int => "1..3",
        Type::Decimal => "9.95",
        Type::Duration => "5s",
        Type::List(_) => "[]",
        Type::Text | Type::Id | Type::Time => "\"oneof('A', 'B')\"",
    }
}
