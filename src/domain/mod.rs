//! What things are and how they fit: parsed values, rules and decisions.
//!
//! Pure: no async, SQL, HTTP, clock or randomness in here, and nothing of libtorch.

pub mod bottleneck;
pub mod cadence;
pub mod card;
pub mod compare;
pub mod compat;
pub mod contract;
pub mod device;
pub mod digest;
pub mod dtype;
pub mod evaluation;
pub mod finding;
pub mod formats;
pub mod head;
pub mod huggingface;
pub mod inspect;
pub mod interface;
pub mod json;
pub mod lineage;
pub mod manifest;
pub mod module;
pub mod name;
pub mod origin;
pub mod peft;
pub mod permission;
pub mod reading;
pub mod release;
pub mod rollback;
pub mod router;
pub mod smoke;
pub mod structure;
pub mod tokenization;
pub mod urgency;
pub mod verdict;
pub mod version;
pub mod weights;
