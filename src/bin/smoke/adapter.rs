//! What adapters do to a network, ready to be put on its [`Parameters`](crate::parameters::Parameters).

use tch::{TchError, Tensor};

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
