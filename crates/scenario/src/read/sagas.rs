//! Sagas and their steps.

use indexmap::IndexMap;

use crate::model::{Saga, Step};
use crate::read::section::Reader;
use crate::read::settings::Settings;
use crate::read::topology::retry;

impl Reader<'_> {
    pub(super) fn sagas(&mut self, root: &Settings<'_>) -> IndexMap<String, Saga> {
        let saga = |(name, section): &(crate::syntax::ast::Ident, Settings<'_>)| {
            let saga = Saga {
                name: name.clone(),
                owner: section.name("owner"),
                key: section.name("key"),
                starts: section.name("starts"),
                steps: section.list("steps").iter().map(step).collect(),
                done: section.body("done"),
                undone: section.body("undone"),
                late: section.body("late"),
            };
            (name.value.clone(), saga)
        };
        root.named("sagas").iter().map(saga).collect()
    }
}

fn step(section: &Settings<'_>) -> Step {
    Step {
        span: section.span,
        command: section.name("do"),
        done: section.name("done"),
        refused: section.text("refused"),
        timeout: section.duration("timeout"),
        retry: section.section("retry").map(retry),
        undo: section.text("undo"),
        undone: section.text("undone"),
    }
}
