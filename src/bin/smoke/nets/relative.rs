//! Biases of attention by relative position, in buckets that widen with the distance: Raffel et al.,
//! "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer".

use tch::{TchError, Tensor};

use crate::parameters::Parameters;

/// How distances are put into buckets.
#[derive(Debug, Clone, Copy)]
pub struct Buckets {
    /// How many there are.
    pub count: i64,
    /// All distances from here on share the last one.
    pub farthest: i64,
    /// Whether later positions have buckets of their own.
    pub both_ways: bool,
}

impl Buckets {
    /// The bucket of a key that lies `distance` behind its query, or before it where negative.
    fn of(self, distance: i64) -> i64 {
        let count = if self.both_ways { self.count / 2 } else { self.count };
        let later = if self.both_ways && distance > 0 { count } else { 0 };
        let away = if self.both_ways { distance.abs() } else { (-distance).max(0) };
        let exact = count / 2;
        if away < exact {
            return later + away;
        }
        // In float32, as transformers computes it: at the edges of buckets the last bit decides.
        let (away, near, far) = (away as f32, exact as f32, self.farthest as f32);
        let scaled = (away / near).ln() / (f64::from(far) / f64::from(near)).ln() as f32;
        #[expect(clippy::cast_possible_truncation, reason = "cut towards zero, as transformers does")]
        let wide = exact.saturating_add((scaled * (count - exact) as f32) as i64);
        later + wide.clamp(0, count - 1)
    }

    /// What is added to scores: [1, heads, queries, keys]. `before` keys are before the one that lies where the
    /// first query does.
    ///
    /// # Errors
    /// When the table at `path` is missing, or libtorch fails.
    pub fn bias(
        self,
        parameters: &Parameters,
        path: &str,
        queries: i64,
        keys: i64,
        before: i64,
    ) -> Result<Tensor, TchError> {
        let buckets: Vec<i64> = (before..before + queries)
            .flat_map(|query| (0..keys).map(move |key| self.of(key - query)))
            .collect();
        let buckets = crate::device::there(&Tensor::from_slice(&buckets))?.f_reshape([queries, keys])?;
        let values = parameters.embedding(path, &buckets)?;
        values.f_permute([2, 0, 1])?.f_unsqueeze(0)
    }
}
