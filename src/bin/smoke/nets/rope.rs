//! Rotary position embeddings: Su et al., "RoFormer: Enhanced Transformer with Rotary Position
//! Embedding", in the layout of GPT-NeoX (the two halves of a head's numbers are rotated together).

use serde_json::Value;
use tch::{Kind, TchError, Tensor};

use super::NoFamily;

/// The most numbers of a head that are rotated; real heads have 64 to 256.
const WIDEST: i64 = 1 << 16;

/// How queries and keys are rotated.
#[derive(Debug, Clone)]
pub struct Rotary {
    /// Radians per position, for each pair of numbers.
    frequencies: Vec<f32>,
    /// What cosines and sines are multiplied by.
    factor: f64,
    /// How frequencies fall where sequences are longer than those that it was trained on.
    growth: Option<Growth>,
}

/// What the dynamic kind makes of long sequences: the base grows with them.
#[derive(Debug, Clone, Copy)]
struct Growth {
    theta: f64,
    factor: f64,
    /// The length that it was trained on.
    longest: f64,
}

/// Cosines and sines [batch or 1, 1, sequence, rotated width].
#[derive(Debug)]
pub struct Tables {
    cos: Tensor,
    sin: Tensor,
}

impl Rotary {
    /// Reads `rope_parameters`, or `rope_theta` and `rope_scaling` of older configs. `width` is that of
    /// a head; `part` the share of it that is rotated where the config does not say.
    ///
    /// # Errors
    /// When the config asks for a scaling that is not known.
    pub fn of(config: &Value, width: i64, part: f64) -> Result<Self, NoFamily> {
        let number = |object: &Value, field: &str| object.get(field).and_then(Value::as_f64);
        let set = |field: &str| config.get(field).filter(|value| value.is_object());
        let scaling = set("rope_parameters").or_else(|| set("rope_scaling")).unwrap_or(&Value::Null);
        let read = |field: &str| number(scaling, field).or_else(|| number(config, field));
        let theta = read("rope_theta").or_else(|| read("rotary_emb_base")).unwrap_or(10_000.0);
        let part = read("partial_rotary_factor").or_else(|| read("rotary_pct")).unwrap_or(part);
        #[expect(clippy::cast_possible_truncation, reason = "a width is small")]
        let rotated = (width as f64 * part) as i64;
        if !(2..=WIDEST).contains(&rotated) || rotated > width || rotated % 2 != 0 || theta <= 1.0 {
            return Err(NoFamily::Unsupported(format!("rotary embeddings of {rotated} numbers per head")));
        }
        let word = |field: &str| scaling.get(field).and_then(Value::as_str);
        let kind = word("rope_type").or_else(|| word("type")).unwrap_or("default");
        let turns = |pair: i64| theta.powf(-(2.0 * pair as f64) / rotated as f64);
        let plain: Vec<f64> = (0..rotated / 2).map(turns).collect();
        let need = |field: &str| {
            let missing = || NoFamily::Malformed(format!("rope scaling `{kind}` lacks {field}"));
            number(scaling, field).filter(|value| *value > 0.0).ok_or_else(missing)
        };
        let longest = number(config, "max_position_embeddings").unwrap_or(2048.0);
        let original = number(scaling, "original_max_position_embeddings").unwrap_or(longest);
        let (frequencies, factor) = match kind {
            "default" | "dynamic" => (plain, 1.0),
            "linear" => {
                let factor = need("factor")?;
                (plain.iter().map(|turn| turn / factor).collect(), 1.0)
            }
            "llama3" => {
                let (factor, low, high) =
                    (need("factor")?, need("low_freq_factor")?, need("high_freq_factor")?);
                (plain.iter().map(|turn| llama3(*turn, factor, low, high, original)).collect(), 1.0)
            }
            "yarn" => {
                let factor = need("factor")?;
                let (fast, slow) = (read("beta_fast").unwrap_or(32.0), read("beta_slow").unwrap_or(1.0));
                let scale = read("attention_factor").unwrap_or(0.1 * factor.ln() + 1.0);
                (yarn(&plain, theta, rotated, factor, (fast, slow), original), scale)
            }
            other => return Err(NoFamily::Unsupported(format!("rope scaling `{other}`"))),
        };
        #[expect(clippy::cast_possible_truncation, reason = "computed in float32, as transformers does")]
        let frequencies = frequencies.into_iter().map(|turn| turn as f32).collect();
        let growth = match kind {
            "dynamic" if rotated > 2 => Some(Growth { theta, factor: need("factor")?, longest }),
            _ => None,
        };
        Ok(Self { frequencies, factor, growth })
    }

    /// The longest sequence, where positions end: the dynamic kind takes any.
    pub const fn positions(&self, trained: i64) -> Option<i64> {
        if self.growth.is_some() { None } else { Some(trained) }
    }

    /// Cosines and sines for positions [sequence] or [batch, sequence].
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn tables(&self, positions: &Tensor) -> Result<Tables, TchError> {
        let length = match self.growth {
            Some(_) => positions.f_max()?.f_int64_value(&[])? + 1,
            None => 0,
        };
        let grown = self.growth.and_then(|growth| growth.frequencies(length, self.frequencies.len()));
        let turns = grown.as_ref().unwrap_or(&self.frequencies);
        let turns = Tensor::from_slice(turns).f_to_device(positions.device())?;
        let angles = positions.f_to_kind(Kind::Float)?.f_unsqueeze(-1)?.f_mul(&turns)?;
        let angles = Tensor::f_cat(&[&angles, &angles], -1)?;
        let angles = if angles.dim() == 2 { angles.f_unsqueeze(0)? } else { angles };
        let angles = angles.f_unsqueeze(1)?;
        Ok(Tables {
            cos: angles.f_cos()?.f_mul_scalar(self.factor)?,
            sin: angles.f_sin()?.f_mul_scalar(self.factor)?,
        })
    }
}

impl Growth {
    /// Radians per position of sequences of this length; `None` where it is no longer than trained.
    #[expect(clippy::cast_possible_truncation, reason = "computed in float32, as transformers does")]
    fn frequencies(self, length: i64, pairs: usize) -> Option<Vec<f32>> {
        let (length, rotated) = (length as f64, 2.0 * pairs as f64);
        if length <= self.longest {
            return None;
        }
        let grown = (self.factor * length / self.longest) - (self.factor - 1.0);
        let theta = self.theta * grown.powf(rotated / (rotated - 2.0));
        Some((0..pairs).map(|pair| theta.powf(-(2.0 * pair as f64) / rotated) as f32).collect())
    }
}

impl Tables {
    /// Rotates [batch, heads, sequence, width]; numbers beyond the rotated width stay.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn rotate(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (width, rotated) = (last(x), last(&self.cos));
        let turning = x.f_narrow(-1, 0, rotated)?;
        let half = rotated / 2;
        let (first, second) = (turning.f_narrow(-1, 0, half)?, turning.f_narrow(-1, half, half)?);
        let across = Tensor::f_cat(&[&second.f_neg()?, &first], -1)?;
        let turned = turning.f_mul(&self.cos)?.f_add(&across.f_mul(&self.sin)?)?;
        if rotated == width {
            return Ok(turned);
        }
        Tensor::f_cat(&[&turned, &x.f_narrow(-1, rotated, width - rotated)?], -1)
    }
}

fn last(x: &Tensor) -> i64 {
    x.size().last().copied().unwrap_or(0)
}

/// Llama 3.1: slow turns are divided by the factor, quick ones stay, those between are blended.
fn llama3(turn: f64, factor: f64, low: f64, high: f64, original: f64) -> f64 {
    let wavelength = std::f64::consts::TAU / turn;
    if wavelength < original / high {
        turn
    } else if wavelength > original / low {
        turn / factor
    } else {
        let smooth = (original / wavelength - low) / (high - low);
        (1.0 - smooth) * turn / factor + smooth * turn
    }
}

/// Peng et al., "YaRN: Efficient Context Window Extension of Large Language Models".
fn yarn(
    plain: &[f64],
    theta: f64,
    rotated: i64,
    factor: f64,
    (fast, slow): (f64, f64),
    original: f64,
) -> Vec<f64> {
    let dimension = |rotations: f64| {
        rotated as f64 * (original / (rotations * std::f64::consts::TAU)).ln() / (2.0 * theta.ln())
    };
    let low = dimension(fast).floor().max(0.0);
    let high = dimension(slow).ceil().min(rotated as f64 - 1.0);
    let high = if (high - low).abs() < f64::EPSILON { low + 0.001 } else { high };
    let blend = |(pair, turn): (usize, &f64)| {
        let ramp = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
        turn / factor * ramp + turn * (1.0 - ramp)
    };
    plain.iter().enumerate().map(blend).collect()
}
