//! Captured load.
