//! What a target does with bytes. None may panic, loop or take memory without bound, whatever it is given; what
//! was read has to keep what its reader promises.

#[path = "../../src/domain/mod.rs"]
pub mod domain;

use std::collections::{BTreeMap, BTreeSet};

use domain::card::{self, ModelCard};
use domain::finding::{Finding, Findings};
use domain::head::HeadConfig;
use domain::huggingface::{ModelConfig, ShardIndex};
use domain::manifest::{self, Manifest};
use domain::peft::{PeftConfig, Place, Rules};
use domain::reading::Reading;
use domain::weights::Header;

/// Module paths as a backbone has them.
const MODULES: [&str; 4] =
    ["encoder.layer.0.attention.self.query", "model.layers.31.mlp.down_proj", "classifier", "a.1.b.2.c"];

/// Findings say what is wrong and what to do, in bounded text.
fn is_told(finding: &Finding) {
    assert!(!finding.rule.is_empty() && !finding.message.is_empty() && !finding.remedy.is_empty());
    assert!(finding.message.len() < 4096, "{}", finding.message.len());
}

/// The header of a safetensors file.
pub fn weights(file: &[u8]) {
    match Header::of(file) {
        Ok(header) => {
            for tensor in &header.tensors {
                assert!(8 <= tensor.begin && tensor.begin <= tensor.end && tensor.end <= file.len() as u64);
                assert_eq!(header.get(&tensor.name).map(|found| found.begin), Some(tensor.begin));
                assert!(tensor.elements() <= (tensor.end - tensor.begin) * 8, "more elements than bits");
            }
        }
        Err(bad) => is_told(&bad.finding("model.safetensors")),
    }
}

/// `config.json`, and the interface that follows from it.
pub fn config(bytes: &[u8]) {
    if let Ok(config) = ModelConfig::parse(bytes) {
        let interface = config.interface(Vec::new());
        serde_json::to_string(&interface).expect("an interface is JSON");
    }
}

/// `model.safetensors.index.json`.
pub fn shards(bytes: &[u8]) {
    if let Ok(index) = ShardIndex::parse(bytes) {
        let shards: BTreeMap<&str, BTreeSet<&str>> =
            index.shards().into_iter().map(|shard| (shard, BTreeSet::from(["weight"]))).collect();
        let mut findings = Findings::default();
        index.check(&shards, &mut findings);
        findings.into_vec().iter().for_each(is_told);
    }
}

/// `adapter_config.json`, its patterns, and what they say of modules.
pub fn adapter_config(bytes: &[u8]) {
    let config = match PeftConfig::parse(bytes) {
        Ok(config) => config,
        Err(bad) => return is_told(&bad.finding("adapter_config.json")),
    };
    for name in
        ["base_model.model.a.lora_A.weight", "base_model.model.classifier.modules_to_save.weight", "x"]
    {
        if let Some(place) = Place::of(name, &config) {
            place.replaced();
        }
    }
    match Rules::compile(&config) {
        Ok(rules) => {
            for module in MODULES {
                rules.targets(module);
                rules.rank(module);
                rules.scale(module);
                rules.is_feedforward(module);
            }
            rules.unmatched(&MODULES);
        }
        Err(bad) => is_told(&bad.finding("adapter_config.json")),
    }
}

/// `head_config.json`.
pub fn head_config(bytes: &[u8]) {
    match HeadConfig::parse(bytes) {
        Ok(config) => config.fit(&[("weight", vec![2, 2])], "head.safetensors").findings.iter().for_each(is_told),
        Err(bad) => is_told(&bad.finding("head_config.json")),
    }
}

/// `cambium.toml`: what is read can be written, is then read as the same, and has digests.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(read) = Manifest::from_toml(text) {
        let again = read.to_toml().expect("what was read can be written");
        assert_eq!(Manifest::from_toml(&again).expect("what was written can be read"), read);
        manifest::release_digest(&read, &[]).expect("a digest");
        manifest::content_digest(&read, &[]).expect("a digest");
    }
}

/// Files of every kind, told by content; the last byte chooses the name.
pub fn reading(bytes: &[u8]) {
    const NAMES: [&str; 8] = [
        "README.md",
        "model.safetensors",
        "module.pt",
        "adapter_model.bin",
        "config.json",
        "probe.safetensors",
        "LICENSE",
        "a/b.zip",
    ];
    let Some((choice, file)) = bytes.split_last() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    let mut reading = Reading::start(name.parse().expect("a path"), file.len() as u64);
    let mut steps = 0;
    while let Some(range) = reading.next() {
        steps += 1;
        assert!(steps <= 10_000, "reading does not end");
        assert!(range.start < range.end && range.end <= file.len() as u64, "{range:?} of {}", file.len());
        reading.feed(&file[range.start as usize..range.end as usize]);
    }
    reading.finish().findings.iter().for_each(is_told);

    // The same file, a byte of which is gone when it is read: that is a finding.
    let mut cut = Reading::start(name.parse().expect("a path"), bytes.len() as u64);
    while let Some(range) = cut.next() {
        let end = range.end.min(file.len() as u64);
        cut.feed(&file[range.start.min(end) as usize..end as usize]);
    }
    cut.finish().findings.iter().for_each(is_told);
}

/// `README.md` with its YAML, and license expressions.
pub fn card(bytes: &[u8]) {
    match ModelCard::parse(bytes) {
        Ok(card) => {
            if let Some(license) = &card.license {
                card::license_finding(license).iter().for_each(is_told);
            }
        }
        Err(why) => is_told(&ModelCard::finding(&why)),
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Some(normal) = card::spdx(text) {
            assert!(card::spdx(&normal).is_some(), "{normal}");
        }
    }
}
