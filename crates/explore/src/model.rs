//! What a campaign is made of: a model, built afresh on each thread.

use ordain_checks::CheckSpec;
use ordain_world::{Load, Spec};

/// Draws the load of a run from its seed.
pub trait LoadGen {
    /// The load of `seed`: a pure function of the seed.
    fn load(&self, seed: u64) -> Load;
}

/// A world's specification, its checks, and its load.
pub struct Model {
    /// The world.
    pub spec: Spec,
    /// The checks, in the order of the scenario.
    pub checks: Vec<CheckSpec>,
    /// The load.
    pub load: Box<dyn LoadGen>,
}

/// Builds the model: called once on each thread, because a model holds reference-counted parts.
pub trait Factory: Sync {
    /// A fresh model; each call gives an equal one.
    fn model(&self) -> Model;
}
