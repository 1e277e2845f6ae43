//! The load of a run: commands with absolute times and fields.

use ordain_kernel::Time;

use crate::spec::TypeId;
use crate::value::Datum;

/// One command: `c7` is number 7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its number; deleting another command never changes it.
    pub number: u32,
    /// When it is issued.
    pub at: Time,
    /// The type of its message: a request, or one that a channel carries.
    pub ty: TypeId,
    /// The fields, in the order of the type's layout.
    pub fields: Vec<Datum>,
}

/// The commands of a run, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The commands.
    pub commands: Vec<Command>,
}
