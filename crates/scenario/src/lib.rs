//! The scenario language: YAML in, a world and its checks out, with diagnostics.
