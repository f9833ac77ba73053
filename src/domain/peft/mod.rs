//! PEFT adapters: their config, the names of their tensors, and what each of them changes.
//!
//! The rules are those of the `peft` library: which modules a config targets ([`Rules`]), what a
//! tensor's name says ([`Place`]), and how the adapter's module paths read in the backbone's file
//! ([`Naming`], [`Renamed`]).

mod config;
mod fields;
mod names;
mod naming;
mod renamed;
mod rules;

pub use config::{BadPeftConfig, PeftConfig, Targets};
pub use names::{PREFIX, Place, Role};
pub use naming::Naming;
pub use renamed::Renamed;
pub use rules::{BadPattern, Rules};
