//! Client commands, one per file.

pub mod findings;
pub mod folder;
pub mod init;
pub mod smoke;
