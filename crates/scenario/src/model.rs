//! The scenario as plain data: names resolved, defaults filled in, every part with its place.

mod checks;
mod faults;
mod load;
mod messages;
mod sagas;
mod scenario;
mod services;
mod topology;
mod values;

pub use checks::*;
pub use faults::*;
pub use load::*;
pub use messages::*;
pub use sagas::*;
pub use scenario::*;
pub use services::*;
pub use topology::*;
pub use values::*;
