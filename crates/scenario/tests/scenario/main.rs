//! Tests of the scenario language: files in, diagnostics, worlds and loads out.

mod broken;
mod captured;
mod example;
mod never_panics;
mod tables;

/// The base that broken scenarios are made from.
const SMALL: &str = include_str!("small.yaml");
