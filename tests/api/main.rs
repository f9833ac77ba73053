//! The API and the worker as they are served: a real PostgreSQL, a real HTTP server on a port of its own,
//! and, where running matters, the real engine.

mod accounts;
mod authorization;
mod bad_input;
mod channels;
mod compare;
mod compatibility;
mod conditional;
mod confinement;
mod dependents;
mod description;
mod events;
mod grid;
mod large;
mod lineage;
mod modules;
#[path = "../support/postgres.rs"]
mod postgres;
mod proving;
mod publishing;
mod recovery;
mod sessions;
mod support;
mod uploads;
mod versions;
