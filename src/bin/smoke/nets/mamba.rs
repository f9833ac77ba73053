//! Mamba: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces".

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::heads::{CAUSAL_HEADS, CausalHeads};
use super::parts::{self, Activation};
use super::{Family, NoFamily, Shapes, Takes, activation, fields, sane};
use crate::load::Tensors;
use crate::parameters::Parameters;
use crate::values::Values;

#[derive(Debug, Deserialize)]
struct Config {
    vocab_size: i64,
    hidden_size: i64,
    num_hidden_layers: i64,
    #[serde(default)]
    intermediate_size: Option<i64>,
    #[serde(default = "two")]
    expand: i64,
    #[serde(default = "sixteen")]
    state_size: i64,
    #[serde(default = "four")]
    conv_kernel: i64,
    /// A number, or `auto`.
    #[serde(default)]
    time_step_rank: Value,
    #[serde(default)]
    use_bias: bool,
    #[serde(default = "yes")]
    use_conv_bias: bool,
    #[serde(default = "silu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_epsilon: f64,
}

const fn two() -> i64 {
    2
}

const fn sixteen() -> i64 {
    16
}

const fn four() -> i64 {
    4
}

const fn yes() -> bool {
    true
}

fn silu() -> String {
    "silu".to_owned()
}

const fn epsilon() -> f64 {
    1e-5
}

#[derive(Debug)]
struct Mamba {
    config: Config,
    inner: i64,
    rank: i64,
    activation: Activation,
    outputs: CausalHeads,
}

/// A Mamba as its config describes it.
///
/// # Errors
/// Why it cannot be run.
pub fn read(config: &Value) -> Result<Box<dyn Family>, NoFamily> {
    let outputs = CausalHeads::of(config, "lm_head", false, true);
    let config: Config = fields(config)?;
    let inner = config.intermediate_size.unwrap_or_else(|| config.expand.saturating_mul(config.hidden_size));
    let rank = config.time_step_rank.as_i64().unwrap_or_else(|| (config.hidden_size + 15) / 16);
    sane(
        config.num_hidden_layers,
        &[
            ("vocab_size", config.vocab_size),
            ("hidden_size", config.hidden_size),
            ("intermediate_size", inner),
            ("state_size", config.state_size),
            ("conv_kernel", config.conv_kernel),
            ("time_step_rank", rank),
        ],
    )?;
    let activation = activation(&config.hidden_act)?;
    Ok(Box::new(Mamba { config, inner, rank, activation, outputs }))
}

impl Family for Mamba {
    fn takes(&self) -> Takes {
        Takes::Tokens { vocabulary: self.config.vocab_size, positions: None }
    }

    fn prefix(&self) -> &'static str {
        "backbone"
    }

    fn shapes(&self, _named: &Tensors) -> Shapes {
        let (hidden, inner, state) = (self.config.hidden_size, self.inner, self.config.state_size);
        let mut shapes = Shapes::default();
        shapes.table("embeddings", self.config.vocab_size, hidden);
        for layer in 0..self.config.num_hidden_layers {
            let at = |rest: &str| format!("layers.{layer}.{rest}");
            shapes.scale(&at("norm"), hidden);
            shapes.tensor(at("mixer.A_log"), &[inner, state]);
            shapes.tensor(at("mixer.D"), &[inner]);
            shapes.tensor(at("mixer.conv1d.weight"), &[inner, 1, self.config.conv_kernel]);
            if self.config.use_conv_bias {
                shapes.tensor(at("mixer.conv1d.bias"), &[inner]);
            }
            shapes.linear(&at("mixer.in_proj"), 2 * inner, hidden, self.config.use_bias);
            shapes.linear(&at("mixer.x_proj"), self.rank + 2 * state, inner, false);
            shapes.linear(&at("mixer.dt_proj"), inner, self.rank, true);
            shapes.linear(&at("mixer.out_proj"), hidden, inner, self.config.use_bias);
        }
        shapes.scale("norm_f", hidden);
        shapes
    }

    fn heads(&self, named: &Tensors) -> Shapes {
        self.outputs.shapes(named, self.config.hidden_size, self.config.vocab_size)
    }

    fn head_names(&self) -> &'static [&'static str] {
        CAUSAL_HEADS
    }

    /// The name of the table in the first checkpoints.
    fn rename(&self, name: &str) -> Option<String> {
        (name == "embedding.weight").then(|| "embeddings.weight".to_owned())
    }

    fn tied(&self) -> Option<(&'static str, &'static str)> {
        self.outputs.tied("lm_head.weight", "embeddings.weight")
    }

    fn forward(&self, parameters: &Parameters, inputs: &Values) -> Result<Values, TchError> {
        let mask = parts::token_mask(inputs)?.f_unsqueeze(-1)?;
        let mut hidden = parameters.embedding("embeddings", parts::ids(inputs)?)?;
        for layer in 0..self.config.num_hidden_layers {
            let path = format!("layers.{layer}");
            let normed = self.norm(parameters, &format!("{path}.norm"), &hidden)?;
            hidden = self.mix(parameters, &format!("{path}.mixer"), &normed, &mask)?.f_add(&hidden)?;
        }
        hidden = self.norm(parameters, "norm_f", &hidden)?;
        self.outputs.outputs(parameters, hidden, inputs)
    }
}

impl Mamba {
    fn norm(&self, parameters: &Parameters, path: &str, x: &Tensor) -> Result<Tensor, TchError> {
        parts::rms_norm(x, &parameters.get(&format!("{path}.weight"))?, self.config.layer_norm_epsilon)
    }

    /// [batch, sequence, hidden] → the same. Padding is set to 0 before and after the convolution.
    fn mix(
        &self,
        parameters: &Parameters,
        path: &str,
        x: &Tensor,
        mask: &Tensor,
    ) -> Result<Tensor, TchError> {
        let at = |rest: &str| format!("{path}.{rest}");
        let length = x.size()[1];
        let both = parameters.linear(&at("in_proj"), &x.f_mul(mask)?)?.f_transpose(1, 2)?.f_chunk(2, 1)?;
        let (flow, gate) = (&both[0], &both[1]);
        let kernel = parameters.get(&at("conv1d.weight"))?;
        let bias = if self.config.use_conv_bias { Some(parameters.get(&at("conv1d.bias"))?) } else { None };
        let flow =
            flow.f_conv1d(&kernel, bias.as_ref(), [1], [self.config.conv_kernel - 1], [1], self.inner)?;
        let mut flow = flow.f_narrow(2, 0, length)?;
        self.activation.apply(&mut flow)?;
        let flow = flow.f_transpose(1, 2)?.f_mul(mask)?;
        let chosen = parameters.linear(&at("x_proj"), &flow)?;
        let step = chosen.f_narrow(-1, 0, self.rank)?;
        let into = chosen.f_narrow(-1, self.rank, self.config.state_size)?;
        let from = chosen.f_narrow(-1, self.rank + self.config.state_size, self.config.state_size)?;
        // Its weight is read and not called, so that what is attached to it does nothing: as transformers.
        let step = step
            .f_linear(&parameters.get(&at("dt_proj.weight"))?, Some(&parameters.get(&at("dt_proj.bias"))?))?
            .f_softplus()?;
        let scanned = self.scan(parameters, path, &flow, &step, &into, &from)?;
        let out = scanned.f_mul(&gate.f_transpose(1, 2)?.f_silu()?)?;
        parameters.linear(&at("out_proj"), &out)
    }

    /// The recurrence, one token after the other.
    fn scan(
        &self,
        parameters: &Parameters,
        path: &str,
        flow: &Tensor,
        step: &Tensor,
        into: &Tensor,
        from: &Tensor,
    ) -> Result<Tensor, TchError> {
        let decay = parameters.get(&format!("{path}.A_log"))?.f_exp()?.f_neg()?;
        let size = flow.size();
        let options = (Kind::Float, flow.device());
        let mut state = Tensor::f_zeros([size[0], self.inner, self.config.state_size], options)?;
        let mut outputs = Vec::new();
        for token in 0..size[1] {
            let at = |x: &Tensor| x.f_select(1, token);
            let step = at(step)?.f_unsqueeze(-1)?;
            let added = step.f_mul(&at(flow)?.f_unsqueeze(-1)?)?.f_mul(&at(into)?.f_unsqueeze(1)?)?;
            state = state.f_mul(&step.f_mul(&decay)?.f_exp()?)?.f_add(&added)?;
            outputs.push(state.f_matmul(&at(from)?.f_unsqueeze(-1)?)?.f_squeeze_dim(-1)?);
        }
        let seen = Tensor::f_stack(&outputs, 1)?;
        seen.f_add(&flow.f_mul(&parameters.get(&format!("{path}.D"))?)?)
    }
}
