//! Load: generated or captured.

use std::time::Duration;

use indexmap::IndexMap;

use super::Times;
use crate::source::Span;
use crate::syntax::ast::{Expr, Ident};

/// Commands of one type.
#[derive(Clone, Debug)]
pub struct Load {
    /// The type.
    pub message: Ident,
    /// Where they come from.
    pub source: LoadSource,
}

/// Where commands come from.
#[derive(Clone, Debug)]
pub enum LoadSource {
    /// They are drawn.
    Generated(Generated),
    /// They were captured.
    Captured(Captured),
}

/// Drawn commands.
#[derive(Clone, Debug)]
pub struct Generated {
    /// How many.
    pub count: u32,
    /// The time between two.
    pub every: Times,
    /// When the first comes.
    pub start: Times,
    /// Fields and how they are drawn.
    pub with: IndexMap<String, (Span, Expr)>,
    /// Times of heavier load.
    pub spikes: Vec<Spike>,
}

/// A time of heavier load.
#[derive(Clone, Debug)]
pub struct Spike {
    /// When it begins.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// The time between two commands.
    pub every: Times,
}

/// The form of a captured file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureFormat {
    /// CloudEvents as JSON Lines.
    CloudEvents,
    /// Any JSON Lines.
    JsonLines,
    /// CSV with a header.
    Csv,
}

/// Captured commands.
#[derive(Clone, Debug)]
pub struct Captured {
    /// Where it stands.
    pub span: Span,
    /// The file, relative to the scenario.
    pub file: Ident,
    /// Its form.
    pub format: CaptureFormat,
    /// Only CloudEvents of this type.
    pub event_type: Option<String>,
    /// From fields to columns or paths.
    pub map: IndexMap<String, Ident>,
    /// The column or path of the time.
    pub time: Option<String>,
    /// The column or path of the id.
    pub id: Option<String>,
    /// How much faster than captured, as a fraction: numerator and denominator.
    pub speed: (u64, u64),
    /// The most messages taken.
    pub limit: Option<u32>,
    /// Whether lines that cannot be read are skipped.
    pub skip_malformed: bool,
}
