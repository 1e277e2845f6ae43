//! Campaigns over many runs, shrinking and replay.
