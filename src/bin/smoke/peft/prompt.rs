//! Prompt tuning, P-tuning and prefix tuning: what is put in front of the input's tokens.

use cambium::domain::peft::{PeftConfig, Role};
use tch::{Kind, TchError, Tensor};

use super::{Fit, Roles, missing_keys};
use crate::adapter::Prompt;
use crate::nets::{Net, Virtual, misshapen, parts::Heads};
use crate::outcome::from_torch;

impl Fit {
    /// Reads `prompt_embeddings`: \[tokens, width\], of which the encoder's come first where there is a decoder too, or \[tokens, layers · 2 · heads · width\].
    pub(super) fn prompt(&mut self, config: &PeftConfig, whole: &Roles, net: &Net, called: &str) {
        let Some((name, tensor)) = whole.get(&Role::Prompt) else {
            let absent = "prompt_embeddings".to_owned();
            let why = "they are all that the method learns";
            self.findings.push(missing_keys(called, std::slice::from_ref(&absent), why));
            self.missing.push(absent);
            return;
        };
        // Networks that take none are told before.
        let Some(Virtual { width, keys }) = net.virtual_tokens() else { return };
        let keys = keys.filter(|_| config.is_prefix());
        let width = keys.map_or(width, |(layers, heads)| layers * 2 * heads.keys * heads.width);
        let rows = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let expected = [rows(config.prompt_rows()), width];
        if tensor.size() != expected {
            self.findings.push(misshapen(name, tensor, &expected));
            return;
        }
        let read = || -> Result<Prompt, TchError> {
            let tensor = tensor.f_to_kind(Kind::Float)?;
            match keys {
                // As PEFT does: those of the decoder are stored and never read.
                None => Ok(Prompt::Tokens(tensor.f_narrow(0, 0, rows(config.num_virtual_tokens))?)),
                Some((layers, heads)) => {
                    keys_of(&tensor, layers, heads, config.is_for_both()).map(Prompt::Keys)
                }
            }
        };
        match read() {
            Ok(prompt) => self.adapter.prompt = Some(prompt),
            Err(error) => self.findings.push(from_torch(name, &error)),
        }
        self.consumed += 1;
    }
}

/// Keys and values of each layer, each \[1, heads, tokens, width\].
///
/// For an encoder and a decoder PEFT writes all of them twice in a row and deals them out by fours: a layer's
/// own attention gets the first two, and the others are for its attention to the encoder, from where they are
/// thrown away. So layer i gets what was stored as that of layer 2 i, counted round.
fn keys_of(
    tensor: &Tensor,
    layers: i64,
    heads: Heads,
    both: bool,
) -> Result<Vec<(Tensor, Tensor)>, TchError> {
    let all = tensor.f_reshape([-1, 2 * layers, heads.keys, heads.width])?.f_permute([1, 2, 0, 3])?;
    let part = |index: i64| all.f_narrow(0, index, 1);
    let stored = |layer: i64| if both { 2 * layer % layers } else { layer };
    (0..layers).map(stored).map(|layer| Ok((part(2 * layer)?, part(2 * layer + 1)?))).collect()
}
