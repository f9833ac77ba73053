//! What networks have in common: masks, attention, activations, last tokens.

use tch::{Kind, TchError, Tensor};

use crate::usage::count_work;
use crate::values::Values;

/// A nonlinearity, by the name that transformers' configs give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// With the error function.
    Gelu,
    /// With the tanh approximation.
    GeluTanh,
    /// x · sigmoid(1.702 x).
    QuickGelu,
    /// max(0, x).
    Relu,
    /// x · sigmoid(x).
    Silu,
    /// tanh.
    Tanh,
    /// max(0.01 x, x).
    LeakyRelu,
}

impl Activation {
    /// The one of this name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "gelu" | "gelu_python" => Self::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" | "gelu_python_tanh" => Self::GeluTanh,
            "quick_gelu" => Self::QuickGelu,
            "relu" => Self::Relu,
            "silu" | "swish" => Self::Silu,
            "tanh" => Self::Tanh,
            "leaky_relu" | "leakyrelu" => Self::LeakyRelu,
            _ => return None,
        })
    }

    /// Applies it in place: what it is applied to is the largest tensor of a pass.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn apply(self, x: &mut Tensor) -> Result<(), TchError> {
        match self {
            Self::Gelu => x.f_gelu_("none").map(drop),
            Self::GeluTanh => x.f_gelu_("tanh").map(drop),
            Self::QuickGelu => {
                let gate = x.f_mul_scalar(1.702)?.f_sigmoid_()?;
                x.f_mul_(&gate).map(drop)
            }
            Self::Relu => x.f_relu_().map(drop),
            Self::Silu => x.f_silu_().map(drop),
            Self::Tanh => x.f_tanh_().map(drop),
            Self::LeakyRelu => x.f_leaky_relu_().map(drop),
        }
    }
}

/// `input_ids` [batch, sequence].
///
/// # Errors
/// When there are none.
pub fn ids(inputs: &Values) -> Result<&Tensor, TchError> {
    inputs.get("input_ids").ok_or_else(|| TchError::Kind("the probe has no input_ids".to_owned()))
}

/// `attention_mask` [batch, sequence] as float32; all ones where none is given.
///
/// # Errors
/// When there are no ids, or libtorch fails.
pub fn token_mask(inputs: &Values) -> Result<Tensor, TchError> {
    match inputs.get("attention_mask") {
        Some(mask) => mask.f_to_kind(Kind::Float),
        None => ids(inputs)?.f_ones_like()?.f_to_kind(Kind::Float),
    }
}

/// What is added to scores [batch, heads, queries, keys] so that padding is not attended:
/// [batch, 1, 1, sequence], 0 where attended and the lowest float where not.
///
/// # Errors
/// Whatever libtorch raises.
pub fn padding_bias(mask: &Tensor) -> Result<Tensor, TchError> {
    mask.f_rsub_scalar(1.0)?.f_mul_scalar(f64::from(f32::MIN))?.f_unsqueeze(1)?.f_unsqueeze(1)
}

/// The same where no token attends a later one, nor one that is `window` or more before it: for the last
/// `queries` of the tokens of the mask, [batch, 1, queries, sequence].
///
/// # Errors
/// Whatever libtorch raises.
pub fn causal_bias(mask: &Tensor, queries: i64, window: Option<i64>) -> Result<Tensor, TchError> {
    let sequence = mask.size().last().copied().unwrap_or(0);
    let mut seen = Tensor::f_ones([sequence, sequence], (Kind::Float, mask.device()))?.f_tril(0)?;
    if let Some(window) = window {
        seen = seen.f_triu(1 - window)?;
    }
    let seen = seen.f_narrow(0, sequence - queries, queries)?.f_mul(&mask.f_unsqueeze(1)?)?;
    seen.f_rsub_scalar(1.0)?.f_mul_scalar(f64::from(f32::MIN))?.f_unsqueeze(1)
}

/// How many tokens of the mask are before the first of `input_ids`: those whose keys and values an
/// adapter brings.
///
/// # Errors
/// When there are no ids.
pub fn before(inputs: &Values) -> Result<i64, TchError> {
    let length = |tensor: &Tensor| tensor.size().last().copied().unwrap_or(0);
    let ids = length(ids(inputs)?);
    Ok(inputs.get("attention_mask").map_or(0, |mask| (length(mask) - ids).max(0)))
}

/// How a width is divided among heads.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// Heads of queries.
    pub queries: i64,
    /// Heads of keys and values: each serves as many heads of queries.
    pub keys: i64,
    /// Numbers in each.
    pub width: i64,
}

impl Heads {
    /// As many of queries as of keys.
    pub const fn even(count: i64, width: i64) -> Self {
        Self { queries: count, keys: count, width }
    }

    /// [batch, sequence, heads · width] → [batch, heads, sequence, width].
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn split(self, x: &Tensor) -> Result<Tensor, TchError> {
        let size = x.size();
        x.f_reshape([size[0], size[1], -1, self.width])?.f_transpose(1, 2)
    }

    /// Scaled dot-product attention of queries, keys and values, each [batch, heads, sequence, width];
    /// gives [batch, sequence, heads · width]. Without a `scale` it is 1 / √width.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn attend(
        self,
        queries: &Tensor,
        keys: &Tensor,
        values: &Tensor,
        bias: Option<&Tensor>,
        scale: Option<f64>,
    ) -> Result<Tensor, TchError> {
        let size = queries.size();
        // Scores, and the values that they weigh.
        count_work(2 * queries.numel() as u64 * keys.size()[2].unsigned_abs());
        let shared = self.keys != self.queries;
        let context =
            Tensor::f_scaled_dot_product_attention(queries, keys, values, bias, 0.0, false, scale, shared)?;
        context.f_transpose(1, 2)?.f_reshape([size[0], size[2], -1])
    }
}

/// The root mean square norm: x / √(mean(x²) + epsilon) · weight, over the last dimension. Zhang and
/// Sennrich, "Root Mean Square Layer Normalization".
///
/// # Errors
/// Whatever libtorch raises.
pub fn rms_norm(x: &Tensor, weight: &Tensor, epsilon: f64) -> Result<Tensor, TchError> {
    let mut mean = x.f_square()?.f_mean_dim([-1i64].as_slice(), true, None::<Kind>)?;
    x.f_mul(&mean.f_add_scalar_(epsilon)?.f_rsqrt_()?)?.f_mul_(weight)
}

/// The row of `per_token` [batch, sequence, width] at the last token of each sequence that is not
/// padding: told by `padding`'s id where there is one, else by the mask.
///
/// # Errors
/// When there are no ids, or libtorch fails.
pub fn last_token(per_token: &Tensor, inputs: &Values, padding: Option<i64>) -> Result<Tensor, TchError> {
    let ids = ids(inputs)?;
    let real = match padding {
        Some(padding) => ids.f_ne(padding)?,
        None => token_mask(inputs)?.f_narrow(1, before(inputs)?, ids.size()[1])?.f_ne(0)?,
    };
    let positions = Tensor::f_arange(ids.size()[1], (Kind::Int64, ids.device()))?;
    let last = real.f_to_kind(Kind::Int64)?.f_mul(&positions)?.f_argmax(1, false)?;
    let rows = Tensor::f_arange(ids.size()[0], (Kind::Int64, ids.device()))?;
    per_token.f_index(&[Some(&rows), Some(&last)])
}

/// Positions 0, 1, … [sequence] int64, or those that the inputs give; what is before the tokens counts.
///
/// # Errors
/// When there are no ids, or libtorch fails.
pub fn positions(inputs: &Values) -> Result<Tensor, TchError> {
    match inputs.get("position_ids") {
        Some(positions) => Ok(positions.shallow_clone()),
        None => {
            let (ids, first) = (ids(inputs)?, before(inputs)?);
            let last = first + ids.size().last().copied().unwrap_or(0);
            Tensor::f_arange_start(first, last, (Kind::Int64, ids.device()))
        }
    }
}
