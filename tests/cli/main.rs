//! The real programs together: server with its own PostgreSQL, worker, engine and command line.
#![cfg(feature = "torch")]

mod folders;
mod proxy;
mod story;
mod tutorial;
mod uploads;
mod world;
