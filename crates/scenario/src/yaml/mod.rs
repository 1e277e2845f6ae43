//! YAML text to a tree that knows where everything stands.

mod build;
mod node;
mod text_map;

pub use build::parse;
pub use node::{Entry, Node, NodeKind, Style};
pub use text_map::TextMap;

/// The deepest nesting of maps and lists.
pub const DEPTH_MAX: usize = 64;
/// The most nodes a file may hold, with aliases expanded.
pub const NODES_MAX: usize = 100_000;
