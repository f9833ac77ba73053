//! Which parameters a network has, and of which shapes.

use cambium::domain::finding::{Finding, excerpt};
use tch::Tensor;

use crate::load::Tensors;

/// Parameters by path with their shapes, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Shapes(pub Vec<(String, Vec<i64>)>);

impl Shapes {
    /// One tensor.
    pub fn tensor(&mut self, path: impl Into<String>, shape: &[i64]) {
        self.0.push((path.into(), shape.to_vec()));
    }

    /// `weight` [out, in] and, where `bias`, `bias` [out].
    pub fn linear(&mut self, path: &str, out: i64, inner: i64, bias: bool) {
        self.tensor(format!("{path}.weight"), &[out, inner]);
        if bias {
            self.tensor(format!("{path}.bias"), &[out]);
        }
    }

    /// `weight` and `bias` [width].
    pub fn norm(&mut self, path: &str, width: i64) {
        self.tensor(format!("{path}.weight"), &[width]);
        self.tensor(format!("{path}.bias"), &[width]);
    }

    /// `weight` [width].
    pub fn scale(&mut self, path: &str, width: i64) {
        self.tensor(format!("{path}.weight"), &[width]);
    }

    /// `weight` [rows, columns].
    pub fn table(&mut self, path: &str, rows: i64, columns: i64) {
        self.tensor(format!("{path}.weight"), &[rows, columns]);
    }

    /// A last layer onto any number of labels: as many as its weight has rows.
    pub fn labels(&mut self, named: &Tensors, path: &str, inner: i64, bias: bool) {
        let rows = named.get(&format!("{path}.weight")).and_then(|weight| weight.size().first().copied());
        let rows =
            rows.or_else(|| named.get(&format!("{path}.bias")).and_then(|bias| bias.size().first().copied()));
        if let Some(rows) = rows {
            self.linear(path, rows, inner, bias);
        }
    }
}

/// Whether a parameter's path begins with this module.
pub fn has(named: &Tensors, module: &str) -> bool {
    let next = named.range(format!("{module}.")..).next();
    next.is_some_and(|(name, _)| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')))
}

/// The finding about a parameter of the wrong shape.
pub fn misshapen(name: &str, tensor: &Tensor, expected: &[i64]) -> Finding {
    Finding::error(
        "shape_mismatch",
        name,
        format!("`{}` has shape {:?} where {expected:?} is needed.", excerpt(name), tensor.size()),
        "Use weights that were made for this network, or correct the sizes in the config.",
    )
    .with_change(expected.to_vec(), tensor.size())
}
