//! What adapters do to each parameter of the backbone, measured from their weights.
//!
//! Several adapters on one parameter are one change of it: what the composition computes with, less
//! what the backbone has. Low-rank changes are never multiplied out: with B = QR and Aᵀ = PS, the
//! singular values of BA are those of the small matrix RSᵀ.

use std::collections::BTreeMap;

use cambium::domain::smoke::Update as Figures;
use tch::{Kind, TchError, Tensor};

use crate::adapter::{Adapter, Update};
use crate::load::Tensors;
use crate::values::norm;
use crate::weights::Weights;

/// The most multiplications that are spent on singular values of low-rank changes, and again on those
/// of other matrices: a second or so. Beyond it no change of that sort gets an effective rank.
const MOST_WORK: f64 = 4e9;

/// What is done to one parameter.
#[derive(Default)]
struct Change<'a> {
    /// What stands in for it.
    replaced: Option<&'a Tensor>,
    /// What is computed beside it, in order.
    updates: Vec<&'a Update>,
}

/// What adapters do to each parameter, in the order of the parameters' paths. A change that is no
/// finite number is left out: its weights, or what it gives, are refused elsewhere.
///
/// # Errors
/// When libtorch fails.
pub fn measure(weights: &Weights, adapters: &[Adapter]) -> Result<Vec<Figures>, TchError> {
    let network = weights.all();
    let changes = changes(network, adapters);
    let (mut low_rank, mut dense) = (0.0, 0.0);
    for (path, change) in &changes {
        match change.factors() {
            Some(factors) => low_rank += factors.work(),
            None => dense += dense_work(&network[path]),
        }
    }
    let mut all = vec![];
    for (path, change) in &changes {
        let weight = &network[path];
        let measured = match change.factors() {
            Some(factors) => factors.measure(low_rank <= MOST_WORK)?,
            None => measure_dense(&change.applied(path, weight)?, dense <= MOST_WORK)?,
        };
        let whole = weights.norm(path)?.unwrap_or(f64::NAN);
        if measured.norm.is_finite() && whole.is_finite() {
            all.push(Figures {
                parameter: path.clone(),
                norm: measured.norm,
                relative_norm: (whole > 0.0).then(|| measured.norm / whole),
                effective_rank: measured.effective_rank,
                rank_bound: change.rank_bound(weight),
            });
        }
    }
    Ok(all)
}

/// The changes by the path of the parameter, of parameters that the network has.
fn changes<'a>(network: &Tensors, adapters: &'a [Adapter]) -> BTreeMap<String, Change<'a>> {
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for adapter in adapters {
        for (path, tensor) in &adapter.replaced {
            // A classifier of other labels is a new one and no change.
            if network.get(path).is_some_and(|own| own.size() == tensor.size()) {
                changes.entry(path.clone()).or_default().replaced = Some(tensor);
            }
        }
        for (module, update) in &adapter.updates {
            let bias = matches!(update, Update::LowRank { bias: Some(_), .. } | Update::ScaleOutput(_));
            for (name, touched) in [("weight", true), ("bias", bias)] {
                let path = format!("{module}.{name}");
                if touched && network.contains_key(&path) {
                    changes.entry(path).or_default().updates.push(update);
                }
            }
        }
    }
    changes
}

impl<'a> Change<'a> {
    /// The factors of a change that is low-rank and nothing else.
    fn factors(&self) -> Option<Factors<'a>> {
        let pair = |update: &&'a Update| match update {
            Update::LowRank { down, up, scale, magnitude: None, .. }
            | Update::LowRankRows { down, up, scale } => Some((down, up, *scale)),
            Update::LowRank { .. } | Update::ScaleInput(_) | Update::ScaleOutput(_) => None,
        };
        let pairs: Option<Vec<_>> = self.updates.iter().map(pair).collect();
        pairs.filter(|pairs| self.replaced.is_none() && !pairs.is_empty()).map(Factors)
    }

    fn rank_bound(&self, weight: &Tensor) -> Option<u64> {
        let rank: i64 = self.factors()?.0.iter().map(|(down, _, _)| rows(down)).sum();
        let most = weight.size().into_iter().min()?;
        (weight.dim() == 2).then(|| u64::try_from(rank.min(most)).ok())?
    }

    /// The change itself, in float32: what the network computes with, less what it has.
    fn applied(&self, path: &str, weight: &Tensor) -> Result<Tensor, TchError> {
        let is_bias = path.ends_with(".bias");
        let mut now = self.replaced.unwrap_or(weight).shallow_clone();
        for update in &self.updates {
            match update {
                Update::LowRank { bias: Some(bias), scale, magnitude, .. } if is_bias => {
                    let added = bias.f_mul_scalar(*scale)?;
                    now = now
                        .f_add(&magnitude.as_ref().map_or(Ok(added.shallow_clone()), |m| added.f_mul(m))?)?;
                }
                Update::ScaleOutput(factors) if is_bias => now = now.f_mul(factors)?,
                _ if is_bias => {}
                Update::LowRank { down, up, scale, magnitude, .. } => {
                    let added = up.f_matmul(down)?.f_mul_scalar(*scale)?;
                    now = match magnitude {
                        None => now.f_add(&added)?,
                        Some(magnitude) => {
                            let grown = weight.f_add(&added)?.f_mul(&magnitude.f_unsqueeze(1)?)?;
                            now.f_add(&grown.f_sub(weight)?)?
                        }
                    };
                }
                Update::LowRankRows { down, up, scale } => {
                    now = now.f_add(&up.f_matmul(down)?.f_transpose(0, 1)?.f_mul_scalar(*scale)?)?;
                }
                Update::ScaleOutput(factors) => now = now.f_mul(&factors.f_unsqueeze(1)?)?,
                Update::ScaleInput(_) => {}
            }
        }
        // The input is scaled before anything else sees it, whatever the order.
        for update in &self.updates {
            if let (Update::ScaleInput(factors), false) = (update, is_bias) {
                now = now.f_mul(factors)?;
            }
        }
        now.f_sub(weight)
    }
}

/// What was measured of a change.
struct Measured {
    norm: f64,
    effective_rank: Option<f64>,
}

/// Pairs of A \[r, in\] and B \[out, r\] with their scale.
struct Factors<'a>(Vec<(&'a Tensor, &'a Tensor, f64)>);

impl Factors<'_> {
    /// Multiplications for its singular values.
    fn work(&self) -> f64 {
        let rank: f64 = self.0.iter().map(|(down, _, _)| rows(down) as f64).sum();
        let sides = self.0.first().map_or(0, |(down, up, _)| down.size()[1] + up.size()[0]);
        rank * rank * (sides as f64 + 10.0 * rank)
    }

    fn measure(&self, rank_too: bool) -> Result<Measured, TchError> {
        let (mut downs, mut ups) = (vec![], vec![]);
        for (down, up, scale) in &self.0 {
            downs.push(down.f_to_kind(Kind::Double)?);
            ups.push(up.f_to_kind(Kind::Double)?.f_mul_scalar(*scale)?);
        }
        let (down, up) = (Tensor::f_cat(&downs, 0)?, Tensor::f_cat(&ups, 1)?);
        if !rank_too {
            // The norm alone needs no singular values: ‖BA‖² is the sum of BᵀB ∘ AAᵀ.
            let (left, right) =
                (up.f_transpose(0, 1)?.f_matmul(&up)?, down.f_matmul(&down.f_transpose(0, 1)?)?);
            let square = left.f_mul(&right)?.f_sum(Kind::Double)?.f_double_value(&[])?;
            return Ok(Measured { norm: square.max(0.0).sqrt(), effective_rank: None });
        }
        let (_, left) = Tensor::f_linalg_qr(&up, "r")?;
        let (_, right) = Tensor::f_linalg_qr(&down.f_transpose(0, 1)?, "r")?;
        let core = left.f_matmul(&right.f_transpose(0, 1)?)?;
        let norm = norm(&core)?;
        // Singular values of what is not finite are an error.
        let values = if norm.is_finite() { numbers(&core.f_svd(true, false)?.1)? } else { vec![] };
        Ok(Measured { norm, effective_rank: effective_rank(&values) })
    }
}

fn dense_work(weight: &Tensor) -> f64 {
    let size = weight.size();
    let least = size.iter().copied().min().unwrap_or(0) as f64;
    if size.len() == 2 { weight.numel() as f64 * least } else { 0.0 }
}

/// Norm and effective rank of any change; the latter by the eigenvalues of the smaller Gram matrix.
fn measure_dense(change: &Tensor, rank_too: bool) -> Result<Measured, TchError> {
    let norm = norm(change)?;
    if !rank_too || change.dim() != 2 || !norm.is_finite() {
        return Ok(Measured { norm, effective_rank: None });
    }
    let wide = change.f_to_kind(Kind::Double)?;
    let wide = if wide.size()[0] > wide.size()[1] { wide.f_transpose(0, 1)? } else { wide };
    let squares = numbers(&wide.f_matmul(&wide.f_transpose(0, 1)?)?.f_linalg_eigvalsh("L")?)?;
    // Rounding leaves nought a little beside it, on either side.
    let nought = squares.iter().copied().fold(0.0, f64::max) * 1e-14;
    let values = squares.into_iter().map(|square| if square > nought { square.sqrt() } else { 0.0 });
    Ok(Measured { norm, effective_rank: effective_rank(&values.collect::<Vec<f64>>()) })
}

/// exp of the entropy of singular values taken as shares of their sum (Roy and Vetterli, 2007). None
/// for a change of nothing.
fn effective_rank(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().sum();
    let shares = values.iter().map(|value| value / sum).filter(|share| *share > 0.0);
    let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
    (sum > 0.0 && sum.is_finite()).then(|| entropy.exp())
}

fn rows(tensor: &Tensor) -> i64 {
    tensor.size().first().copied().unwrap_or(0)
}

fn numbers(tensor: &Tensor) -> Result<Vec<f64>, TchError> {
    Vec::try_from(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: i64, values: &[f64]) -> Tensor {
        Tensor::from_slice(values).view([rows, -1]).to_kind(Kind::Float)
    }

    fn measured(network: &[(&str, Tensor)], adapters: &[Adapter]) -> Vec<Figures> {
        let network = network.iter().map(|(path, tensor)| ((*path).to_owned(), tensor.shallow_clone()));
        measure(&Weights::new(network.collect(), u64::MAX), adapters).unwrap()
    }

    fn on(path: &str, updates: Vec<Update>) -> Adapter {
        let updates = updates.into_iter().map(|update| (path.to_owned(), update)).collect();
        Adapter { updates, ..Adapter::default() }
    }

    fn low_rank(down: Tensor, up: Tensor, scale: f64) -> Update {
        Update::LowRank { down, up, bias: None, scale, magnitude: None }
    }

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// A change of 3 and 4 along two axes.
    fn two_axes() -> Update {
        low_rank(matrix(2, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]), matrix(3, &[1.5, 0.0, 0.0, 2.0, 0.0, 0.0]), 2.0)
    }

    #[test]
    fn a_low_rank_change_has_its_norm_and_the_entropy_of_its_singular_values() {
        let found = measured(
            &[("l.weight", Tensor::ones([3, 3], (Kind::Float, tch::Device::Cpu)))],
            &[on("l", vec![two_axes()])],
        );
        assert_eq!((found.len(), found[0].parameter.as_str(), found[0].rank_bound), (1, "l.weight", Some(2)));
        close(Some(found[0].norm), 5.0);
        close(found[0].relative_norm, 5.0 / 3.0);
        let shares = [3.0 / 7.0, 4.0 / 7.0_f64];
        close(found[0].effective_rank, shares.iter().map(|share| -share * share.ln()).sum::<f64>().exp());
    }

    #[test]
    fn low_rank_and_dense_ways_agree_and_so_do_cheap_and_full_norms() {
        tch::manual_seed(3);
        let options = (Kind::Float, tch::Device::Cpu);
        let (down, up) = (Tensor::randn([4, 20], options), Tensor::randn([12, 4], options));
        let update = low_rank(down.shallow_clone(), up.shallow_clone(), 0.5);
        let change = Change { replaced: None, updates: vec![&update] };
        let weight = Tensor::randn([12, 20], options);
        let (full, cheap) =
            (change.factors().unwrap().measure(true), change.factors().unwrap().measure(false));
        let dense = measure_dense(&change.applied("l.weight", &weight).unwrap(), true).unwrap();
        let full = full.unwrap();
        assert!((full.norm - dense.norm).abs() < 1e-4 && (full.norm - cheap.unwrap().norm).abs() < 1e-9);
        assert!((full.effective_rank.unwrap() - dense.effective_rank.unwrap()).abs() < 1e-3);
    }

    #[test]
    fn several_adapters_on_one_parameter_are_one_change() {
        let network = [("l.weight", matrix(3, &[1.0; 9])), ("l.bias", matrix(1, &[1.0, 2.0, 2.0]).view([3]))];
        // The same twice is twice the change, of no larger rank.
        let twice = measured(&network, &[on("l", vec![two_axes()]), on("l", vec![two_axes()])]);
        close(Some(twice[0].norm), 10.0);
        assert_eq!(twice[0].rank_bound, Some(3));
        // The opposite takes it back.
        let Update::LowRank { down, up, .. } = two_axes() else { unreachable!() };
        let none = measured(&network, &[on("l", vec![two_axes(), low_rank(down, up, -2.0)])]);
        assert!(none[0].norm < 1e-9);
        // Doubling outputs doubles weight and bias, also what was put on before.
        let factors = || Update::ScaleOutput(matrix(1, &[2.0; 3]).view([3]));
        let both = measured(&network, &[on("l", vec![two_axes(), factors()])]);
        assert_eq!(both.iter().map(|one| one.parameter.as_str()).collect::<Vec<_>>(), ["l.bias", "l.weight"]);
        close(both[0].relative_norm, 1.0);
        // 2(W + D) - W = W + 2D: ones, with 6 and 8 more on the diagonal.
        close(Some(both[1].norm), (7.0 + 49.0 + 81.0_f64).sqrt());
        assert_eq!((both[1].rank_bound, both[0].effective_rank), (None, None));
    }

    #[test]
    fn a_parameter_of_the_adapters_own_changes_the_one_it_stands_in_for() {
        let network = [("c.weight", matrix(2, &[0.0; 4])), ("p.weight", matrix(2, &[1.0, 0.0, 0.0, 1.0]))];
        let replaced = [
            ("c.weight", matrix(3, &[1.0; 6])),
            ("p.weight", matrix(2, &[1.0, 0.0, 0.0, 3.0])),
            ("n.weight", matrix(1, &[1.0])),
        ];
        let replaced = replaced.into_iter().map(|(path, tensor)| (path.to_owned(), tensor)).collect();
        let found = measured(&network, &[Adapter { replaced, ..Adapter::default() }]);
        assert_eq!((found.len(), found[0].parameter.as_str(), found[0].rank_bound), (1, "p.weight", None));
        close(Some(found[0].norm), 2.0);
        close(found[0].effective_rank, 1.0);
        let replaced = vec![("c.weight".to_owned(), matrix(2, &[3.0, 0.0, 0.0, 4.0]))];
        let of_nought = measured(&network, &[Adapter { replaced, ..Adapter::default() }]);
        assert_eq!((of_nought[0].norm, of_nought[0].relative_norm), (5.0, None));
    }

    #[test]
    fn no_change_has_no_rank_and_what_is_not_finite_no_figures() {
        let network = [("l.weight", matrix(3, &[1.0; 9]))];
        let nothing = low_rank(matrix(1, &[1.0; 3]), matrix(3, &[0.0; 3]), 1.0);
        let found = measured(&network, &[on("l", vec![nothing])]);
        assert_eq!((found[0].norm, found[0].relative_norm, found[0].effective_rank), (0.0, Some(0.0), None));
        for scale in [f64::INFINITY, f64::NAN, 1e200] {
            let Update::LowRank { down, up, .. } = two_axes() else { unreachable!() };
            assert_eq!(measured(&network, &[on("l", vec![low_rank(down, up, scale)])]), []);
        }
    }
}
