//! What the tensors of one module come to.

use std::collections::BTreeMap;

use cambium::domain::finding::Finding;
use cambium::domain::peft::{PeftConfig, Role, Rules};
use tch::{Kind, TchError, Tensor};

use super::vera::Shared;
use super::{Roles, unexpected};
use crate::adapter::Update;
use crate::nets::misshapen;

/// What all modules of an adapter have in common.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub config: &'a PeftConfig,
    pub rules: &'a Rules,
    /// VeRA's matrices.
    pub shared: Option<&'a Shared>,
}

impl Given<'_> {
    /// What the tensors of one module do to it.
    pub(super) fn updates(
        self,
        module: &str,
        roles: &Roles,
        weight: &Tensor,
    ) -> Result<Result<Vec<Update>, Finding>, TchError> {
        let Self { config, rules, shared } = self;
        let adaptive = config.peft_type == "ADALORA";
        // AdaLoRA stores what is left of its first rank.
        let left = roles.get(&Role::LoraA).filter(|_| adaptive).and_then(|(_, a)| a.size().first().copied());
        let rank = left.unwrap_or_else(|| i64::try_from(rules.rank(module)).unwrap_or(i64::MAX));
        let shape = weight.size();
        let (out, inner) = (shape[0], shape[1]);
        let get = |role: Role, expected: &[i64]| match roles.get(&role) {
            Some((name, tensor)) if tensor.size() != expected => Err(misshapen(name, tensor, expected)),
            Some((_, tensor)) => Ok(Some(tensor.f_to_kind(Kind::Float))),
            None => Ok(None),
        };
        let factors = if rules.is_feedforward(module) { [1, inner] } else { [out, 1] };
        let ranks: &[i64] = roles
            .get(&Role::RankNumber)
            .map_or(&[], |(_, number)| if number.dim() == 0 { &[] } else { &[1] });
        let mut wanted = vec![
            (Role::LoraA, vec![rank, inner]),
            (Role::LoraB, vec![out, rank]),
            (Role::LoraBBias, vec![out]),
            (Role::EmbeddingA, vec![rank, out]),
            (Role::EmbeddingB, vec![inner, rank]),
            (Role::Factors, factors.to_vec()),
        ];
        if adaptive {
            wanted.extend([(Role::LoraE, vec![rank, 1]), (Role::RankNumber, ranks.to_vec())]);
        }
        if config.is_vera() {
            wanted.extend([(Role::LambdaD, vec![rank]), (Role::LambdaB, vec![out])]);
        }
        if config.use_dora {
            wanted.push((Role::Magnitude, vec![out]));
        }
        let mut found = BTreeMap::new();
        for (role, expected) in wanted {
            match get(role, &expected) {
                Err(finding) => return Ok(Err(finding)),
                Ok(Some(tensor)) => drop(found.insert(role, tensor?)),
                Ok(None) => {}
            }
        }
        if let Some(role) = roles.keys().find(|role| !found.contains_key(role)) {
            return Ok(Err(unexpected(&[roles[role].0.to_owned()], module)));
        }
        let mut updates = vec![];
        if let (Some(d), Some(b), Some(shared)) =
            (found.remove(&Role::LambdaD), found.remove(&Role::LambdaB), shared)
        {
            updates.push(shared.update(&d, &b, weight)?);
        }
        if let (Some(mut down), Some(up)) = (found.remove(&Role::LoraA), found.remove(&Role::LoraB)) {
            let mut scale = rules.scale(module);
            if adaptive {
                if let Some(singular) = found.remove(&Role::LoraE) {
                    down = down.f_mul(&singular)?;
                }
                let began = config.init_r as f64;
                let number = found.remove(&Role::RankNumber).map(|number| number.f_double_value(&[]));
                let alpha = if config.lora_alpha > 0.0 { config.lora_alpha } else { began };
                // Zhang et al., "AdaLoRA: Adaptive Budget Allocation", as PEFT computes it.
                scale = alpha / (number.transpose()?.unwrap_or(began) + 1e-5);
            }
            let magnitude = found.remove(&Role::Magnitude).map(|magnitude| {
                let changed = weight.f_add(&up.f_matmul(&down)?.f_mul_scalar(scale)?)?;
                magnitude.f_div(&changed.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?)
            });
            let (bias, magnitude) = (found.remove(&Role::LoraBBias), magnitude.transpose()?);
            updates.push(Update::LowRank { down, up, bias, scale, magnitude });
        }
        let scale = rules.scale(module);
        if let (Some(down), Some(up)) = (found.remove(&Role::EmbeddingA), found.remove(&Role::EmbeddingB)) {
            updates.push(Update::LowRankRows { down, up, scale });
        }
        if let Some(factors) = found.remove(&Role::Factors) {
            let factors = factors.f_reshape([-1])?;
            let feedforward = rules.is_feedforward(module);
            updates.push(if feedforward {
                Update::ScaleInput(factors)
            } else {
                Update::ScaleOutput(factors)
            });
        }
        Ok(Ok(updates))
    }
}
