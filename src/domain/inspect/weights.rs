//! Weights of models, sharded or not, of heads, probes and evaluation sets.

use std::collections::{BTreeMap, BTreeSet};

use super::{Derivation, PROBE_FILE};
use crate::domain::dtype::Dtype;
use crate::domain::evaluation::{self, Outline};
use crate::domain::finding::{Finding, excerpt};
use crate::domain::formats::Format;
use crate::domain::head::HeadConfig;
use crate::domain::huggingface::{CONFIG_FILE, INDEX_FILE, ModelConfig, ShardIndex, WEIGHTS_FILE};
use crate::domain::interface::AttachPoint;
use crate::domain::module::Kind;
use crate::domain::reading::FileFacts;
use crate::domain::tokenization;
use crate::domain::weights::Tensor;

impl<'a> Derivation<'a> {
    /// The tensors of one file, sorted by name; none when it is absent or damaged.
    pub(super) fn points(&self, path: &str) -> Vec<AttachPoint> {
        let header = self.file(path).and_then(|file| file.header.as_ref());
        header.map(|header| header.tensors.iter().map(point).collect()).unwrap_or_default()
    }

    /// Whether there are weights at the top of the release beside the probe's and the evaluation set's.
    pub(super) fn has_weights(&self) -> bool {
        self.has(INDEX_FILE) || self.top_weights().next().is_some()
    }

    fn top_weights(&self) -> impl Iterator<Item = &'a FileFacts> {
        self.files.iter().filter(|file| {
            let path = file.path.as_str();
            let aside = [PROBE_FILE, evaluation::FILE].contains(&path);
            file.format == Format::Safetensors && !aside && !path.contains('/')
        })
    }

    /// A Hugging Face folder: a backbone, or another kind that is a whole model.
    pub(super) fn model(&mut self) {
        let tensors = self.model_tensors();
        if !self.has(CONFIG_FILE) {
            if !self.found.anatomy.torchscript {
                self.missing(CONFIG_FILE, "without it nothing says what the weights belong to");
            }
            self.found.anatomy.tensors = tensors;
            return;
        }
        self.found.kind = Some(Kind::Backbone);
        match self.content(CONFIG_FILE).map(ModelConfig::parse) {
            Some(Ok(config)) => self.found.interface = config.interface(tensors),
            Some(Err(why)) => self.malformed(CONFIG_FILE, &why),
            None => {}
        }
        match tokenization::read(
            self.content(tokenization::CONFIG_FILE),
            self.content(tokenization::TEMPLATE_FILE),
        ) {
            Ok(texts) => {
                self.found.interface.tokenizer = texts.tokenizer;
                self.found.interface.chat_template = texts.chat_template;
            }
            Err(why) => self.malformed(tokenization::CONFIG_FILE, &why),
        }
    }

    /// The floating-point tensors of the model's weights. Others, as position ids, are no
    /// parameters.
    fn model_tensors(&mut self) -> Vec<AttachPoint> {
        let is_float = |point: &AttachPoint| Dtype::from_torch(&point.dtype).is_some_and(Dtype::is_float);
        let mut points: Vec<AttachPoint> = if self.has(INDEX_FILE) {
            self.sharded()
        } else if self.has(WEIGHTS_FILE) {
            self.points(WEIGHTS_FILE)
        } else if let Some(only) = self.top_weights().next() {
            self.points(only.path.as_str())
        } else {
            if !self.found.anatomy.torchscript {
                self.missing(WEIGHTS_FILE, "a model is config.json and its weights as safetensors");
            }
            Vec::new()
        };
        points.retain(is_float);
        points
    }

    fn sharded(&mut self) -> Vec<AttachPoint> {
        let index = match self.content(INDEX_FILE).map(ShardIndex::parse) {
            Some(Ok(index)) => index,
            Some(Err(why)) => {
                self.malformed(INDEX_FILE, &why);
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut points = Vec::new();
        for shard in index.shards() {
            match self.file(shard) {
                None => self.missing(&excerpt(shard), "the index of shards names it"),
                Some(file) => {
                    let Some(header) = &file.header else { continue };
                    names.insert(shard, header.tensors.iter().map(|tensor| tensor.name.as_str()).collect());
                    points.extend(header.tensors.iter().map(point));
                }
            }
        }
        index.check(&names, &mut self.findings);
        points.sort();
        points.dedup_by(|a, b| a.name == b.name);
        points
    }

    /// The tensors of a head are those of its layers, and nothing else.
    pub(super) fn head_tensors(&mut self, config: &HeadConfig, file: &str) {
        // Of a file that is absent or damaged that was said already.
        if self.file(file).is_none_or(|file| file.header.is_none()) {
            return;
        }
        let tensors = self.found.anatomy.tensors.iter();
        let tensors: Vec<_> = tensors.map(|tensor| (tensor.name.as_str(), tensor.shape.clone())).collect();
        self.findings.extend(config.fit(&tensors, file).findings);
    }

    /// A probe's tensors are `input.NAME` and `output.NAME`.
    pub(super) fn probe(&mut self) {
        let Some(header) = self.file(PROBE_FILE).and_then(|file| file.header.as_ref()) else { return };
        for tensor in &header.tensors {
            if !["input.", "output."].iter().any(|begin| tensor.name.starts_with(begin)) {
                let name = excerpt(&tensor.name);
                let message =
                    format!("`{name}` in {PROBE_FILE} is neither an input nor an output, and is ignored.");
                let remedy = "Name the probe's tensors `input.NAME` and `output.NAME`.";
                self.findings.push(Finding::warning(
                    "unexpected_key",
                    format!("{PROBE_FILE}: {name}"),
                    message,
                    remedy,
                ));
            }
        }
    }

    /// An evaluation set is what its header promises: inputs, and as many labels as they have rows.
    pub(super) fn evaluation(&mut self) {
        let Some(header) = self.file(evaluation::FILE).and_then(|file| file.header.as_ref()) else { return };
        let outline = Outline::of(header);
        let is_known = |name: &str| match &outline {
            Ok(outline) => outline.explains(name),
            Err(_) => true,
        };
        let strange: Vec<&Tensor> = header.tensors.iter().filter(|tensor| !is_known(&tensor.name)).collect();
        match outline {
            Err(why) => self.findings.push(evaluation::bad(evaluation::FILE, &why)),
            Ok(outline) if outline.metric != evaluation::ACCURACY => {
                self.findings.push(evaluation::unknown_metric(evaluation::FILE, &outline.metric));
            }
            Ok(_) => {}
        }
        for tensor in strange {
            let (file, name) = (evaluation::FILE, excerpt(&tensor.name));
            let message = format!("`{name}` in {file} is no input, no labels and no group, and is ignored.");
            let remedy = "Name the set's tensors `input.NAME`, `labels` and `group`.";
            self.findings.push(Finding::warning(
                "unexpected_key",
                format!("{file}: {name}"),
                message,
                remedy,
            ));
        }
    }
}

fn point(tensor: &Tensor) -> AttachPoint {
    AttachPoint { name: tensor.name.clone(), dtype: tensor.dtype.to_string(), shape: tensor.shape.clone() }
}
