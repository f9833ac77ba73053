//! What the name of a tensor in a PEFT file says.

use super::config::{MAX_PATH_BYTES, PeftConfig};

/// What the names of all tensors of layer-changing adapters begin with.
pub const PREFIX: &str = "base_model.model.";

/// What the names of a head's tensors begin with where nothing else is changed.
const WRAPPED: &str = "base_model.";

/// What a tensor does to its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// LoRA's A, \[r, in\].
    LoraA,
    /// LoRA's B, \[out, r\].
    LoraB,
    /// The bias of B, \[out\].
    LoraBBias,
    /// LoRA's A for an embedding, \[r, rows\].
    EmbeddingA,
    /// LoRA's B for an embedding, \[columns, r\].
    EmbeddingB,
    /// AdaLoRA's singular values, \[r, 1\].
    LoraE,
    /// AdaLoRA's effective rank, a scalar.
    RankNumber,
    /// DoRA's magnitudes, \[out\].
    Magnitude,
    /// VeRA's factors of the rows of A, \[r\].
    LambdaD,
    /// VeRA's factors of the output, \[out\].
    LambdaB,
    /// VeRA's A, which all modules share, \[r, in\] as wide as the widest.
    SharedA,
    /// VeRA's B, which all modules share, \[out, r\].
    SharedB,
    /// What prompt and prefix tuning put in front: \[tokens, width\].
    Prompt,
    /// IA3's factors: \[out, 1\], or \[1, in\] where the input is scaled.
    Factors,
    /// The module's own bias, replaced.
    BaseBias,
    /// The module's own weight, replaced: the library adds those of embeddings and output layers that
    /// are targets.
    BaseWeight,
    /// A parameter of a module that is stored whole.
    Saved,
}

impl Role {
    /// Whether it comes with a matching half, which one.
    pub const fn other_half(self) -> Option<Self> {
        match self {
            Self::LoraA => Some(Self::LoraB),
            Self::LoraB => Some(Self::LoraA),
            Self::EmbeddingA => Some(Self::EmbeddingB),
            Self::EmbeddingB => Some(Self::EmbeddingA),
            Self::LambdaD => Some(Self::LambdaB),
            Self::LambdaB => Some(Self::LambdaD),
            _ => None,
        }
    }

    /// Whether it is random and stays so: VeRA's shared matrices.
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::SharedA | Self::SharedB)
    }

    /// What its tensor's name ends with behind the module's path, where that is one thing.
    pub fn suffix(self) -> Option<&'static str> {
        SUFFIXES.iter().find(|(_, role)| *role == self).map(|(suffix, _)| *suffix)
    }
}

/// Ends of names and what they mean. AdaLoRA's A and B have no `.weight`.
const SUFFIXES: [(&str, Role); 16] = [
    (".lora_A.weight", Role::LoraA),
    (".lora_B.weight", Role::LoraB),
    (".lora_B.bias", Role::LoraBBias),
    (".lora_A", Role::LoraA),
    (".lora_B", Role::LoraB),
    (".lora_E", Role::LoraE),
    (".ranknum", Role::RankNumber),
    (".lora_embedding_A", Role::EmbeddingA),
    (".lora_embedding_B", Role::EmbeddingB),
    (".lora_magnitude_vector", Role::Magnitude),
    (".lora_magnitude_vector.weight", Role::Magnitude),
    (".ia3_l", Role::Factors),
    (".vera_lambda_d", Role::LambdaD),
    (".vera_lambda_b", Role::LambdaB),
    (".base_layer.bias", Role::BaseBias),
    (".base_layer.weight", Role::BaseWeight),
];

/// Names of tensors that belong to no module.
const WHOLE: [(&str, Role); 3] = [
    ("base_model.vera_A", Role::SharedA),
    ("base_model.vera_B", Role::SharedB),
    ("prompt_embeddings", Role::Prompt),
];

/// Where a tensor of an adapter belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path of its module in the model that was trained, as
    /// `bert.encoder.layer.0.attention.self.query`. For a saved parameter it is the path of the
    /// module that `modules_to_save` names, as `classifier`. Empty for what belongs to no module.
    pub module: &'a str,
    /// What it does there.
    pub role: Role,
    /// The path of the parameter that it replaces, as `classifier.out_proj.weight`; for
    /// [`Role::Saved`], [`Role::BaseBias`] and [`Role::BaseWeight`] only.
    pub parameter: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Where the tensor of this name belongs under this config; `None` when nothing explains it.
    pub fn of(name: &'a str, config: &PeftConfig) -> Option<Self> {
        let shared = if config.is_prompt() { &WHOLE[2..] } else { &WHOLE[..2] };
        let shared = shared.iter().filter(|_| config.is_prompt() || config.is_vera());
        if let Some((_, role)) = shared.into_iter().find(|(known, _)| *known == name) {
            return Some(Self { module: "", role: *role, parameter: None });
        }
        // Prompts leave the model as it is, so that nothing is wrapped around its modules.
        let prefix = if config.is_prompt() { WRAPPED } else { PREFIX };
        let path = name.strip_prefix(prefix).filter(|path| path.len() <= MAX_PATH_BYTES)?;
        for (suffix, role) in SUFFIXES.into_iter().filter(|_| !config.is_prompt()) {
            if let Some(module) = path.strip_suffix(suffix).filter(|module| !module.is_empty()) {
                let parameter = matches!(role, Role::BaseBias | Role::BaseWeight).then_some(path);
                return Some(Self { module, role, parameter });
            }
        }
        if let Some(module) = config.saved_module(path) {
            return Some(Self { module, role: Role::Saved, parameter: Some(path) });
        }
        let module = path.strip_suffix(".bias").filter(|_| config.bias != "none")?;
        Some(Self { module, role: Role::BaseBias, parameter: Some(path) })
    }

    /// The path of the replaced parameter in the plain model, without PEFT's `base_layer`.
    pub fn replaced(&self) -> Option<String> {
        self.parameter.map(|path| path.replace(".base_layer.", "."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(extra: &str) -> PeftConfig {
        PeftConfig::parse(format!(r#"{{"peft_type":"LORA"{extra}}}"#).as_bytes()).unwrap()
    }

    fn place<'a>(path: &'a str, config: &PeftConfig) -> Option<(&'a str, Role)> {
        Place::of(path, config).map(|place| (place.module, place.role))
    }

    #[test]
    fn names_tell_module_and_role() {
        let config = config(r#","modules_to_save":["classifier","score"]"#);
        for (name, module, role) in [
            (
                "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight",
                "bert.encoder.layer.0.attention.self.query",
                Role::LoraA,
            ),
            ("base_model.model.h.0.attn.c_attn.lora_B.weight", "h.0.attn.c_attn", Role::LoraB),
            ("base_model.model.q.lora_E", "q", Role::LoraE),
            ("base_model.model.embed.lora_embedding_A", "embed", Role::EmbeddingA),
            ("base_model.model.q.lora_magnitude_vector", "q", Role::Magnitude),
            ("base_model.model.q.ia3_l", "q", Role::Factors),
            ("base_model.model.classifier.weight", "classifier", Role::Saved),
            ("base_model.model.classifier.out_proj.bias", "classifier", Role::Saved),
            // The library asks for the end of the name alone, dot or not.
            ("base_model.model.pre_classifier.bias", "pre_classifier", Role::Saved),
            ("base_model.model.lm_head.base_layer.weight", "lm_head", Role::BaseWeight),
        ] {
            assert_eq!(place(name, &config), Some((module, role)), "{name}");
        }
    }

    #[test]
    fn names_that_nothing_explains_have_no_place() {
        let config = config(r#","modules_to_save":["classifier"]"#);
        for name in [
            "base_model.model.pooler.dense.weight",
            "base_model.model.classifiers.weight",
            &format!("base_model.model.{}classifier.weight", "a.".repeat(10_000)),
            "base_model.model.q.bias",
            "base_model.model.q.lora_A.default.weight",
            "base_model.model..lora_A.weight",
            "base_model.model.",
            "classifier.weight",
            "",
        ] {
            assert_eq!(place(name, &config), None, "{name}");
        }
    }

    #[test]
    fn biases_have_a_place_when_the_config_stores_them() {
        let config = config(r#","bias":"lora_only""#);
        let place = Place::of("base_model.model.q.base_layer.bias", &config).unwrap();
        assert_eq!((place.module, place.role), ("q", Role::BaseBias));
        assert_eq!(place.replaced().as_deref(), Some("q.bias"));
        let place = Place::of("base_model.model.k.bias", &config).unwrap();
        assert_eq!((place.module, place.replaced().as_deref()), ("k", Some("k.bias")));
    }
}
