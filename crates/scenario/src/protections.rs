//! Declared protections that can be switched off: `--without payment.dedup`.

use crate::model::{Channel, Saga, Scenario, Service};
use crate::suggest;

impl Scenario {
    /// The protections that are declared: `SERVICE.dedup`, `SERVICE.outbox`, `CHANNEL.retry`, `CHANNEL.dead_letter`,
    /// `SAGA.COMMAND.undo`, `SAGA.COMMAND.retry`.
    pub fn protections(&self) -> Vec<String> {
        let services = self.services.values().flat_map(|Service { name, dedup, outbox, .. }| {
            [dedup.as_ref().map(|_| "dedup"), outbox.as_ref().map(|_| "outbox")]
                .into_iter()
                .flatten()
                .map(|word| format!("{}.{word}", name.value))
        });
        let folds = self
            .projections
            .values()
            .filter(|projection| projection.dedup.is_some())
            .map(|projection| format!("{}.dedup", projection.name.value));
        let channels = self.channels.values().flat_map(|Channel { name, retry, dead_letter, .. }| {
            [retry.as_ref().map(|_| "retry"), dead_letter.as_ref().map(|_| "dead_letter")]
                .into_iter()
                .flatten()
                .map(|word| format!("{}.{word}", name.value))
        });
        let steps = self.sagas.values().flat_map(|Saga { name, steps, .. }| {
            steps.iter().flat_map(move |step| {
                let words = [step.undo.as_ref().map(|_| "undo"), step.retry.as_ref().map(|_| "retry")];
                words.into_iter().flatten().map(move |word| format!("{}.{}.{word}", name.value, step.command.value))
            })
        });
        services.chain(folds).chain(channels).chain(steps).collect()
    }

    /// Switches a protection off.
    ///
    /// # Errors
    /// When none of that name is declared: the text says which there are.
    pub fn without(&mut self, protection: &str) -> Result<(), String> {
        let declared = self.protections();
        if !declared.iter().any(|name| name == protection) {
            let mend = suggest::mend(protection, "protection", declared.iter().map(String::as_str));
            return Err(format!("no protection `{protection}` is declared: {mend}"));
        }
        let parts: Vec<&str> = protection.split('.').collect();
        match parts.as_slice() {
            [name, "dedup"] => {
                if let Some(service) = self.services.get_mut(*name) {
                    service.dedup = None;
                } else if let Some(projection) = self.projections.get_mut(*name) {
                    projection.dedup = None;
                }
            }
            [name, "outbox"] => self.services.get_mut(*name).into_iter().for_each(|service| service.outbox = None),
            [name, "retry"] => self.channels.get_mut(*name).into_iter().for_each(|channel| channel.retry = None),
            [name, "dead_letter"] => {
                self.channels.get_mut(*name).into_iter().for_each(|channel| channel.dead_letter = None)
            }
            [name, command, word] => {
                let steps = self.sagas.get_mut(*name).into_iter().flat_map(|saga| &mut saga.steps);
                for step in steps.filter(|step| step.command.value == *command) {
                    if *word == "undo" {
                        (step.undo, step.undone) = (None, None);
                    } else {
                        step.retry = None;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
