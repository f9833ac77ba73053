//! Linear heads as safetensors: `head_config.json` beside `head.safetensors` with `weight`
//! \[out, in\] and `bias` \[out\].

use serde::{Deserialize, Serialize};

use super::finding::{Finding, excerpt};
use super::json;

/// The config's file name.
pub const CONFIG_FILE: &str = "head_config.json";
/// The weights' file name.
pub const WEIGHTS_FILE: &str = "head.safetensors";
/// The only `kind` there is.
const LINEAR: &str = "linear_head";

/// What `head_config.json` says. Unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadConfig {
    /// `linear_head`.
    pub kind: String,
    /// The model it was trained on, as its author named it.
    #[serde(default)]
    pub base_model_name_or_path: Option<String>,
    /// What it reads of the backbone.
    pub input: HeadInput,
    /// Width of its input.
    pub in_features: u64,
    /// Width of its output.
    pub out_features: u64,
    /// What its outputs stand for, one each.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// What a linear head reads of the backbone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadInput {
    /// The mean of the last hidden states, weighted by the attention mask.
    MeanPooled,
    /// The last hidden state of the first token.
    Cls,
    /// The pooler's output.
    PoolerOutput,
    /// Each token's last hidden state.
    LastHiddenState,
}

/// Why a `head_config.json` was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadHeadConfig(String);

impl BadHeadConfig {
    /// The finding about the config at `path`.
    pub fn finding(&self, path: &str) -> Finding {
        Finding::error(
            "config_malformed",
            path,
            format!("{path} cannot be used: {self}."),
            "A linear head's config has `kind` = \"linear_head\", `input`, `in_features`, `out_features` and `labels`.",
        )
    }
}

impl HeadConfig {
    /// Reads `head_config.json`.
    ///
    /// # Errors
    /// When it is not JSON, lacks a field, names an unknown kind or input, or contradicts itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadHeadConfig> {
        let config: Self = json::object(bytes).map_err(|error| BadHeadConfig(excerpt(&error.to_string())))?;
        config.contradiction().map_or(Ok(config), |why| Err(BadHeadConfig(why)))
    }

    fn contradiction(&self) -> Option<String> {
        let (labels, outputs) = (self.labels.len() as u64, self.out_features);
        if self.kind != LINEAR {
            Some(format!("its kind is `{}`, and only `{LINEAR}` is known", excerpt(&self.kind)))
        } else if self.in_features == 0 || outputs == 0 {
            Some("`in_features` and `out_features` are at least 1".into())
        } else if labels != 0 && labels != outputs {
            Some(format!("it has {labels} labels for {outputs} outputs"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"kind":"linear_head","input":"pooler_output","in_features":4,"out_features":2,"labels":["a","b"]}"#;

    #[test]
    fn configs_that_contradict_themselves_are_refused() {
        assert_eq!(HeadConfig::parse(GOOD.as_bytes()).unwrap().input, HeadInput::PoolerOutput);
        for (from, to) in [
            ("linear_head", "mlp_head"),
            ("pooler_output", "last_token"),
            ("\"in_features\":4", "\"in_features\":0"),
            ("\"out_features\":2", "\"out_features\":3"),
            ("\"out_features\":2,", ""),
            ("{", "["),
        ] {
            let refusal = HeadConfig::parse(GOOD.replacen(from, to, 1).as_bytes()).expect_err(to);
            assert_eq!(refusal.finding(CONFIG_FILE).rule, "config_malformed");
        }
    }
}
