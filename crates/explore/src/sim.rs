//! The simulated world as a runner.

use ordain_world::Load;

use crate::model::Model;
use crate::run::{About, Job, RunReport, Runner};

/// A world and its checks, ready to run.
pub struct Sim {}
impl Sim {
    /// Stub.
    pub fn new(_model: Model) -> Sim {
        Sim {}
    }
}
impl Runner for Sim {
    fn about(&self) -> About {
        About::default()
    }
    fn load(&mut self, _seed: u64) -> Load {
        Load::default()
    }
    fn run(&mut self, _job: Job<'_>) -> RunReport {
        RunReport::default()
    }
}
