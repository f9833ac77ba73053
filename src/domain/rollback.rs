//! Where a channel goes back to.

use super::release::State;
use super::verdict::Verdict;

/// A release that the channel pointed at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<T> {
    /// Names it.
    pub release: T,
    /// Where it is in its life.
    pub state: State,
    /// The verdict on the pairs with what it attaches to.
    pub verdict: Verdict,
}

/// Why a candidate was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    /// It may not be used.
    State(State),
    /// It was refuted since.
    Refuted,
}

impl<T> Candidate<T> {
    /// Whether a channel may go back to it: it may be used, and nothing has refuted it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), PassedOver> {
        if !self.state.is_healthy() {
            return Err(PassedOver::State(self.state));
        }
        if self.verdict == Verdict::Incompatible {
            return Err(PassedOver::Refuted);
        }
        Ok(())
    }
}

/// The first of `candidates` (the latest first) that is healthy, and those passed over before it.
pub fn choose<T: Copy>(candidates: &[Candidate<T>]) -> (Option<T>, Vec<(T, PassedOver)>) {
    let mut passed_over = Vec::new();
    for candidate in candidates {
        match candidate.check() {
            Ok(()) => return (Some(candidate.release), passed_over),
            Err(why) => passed_over.push((candidate.release, why)),
        }
    }
    (None, passed_over)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn candidate(release: u8, state: State, verdict: Verdict) -> Candidate<u8> {
        Candidate { release, state, verdict }
    }

    #[test]
    fn the_latest_healthy_release_is_chosen_and_bad_ones_are_named() {
        let candidates = [
            candidate(4, State::Quarantined, Verdict::Compatible),
            candidate(3, State::Published, Verdict::Incompatible),
            candidate(2, State::Deprecated, Verdict::Unknown),
            candidate(1, State::Published, Verdict::Compatible),
        ];
        let passed_over = vec![(4, PassedOver::State(State::Quarantined)), (3, PassedOver::Refuted)];
        assert_eq!(choose(&candidates), (Some(2), passed_over));
    }

    #[test]
    fn without_a_healthy_release_there_is_no_target() {
        assert_eq!(choose(&[candidate(1, State::Yanked, Verdict::Compatible)]).0, None);
        assert_eq!(choose::<u8>(&[]).0, None);
    }
}
