//! The command line from end to end, and the habits of the code: one binary, a module for each concern.

mod architecture;
mod arguments;
mod determinism;
mod documents;
mod exit_codes;
mod hostile;
mod interrupted;
mod outputs;
mod regressions;
mod shipped;
mod support;
mod taxi;
mod tidy;
