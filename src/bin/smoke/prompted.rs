//! Virtual tokens: what prompt and prefix tuning put in front of the input's.
//!
//! Embeddings make the input longer, and all that goes with it; keys and values only lengthen what is
//! attended. Lester et al., "The Power of Scale for Parameter-Efficient Prompt Tuning"; Li and Liang,
//! "Prefix-Tuning: Optimizing Continuous Prompts for Generation", both as PEFT computes them.

use tch::{TchError, Tensor};

use crate::adapter::Prompt;
use crate::nets::parts;
use crate::parameters::Parameters;
use crate::values::{Values, share};

impl Prompt {
    /// How many tokens there are.
    fn tokens(&self) -> i64 {
        match self {
            Self::Tokens(embeddings) => embeddings.size().first().copied().unwrap_or(0),
            Self::Keys(layers) => layers.first().map_or(0, |(keys, _)| keys.size()[2]),
        }
    }

    /// How many of them are embeddings in front of the input's.
    pub fn embeddings(&self) -> i64 {
        match self {
            Self::Tokens(_) => self.tokens(),
            Self::Keys(_) => 0,
        }
    }
}

impl Parameters<'_> {
    /// How many embeddings are put in front of the input's.
    pub fn virtual_tokens(&self) -> i64 {
        self.prompt().map_or(0, Prompt::embeddings)
    }

    /// The inputs with places for virtual tokens: the mask is as long as what is attended, and the ids
    /// are as many as embeddings are needed.
    ///
    /// # Errors
    /// When there are no ids, or libtorch fails.
    pub fn with_prompt(&self, inputs: &Values) -> Result<Values, TchError> {
        let mut inputs = share(inputs);
        let Some(prompt) = self.prompt() else { return Ok(inputs) };
        let (ids, more) = (parts::ids(&inputs)?.shallow_clone(), prompt.tokens());
        let front = |of: &Tensor, value: i64| {
            let front = Tensor::f_full([ids.size()[0], more], value, (of.kind(), of.device()))?;
            Tensor::f_cat(&[&front, of], 1)
        };
        let mask = front(&parts::token_mask(&inputs)?, 1)?;
        inputs.insert("attention_mask".to_owned(), mask);
        match prompt {
            Prompt::Tokens(_) => {
                inputs.insert("input_ids".to_owned(), front(&ids, 0)?);
                // As PEFT does: the tokens' places are no longer what they were given as.
                inputs.remove("position_ids");
                if let Some(types) = inputs.remove("token_type_ids") {
                    inputs.insert("token_type_ids".to_owned(), front(&types, 0)?);
                }
            }
            Prompt::Keys(_) => {
                if let Some(positions) = inputs.remove("position_ids") {
                    inputs.insert("position_ids".to_owned(), positions.f_add_scalar(more)?);
                }
            }
        }
        Ok(inputs)
    }

    /// Embeddings [batch, tokens, width] with the virtual ones in their places.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn prompted(&self, embedded: Tensor) -> Result<Tensor, TchError> {
        let Some(Prompt::Tokens(prompt)) = self.prompt() else { return Ok(embedded) };
        let (size, more) = (embedded.size(), prompt.size()[0]);
        let front = prompt.f_unsqueeze(0)?.f_expand([size[0], more, size[2]], false)?;
        Tensor::f_cat(&[&front, &embedded.f_narrow(1, more, size[1] - more)?], 1)
    }

    /// A layer's keys and values, each [batch, heads, tokens, width], behind those that are put in front.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn prefixed(&self, layer: i64, keys: Tensor, values: Tensor) -> Result<(Tensor, Tensor), TchError> {
        let Some(Prompt::Keys(layers)) = self.prompt() else { return Ok((keys, values)) };
        let layer = usize::try_from(layer).ok().and_then(|layer| layers.get(layer));
        let Some((before_keys, before_values)) = layer else { return Ok((keys, values)) };
        let behind = |before: &Tensor, own: &Tensor| {
            let size = before.size();
            let front = before.f_expand([own.size()[0], size[1], size[2], size[3]], false)?;
            Tensor::f_cat(&[&front, own], 2)
        };
        Ok((behind(before_keys, &keys)?, behind(before_values, &values)?))
    }
}
