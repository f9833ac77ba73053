//! VeRA: Kopiczko et al., "VeRA: Vector-based Random Matrix Adaptation". All modules share two random
//! matrices, of which each takes as much as it needs, and learn factors for their rows.

use std::collections::BTreeMap;

use cambium::domain::peft::{PeftConfig, Role};
use tch::{Device, Kind, TchError, Tensor};

use super::{Fit, Roles, matrix, missing_keys};
use crate::adapter::Update;
use crate::device;
use crate::nets::{Net, misshapen};
use crate::outcome::from_torch;

/// The matrices that all modules share.
#[derive(Debug)]
pub(super) struct Shared {
    /// A, \[r, widest in\].
    down: Tensor,
    /// B, \[widest out, r\].
    up: Tensor,
}

impl Shared {
    /// The matrices as PEFT draws them from their key: the rank and the largest sizes of the targets give
    /// the shapes, and both come from one generator, A first.
    fn drawn(key: u64, rank: i64, out: i64, inner: i64) -> Result<Self, TchError> {
        tch::manual_seed(i64::from_ne_bytes(key.to_ne_bytes()));
        // Kaiming's uniform initialisation for a ReLU: what is summed has a variance of 2.
        let draw = |shape: [i64; 2]| {
            let bound = 3f64.sqrt() * 2f64.sqrt() / (shape[1] as f64).sqrt();
            device::there(&Tensor::f_empty(shape, (Kind::Float, Device::Cpu))?.f_uniform_(-bound, bound)?)
        };
        Ok(Self { down: draw([rank, inner])?, up: draw([out, rank])? })
    }

    /// The update of one weight \[out, in\]: rows of A times `d` \[r\], rows of B times `b` \[out\].
    pub(super) fn update(&self, d: &Tensor, b: &Tensor, weight: &Tensor) -> Result<Update, TchError> {
        let size = weight.size();
        let down = self.down.f_narrow(1, 0, size[1])?.f_mul(&d.f_unsqueeze(1)?)?;
        let up = self.up.f_narrow(0, 0, size[0])?.f_mul(&b.f_unsqueeze(1)?)?;
        Ok(Update::LowRank { down, up, bias: None, scale: 1.0, magnitude: None })
    }
}

impl Fit {
    /// The matrices, stored or drawn anew; `None` with findings where there are none.
    pub(super) fn shared(
        &mut self,
        config: &PeftConfig,
        whole: &Roles,
        modules: &BTreeMap<&str, Roles>,
        net: &Net,
        called: &str,
    ) -> Option<Shared> {
        if !config.is_vera() {
            return None;
        }
        let targets = modules.iter().filter(|(_, roles)| roles.contains_key(&Role::LambdaD));
        let sizes = targets.filter_map(|(module, _)| Some(matrix(net, module)?.size()));
        let (out, inner) = sizes.fold((1, 1), |(out, inner), size| (out.max(size[0]), inner.max(size[1])));
        // What the file has bounds the rank: the config alone could ask for any size.
        let longest = modules.values().filter_map(|roles| roles.get(&Role::LambdaD)).map(|(_, d)| d.numel());
        let longest = i64::try_from(longest.max().unwrap_or(0)).unwrap_or(0);
        let rank = i64::try_from(config.r).unwrap_or(i64::MAX).min(longest);
        let read = |role: Role| whole.get(&role).filter(|_| config.save_projection);
        let shared = match (read(Role::SharedA), read(Role::SharedB)) {
            _ if !config.save_projection => Shared::drawn(config.projection_prng_key, rank, out, inner),
            (Some((name, down)), Some((other, up))) => {
                for (name, tensor, expected) in [(name, down, [rank, inner]), (other, up, [out, rank])] {
                    if tensor.size() != expected {
                        self.findings.push(misshapen(name, tensor, &expected));
                        return None;
                    }
                }
                let float = |tensor: &Tensor| tensor.f_to_kind(Kind::Float);
                float(down).and_then(|down| Ok(Shared { down, up: float(up)? }))
            }
            (down, _) => {
                let absent =
                    if down.is_some() { "base_model.vera_B" } else { "base_model.vera_A" }.to_owned();
                let why = "`save_projection` is set";
                self.findings.push(missing_keys(called, std::slice::from_ref(&absent), why));
                self.missing.push(absent);
                return None;
            }
        };
        self.consumed += whole.len();
        shared.map_err(|error| self.findings.push(from_torch(called, &error))).ok()
    }
}
