//! A registry for a test, those who use it, and what they publish.

pub mod client;
pub mod content;
pub mod engine;
pub mod world;

pub use client::{Answer, Client};
pub use content::Content;
pub use engine::Engine;
pub use world::World;
