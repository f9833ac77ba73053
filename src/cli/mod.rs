//! Client commands, one per file.

pub mod folder;
pub mod smoke;
