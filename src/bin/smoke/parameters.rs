//! A network's parameters, and the adapters on them.
//!
//! An adapter is put on without touching the parameters it changes: updates are computed beside them,
//! as the PEFT library does before merging, and whole modules it brings stand in for the backbone's own
//! until it is taken off.

use std::collections::BTreeMap;

use tch::{Kind, TchError, Tensor};

use crate::adapter::{Adapter, Prompt, Update};
use crate::bottleneck::Bottleneck;
use crate::load::{self, Tensors};
use crate::memory::Memory;
use crate::usage::count_work;

/// What is rounded to bfloat16 before it is computed with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rounding {
    /// Nothing.
    #[default]
    None,
    /// Activations, and what adapters brought.
    Adapters,
    /// Activations and all weights.
    All,
}

/// A network's parameters by path, and the adapters on them.
#[derive(Debug)]
pub struct Parameters {
    tensors: Tensors,
    updates: BTreeMap<String, Vec<Update>>,
    displaced: Vec<(String, Option<Tensor>)>,
    prompt: Option<Prompt>,
    bottlenecks: BTreeMap<String, Bottleneck>,
    /// The path of a parameter that is another one's tensor.
    tied: Option<String>,
    memory: Memory,
    /// What is rounded to bfloat16.
    pub rounds: Rounding,
    /// Whether the classifier labels tokens; an attached adapter may say so.
    pub labels_tokens: bool,
}

impl Parameters {
    /// Parameters without an adapter, held within `budget` bytes of memory where they can be.
    pub fn new(tensors: Tensors, budget: u64) -> Self {
        let memory = Memory::new(&tensors, budget);
        Self {
            tensors,
            updates: BTreeMap::new(),
            displaced: vec![],
            prompt: None,
            bottlenecks: BTreeMap::new(),
            tied: None,
            memory,
            rounds: Rounding::None,
            labels_tokens: false,
        }
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

    /// All of them less what is tied, which would only be seen twice.
    pub fn own(&self) -> impl Iterator<Item = (&String, &Tensor)> {
        self.tensors.iter().filter(|(path, _)| Some(*path) != self.tied.as_ref())
    }

    /// Whether an attached adapter changes more than it brings modules of its own.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty() || self.prompt.is_some() || !self.bottlenecks.is_empty()
    }

    /// What an attached adapter puts in front of the input's tokens.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// Whether there is a parameter at this path.
    pub fn has(&self, path: &str) -> bool {
        self.tensors.contains_key(path)
    }

    /// The parameter at this path, in float32 whatever the file has.
    ///
    /// # Errors
    /// When there is none, or libtorch fails.
    pub fn get(&self, path: &str) -> Result<Tensor, TchError> {
        self.find(path)?.ok_or_else(|| absent(path))
    }

    /// The same, where there is one.
    fn find(&self, path: &str) -> Result<Option<Tensor>, TchError> {
        let Some(tensor) = self.tensors.get(path) else { return Ok(None) };
        let float = self.memory.float(path, tensor)?;
        let brought = || self.displaced.iter().any(|(displaced, _)| displaced == path);
        let rounds = self.rounds == Rounding::All || (self.rounds == Rounding::Adapters && brought());
        if rounds && tensor.kind() != Kind::BFloat16 { self.round(float).map(Some) } else { Ok(Some(float)) }
    }

    /// The nearest numbers of bfloat16, where this network computes with them: what half precision does to
    /// the inputs and outputs of matrix products, which add up in float32 there too.
    fn round(&self, x: Tensor) -> Result<Tensor, TchError> {
        if self.rounds != Rounding::None && x.is_floating_point() {
            x.f_to_kind(Kind::BFloat16)?.f_to_kind(Kind::Float)
        } else {
            Ok(x)
        }
    }

    /// The names of parameters that hold a NaN or an infinity.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn non_finite(&self) -> Result<Vec<String>, TchError> {
        let mut bad = vec![];
        for (path, tensor) in self.own() {
            bad.extend(load::non_finite([(path, tensor)])?);
            self.memory.release(tensor);
        }
        Ok(bad)
    }

    /// How many numbers they are; what is tied counts once.
    pub fn count(&self) -> u64 {
        self.own().map(|(_, tensor)| tensor.numel() as u64).sum()
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
        self.bottlenecks.extend(adapter.bottlenecks);
        self.prompt = adapter.prompt.or_else(|| self.prompt.take());
        self.labels_tokens |= adapter.labels_tokens;
    }

    /// Takes every adapter off.
    pub fn detach_all(&mut self) {
        self.updates.clear();
        self.prompt = None;
        self.bottlenecks.clear();
        let displaced = std::mem::take(&mut self.displaced);
        self.put_back(displaced);
        self.labels_tokens = false;
    }

    /// Takes every adapter off but for the heads that one of them brought.
    pub fn leave_heads(&mut self, is_head: impl Fn(&str) -> bool) {
        self.updates.clear();
        self.prompt = None;
        self.bottlenecks.clear();
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
        let bias = self.find(&format!("{path}.bias"))?;
        let updates = self.updates.get(path).map_or(&[][..], Vec::as_slice);
        count_work(x.numel() as u64 * weight.size()[0].unsigned_abs());
        let mut x = self.round(x.shallow_clone())?;
        for update in updates {
            if let Update::ScaleInput(factors) = update {
                x = x.f_mul(factors)?;
            }
        }
        let mut y = x.f_linear(&weight, bias.as_ref())?;
        // What the weight alone gives, which DoRA scales: apart, since `y` is added to in place.
        let scaled = |update: &Update| matches!(update, Update::LowRank { magnitude: Some(_), .. });
        let plain = match &bias {
            _ if !updates.iter().any(scaled) => None,
            Some(bias) => Some(y.f_sub(bias)?),
            None => Some(y.f_add_scalar(0.0)?),
        };
        for update in updates {
            match update {
                Update::LowRank { down, up, bias, scale, magnitude } => {
                    let (down, up) = (self.round(down.shallow_clone())?, self.round(up.shallow_clone())?);
                    let inner = self.round(x.f_linear(&down, None::<&Tensor>)?)?;
                    let mut added = inner.f_linear(&up, bias.as_ref())?;
                    added = added.f_mul_scalar_(*scale)?;
                    if let (Some(magnitude), Some(plain)) = (magnitude, &plain) {
                        // Liu et al., "DoRA: Weight-Decomposed Low-Rank Adaptation", as PEFT computes it.
                        let grown = plain.f_mul(&magnitude.f_sub_scalar(1.0)?)?;
                        added = added.f_mul_(magnitude)?.f_add_(&grown)?;
                    }
                    y = y.f_add_(&added)?;
                }
                Update::ScaleOutput(factors) => y = y.f_mul(factors)?,
                Update::ScaleInput(_) | Update::LowRankRows { .. } => {}
            }
        }
        self.round(y)
    }

    /// The joint at `path`: the sum of a sublayer's `output` and what went `past` it, normed where the
    /// network has a `norm` there, with what is attached to it.
    ///
    /// # Errors
    /// When `norm` or libtorch fails.
    pub fn joint(
        &self,
        path: &str,
        mut output: Tensor,
        past: &Tensor,
        norm: &dyn Fn(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        match self.bottlenecks.get(path) {
            Some(bottleneck) => bottleneck.join(&output, past, norm),
            None => norm(&output.f_add_(past)?),
        }
    }

    /// The layer norm at `path`, over the last dimension.
    ///
    /// # Errors
    /// When a parameter is missing, or libtorch fails.
    pub fn layer_norm(&self, path: &str, x: &Tensor, epsilon: f64) -> Result<Tensor, TchError> {
        let weight = self.get(&format!("{path}.weight"))?;
        let bias = self.find(&format!("{path}.bias"))?;
        x.f_layer_norm(weight.size(), Some(&weight), bias.as_ref(), epsilon, false)
    }

    /// The embedding at `path` with what is attached to it: ids \[…\] → \[…, columns\].
    ///
    /// # Errors
    /// When the parameter is missing, an id is out of range, or libtorch fails.
    pub fn embedding(&self, path: &str, ids: &Tensor) -> Result<Tensor, TchError> {
        let table = format!("{path}.weight");
        let table = self.tensors.get(&table).ok_or_else(|| absent(&table))?;
        // Rows are looked up before they are widened: a table is large.
        let look_up =
            |table: &Tensor| Tensor::f_embedding(table, ids, -1, false, false)?.f_to_kind(Kind::Float);
        let mut y = look_up(table)?;
        for update in self.updates.get(path).into_iter().flatten() {
            if let Update::LowRankRows { down, up, scale } = update {
                let rows = look_up(&down.f_transpose(0, 1)?)?;
                y = y.f_add(&rows.f_linear(up, None::<&Tensor>)?.f_mul_scalar(*scale)?)?;
            }
        }
        Ok(y)
    }
}

fn absent(path: &str) -> TchError {
    TchError::Kind(format!("there is no parameter `{path}`"))
}

/// The norm of a joint that has none.
///
/// # Errors
/// Never.
pub fn unnormed(x: &Tensor) -> Result<Tensor, TchError> {
    Ok(x.shallow_clone())
}
