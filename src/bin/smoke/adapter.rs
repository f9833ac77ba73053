//! What adapters do to a network, ready to be put on its [`Parameters`](crate::parameters::Parameters).

use tch::Tensor;

/// One change to a module's computation.
#[derive(Debug)]
pub enum Update {
    /// LoRA: adds `scale · B(A(x))`; A \[r, in\], B \[out, r\], B's bias \[out\].
    LowRank {
        /// A.
        down: Tensor,
        /// B.
        up: Tensor,
        /// B's bias.
        bias: Option<Tensor>,
        /// alpha / r, or alpha / √r.
        scale: f64,
        /// DoRA: what each output is multiplied by \[out\], its magnitude over the norm of its row of
        /// the changed weight.
        magnitude: Option<Tensor>,
    },
    /// LoRA on an embedding: adds `scale · Bᵀ(A[:, id])`; A \[r, rows\], B \[columns, r\].
    LowRankRows {
        /// A.
        down: Tensor,
        /// B.
        up: Tensor,
        /// alpha / r, or alpha / √r.
        scale: f64,
    },
    /// IA3: multiplies the input by factors \[in\].
    ScaleInput(Tensor),
    /// IA3: multiplies the output, bias included, by factors \[out\].
    ScaleOutput(Tensor),
}

/// An adapter, ready to be put on: paths are the network's.
#[derive(Debug, Default)]
pub struct Adapter {
    /// Changes by the path of the module.
    pub updates: Vec<(String, Update)>,
    /// Parameters that stand in for the network's own, or that it lacks, by path.
    pub replaced: Vec<(String, Tensor)>,
    /// Whether its classifier labels tokens instead of sequences.
    pub labels_tokens: bool,
}

impl Adapter {
    /// How many numbers it holds.
    pub fn parameters(&self) -> u64 {
        let updates = self.updates.iter().map(|(_, update)| match update {
            Update::LowRank { down, up, bias, magnitude, .. } => {
                let more = bias.iter().chain(magnitude).map(Tensor::numel).sum::<usize>();
                down.numel() + up.numel() + more
            }
            Update::LowRankRows { down, up, .. } => down.numel() + up.numel(),
            Update::ScaleInput(factors) | Update::ScaleOutput(factors) => factors.numel(),
        });
        (updates.sum::<usize>() + self.replaced.iter().map(|(_, tensor)| tensor.numel()).sum::<usize>())
            as u64
    }
}
