//! The three-valued verdict: a failure beats an unknown, an unknown beats a yes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether things work together.
///
/// Ordered from good to bad, so that the worst of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Proven to work.
    Compatible,
    /// Neither proven nor refuted.
    Unknown,
    /// Refuted.
    Incompatible,
}

impl Verdict {
    /// The verdict of a whole whose parts have these verdicts; compatible when there are none.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::Compatible)
    }

    /// The stored and transmitted word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Incompatible => "incompatible",
        }
    }

    /// The exit code of commands that answer with a verdict.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Compatible => 0,
            Self::Incompatible => 1,
            Self::Unknown => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Compatible, Incompatible, Unknown};

    #[test]
    fn a_failure_beats_an_unknown_and_an_unknown_beats_a_yes() {
        assert_eq!(Verdict::of_all([Compatible, Unknown, Incompatible, Unknown]), Incompatible);
        assert_eq!(Verdict::of_all([Compatible, Unknown]), Unknown);
        assert_eq!(Verdict::of_all([Compatible]), Compatible);
        assert_eq!(Verdict::of_all([]), Compatible);
    }
}
