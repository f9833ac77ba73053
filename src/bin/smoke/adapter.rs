//! What adapters do to a network, ready to be put on it for a pass.

use std::collections::BTreeMap;

use tch::Tensor;

use crate::bottleneck::Bottleneck;
use crate::load::Tensors;

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

/// What the adapters of one composition do to a network together, by path.
#[derive(Debug, Default)]
pub struct Attached {
    /// Changes of modules, in the order in which they are made.
    updates: BTreeMap<String, Vec<Update>>,
    /// Parameters that stand in for the network's own, or that it lacks, in float32.
    pub replaced: Tensors,
    /// Small networks at joints.
    pub bottlenecks: BTreeMap<String, Bottleneck>,
    /// Virtual tokens.
    pub prompt: Option<Prompt>,
    /// Whether a classifier that was brought labels tokens instead of sequences.
    pub labels_tokens: bool,
}

impl Attached {
    /// Adapters in their order: of two that bring the same, the later one counts.
    pub fn of(adapters: Vec<Adapter>) -> Self {
        let mut all = Self::default();
        for adapter in adapters {
            for (path, update) in adapter.updates {
                all.updates.entry(path).or_default().push(update);
            }
            all.replaced.extend(adapter.replaced);
            all.bottlenecks.extend(adapter.bottlenecks);
            all.prompt = adapter.prompt.or(all.prompt);
            all.labels_tokens |= adapter.labels_tokens;
        }
        all
    }

    /// What is done to the module at this path.
    pub fn updates(&self, path: &str) -> &[Update] {
        self.updates.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether something is done to it.
    pub fn changes(&self, path: &str) -> bool {
        self.updates.contains_key(path)
    }

    /// Whether modules are changed, beyond that some are brought.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty() || self.prompt.is_some() || !self.bottlenecks.is_empty()
    }

    /// How many embeddings are put in front of the input's.
    pub fn virtual_tokens(&self) -> i64 {
        self.prompt.as_ref().map_or(0, Prompt::embeddings)
    }

    /// The heads that were brought, and nothing else.
    pub fn heads(&self, is_head: impl Fn(&str) -> bool) -> Self {
        let heads = self.replaced.iter().filter(|(path, _)| is_head(path));
        let replaced = heads.map(|(path, tensor)| (path.clone(), tensor.shallow_clone())).collect();
        Self { replaced, labels_tokens: self.labels_tokens, ..Self::default() }
    }

    /// Whether one pass can compute both: inputs stay as long as they are, and both give the same outputs.
    pub fn shares_with(&self, other: &Self) -> bool {
        let shapes = |attached: &Self| -> Vec<(String, Vec<i64>)> {
            attached.replaced.iter().map(|(path, tensor)| (path.clone(), tensor.size())).collect()
        };
        self.prompt.is_none()
            && other.prompt.is_none()
            && self.labels_tokens == other.labels_tokens
            && shapes(self) == shapes(other)
    }
}
