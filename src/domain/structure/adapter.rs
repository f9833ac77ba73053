//! PEFT adapters: every tensor consumed, none unexpected, each target there with the right shape.

use std::collections::{BTreeMap, BTreeSet};

use super::Fit;
use super::backbone::Backbone;
use super::reasons::{
    SUBJECT, missing, no_attach_points, saved_without_place, target_not_found, too_costly, unknown_method,
    unsupported, untargeted,
};
use crate::domain::finding::{Finding, Findings, excerpt};
use crate::domain::interface::{AttachPoint, Interface};
use crate::domain::peft::{Naming, PREFIX, PeftConfig, Place, Role, Rules};

/// The methods whose files are understood.
const METHODS: [&str; 3] = ["LORA", "IA3", "ADALORA"];
/// Task heads that the library puts on a bare backbone, so that its file cannot have them.
const TASK_HEADS: [&str; 6] = ["classifier", "score", "qa_outputs", "pre_classifier", "lm_head", "projector"];
/// The most names that regular expressions of an upload are matched against.
const MOST_MATCHED: usize = 20_000;

/// Checks an adapter's tensors and config against its backbone.
pub(super) fn check(config: &PeftConfig, tensors: &[AttachPoint], backbone: &Interface) -> Fit {
    if !METHODS.contains(&config.peft_type.as_str()) {
        return Fit::of(vec![unknown_method(config, &METHODS)], false);
    }
    if backbone.attach_points.is_empty() {
        return Fit::of(vec![no_attach_points()], false);
    }
    let rules = match Rules::compile(config) {
        Ok(rules) => rules,
        Err(bad) => return Fit::of(vec![bad.finding("adapter_config.json")], true),
    };
    let backbone = Backbone::new(backbone);
    if rules.has_patterns() && tensors.len() + backbone.modules.len() > MOST_MATCHED {
        return Fit::of(vec![too_costly(MOST_MATCHED)], false);
    }
    let mut check = Check::new(config, &rules, tensors, &backbone);
    check.unexpected(tensors);
    check.targets();
    check.shapes();
    check.halves();
    check.untouched_targets();
    check.saved();
    if !config.unsupported.is_empty() {
        check.findings.push(unsupported(config));
        check.all_checked = false;
    }
    Fit::of(check.findings.into_vec(), check.all_checked)
}

struct Check<'a> {
    config: &'a PeftConfig,
    rules: &'a Rules,
    backbone: &'a Backbone<'a>,
    naming: Naming,
    /// By module and role; saved parameters are in `saved`.
    placed: BTreeMap<(&'a str, Role), &'a AttachPoint>,
    saved: Vec<(Place<'a>, &'a AttachPoint)>,
    findings: Findings,
    all_checked: bool,
}

impl<'a> Check<'a> {
    fn new(
        config: &'a PeftConfig,
        rules: &'a Rules,
        tensors: &'a [AttachPoint],
        backbone: &'a Backbone<'a>,
    ) -> Self {
        let (mut placed, mut saved) = (BTreeMap::new(), Vec::new());
        for tensor in tensors {
            match Place::of(&tensor.name, config) {
                Some(place) if place.role == Role::Saved => saved.push((place, tensor)),
                Some(place) => {
                    placed.insert((place.module, place.role), tensor);
                }
                None => {}
            }
        }
        let modules: BTreeSet<&str> = placed.keys().map(|(module, _)| *module).collect();
        let names = backbone.modules.iter().copied();
        let naming =
            Naming::between(&modules, names, backbone.renamed, |module| backbone.weight(module).is_some());
        Self {
            config,
            rules,
            backbone,
            naming,
            placed,
            saved,
            findings: Findings::default(),
            all_checked: true,
        }
    }

    fn unexpected(&mut self, tensors: &[AttachPoint]) {
        for tensor in tensors {
            let name = excerpt(&tensor.name);
            if Place::of(&tensor.name, self.config).is_none() {
                let message = format!("Nothing in the config explains the tensor `{name}`.");
                let remedy = "Save the adapter again with the peft library, or leave the tensor out.";
                self.findings.push(Finding::error("unexpected_key", name, message, remedy));
            } else if !tensor.dtype.contains("float") {
                let message = format!(
                    "Tensor `{name}` holds {}, and weights are floating-point numbers.",
                    tensor.dtype
                );
                let remedy = "Save the adapter in float32, float16 or bfloat16.";
                let finding = Finding::error("dtype_mismatch", name, message, remedy);
                self.findings.push(finding.with_change("float32", tensor.dtype.as_str()));
            }
        }
    }

    /// Each target named by the config, and each module that has tensors, is in the backbone; and
    /// only targeted modules have tensors.
    fn targets(&mut self) {
        let ours: Vec<String> =
            self.backbone.modules.iter().map(|name| self.naming.to_adapter(name).into_owned()).collect();
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let present = self.modules_with_tensors();
        // A tied output layer is no module of the file, and yet a target.
        let known: Vec<&str> =
            ours.iter().copied().chain(present.iter().copied().filter(|one| self.has(one))).collect();
        let mut missing: BTreeSet<String> = self.rules.unmatched(&known).into_iter().map(excerpt).collect();
        for module in &present {
            if !self.has(module) {
                let last = module.rsplit('.').next().unwrap_or(module);
                if !missing.contains(last) {
                    missing.insert(excerpt(module));
                }
            } else if !self.rules.targets(module) && self.has_role_of_targets(module) {
                self.findings.push(untargeted(module));
            }
        }
        if !missing.is_empty() {
            self.findings.push(target_not_found(&missing, &self.backbone.modules));
        } else if !self.rules.is_all_linear() && !known.iter().any(|module| self.rules.targets(module)) {
            let message = "The config targets no module of the backbone.";
            let remedy =
                "Check `target_modules`, `exclude_modules` and `layers_to_transform` in adapter_config.json.";
            self.findings.push(Finding::error("target_not_found", SUBJECT, message, remedy));
        }
    }

    fn modules_with_tensors(&self) -> BTreeSet<&'a str> {
        self.placed.keys().map(|(module, _)| *module).collect()
    }

    fn has(&self, module: &str) -> bool {
        self.backbone.weight(&self.naming.to_backbone(module)).is_some()
    }

    /// Whether the module has a tensor other than a bias: biases may be stored of any module.
    fn has_role_of_targets(&self, module: &'a str) -> bool {
        self.placed.range((module, Role::LoraA)..=(module, Role::Factors)).next().is_some()
    }

    fn shapes(&mut self) {
        for ((module, role), tensor) in &self.placed {
            let Some(weight) = self.backbone.weight(&self.naming.to_backbone(module)) else { continue };
            let expected = self.expected(module, *role, weight);
            if expected.is_some_and(|expected| !fits(&expected, &tensor.shape)) {
                let expected: Vec<String> =
                    self.expected(module, *role, weight).into_iter().flatten().map(shown).collect();
                let expected = format!("[{}]", expected.join(", "));
                let (name, found) = (excerpt(&tensor.name), format!("{:?}", tensor.shape));
                let message = format!(
                    "Tensor `{name}` has the shape {found}, and the backbone's weight {weight:?} needs {expected}."
                );
                let remedy =
                    "Train the adapter on this backbone, or require the releases that it was trained on.";
                let finding = Finding::error("shape_mismatch", name, message, remedy);
                self.findings.push(finding.with_change(expected, found));
            }
        }
    }

    /// The shape that a tensor has to have on a weight; `None` in it for any size, and `None` for
    /// it where there is nothing to compare with.
    fn expected(&self, module: &str, role: Role, weight: &[u64]) -> Option<Vec<Option<u64>>> {
        // AdaLoRA stores what is left of its first rank.
        let rank = self.config.is_lora().then(|| self.rules.rank(module));
        let (&[first, second], kernel) = weight.split_first_chunk()?;
        let (mut out, mut input) = (first, second);
        let last = module.rsplit('.').next().unwrap_or(module);
        if self.backbone.conv1d && ["c_attn", "c_proj", "c_fc", "q_attn"].contains(&last) {
            (out, input) = (input, out);
        }
        let ones = kernel.iter().map(|_| Some(1));
        let (out_, in_) = (Some(out), Some(input));
        Some(match role {
            Role::LoraA => [rank, in_].into_iter().chain(kernel.iter().copied().map(Some)).collect(),
            Role::LoraB => [out_, rank].into_iter().chain(ones).collect(),
            Role::EmbeddingA => vec![rank, out_],
            Role::EmbeddingB => vec![in_, rank],
            Role::LoraE => vec![rank, Some(1)],
            Role::LoraBBias | Role::BaseBias => vec![out_],
            Role::Magnitude if kernel.is_empty() => vec![out_],
            Role::Factors if self.rules.is_feedforward(module) => {
                [Some(1), in_].into_iter().chain(ones).collect()
            }
            Role::Factors if kernel.is_empty() => vec![out_, Some(1)],
            Role::BaseWeight => weight.iter().copied().map(Some).collect(),
            Role::Magnitude | Role::Factors | Role::RankNumber | Role::Saved => return None,
        })
    }

    fn halves(&mut self) {
        for (module, role) in self.placed.keys() {
            let Some(other) = role.other_half() else { continue };
            if !self.placed.contains_key(&(*module, other)) {
                let name = format!("{PREFIX}{module}{}", other.suffix().unwrap_or_default());
                self.findings.push(missing(&name, "its other half is there", true));
            }
            let needs_magnitude = self.config.use_dora && *role == Role::LoraA;
            if needs_magnitude && !self.placed.contains_key(&(*module, Role::Magnitude)) {
                let name = format!("{PREFIX}{module}{}", Role::Magnitude.suffix().unwrap_or_default());
                self.findings.push(missing(&name, "`use_dora` is set", true));
            }
        }
    }

    /// Modules that the config targets and that have no tensors. Where every layer has its like it
    /// is an error; elsewhere the trained model may have lacked the module, as poolers often are.
    fn untouched_targets(&mut self) {
        if self.rules.is_all_linear() {
            return;
        }
        let with_tensors = self.modules_with_tensors();
        for name in &self.backbone.modules {
            let module = self.naming.to_adapter(name);
            if self.rules.targets(&module) && !with_tensors.contains(module.as_ref()) {
                let in_layer = module.split('.').any(|part| part.parse::<u64>().is_ok());
                let end = if self.config.peft_type == "IA3" { ".ia3_l" } else { ".lora_A.weight" };
                self.findings.push(missing(
                    &format!("{PREFIX}{module}{end}"),
                    "the config targets its module",
                    in_layer,
                ));
            }
        }
    }

    fn saved(&mut self) {
        for (place, tensor) in &self.saved {
            let path = place.replaced().unwrap_or_default();
            let theirs = self.backbone.parameters.get(self.naming.to_backbone(&path).as_ref());
            let last = place.module.rsplit('.').next().unwrap_or(place.module);
            let expected = match theirs {
                Some(point) => point.shape.clone(),
                None if TASK_HEADS.contains(&last) => match self.head_shape(place, tensor) {
                    Some(shape) => shape,
                    None => continue,
                },
                None => {
                    self.all_checked = false;
                    self.findings.push(saved_without_place(&tensor.name));
                    continue;
                }
            };
            if expected != tensor.shape {
                let (name, found) = (excerpt(&tensor.name), format!("{:?}", tensor.shape));
                let message =
                    format!("Tensor `{name}` has the shape {found}, and this backbone needs {expected:?}.");
                let remedy =
                    "Train the adapter on this backbone, or require the releases that it was trained on.";
                let finding = Finding::error("shape_mismatch", name, message, remedy);
                self.findings.push(finding.with_change(format!("{expected:?}"), found));
            }
        }
        self.missing_head();
    }

    /// The shape of a task head's first matrix: as many columns as the backbone is wide.
    fn head_shape(&self, place: &Place<'_>, tensor: &AttachPoint) -> Option<Vec<u64>> {
        let rest = place.parameter?.strip_prefix(place.module)?;
        let [labels, _] = tensor.shape.as_slice() else { return None };
        let first = rest == ".weight" || rest == ".dense.weight";
        Some(vec![*labels, self.backbone.hidden_size.filter(|_| first)?])
    }

    /// A classifier that was trained and not saved would be random numbers after loading.
    fn missing_head(&mut self) {
        let classifies = matches!(self.config.task_type.as_deref(), Some("SEQ_CLS" | "TOKEN_CLS"));
        if classifies && self.saved.is_empty() {
            self.findings.push(missing(
                &format!("{PREFIX}classifier.weight"),
                "the task is a classification",
                false,
            ));
        }
    }
}

fn fits(expected: &[Option<u64>], found: &[u64]) -> bool {
    expected.len() == found.len()
        && expected.iter().zip(found).all(|(want, have)| want.is_none_or(|want| want == *have))
}

fn shown(size: Option<u64>) -> String {
    size.map_or_else(|| "r".to_owned(), |size| size.to_string())
}
