//! Cambium: registry and governance service for modular deep learning.
//!
//! The map of the house, in reading order: [`domain`] says what things are and decides; it knows no
//! I/O. The other modules fetch what it decides on and store what it decided.

#![deny(missing_docs)]

pub mod api;
pub mod app;
pub mod blobs;
pub mod cli;
pub mod config;
pub mod domain;
pub mod embedded;
pub mod error;
pub mod privileges;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod work;
