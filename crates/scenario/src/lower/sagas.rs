//! Sagas: their memory, their steps, and the bodies that end them.

use ordain_world::spec::{SagaSpec, SagaStep, TypeId};

use crate::lower::bodies::Stand;
use crate::lower::brokers::retry;
use crate::lower::scope::{Bind, Scope};
use crate::lower::{Lowered, Lowering, time};
use crate::model::{Saga, Step};
use crate::source::Spanned;
use crate::syntax::ast::{Body, Ident};

impl<'a> Lowering<'a> {
    pub(super) fn sagas(&mut self) -> Lowered<()> {
        for saga in self.scenario.sagas.values() {
            let layout = self.memory(saga);
            let late = self.ending(saga, saga.late.as_ref(), &layout)?;
            let mut steps = Vec::new();
            for step in &saga.steps {
                steps.push(SagaStep { late: late.clone(), ..self.saga_step(step)? });
            }
            let spec = SagaSpec {
                name: self.spec.names.intern(&saga.name.value),
                owner: self.service_ids[saga.owner.value.as_str()],
                key: self.spec.names.intern(&saga.key.value),
                starts: self.type_id(&saga.starts)?,
                steps,
                done: self.ending(saga, saga.done.as_ref(), &layout)?,
                undone: self.ending(saga, saga.undone.as_ref(), &layout)?,
                layout: layout.iter().map(|name| self.spec.names.intern(name)).collect(),
            };
            let id = ordain_world::saga::install(&mut self.spec, spec);
            self.saga_ids.insert(&saga.name.value, id);
        }
        Ok(())
    }

    fn saga_step(&self, step: &Step) -> Lowered<SagaStep> {
        let maybe =
            |name: Option<&Ident>| -> Lowered<Option<TypeId>> { name.map(|name| self.type_id(name)).transpose() };
        Ok(SagaStep {
            act: self.type_id(&step.command)?,
            done: self.type_id(&step.done)?,
            refused: maybe(step.refused.as_ref())?,
            undo: maybe(step.undo.as_ref())?,
            undone: maybe(step.undone.as_ref())?,
            timeout: step.timeout.as_ref().map(|timeout| time(timeout.value)),
            retry: step.retry.as_ref().map(|policy| retry(Some(policy))),
            late: None,
        })
    }

    /// What an instance remembers: the fields of all its messages, those of the first one first.
    fn memory(&self, saga: &Saga) -> Vec<&'a str> {
        let steps = saga.steps.iter().flat_map(|step| {
            [Some(&step.command), Some(&step.done), step.refused.as_ref(), step.undo.as_ref(), step.undone.as_ref()]
        });
        let mut layout: Vec<&str> = Vec::new();
        for name in std::iter::once(&saga.starts).chain(steps.flatten()) {
            let message = self.scenario.messages.get(&name.value);
            for field in message.iter().flat_map(|message| message.layout()) {
                if !layout.contains(&field.name.value.as_str()) {
                    layout.push(&field.name.value);
                }
            }
        }
        layout
    }

    fn ending(
        &mut self,
        saga: &'a Saga,
        body: Option<&Spanned<Body>>,
        layout: &[&'a str],
    ) -> Lowered<Option<std::rc::Rc<dyn ordain_world::Program>>> {
        let Some(body) = body else { return Ok(None) };
        let mut scope = Scope::default();
        scope.add("message", Bind::Envelope);
        let owner = saga.owner.value.as_str();
        for table in self.scenario.services.get(owner).iter().flat_map(|service| service.tables.keys()) {
            scope.add(table, Bind::Table(self.table_ids[&(owner, table.as_str())]));
        }
        for (at, field) in layout.iter().enumerate() {
            scope.add(field, Bind::Field(at as u16));
        }
        self.body(&body.value, &Stand { owner, own: None, copied: layout.to_vec() }, scope).map(Some)
    }
}
