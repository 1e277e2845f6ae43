//! Warnings about virtual times that do not fit together.

use std::time::Duration;

use crate::analyse::Analysis;
use crate::diag::{Code, Diagnostic};
use crate::model::{CheckKind, Retry, Scenario};
use crate::source::Span;
use crate::syntax::literal::show_duration;

/// Settings after which a broker delivers again on its own.
const LEASES: [&str; 2] = ["session_timeout", "visibility_timeout"];

impl Analysis<'_> {
    /// The drain must outlast every `within`, lease and retry chain, or what is pending then looks stuck.
    pub(super) fn times(&mut self) {
        let drain = &self.scenario.drain_for;
        for (length, what, span) in waits(self.scenario) {
            if length <= drain.value {
                continue;
            }
            let text = format!(
                "the drain ({}) is shorter than {what} ({})",
                show_duration(drain.value),
                show_duration(length)
            );
            let warning = Diagnostic::warning(Code::Time, span, text);
            let minutes = length.as_secs().div_ceil(60) + 1;
            self.report.push(warning.mend(format!("lengthen it: `horizon: {{ drain: {minutes}m }}`, or shorten this")));
        }
    }
}

/// Every wait that the drain should outlast: its length, what it is, and where it stands.
fn waits(scenario: &Scenario) -> Vec<(Duration, String, Span)> {
    let mut waits = Vec::new();
    for check in scenario.checks.values() {
        if let CheckKind::After { within, .. } | CheckKind::Converges { within, .. } = &check.kind {
            waits.push((within.value, format!("the `within` of check `{}`", check.name.value), within.span));
        }
    }
    for broker in scenario.brokers.values() {
        let used = scenario.channels.values().any(|channel| channel.broker.value == broker.name.value);
        for key in LEASES.into_iter().filter(|_| used) {
            if let Some(lease) = broker.time(key) {
                waits.push((lease, format!("the `{key}` of broker `{}`", broker.name.value), broker.name.span));
            }
        }
    }
    for channel in scenario.channels.values() {
        if let Some(retry) = &channel.retry {
            waits.push((chain(retry), format!("the retry chain of channel `{}`", channel.name.value), retry.span));
        }
    }
    for saga in scenario.sagas.values() {
        for step in &saga.steps {
            let tries = step.retry.as_ref().and_then(|retry| retry.max).unwrap_or(0).saturating_add(1);
            if let Some(timeout) = &step.timeout {
                let length = timeout.value.checked_mul(tries).unwrap_or(Duration::MAX);
                waits.push((length, format!("the timeouts of step `{}`", step.command.value), timeout.span));
            }
        }
    }
    waits
}

/// The longest time a retry policy can take, waits doubled up to the upper bound; one wait when it has no end.
fn chain(retry: &Retry) -> Duration {
    let Some(max) = retry.max else { return retry.backoff.most };
    let (mut wait, mut sum) = (retry.backoff.least, Duration::ZERO);
    for _ in 0..max {
        sum = sum.saturating_add(wait.min(retry.backoff.most));
        wait = wait.saturating_mul(2);
    }
    sum
}
