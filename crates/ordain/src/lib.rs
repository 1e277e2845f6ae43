//! Deterministic simulation and testing of event-driven systems: the facade for Rust users.
