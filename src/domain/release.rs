//! A release's life: which states there are, and which follow which.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a release is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being put together; the only state in which its content can change.
    Draft,
    /// Submitted; being checked and run.
    Verifying,
    /// Verified; somebody has to approve it.
    InReview,
    /// There for everybody.
    Published,
    /// Refused, with findings.
    Rejected,
    /// There, but something better is; says what.
    Deprecated,
    /// Not for new uses; what is locked to it still downloads.
    Yanked,
    /// Bad: its bytes are refused.
    Quarantined,
}

/// How far the verification of a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits for a worker.
    Queued,
    /// Its files are read and looked into.
    Files,
    /// It is held against what it attaches to.
    Structure,
    /// It runs in the sandbox.
    SmokeRun,
    /// The verdict is being written down.
    Concluding,
}

impl Stage {
    /// The stored and transmitted word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Files => "files",
            Self::Structure => "structure",
            Self::SmokeRun => "smoke_run",
            Self::Concluding => "concluding",
        }
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Queued, Self::Files, Self::Structure, Self::SmokeRun, Self::Concluding];
        all.into_iter().find(|stage| stage.as_str() == text).ok_or(())
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Verifying,
        Self::InReview,
        Self::Published,
        Self::Rejected,
        Self::Deprecated,
        Self::Yanked,
        Self::Quarantined,
    ];

    /// The stored and transmitted word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Verifying => "verifying",
            Self::InReview => "in_review",
            Self::Published => "published",
            Self::Rejected => "rejected",
            Self::Deprecated => "deprecated",
            Self::Yanked => "yanked",
            Self::Quarantined => "quarantined",
        }
    }

    /// Whether it was published once, whatever became of it.
    pub const fn was_published(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated | Self::Yanked | Self::Quarantined)
    }

    /// Whether channels may point at it and new uses may choose it.
    pub const fn is_healthy(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated)
    }

    /// Whether its bytes may be downloaded.
    pub const fn gives_bytes(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated | Self::Yanked)
    }

    /// The state that a standing asked for leads to, when it may be asked for now.
    ///
    /// # Errors
    /// The states in which it may be asked for.
    pub fn change(self, standing: Standing) -> Result<Self, &'static [Self]> {
        use State::{Deprecated, Published, Quarantined, Yanked};
        let (from, to): (&'static [Self], Self) = match standing {
            Standing::Deprecate => (&[Published, Deprecated], Deprecated),
            Standing::Yank => (&[Published, Deprecated], Yanked),
            Standing::Quarantine => (&[Published, Deprecated, Yanked], Quarantined),
            Standing::Restore => (&[Deprecated, Yanked, Quarantined], Published),
        };
        if from.contains(&self) { Ok(to) } else { Err(from) }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

/// What can be asked of a published release's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Say that something better is there.
    Deprecate,
    /// Take it from new uses.
    Yank,
    /// Refuse its bytes and move every channel away from it.
    Quarantine,
    /// Undo any of these.
    Restore,
}

impl Standing {
    /// The word in paths and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deprecate => "deprecate",
            Self::Yank => "yank",
            Self::Quarantine => "quarantine",
            Self::Restore => "restore",
        }
    }

    /// The word for what was done, in events.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Deprecate => "deprecated",
            Self::Yank => "yanked",
            Self::Quarantine => "quarantined",
            Self::Restore => "restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_published_has_no_standing_to_change() {
        for state in [State::Draft, State::Verifying, State::InReview, State::Rejected] {
            for standing in [Standing::Deprecate, Standing::Yank, Standing::Quarantine, Standing::Restore] {
                assert!(state.change(standing).is_err(), "{state} {standing:?}");
            }
        }
    }

    #[test]
    fn every_standing_can_be_undone() {
        for standing in [Standing::Deprecate, Standing::Yank, Standing::Quarantine] {
            let changed = State::Published.change(standing).unwrap();
            assert_eq!(changed.change(Standing::Restore), Ok(State::Published));
        }
    }

    #[test]
    fn quarantine_outranks_the_others() {
        assert!(State::Quarantined.change(Standing::Yank).is_err());
        assert!(State::Yanked.change(Standing::Quarantine).is_ok());
        assert!(!State::Quarantined.gives_bytes() && State::Yanked.gives_bytes());
    }
}
