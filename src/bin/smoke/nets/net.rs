//! A network: its family, and its parameters with what is attached to them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cambium::domain::bottleneck::Joints;
use cambium::domain::finding::Finding;
use tch::TchError;

use super::{Family, Takes, Virtual, misshapen, parts};
use crate::adapter::Attached;
use crate::device;
use crate::load::Tensors;
use crate::parameters::{Parameters, Rounding};
use crate::values::{Values, mean_pool, share};
use crate::weights::Weights;

/// A head that marks where an answer begins and ends; no output of ours.
const SPANS: &str = "qa_outputs.";

/// A network that can be run.
#[derive(Debug)]
pub struct Net {
    family: Box<dyn Family>,
    /// Its parameters.
    pub weights: Weights,
    /// The id of tokens that are padding.
    padding: i64,
    /// The checkpoint's names of parameters that are called otherwise here.
    names: BTreeMap<String, String>,
}

/// What a checkpoint's names came to.
#[derive(Debug, Default)]
pub struct Keys {
    /// Parameters that the network uses.
    pub consumed: usize,
    /// Known to be no part of the forward pass, as `position_ids` and pretraining heads.
    pub ignored: Vec<String>,
    /// Needed and not there.
    pub missing: Vec<String>,
    /// There and not known.
    pub unexpected: Vec<String>,
    /// One finding for each parameter of another shape than the config demands.
    pub misshapen: Vec<Finding>,
}

impl Net {
    /// Builds the network from a checkpoint, in which `padding` is the id of padding and whose weights may take `budget` bytes of memory; [`Keys`] say
    /// whether it is complete.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn new(
        family: Box<dyn Family>,
        padding: i64,
        tensors: Tensors,
        budget: u64,
    ) -> Result<(Self, Keys), TchError> {
        let (mut named, mut names) = (Tensors::new(), BTreeMap::new());
        let mut keys = Keys::default();
        for (name, tensor) in tensors {
            let path = canonical(family.as_ref(), &name).into_owned();
            if family.ignores(&path) || path.starts_with(SPANS) {
                keys.ignored.push(name);
                continue;
            }
            let module = path.strip_suffix(".weight");
            let transposed = tensor.dim() == 2 && module.is_some_and(|module| family.is_transposed(module));
            let tensor = if transposed { tensor.f_transpose(0, 1)? } else { tensor };
            if named.insert(path.clone(), tensor).is_some() {
                keys.unexpected.push(name);
            } else if path != name {
                names.insert(path, name);
            }
        }
        let tied = family.tied().filter(|(weight, _)| !named.contains_key(*weight));
        let alias = tied.and_then(|(weight, table)| Some((weight, named.get(table)?.shallow_clone())));
        let mut expected = family.shapes(&named).0;
        expected.extend(family.heads(&named).0);
        for (name, shape) in &expected {
            match named.get(name) {
                None if alias.as_ref().is_some_and(|(weight, _)| weight == name) => {}
                None => keys.missing.push(name.clone()),
                Some(tensor) if tensor.size() != *shape => {
                    keys.misshapen.push(misshapen(name, tensor, shape));
                }
                Some(_) => keys.consumed += 1,
            }
        }
        let known: BTreeSet<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
        keys.unexpected.extend(named.keys().filter(|name| !known.contains(name.as_str())).cloned());
        let mut weights = Weights::new(device::all_there(named)?, budget);
        if let Some((weight, table)) = alias {
            weights.tie(weight, device::there(&table)?);
        }
        Ok((Self { family, weights, padding, names }, keys))
    }

    /// The id of tokens that are padding.
    pub fn padding(&self) -> i64 {
        self.padding
    }

    /// What it is given.
    pub fn takes(&self) -> Takes {
        self.family.takes()
    }

    /// The path here of a parameter or module that a checkpoint or an adapter calls `name`.
    pub fn canonical<'a>(&self, name: &'a str) -> Cow<'a, str> {
        canonical(self.family.as_ref(), name)
    }

    /// Whether a parameter or module belongs to a head.
    pub fn is_head(&self, path: &str) -> bool {
        is_head(self.family.as_ref(), path)
    }

    /// The paths of all matrices as the adapter's model calls them, which `modules` of it show: with the
    /// bare network's name in front or without, and with today's names or those of the file.
    pub fn matrices_for<'a>(&self, modules: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
        let prefix = format!("{}.", self.family.prefix());
        let inside = modules.clone().any(|module| module.starts_with(&prefix));
        let renamed = self.family.renamed();
        let has_new = modules.clone().any(|module| renamed.in_file(module).is_some());
        let matrices = self.weights.all().iter().filter(|(_, tensor)| tensor.dim() == 2);
        let named = matrices.filter_map(|(path, _)| path.strip_suffix(".weight")).map(|path| {
            let new = renamed.in_model(path).filter(|_| has_new);
            let name = new.as_deref().unwrap_or(path);
            if inside && !self.is_head(path) { format!("{prefix}{name}") } else { name.to_owned() }
        });
        named.collect()
    }

    /// Parameters of the heads that `named` has a part of, with their shapes.
    pub fn heads(&self, named: &Tensors) -> Vec<(String, Vec<i64>)> {
        self.family.heads(named).0
    }

    /// Whether the module at this path stores its weight as [in, out].
    pub fn is_transposed(&self, path: &str) -> bool {
        self.family.is_transposed(path)
    }

    /// What the checkpoint calls the parameter at this path.
    pub fn name_in_file(&self, path: &str) -> String {
        self.names.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }

    /// The forward pass with what each of the `lanes` of the batch puts on the weights: what the family gives, and for networks that take tokens `mean_pooled`, the
    /// mean of `last_hidden_state` over the tokens that are not padding, virtual ones included. What is
    /// per token is of the input's tokens alone, so that outputs keep the shape that is declared.
    ///
    /// # Errors
    /// Whatever libtorch raises.
    pub fn forward(
        &self,
        inputs: &Values,
        lanes: &[Rc<Attached>],
        rounds: Rounding,
    ) -> Result<Values, TchError> {
        let parameters = Parameters::new(&self.weights, lanes, rounds);
        let inputs = device::all_there(share(inputs))?;
        let inputs = &parameters.with_prompt(&inputs)?;
        let mut outputs = self.family.forward(&parameters, inputs)?;
        // What is per token of the input: the encoder's where there is a decoder too.
        let hidden =
            ["encoder_last_hidden_state", "last_hidden_state"].iter().find_map(|name| outputs.get(*name));
        if let (Takes::Tokens { .. }, Some(hidden)) = (self.takes(), hidden) {
            let tokens = hidden.size()[1];
            let mask = parts::token_mask(inputs)?.f_narrow(1, parts::before(inputs)?, tokens)?;
            let pooled = mean_pool(hidden, &mask)?;
            outputs.insert("mean_pooled".to_owned(), pooled);
            // A decoder's tokens are its own, and may happen to be as many.
            let per_token =
                outputs.contains_key("encoder_last_hidden_state").then_some("encoder_last_hidden_state");
            leave_prompt(parameters.virtual_tokens(), &mut outputs, tokens, per_token)?;
        }
        device::all_back(outputs)
    }
}

impl Net {
    /// What virtual tokens have to be like, where the network can be given some.
    pub fn virtual_tokens(&self) -> Option<Virtual> {
        self.family.virtual_tokens()
    }

    /// Where bottleneck adapters can stand, the number of layers, and their width.
    pub fn joints(&self) -> Option<(Joints, i64, i64)> {
        self.family.joints()
    }
}

/// Cuts `more` virtual tokens off of what is per token, of which there are `tokens` with them: of all such
/// outputs, or the `only` one.
fn leave_prompt(more: i64, outputs: &mut Values, tokens: i64, only: Option<&str>) -> Result<(), TchError> {
    for (name, value) in outputs.iter_mut().filter(|_| more > 0) {
        if only.is_none_or(|only| only == name) && value.dim() > 2 && value.size()[1] == tokens {
            *value = value.f_narrow(1, more, tokens - more)?;
        }
    }
    Ok(())
}

fn is_head(family: &dyn Family, path: &str) -> bool {
    let first = path.split_once('.').map_or(path, |(first, _)| first);
    family.head_names().contains(&first)
}

fn canonical<'a>(family: &dyn Family, name: &'a str) -> Cow<'a, str> {
    let prefix = family.prefix();
    let bare = match name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')) {
        Some(rest) if !prefix.is_empty() => rest,
        _ => name,
    };
    family.rename(bare).or_else(|| family.renamed().in_file(bare)).map_or(Cow::Borrowed(bare), Cow::Owned)
}
