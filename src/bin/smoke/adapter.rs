//! A network's parameters, and what adapters do to them.
//!
//! An adapter is put on without touching the parameters it changes: updates are computed beside them,
//! as the PEFT library does before merging, and whole modules it brings stand in for the backbone's own
//! until it is taken off.

use std::collections::BTreeMap;

use tch::{TchError, Tensor};

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

/// A network's parameters by path, and the adapters on them.
#[derive(Debug)]
pub struct Parameters {
    tensors: Tensors,
    updates: BTreeMap<String, Vec<Update>>,
    displaced: Vec<(String, Option<Tensor>)>,
    /// The path of a parameter that is another one's tensor.
    tied: Option<String>,
    /// Whether the classifier labels tokens; an attached adapter may say so.
    pub labels_tokens: bool,
}

impl Parameters {
    /// Parameters without an adapter.
    pub fn new(tensors: Tensors) -> Self {
        Self { tensors, updates: BTreeMap::new(), displaced: vec![], tied: None, labels_tokens: false }
    }

    /// Gives a parameter that the file lacks the tensor of another one.
    pub fn tie(&mut self, path: &str, tensor: Tensor) {
        self.tensors.insert(path.to_owned(), tensor);
        self.tied = Some(path.to_owned());
    }

    /// All of them, by path.
    pub fn all(&self) -> &Tensors {
        &self.tensors
    }

    /// Whether an attached adapter changes a module.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty()
    }

    /// Whether there is a parameter at this path.
    pub fn has(&self, path: &str) -> bool {
        self.tensors.contains_key(path)
    }

    /// The parameter at this path.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, path: &str) -> Result<&Tensor, TchError> {
        self.tensors.get(path).ok_or_else(|| TchError::Kind(format!("there is no parameter `{path}`")))
    }

    /// How many numbers they are; what is tied counts once.
    pub fn count(&self) -> u64 {
        let own = self.tensors.iter().filter(|(path, _)| Some(*path) != self.tied.as_ref());
        own.map(|(_, tensor)| tensor.numel() as u64).sum()
    }

    /// Puts an adapter on.
    pub fn attach(&mut self, adapter: Adapter) {
        for (path, update) in adapter.updates {
            self.updates.entry(path).or_default().push(update);
        }
        for (path, tensor) in adapter.replaced {
            let before = self.tensors.insert(path.clone(), tensor);
            self.displaced.push((path, before));
        }
        self.labels_tokens |= adapter.labels_tokens;
    }

    /// Takes every adapter off.
    pub fn detach_all(&mut self) {
        self.updates.clear();
        let displaced = std::mem::take(&mut self.displaced);
        self.put_back(displaced);
        self.labels_tokens = false;
    }

    /// Takes every adapter off but for the heads that one of them brought.
    pub fn leave_heads(&mut self, is_head: impl Fn(&str) -> bool) {
        self.updates.clear();
        let (kept, displaced) =
            std::mem::take(&mut self.displaced).into_iter().partition(|(path, _)| is_head(path));
        self.displaced = kept;
        self.put_back(displaced);
    }

    /// The last one first: two adapters may have brought the same.
    fn put_back(&mut self, displaced: Vec<(String, Option<Tensor>)>) {
        for (path, before) in displaced.into_iter().rev() {
            match before {
                Some(tensor) => self.tensors.insert(path, tensor),
                None => self.tensors.remove(&path),
            };
        }
    }

    /// The linear layer at `path` with what is attached to it: \[…, in\] → \[…, out\].
    ///
    /// # Errors
    /// When a parameter is missing, or libtorch fails.
    pub fn linear(&self, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let weight = self.get(&format!("{path}.weight"))?;
        let bias = self.tensors.get(&format!("{path}.bias"));
        let updates = self.updates.get(path).map_or(&[][..], Vec::as_slice);
        let mut x = x.shallow_clone();
        for update in updates {
            if let Update::ScaleInput(factors) = update {
                x = x.f_mul(factors)?;
            }
        }
        let mut y = x.f_linear(weight, bias)?;
        for update in updates {
            match update {
                Update::LowRank { down, up, bias, scale, magnitude } => {
                    let mut added = x.f_linear(down, None::<&Tensor>)?.f_linear(up, bias.as_ref())?;
                    added = added.f_mul_scalar_(*scale)?;
                    if let Some(magnitude) = magnitude {
                        // Liu et al., "DoRA: Weight-Decomposed Low-Rank Adaptation", as PEFT computes it.
                        let plain = x.f_linear(weight, None::<&Tensor>)?;
                        let grown = plain.f_mul(&magnitude.f_sub_scalar(1.0)?)?;
                        added = added.f_mul_(magnitude)?.f_add_(&grown)?;
                    }
                    y = y.f_add_(&added)?;
                }
                Update::ScaleOutput(factors) => y = y.f_mul(factors)?,
                Update::ScaleInput(_) | Update::LowRankRows { .. } => {}
            }
        }
        Ok(y)
    }

    /// The layer norm at `path`, over the last dimension.
    ///
    /// # Errors
    /// When a parameter is missing, or libtorch fails.
    pub fn layer_norm(&self, path: &str, x: &Tensor, epsilon: f64) -> Result<Tensor, TchError> {
        let weight = self.get(&format!("{path}.weight"))?;
        let bias = self.tensors.get(&format!("{path}.bias"));
        x.f_layer_norm(weight.size(), Some(weight), bias, epsilon, false)
    }

    /// The embedding at `path` with what is attached to it: ids \[…\] → \[…, columns\].
    ///
    /// # Errors
    /// When the parameter is missing, an id is out of range, or libtorch fails.
    pub fn embedding(&self, path: &str, ids: &Tensor) -> Result<Tensor, TchError> {
        let look_up = |table: &Tensor| Tensor::f_embedding(table, ids, -1, false, false);
        let mut y = look_up(self.get(&format!("{path}.weight"))?)?;
        for update in self.updates.get(path).into_iter().flatten() {
            if let Update::LowRankRows { down, up, scale } = update {
                let rows = look_up(&down.f_transpose(0, 1)?)?;
                y = y.f_add(&rows.f_linear(up, None::<&Tensor>)?.f_mul_scalar(*scale)?)?;
            }
        }
        Ok(y)
    }
}
