//! A whole scenario.

use std::time::Duration;

use indexmap::IndexMap;

use super::{Broker, Channel, Check, Deploy, External, Fault, Load, Message, Projection, Saga, Service};
use crate::source::Spanned;
use crate::syntax::ast::Ident;

/// A whole scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: Ident,
    /// What must hold, in words.
    pub about: Option<String>,
    /// How long commands and faults go on.
    pub load_for: Spanned<Duration>,
    /// How long the system may take to settle.
    pub drain_for: Spanned<Duration>,
    /// Brokers by name.
    pub brokers: IndexMap<String, Broker>,
    /// Channels by name.
    pub channels: IndexMap<String, Channel>,
    /// Message types by name.
    pub messages: IndexMap<String, Message>,
    /// Services by name.
    pub services: IndexMap<String, Service>,
    /// External systems by name, those that are only called included.
    pub externals: IndexMap<String, External>,
    /// Sagas by name.
    pub sagas: IndexMap<String, Saga>,
    /// Projections by name.
    pub projections: IndexMap<String, Projection>,
    /// Load entries.
    pub load: Vec<Load>,
    /// Deploys.
    pub deploys: Vec<Deploy>,
    /// Fault rules.
    pub faults: Vec<Fault>,
    /// Checks by name.
    pub checks: IndexMap<String, Check>,
}
