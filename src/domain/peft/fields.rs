//! The fields of `adapter_config.json` that are not read, and whether they matter.

use serde_json::Value;

/// The fields that say how training went, or that are always written and change nothing when the
/// adapter is applied.
const WITHOUT_EFFECT: [&str; 32] = [
    "auto_mapping",
    "corda_config",
    "d_initial",
    "encoder_dropout",
    "encoder_hidden_size",
    "encoder_num_layers",
    "encoder_reparameterization_type",
    "ensure_weight_tying",
    "eva_config",
    "inference_mode",
    "init_ia3_weights",
    "init_weights",
    "kasa_config",
    "loftq_config",
    "lora_dropout",
    "lora_ga_config",
    "megatron_config",
    "megatron_core",
    "num_attention_heads",
    "num_layers",
    "peft_version",
    "prefix_projection",
    "prompt_tuning_init",
    "prompt_tuning_init_text",
    "qalora_group_size",
    "runtime_config",
    "token_dim",
    "tokenizer_kwargs",
    "tokenizer_name_or_path",
    "velora_config",
    "vera_dropout",
    "monteclora_config",
];

/// The fields that change what the adapter computes.
const WITH_EFFECT: [&str; 9] = [
    "alora_invocation_tokens",
    "arrow_config",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
    "use_qalora",
    "init_lora_weights",
    "use_kasa",
];

/// The remaining fields with content: those that change the computation, and those that are ignored.
pub(super) fn leftovers(rest: &serde_json::Map<String, Value>) -> (Vec<String>, Vec<String>) {
    let in_use = |(name, value): &(&String, &Value)| match name.as_str() {
        // These initialisations change the backbone's own weights, too.
        "init_lora_weights" => value.as_str().is_some_and(|how| {
            let how = how.to_ascii_lowercase();
            ["pissa", "olora", "corda", "loftq", "lora_ga"].iter().any(|one| how.starts_with(one))
        }),
        _ => has_content(value),
    };
    let mut used: Vec<String> = rest.iter().filter(in_use).map(|(name, _)| name.clone()).collect();
    used.retain(|name| !WITHOUT_EFFECT.contains(&name.as_str()));
    used.sort();
    used.into_iter().partition(|name| WITH_EFFECT.contains(&name.as_str()))
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(_) | Value::String(_) => true,
    }
}
