//! What the harness does, for those who debug it: `-v`, `--log` or ORDAIN_LOG, on standard error; off by default.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::args::Globals;
use crate::fail::{Failure, Outcome};

/// The variable that holds a filter.
const VARIABLE: &str = "ORDAIN_LOG";

/// Starts logging, if it is asked for.
pub(crate) fn start(globals: &Globals) -> Outcome<()> {
    let Some((filter, from)) = filter(globals) else { return Ok(()) };
    let filter = EnvFilter::try_new(&filter).map_err(|error| {
        let text = format!("{from} is not a log filter: `{filter}`: {error}");
        Failure::bad(text).mend("write a level such as `debug`, or `ordain=trace`")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    builder.with_ansi(globals.color.on_stderr()).init();
    Ok(())
}

fn filter(globals: &Globals) -> Option<(String, &'static str)> {
    if let Some(filter) = &globals.log {
        return Some((filter.clone(), "--log"));
    }
    match globals.verbosity {
        0 => variable().map(|text| (text, VARIABLE)),
        1 => Some(("ordain=info".to_owned(), "-v")),
        2 => Some(("ordain=debug".to_owned(), "-v")),
        _ => Some(("ordain=trace".to_owned(), "-v")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line may read the environment")]
fn variable() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|text| !text.is_empty())
}
