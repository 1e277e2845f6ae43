//! Reads the tree into the model. Everything wrong is collected; nothing stops at the first error.

mod checks;
mod faults;
mod load;
mod messages;
mod sagas;
mod scalar;
mod section;
mod services;
mod settings;
mod topology;

use indexmap::IndexMap;

use crate::diag::Report;
use crate::keys::ROOT;
use crate::model::{Channel, Message, Scenario, Version};
use crate::read::section::Reader;
use crate::source::Source;
use crate::syntax::ast::Ident;
use crate::yaml::{self, Node};

/// Reads the text of a file into a scenario; what is wrong with its form goes to the report.
pub(crate) fn read(source: &Source, report: &mut Report) -> Option<Scenario> {
    let root = yaml::parse(source, report)?;
    let mut reader = Reader { source, report };
    Some(reader.scenario(&root))
}

impl Reader<'_> {
    fn scenario(&mut self, root: &Node) -> Scenario {
        let settings = self.section(root, &ROOT, None);
        let name = settings.name("scenario");
        if settings.given("scenario") {
            self.check_title(&name);
        }
        let horizon = settings.section("horizon");
        let length = |key: &str, fallback: u64| {
            let given = horizon.and_then(|horizon| horizon.duration(key));
            given.unwrap_or(crate::source::Spanned::new(std::time::Duration::from_secs(fallback), settings.span))
        };
        let channels = self.channels(&settings);
        let messages = if settings.given("messages") { self.messages(&settings) } else { fieldless(&channels) };
        Scenario {
            name,
            about: settings.text("about").map(|about| about.value),
            load_for: length("load", 180),
            drain_for: length("drain", 120),
            brokers: self.brokers(&settings),
            channels,
            messages,
            services: self.services(&settings),
            externals: self.externals(&settings),
            sagas: self.sagas(&settings),
            projections: self.projections(&settings),
            load: self.load(&settings),
            deploys: self.deploys(&settings),
            faults: self.faults(&settings),
            checks: self.checks(&settings),
        }
    }

    fn check_title(&mut self, name: &crate::syntax::ast::Ident) {
        let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.value.is_empty() || !name.value.chars().all(good) {
            let mend = "use letters, digits, `-`, `_` and `.`; the sentence belongs in `about`";
            let text = format!("`{}` cannot name a scenario", name.value.escape_debug());
            self.error(crate::diag::Code::Value, name.span, text, mend);
        }
    }
}

/// The types that channels carry, without fields: what a scenario without `messages` declares.
fn fieldless(channels: &IndexMap<String, Channel>) -> IndexMap<String, Message> {
    let carried = channels.values().flat_map(|channel| &channel.carries);
    let message = |name: &Ident| {
        let version = Version { number: 1, span: name.span, fields: Vec::new() };
        (name.value.clone(), Message { name: name.clone(), versions: vec![version] })
    };
    carried.map(message).collect()
}
