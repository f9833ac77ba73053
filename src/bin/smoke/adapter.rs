//! What adapters do to a network, ready to be put on its [`Parameters`](crate::parameters::Parameters).

use tch::Tensor;

use crate::bottleneck::Bottleneck;

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

/// What is put in front of the input's tokens.
#[derive(Debug)]
pub enum Prompt {
    /// Embeddings \[tokens, width\].
    Tokens(Tensor),
    /// Keys and values of each layer, each \[1, heads, tokens, width\].
    Keys(Vec<(Tensor, Tensor)>),
}

/// An adapter, ready to be put on: paths are the network's.
#[derive(Debug, Default)]
pub struct Adapter {
    /// Changes by the path of the module.
    pub updates: Vec<(String, Update)>,
    /// Parameters that stand in for the network's own, or that it lacks, by path.
    pub replaced: Vec<(String, Tensor)>,
    /// Small networks by the path of the joint where they stand.
    pub bottlenecks: Vec<(String, Bottleneck)>,
    /// Virtual tokens.
    pub prompt: Option<Prompt>,
    /// How many numbers it has learnt.
    pub parameters: u64,
    /// Whether its classifier labels tokens instead of sequences.
    pub labels_tokens: bool,
}
