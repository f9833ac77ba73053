//! Weights that do not fit into a run's memory are used layer by layer, and numbers do not change by it.

use std::fs;
use std::path::Path;

use cambium::domain::smoke::{Job, Limits, Report};
use cambium::domain::verdict::Verdict::Compatible;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{figure, job, rules, run, safetensors};

const LAYERS: usize = 6;
const WIDE: usize = 640;
const INNER: usize = 1728;
const VOCABULARY: usize = 1000;
const RANK: usize = 4;

/// Random numbers of about this size, as bfloat16 or float32.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f32 {
        // Knuth's generator: all that matters is that no two layers are alike.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn bfloat16(&mut self, count: usize, size: f32) -> Vec<u8> {
        (0..count).flat_map(|_| (((self.next() * size).to_bits() >> 16) as u16).to_le_bytes()).collect()
    }

    fn float(&mut self, count: usize, size: f32) -> Vec<u8> {
        (0..count).flat_map(|_| (self.next() * size).to_le_bytes()).collect()
    }
}

fn write(path: &Path, tensors: &[(String, &str, Vec<usize>, Vec<u8>)]) {
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (name.as_str(), *dtype, shape.as_slice(), bytes.clone()))
        .collect();
    fs::write(path, safetensors(&tensors, &json!({}))).unwrap();
}

/// A Llama in bfloat16, 61 MB, and twice that when it is widened.
fn llama() -> TempDir {
    let (folder, mut draw) = (TempDir::new().unwrap(), Draw(1));
    let config = json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": WIDE,
        "intermediate_size": INNER, "num_hidden_layers": LAYERS, "num_attention_heads": 10,
        "num_key_value_heads": 5, "vocab_size": VOCABULARY, "max_position_embeddings": 128,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "pad_token_id": 0,
    });
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let mut tensors = vec![];
    let mut add = |name: String, shape: Vec<usize>, size: f32| {
        let count = shape.iter().product();
        tensors.push((name, "BF16", shape, draw.bfloat16(count, size)));
    };
    add("model.embed_tokens.weight".into(), vec![VOCABULARY, WIDE], 1.0);
    add("model.norm.weight".into(), vec![WIDE], 1.0);
    for layer in 0..LAYERS {
        let at = |rest: &str| format!("model.layers.{layer}.{rest}.weight");
        for (name, rows, columns) in [
            ("self_attn.q_proj", WIDE, WIDE),
            ("self_attn.k_proj", WIDE / 2, WIDE),
            ("self_attn.v_proj", WIDE / 2, WIDE),
            ("self_attn.o_proj", WIDE, WIDE),
            ("mlp.gate_proj", INNER, WIDE),
            ("mlp.up_proj", INNER, WIDE),
            ("mlp.down_proj", WIDE, INNER),
        ] {
            add(at(name), vec![rows, columns], (3.0 / columns as f32).sqrt());
        }
        add(at("input_layernorm"), vec![WIDE], 1.0);
        add(at("post_attention_layernorm"), vec![WIDE], 1.0);
    }
    write(&folder.path().join("model.safetensors"), &tensors);
    folder
}

fn lora() -> TempDir {
    let (folder, mut draw) = (TempDir::new().unwrap(), Draw(2));
    let config = json!({
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 8,
        "target_modules": ["q_proj", "down_proj"],
    });
    fs::write(folder.path().join("adapter_config.json"), config.to_string()).unwrap();
    let mut tensors = vec![];
    for layer in 0..LAYERS {
        for (module, inputs) in [("self_attn.q_proj", WIDE), ("mlp.down_proj", INNER)] {
            let at = |half: &str| format!("base_model.model.model.layers.{layer}.{module}.{half}.weight");
            tensors.push((at("lora_A"), "F32", vec![RANK, inputs], draw.float(RANK * inputs, 0.05)));
            tensors.push((at("lora_B"), "F32", vec![WIDE, RANK], draw.float(WIDE * RANK, 0.05)));
        }
    }
    write(&folder.path().join("adapter_model.safetensors"), &tensors);
    folder
}

#[test]
fn a_decoder_that_does_not_fit_gives_the_same_layer_by_layer() {
    let (backbone, adapter) = (llama(), lora());
    let plain = job(Some(backbone.path()), &[adapter.path()], None);
    // Half of it is less than the weights.
    let limits = Limits { memory_bytes: 96 << 20, ..Limits::default() };
    let (large, small) = (run(&plain), run(&Job { limits, ..plain }));
    assert_eq!((small.verdict, rules(&small)), (Compatible, vec![]), "{small:#?}");
    let said = |report: &Report, check: &str| report.checks[check].clone();
    for check in ["adapter_effect", "restored", "batch_independent", "padding_independent", "half_precision"]
    {
        assert_eq!(said(&small, check), said(&large, check), "{check}");
    }
    assert!(figure(&small, "adapter_effect", "max_abs") > 0.01);
    // Widened weights would be 121 MB by themselves.
    let (kept, given_back) = (large.run.peak_memory_bytes, small.run.peak_memory_bytes);
    assert!(given_back + (30 << 20) < kept, "{given_back} and {kept} bytes");
}
