//! What a network computes with in one pass: its weights, and the adapters on them.
//!
//! An adapter is put on without touching the weights it changes: updates are computed beside them, as the
//! PEFT library does before merging, and whole modules it brings stand in for the backbone's own.
//!
//! Several compositions can share a pass. Each has a *lane* then, as many rows of the batch as every other:
//! the weights are multiplied with all rows at once, and a lane's updates with its rows alone.

use std::rc::Rc;
use std::slice;

use tch::{Kind, TchError, Tensor};

use crate::adapter::{Attached, Prompt, Update};
use crate::device;
use crate::usage::count_work;
use crate::weights::Weights;

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

/// A network's parameters in one pass.
#[derive(Debug)]
pub struct Parameters<'a> {
    weights: &'a Weights,
    /// What is on the network, lane by lane; none where it is bare.
    lanes: &'a [Rc<Attached>],
    /// What is rounded to bfloat16.
    rounds: Rounding,
}

impl<'a> Parameters<'a> {
    /// The weights with what each lane puts on them. Where there are several lanes, each may
    /// [share](Attached::shares_with) the pass with every other.
    pub fn new(weights: &'a Weights, lanes: &'a [Rc<Attached>], rounds: Rounding) -> Self {
        Self { weights, lanes, rounds }
    }

    /// What is put in front of the input's tokens, which only a lane by itself can do.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.lanes.first().and_then(|lane| lane.prompt.as_ref())
    }

    /// Whether an adapter's classifier labels tokens.
    pub fn labels_tokens(&self) -> bool {
        self.lanes.first().is_some_and(|lane| lane.labels_tokens)
    }

    /// Whether there is a parameter at this path.
    pub fn has(&self, path: &str) -> bool {
        self.weights.all().contains_key(path)
            || self.lanes.iter().any(|lane| lane.replaced.contains_key(path))
    }

    /// The parameter at this path, in float32 whatever the file has.
    ///
    /// # Errors
    /// When there is none, when lanes have different ones, or libtorch fails.
    pub fn get(&self, path: &str) -> Result<Tensor, TchError> {
        self.find(path, self.lanes)?.ok_or_else(|| absent(path))
    }

    /// The parameter that these lanes have at this path, where there is one.
    fn find(&self, path: &str, lanes: &[Rc<Attached>]) -> Result<Option<Tensor>, TchError> {
        let brought = match lanes {
            [lane] => lane.replaced.get(path),
            _ if lanes.iter().any(|lane| lane.replaced.contains_key(path)) => {
                return Err(TchError::Kind(format!("compositions have a `{path}` of their own")));
            }
            _ => None,
        };
        let (float, narrow) = match brought {
            Some(tensor) => (Some(tensor.shallow_clone()), false),
            None => {
                let narrow = |tensor: &Tensor| tensor.kind() == Kind::BFloat16;
                (self.weights.float(path)?, self.weights.all().get(path).is_some_and(narrow))
            }
        };
        let rounds = self.rounds == Rounding::All || (self.rounds == Rounding::Adapters && brought.is_some());
        if rounds && !narrow { float.map(|float| self.round(float)).transpose() } else { Ok(float) }
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

    /// Computes `part` of each lane's rows of `x`, where a lane `differs`, or else of all at once.
    fn by_lane(
        &self,
        x: &[&Tensor],
        differs: impl Fn(&Attached) -> bool,
        part: impl Fn(&[Rc<Attached>], &[Tensor]) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        let lanes = self.lanes;
        let rows =
            |lane: usize, of: usize| x.iter().map(|x| rows(x, lane, of)).collect::<Result<Vec<_>, _>>();
        if lanes.len() < 2 || !lanes.iter().any(|lane| differs(lane)) {
            return part(lanes, &rows(0, 1)?);
        }
        let each = lanes.iter().enumerate();
        let each = each.map(|(number, lane)| part(slice::from_ref(lane), &rows(number, lanes.len())?));
        Tensor::f_cat(&each.collect::<Result<Vec<_>, _>>()?, 0)
    }

    /// The linear layer at `path` with what is attached to it: \[…, in\] → \[…, out\].
    ///
    /// # Errors
    /// When a parameter is missing, or libtorch fails.
    pub fn linear(&self, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias) = (format!("{path}.weight"), format!("{path}.bias"));
        let own = |lane: &Attached| lane.replaced.contains_key(&weight) || lane.replaced.contains_key(&bias);
        self.by_lane(&[x], own, |lanes, x| {
            let weight = self.find(&weight, lanes)?.ok_or_else(|| absent(&weight))?;
            self.affine(path, lanes, (weight, self.find(&bias, lanes)?), &x[0])
        })
    }

    /// A linear layer of these weights, which the lanes share, with what each attaches to it.
    fn affine(
        &self,
        path: &str,
        lanes: &[Rc<Attached>],
        (weight, bias): (Tensor, Option<Tensor>),
        x: &Tensor,
    ) -> Result<Tensor, TchError> {
        count_work(x.numel() as u64 * weight.size()[0].unsigned_abs());
        let updates: Vec<&[Update]> = lanes.iter().map(|lane| lane.updates(path)).collect();
        let mut x = self.round(x.shallow_clone())?;
        let scales = |update: &Update| matches!(update, Update::ScaleInput(_));
        if updates.iter().any(|updates| updates.iter().any(scales)) {
            x = x.f_add_scalar(0.0)?;
            for (lane, updates) in updates.iter().enumerate() {
                let mut rows = rows(&x, lane, lanes.len())?;
                for update in *updates {
                    if let Update::ScaleInput(factors) = update {
                        rows = rows.f_mul_(factors)?;
                    }
                }
            }
        }
        let y = x.f_linear(&weight, bias.as_ref())?;
        if let Some(alike) = Alike::of(&updates)? {
            self.update_alike(&alike, &x, &y)?;
            return self.round(y);
        }
        for (lane, updates) in updates.iter().enumerate().filter(|(_, updates)| !updates.is_empty()) {
            let own = |x: &Tensor| rows(x, lane, lanes.len());
            self.update(updates, &own(&x)?, own(&y)?, bias.as_ref())?;
        }
        self.round(y)
    }

    /// Changes `y`, which a linear layer with this bias gave for `x`, in its place.
    fn update(
        &self,
        updates: &[Update],
        x: &Tensor,
        mut y: Tensor,
        bias: Option<&Tensor>,
    ) -> Result<(), TchError> {
        // What the weight alone gives, which DoRA scales: apart, since `y` is added to in place.
        let scaled = |update: &Update| matches!(update, Update::LowRank { magnitude: Some(_), .. });
        let plain = match bias {
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
                Update::ScaleOutput(factors) => y = y.f_mul_(factors)?,
                Update::ScaleInput(_) | Update::LowRankRows { .. } => {}
            }
        }
        Ok(())
    }

    /// The same of all lanes in two products, the second of which adds to `y`: many small ones take longer to begin
    /// than to compute.
    fn update_alike(&self, alike: &Alike, x: &Tensor, y: &Tensor) -> Result<(), TchError> {
        let lanes = alike.scales.size()[0];
        let by_lane = |x: &Tensor| x.f_reshape([lanes, -1, x.size().last().copied().unwrap_or(0)]);
        let (down, up) = (self.round(alike.down.shallow_clone())?, self.round(alike.up.shallow_clone())?);
        let inner = self.round(by_lane(x)?.f_bmm(&down.f_transpose(1, 2)?)?)?.f_mul(&alike.scales)?;
        // What a product has just given is contiguous, so that this is a view of it.
        let mut y = y.f_view([lanes, -1, up.size()[1]])?;
        y.f_baddbmm_(&inner, &up.f_transpose(1, 2)?).map(drop)
    }

    /// The joint at `path`: the sum of a sublayer's `output` and what went `past` it, normed where the
    /// network has a `norm` there, with what is attached to it.
    ///
    /// # Errors
    /// When `norm` or libtorch fails.
    pub fn joint(
        &self,
        path: &str,
        output: Tensor,
        past: &Tensor,
        norm: &dyn Fn(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        let has = |lane: &Attached| lane.bottlenecks.contains_key(path);
        self.by_lane(&[&output, past], has, |lanes, x| {
            match lanes.first().and_then(|lane| lane.bottlenecks.get(path)) {
                Some(bottleneck) => bottleneck.join(&x[0], &x[1], norm),
                None => norm(&x[0].shallow_clone().f_add_(&x[1])?),
            }
        })
    }

    /// The layer norm at `path`, over the last dimension.
    ///
    /// # Errors
    /// When a parameter is missing, or libtorch fails.
    pub fn layer_norm(&self, path: &str, x: &Tensor, epsilon: f64) -> Result<Tensor, TchError> {
        let weight = self.get(&format!("{path}.weight"))?;
        let bias = self.find(&format!("{path}.bias"), self.lanes)?;
        x.f_layer_norm(weight.size(), Some(&weight), bias.as_ref(), epsilon, false)
    }

    /// The embedding at `path` with what is attached to it: ids \[…\] → \[…, columns\].
    ///
    /// # Errors
    /// When the parameter is missing, an id is out of range, or libtorch fails.
    pub fn embedding(&self, path: &str, ids: &Tensor) -> Result<Tensor, TchError> {
        let table = format!("{path}.weight");
        // Not lane by lane: ids may be positions, which all rows have in common.
        let lane = match self.lanes {
            [lane] => Some(lane),
            lanes if lanes.iter().any(|lane| lane.replaced.contains_key(&table) || lane.changes(path)) => {
                return Err(TchError::Kind(format!("compositions change `{path}`, each in its own way")));
            }
            _ => None,
        };
        // Rows are looked up before they are widened: a table is large.
        let look_up =
            |table: &Tensor| Tensor::f_embedding(table, ids, -1, false, false)?.f_to_kind(Kind::Float);
        let brought = lane.and_then(|lane| lane.replaced.get(&table));
        let own = brought.or_else(|| self.weights.all().get(&table)).ok_or_else(|| absent(&table))?;
        let mut y = look_up(own)?;
        for update in lane.map_or(&[][..], |lane| lane.updates(path)) {
            if let Update::LowRankRows { down, up, scale } = update {
                let rows = look_up(&down.f_transpose(0, 1)?)?;
                y = y.f_add(&rows.f_linear(up, None::<&Tensor>)?.f_mul_scalar(*scale)?)?;
            }
        }
        Ok(y)
    }
}

/// What lanes do to a module, where each adds a product of the same rank and nothing else.
struct Alike {
    /// A of each, \[lanes, r, in\].
    down: Tensor,
    /// B of each, \[lanes, out, r\].
    up: Tensor,
    /// \[lanes, 1, 1\].
    scales: Tensor,
}

impl Alike {
    fn of(lanes: &[&[Update]]) -> Result<Option<Self>, TchError> {
        let plain = |updates: &&[Update]| match updates {
            [Update::LowRank { down, up, bias: None, scale, magnitude: None }] => {
                Some((down.shallow_clone(), up.shallow_clone(), *scale as f32))
            }
            _ => None,
        };
        let Some(all) = lanes.iter().map(plain).collect::<Option<Vec<_>>>() else { return Ok(None) };
        if all.is_empty() || all.iter().any(|(down, ..)| down.size() != all[0].0.size()) {
            return Ok(None);
        }
        let scales: Vec<f32> = all.iter().map(|(_, _, scale)| *scale).collect();
        let (downs, ups): (Vec<Tensor>, Vec<Tensor>) =
            all.into_iter().map(|(down, up, _)| (down, up)).unzip();
        let scales = device::there(&Tensor::from_slice(&scales))?.f_reshape([-1, 1, 1])?;
        Ok(Some(Self { down: Tensor::f_stack(&downs, 0)?, up: Tensor::f_stack(&ups, 0)?, scales }))
    }
}

/// The rows of one of so many lanes.
pub fn rows(x: &Tensor, lane: usize, of: usize) -> Result<Tensor, TchError> {
    if of < 2 {
        return Ok(x.shallow_clone());
    }
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = x.size().first().copied().unwrap_or(0);
    if rows == 0 || rows % number(of) != 0 {
        return Err(TchError::Kind(format!("{rows} rows are not those of {of} compositions")));
    }
    let each = rows / number(of);
    x.f_narrow(0, each * number(lane), each)
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
