//! Work beside the server: jobs are claimed, run apart, and recorded.

pub mod sandbox;
