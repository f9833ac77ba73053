//! Modules and their kinds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A shared pretrained model that others plug into.
    Backbone,
    /// A small change to a backbone's weights or activations.
    Adapter,
    /// Turns a backbone's output into an answer.
    Head,
    /// Generates from a backbone's output.
    Decoder,
    /// Turns one module's output into another's input.
    Bridge,
    /// Chooses among a set of candidate modules.
    Router,
}

impl Kind {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Backbone, Self::Adapter, Self::Head, Self::Decoder, Self::Bridge, Self::Router];

    /// The stored and transmitted word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backbone => "backbone",
            Self::Adapter => "adapter",
            Self::Head => "head",
            Self::Decoder => "decoder",
            Self::Bridge => "bridge",
            Self::Router => "router",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of module: use backbone, adapter, head, decoder, bridge or router")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.chars().take(80).collect()))
    }
}
