//! What a release is, by its files: its kind, interface and anatomy, and everything that is wrong
//! with it. Files come as [`FileFacts`], so that nothing here reads.

mod compare;
mod weights;

use serde::{Deserialize, Serialize};

use super::bottleneck::{self, BottleneckConfig};
use super::card::{self, ModelCard};
use super::digest::Digest;
use super::finding::{Finding, Findings};
use super::formats::Format;
use super::head::{self, HeadConfig, HeadInput};
use super::huggingface::{self, text_port};
use super::interface::{AttachPoint, Dim, Interface, Port};
use super::manifest::Manifest;
use super::module::Kind;
use super::name::FilePath;
use super::peft::{PeftConfig, Place, Role, Rules};
use super::reading::FileFacts;
use super::structure::Anatomy;

/// The config of a PEFT adapter.
pub const ADAPTER_CONFIG_FILE: &str = "adapter_config.json";
/// The weights of a PEFT adapter.
pub const ADAPTER_WEIGHTS_FILE: &str = "adapter_model.safetensors";
/// Inputs and golden outputs of a release's smoke runs.
pub const PROBE_FILE: &str = "probe.safetensors";

/// What a release is, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// What its files are; `None` where they do not tell, as TorchScript alone.
    pub kind: Option<Kind>,
    /// Its contract: derived from the files, completed by the manifest.
    pub interface: Interface,
    /// What later structural checks of it ask for.
    pub anatomy: Anatomy,
    /// What its model card says.
    pub card: ModelCard,
    /// The model that it comes from, in its own files' words.
    pub base_model: Option<String>,
    /// The file that is its vocabulary.
    pub vocabulary: Option<FilePath>,
    /// One reason each for refusing or doubting it.
    pub findings: Vec<Finding>,
}

impl Inspection {
    /// Whether it may be published as it is.
    pub fn passes(&self) -> bool {
        !self.findings.iter().any(Finding::refuses)
    }

    /// Says which vocabulary the token ids refer to, by the digest of the file that
    /// [`Self::vocabulary`] names.
    pub fn set_vocabulary(&mut self, digest: &Digest) {
        for port in self.interface.inputs.iter_mut().filter(|port| port.name == "input_ids") {
            port.vocabulary.get_or_insert_with(|| digest.to_string());
        }
    }
}

/// Inspects a release: what its files say, held against what its manifest says.
pub fn inspect(manifest: &Manifest, files: &[FileFacts]) -> Inspection {
    let mut derivation = Derivation::of(files);
    compare::with_manifest(manifest, &mut derivation);
    derivation.finish()
}

/// Inspects files that have no manifest yet.
pub fn derive(files: &[FileFacts]) -> Inspection {
    Derivation::of(files).finish()
}

/// An inspection under way.
struct Derivation<'a> {
    files: &'a [FileFacts],
    found: Inspection,
    findings: Findings,
}

impl<'a> Derivation<'a> {
    fn of(files: &'a [FileFacts]) -> Self {
        let mut derivation = Self { files, found: Inspection::default(), findings: Findings::default() };
        derivation.findings.extend(files.iter().flat_map(|file| file.findings.iter().cloned()));
        derivation.card();
        let vocabulary = ["tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model"];
        let vocabulary = vocabulary.into_iter().find_map(|name| derivation.file(name));
        derivation.found.vocabulary = vocabulary.map(|file| file.path.clone());
        derivation.found.anatomy.torchscript = files.iter().any(|file| file.format == Format::TorchScript);
        let config = derivation.content(ADAPTER_CONFIG_FILE);
        if derivation.has(bottleneck::WEIGHTS_FILE) || config.is_some_and(BottleneckConfig::recognises) {
            derivation.bottleneck();
        } else if derivation.has(ADAPTER_CONFIG_FILE) || derivation.has(ADAPTER_WEIGHTS_FILE) {
            derivation.adapter();
        } else if [head::CONFIG_FILE, head::WEIGHTS_FILE, head::hub::WEIGHTS_FILE]
            .iter()
            .any(|path| derivation.has(path))
        {
            derivation.head();
        } else if derivation.has(huggingface::CONFIG_FILE) || derivation.has_weights() {
            derivation.model();
        } else if !derivation.found.anatomy.torchscript {
            derivation.nothing_to_run();
        }
        derivation.probe();
        derivation.evaluation();
        derivation
    }

    fn finish(mut self) -> Inspection {
        self.found.findings = self.findings.into_vec();
        self.found
    }

    fn file(&self, path: &str) -> Option<&'a FileFacts> {
        self.files.iter().find(|file| file.path.as_str() == path)
    }

    fn has(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    /// The bytes of a config that is there and was read.
    fn content(&self, path: &str) -> Option<&'a [u8]> {
        self.file(path)?.content.as_deref()
    }

    fn missing(&mut self, path: &str, why: &str) {
        let message = format!("{path} is missing: {why}.");
        self.findings.push(Finding::error("missing_file", path, message, "Add the file to the release."));
    }

    fn malformed(&mut self, path: &str, why: &str) {
        let message = format!("{path} cannot be used: {why}.");
        let remedy = "Save it again with the library that wrote it, or correct the field that is named.";
        self.findings.push(Finding::error("config_malformed", path, message, remedy));
    }

    fn card(&mut self) {
        match self.content(card::FILE_NAME).map(ModelCard::parse) {
            Some(Ok(card)) => self.found.card = card,
            Some(Err(why)) => self.findings.push(ModelCard::finding(&why)),
            None => {}
        }
        self.found.base_model = self.found.card.base_model.first().cloned();
    }

    fn nothing_to_run(&mut self) {
        let finding = if self.files.is_empty() {
            let message = "The release has no files.";
            Finding::error(
                "no_files",
                "files",
                message,
                "Add a model's config and weights, or a TorchScript module.",
            )
        } else {
            let message = "Nothing in the release can be run.";
            let remedy = "Add config.json and model.safetensors, adapter_config.json and adapter_model.safetensors, \
                          head_config.json and head.safetensors, or a TorchScript module.";
            Finding::error("missing_file", "files", message, remedy)
        };
        // What was refused may have been the weights: then that says more.
        if !self.files.iter().any(|file| file.findings.iter().any(Finding::refuses)) {
            self.findings.push(finding);
        }
    }

    fn adapter(&mut self) {
        self.found.kind = Some(Kind::Adapter);
        if !self.has(ADAPTER_CONFIG_FILE) {
            self.missing(ADAPTER_CONFIG_FILE, "without it the adapter's tensors cannot be applied");
        }
        if !self.has(ADAPTER_WEIGHTS_FILE) {
            self.missing(ADAPTER_WEIGHTS_FILE, "an adapter is a config and its weights");
        }
        self.found.anatomy.tensors = self.points(ADAPTER_WEIGHTS_FILE);
        let config = match self.content(ADAPTER_CONFIG_FILE).map(PeftConfig::parse) {
            Some(Ok(config)) => config,
            Some(Err(bad)) => return self.findings.push(bad.finding(ADAPTER_CONFIG_FILE)),
            None => return,
        };
        if let Err(bad) = Rules::compile(&config) {
            self.findings.push(bad.finding(ADAPTER_CONFIG_FILE));
        }
        if !config.ignored.is_empty() {
            let fields = config.ignored.iter().take(20).map(|field| super::finding::excerpt(field));
            let message = format!(
                "These fields are not known and were ignored: {}.",
                fields.collect::<Vec<_>>().join(", ")
            );
            let remedy = "Nothing, if they do not change what the adapter computes.";
            self.findings.push(Finding::warning("config_ignored", ADAPTER_CONFIG_FILE, message, remedy));
        }
        self.found.interface.outputs.extend(classifier_port(&config, &self.found.anatomy.tensors));
        if let Some(base) = &config.base_model_name_or_path {
            self.found.base_model = Some(super::finding::excerpt(base));
        }
        self.found.anatomy.peft = Some(config);
    }

    fn bottleneck(&mut self) {
        self.found.kind = Some(Kind::Adapter);
        if !self.has(ADAPTER_CONFIG_FILE) {
            self.missing(ADAPTER_CONFIG_FILE, "without it the adapter's tensors cannot be applied");
        }
        if !self.has(bottleneck::WEIGHTS_FILE) {
            self.missing(bottleneck::WEIGHTS_FILE, "save the adapter with `use_safetensors=True`");
        }
        self.found.anatomy.tensors = self.points(bottleneck::WEIGHTS_FILE);
        match self.content(ADAPTER_CONFIG_FILE).map(BottleneckConfig::parse) {
            Some(Ok(config)) => {
                self.found.base_model = config.model_name.as_deref().map(super::finding::excerpt);
                self.found.anatomy.bottleneck = Some(config);
            }
            Some(Err(bad)) => self.findings.push(bad.finding(ADAPTER_CONFIG_FILE)),
            None => {}
        }
        if self.content(head::CONFIG_FILE).is_some_and(head::hub::recognises) {
            let tensors = std::mem::take(&mut self.found.anatomy.tensors);
            if let Some(config) = self.head_config() {
                // What the adapter's answer is; what the head reads is inside of the pair.
                self.found.interface.outputs.push(head_ports(&config).1);
            }
            self.found.anatomy.tensors = tensors;
        }
    }

    /// A head's config, when its tensors were held against it.
    fn head_config(&mut self) -> Option<HeadConfig> {
        let weights = head::weights_file(|path| self.has(path));
        for path in [head::CONFIG_FILE, weights] {
            if !self.has(path) {
                self.missing(path, "such a head is head_config.json and head.safetensors");
            }
        }
        self.found.anatomy.tensors = self.points(weights);
        let config = match self.content(head::CONFIG_FILE).map(HeadConfig::parse)? {
            Ok(config) => config,
            Err(bad) => {
                self.findings.push(bad.finding(head::CONFIG_FILE));
                return None;
            }
        };
        self.head_tensors(&config, weights);
        Some(config)
    }

    fn head(&mut self) {
        self.found.kind = Some(Kind::Head);
        let Some(config) = self.head_config() else { return };
        let (input, output) = head_ports(&config);
        self.found.interface.inputs.push(input);
        self.found.interface.outputs.push(output);
        self.found.interface.precision =
            self.found.anatomy.tensors.first().map(|tensor| tensor.dtype.clone());
        if let Some(base) = &config.base_model_name_or_path {
            self.found.base_model = Some(super::finding::excerpt(base));
        }
        self.found.anatomy.head = Some(config);
    }
}

/// The scores of a classifier that an adapter brings along.
fn classifier_port(config: &PeftConfig, tensors: &[AttachPoint]) -> Option<Port> {
    let is_last =
        |path: &str| ["classifier.weight", "classifier.out_proj.weight", "score.weight"].contains(&path);
    let weight = tensors.iter().find(|tensor| {
        Place::of(&tensor.name, config)
            .is_some_and(|place| place.role == Role::Saved && place.parameter.is_some_and(is_last))
    })?;
    let [labels, _] = weight.shape.as_slice() else { return None };
    let dims: &[&str] =
        if config.task_type.as_deref() == Some("TOKEN_CLS") { &["batch", "sequence"] } else { &["batch"] };
    let mut port = text_port("logits", &weight.dtype, dims, "class scores");
    port.dims.push(Dim::Fixed(*labels));
    Some(port)
}

fn head_ports(config: &HeadConfig) -> (Port, Port) {
    // Of `cls` the port is one token's state, and not the whole in which the engine finds it.
    let name = if config.input == HeadInput::Cls { "cls" } else { config.input.source() };
    let dims: &[&str] = if config.input.is_per_token() { &["batch", "sequence"] } else { &["batch"] };
    let mut input = text_port(name, "float32", dims, "hidden states");
    input.dims.push(Dim::Fixed(config.in_features));
    let meaning = if config.output == "logits" { "class scores" } else { "hidden states" };
    let mut output = text_port(&config.output, "float32", dims, meaning);
    output.dims.push(Dim::Fixed(config.out_features));
    (input, output)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
