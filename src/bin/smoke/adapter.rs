//! What adapters do to a network, ready to be put on it for a pass.

use std::collections::BTreeMap;

use tch::{TchError, Tensor};

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

/// How far DoRA's magnitude over the norm may be from 1 and be 1: it is a quotient in float32.
const NO_SCALING: f64 = 1e-6;

impl Update {
    /// Whether it leaves its module exactly as it is: B or A all zeros, factors all ones.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn does_nothing(&self) -> Result<bool, TchError> {
        match self {
            Self::LowRank { down, up, bias, scale, magnitude } => {
                let nothing = *scale == 0.0 || all_are(up, 0.0)? || all_are(down, 0.0)?;
                let bias = bias.as_ref().map_or(Ok(true), |bias| all_are(bias, 0.0))?;
                let same = match magnitude {
                    Some(m) => m.f_sub_scalar(1.0)?.f_abs()?.f_max()?.f_double_value(&[])? <= NO_SCALING,
                    None => true,
                };
                Ok(nothing && bias && same)
            }
            Self::LowRankRows { down, up, scale } => {
                Ok(*scale == 0.0 || all_are(up, 0.0)? || all_are(down, 0.0)?)
            }
            Self::ScaleInput(factors) | Self::ScaleOutput(factors) => all_are(factors, 1.0),
        }
    }
}

/// Whether every number of a tensor is this one.
///
/// # Errors
/// When libtorch fails.
pub fn all_are(tensor: &Tensor, number: f64) -> Result<bool, TchError> {
    Ok(tensor.f_eq(number)?.f_all()?.f_int64_value(&[])? != 0)
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

    /// Whether rows of others can be beside its own: tables and norms are looked up for all rows at once.
    fn is_by_rows(&self) -> bool {
        let table = |update: &Update| matches!(update, Update::LowRankRows { .. });
        let is_matrix = |path: &str| self.replaced.get(path).is_some_and(|tensor| tensor.dim() == 2);
        let linear = |path: &str| match path.rsplit_once('.') {
            Some((module, "bias")) => is_matrix(&format!("{module}.weight")) || self.changes(module),
            _ => is_matrix(path),
        };
        self.prompt.is_none()
            && !self.updates.values().flatten().any(table)
            && self.replaced.keys().all(|path| linear(path))
    }

    /// Whether one pass can compute both: inputs stay as long as they are, and both give the same outputs.
    pub fn shares_with(&self, other: &Self) -> bool {
        let shapes = |attached: &Self| -> Vec<(String, Vec<i64>)> {
            attached.replaced.iter().map(|(path, tensor)| (path.clone(), tensor.size())).collect()
        };
        self.is_by_rows()
            && other.is_by_rows()
            && self.labels_tokens == other.labels_tokens
            && shapes(self) == shapes(other)
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn low_rank(up: f64, bias: Option<f64>, scale: f64, magnitude: Option<f64>) -> Update {
        let full = |size: &[i64], number: f64| Tensor::full(size, number, FLOAT);
        Update::LowRank {
            down: full(&[2, 3], 1.0),
            up: full(&[4, 2], up),
            bias: bias.map(|number| full(&[4], number)),
            scale,
            magnitude: magnitude.map(|number| full(&[4], number)),
        }
    }

    #[test]
    fn an_update_does_nothing_when_all_of_it_is_neutral() {
        for (update, nothing) in [
            (low_rank(0.0, None, 2.0, None), true),
            (low_rank(1.0, None, 0.0, None), true),
            (low_rank(1.0, None, 2.0, None), false),
            (low_rank(0.0, Some(0.0), 2.0, Some(1.0)), true),
            (low_rank(0.0, Some(0.5), 2.0, None), false),
            // DoRA: the magnitude is the row's norm, or it is not.
            (low_rank(0.0, None, 2.0, Some(1.0 + 1e-7)), true),
            (low_rank(0.0, None, 2.0, Some(1.1)), false),
            (Update::ScaleInput(Tensor::ones([3], FLOAT)), true),
            (Update::ScaleOutput(Tensor::from_slice(&[1.0_f32, 1.5])), false),
        ] {
            assert_eq!(update.does_nothing().unwrap(), nothing, "{update:?}");
        }
    }
}
