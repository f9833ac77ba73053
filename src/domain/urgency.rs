//! How soon a run that is wanted is made.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a run is wanted, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody asked for it and waits.
    Asked,
    /// A channel points at the dependent, and its range admits the base: this may be served.
    InUse,
    /// The dependent is the latest release of its module, and its range admits the base.
    Latest,
    /// Whatever else could be known.
    Later,
}

impl Urgency {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Asked, Self::InUse, Self::Latest, Self::Later];

    /// That of a pair that nobody asked for.
    pub const fn of(admitted: bool, in_use: bool, latest: bool) -> Self {
        match (admitted, in_use, latest) {
            (true, true, _) => Self::InUse,
            (true, false, true) => Self::Latest,
            _ => Self::Later,
        }
    }

    /// That of a stored number.
    pub fn of_rank(rank: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|urgency| urgency.rank() == rank)
    }

    /// Its stored number; lower goes first.
    pub const fn rank(self) -> i16 {
        match self {
            Self::Asked => 0,
            Self::InUse => 1,
            Self::Latest => 2,
            Self::Later => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Urgency;

    #[test]
    fn what_is_served_goes_before_what_is_newest_and_what_is_out_of_range_waits() {
        assert_eq!(Urgency::of(true, true, true), Urgency::InUse);
        assert_eq!(Urgency::of(true, true, false), Urgency::InUse);
        assert_eq!(Urgency::of(true, false, true), Urgency::Latest);
        assert_eq!(Urgency::of(false, true, true), Urgency::Later);
        assert_eq!(Urgency::of(true, false, false), Urgency::Later);
    }

    #[test]
    fn ranks_follow_the_order_and_lead_back() {
        assert!(Urgency::ALL.iter().all(|urgency| Urgency::of_rank(urgency.rank()) == Some(*urgency)));
        assert_eq!(Urgency::of_rank(9), None);
        assert!(Urgency::ALL.is_sorted() && Urgency::ALL.is_sorted_by_key(|urgency| urgency.rank()));
    }
}
