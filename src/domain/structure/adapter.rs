//! PEFT adapters: every tensor consumed, none unexpected, each target there with the right shape.

use std::collections::{BTreeMap, BTreeSet};

use super::Fit;
use super::backbone::Backbone;
use super::reasons::{
    SUBJECT, misshapen, missing, no_attach_points, not_understood, saved_without_place, target_not_found,
    too_costly, unknown_method, untargeted,
};
use crate::domain::finding::{Finding, Findings, excerpt};
use crate::domain::interface::{AttachPoint, Interface};
use crate::domain::peft::{Naming, PREFIX, PeftConfig, Place, Role, Rules};

/// The methods whose files are understood.
const METHODS: [&str; 7] = ["LORA", "IA3", "ADALORA", "VERA", "PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING"];
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
    if config.is_prompt() {
        check.prompt();
    } else {
        check.targets();
        check.shapes();
        check.halves();
        check.untouched_targets();
    }
    check.saved();
    if !config.unsupported.is_empty() {
        check.findings.push(not_understood(&config.unsupported));
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
    /// What belongs to no module, by role.
    whole: BTreeMap<Role, &'a AttachPoint>,
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
        let (mut placed, mut whole, mut saved) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for tensor in tensors {
            match Place::of(&tensor.name, config) {
                Some(place) if place.role == Role::Saved => saved.push((place, tensor)),
                Some(place) if place.module.is_empty() => drop(whole.insert(place.role, tensor)),
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
            whole,
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
            if let Some(expected) = self.expected(module, *role, weight)
                && !fits(&expected, &tensor.shape)
            {
                self.findings.push(misshapen(
                    tensor,
                    &expected,
                    &format!("the backbone's weight {weight:?}"),
                ));
            }
        }
        self.shared();
    }

    /// VeRA's shared matrices are there when they are stored, and as large as the largest target needs.
    fn shared(&mut self) {
        if !self.config.is_vera() || !self.config.save_projection {
            return;
        }
        let lambdas = self.placed.keys().filter(|(_, role)| *role == Role::LambdaB).copied();
        let sizes = lambdas.filter_map(|(module, _)| self.outputs_and_inputs(module));
        let (out, input) = sizes.fold((0, 0), |(out, input), (o, i)| (out.max(o), input.max(i)));
        let rank = Some(self.config.r);
        for (role, name, expected) in [
            (Role::SharedA, "base_model.vera_A", [rank, Some(input)]),
            (Role::SharedB, "base_model.vera_B", [Some(out), rank]),
        ] {
            match self.whole.get(&role) {
                None => self.findings.push(missing(name, "`save_projection` is set", true)),
                Some(tensor) if !fits(&expected, &tensor.shape) => {
                    self.findings.push(misshapen(tensor, &expected, "the largest of the targets"));
                }
                Some(_) => {}
            }
        }
    }

    /// What is put in front is as wide as the embedding, or as all layers' keys and values.
    fn prompt(&mut self) {
        let Some(tensor) = self.whole.get(&Role::Prompt) else {
            return self.findings.push(missing(
                "prompt_embeddings",
                "it is all that the method learns",
                true,
            ));
        };
        let prefix = self.config.is_prefix();
        let width = if prefix { self.backbone.keys_and_values() } else { self.backbone.embedded() };
        self.all_checked &= width.is_some();
        let expected = [Some(self.config.prompt_rows()), width];
        if !fits(&expected, &tensor.shape) {
            let of = if prefix { "keys and values of all layers" } else { "the backbone's embedding" };
            self.findings.push(misshapen(tensor, &expected, of));
        }
    }

    /// How many numbers a module gives and takes.
    fn outputs_and_inputs(&self, module: &str) -> Option<(u64, u64)> {
        let weight = self.backbone.weight(&self.naming.to_backbone(module))?;
        let &[first, second, ..] = weight else { return None };
        let last = module.rsplit('.').next().unwrap_or(module);
        let turned = self.backbone.conv1d && ["c_attn", "c_proj", "c_fc", "q_attn"].contains(&last);
        Some(if turned { (second, first) } else { (first, second) })
    }

    /// The shape that a tensor has to have on a weight; `None` in it for any size, and `None` for
    /// it where there is nothing to compare with.
    fn expected(&self, module: &str, role: Role, weight: &[u64]) -> Option<Vec<Option<u64>>> {
        // AdaLoRA stores what is left of its first rank.
        let ranked = self.config.is_lora() || self.config.is_vera();
        let rank = ranked.then(|| self.rules.rank(module));
        let (_, kernel) = weight.split_first_chunk::<2>()?;
        let (out, input) = self.outputs_and_inputs(module)?;
        let ones = kernel.iter().map(|_| Some(1));
        let (out_, in_) = (Some(out), Some(input));
        Some(match role {
            Role::LoraA => [rank, in_].into_iter().chain(kernel.iter().copied().map(Some)).collect(),
            Role::LoraB => [out_, rank].into_iter().chain(ones).collect(),
            Role::EmbeddingA => vec![rank, out_],
            Role::EmbeddingB => vec![in_, rank],
            Role::LoraE => vec![rank, Some(1)],
            Role::LambdaD => vec![rank],
            Role::LoraBBias | Role::BaseBias | Role::LambdaB => vec![out_],
            Role::Magnitude if kernel.is_empty() => vec![out_],
            Role::Factors if self.rules.is_feedforward(module) => {
                [Some(1), in_].into_iter().chain(ones).collect()
            }
            Role::Factors if kernel.is_empty() => vec![out_, Some(1)],
            Role::BaseWeight => weight.iter().copied().map(Some).collect(),
            Role::Magnitude | Role::Factors | Role::RankNumber => return None,
            Role::Saved | Role::SharedA | Role::SharedB | Role::Prompt => return None,
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
                let end = match self.config.peft_type.as_str() {
                    "IA3" => ".ia3_l",
                    "VERA" => ".vera_lambda_b",
                    _ => ".lora_A.weight",
                };
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
