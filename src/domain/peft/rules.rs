//! Which modules a PEFT config targets, and with which rank and scale.
//!
//! Patterns come from uploads, so they run on the `regex` crate alone: linear time, bounded size.
//! They are matched as bytes, since Unicode classes would only make them larger: names of modules
//! are identifiers.

use std::collections::{HashMap, HashSet};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::config::{MAX_PATH_BYTES, PeftConfig, Targets, dotted_ends, ends_in, has_end_of};
use crate::domain::finding::{Finding, excerpt};

/// The longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 16 << 10;
/// The most memory of a compiled pattern, or of all of one field, in bytes: it bounds the time that
/// a match takes for each byte of a name.
const MAX_COMPILED_BYTES: usize = 64 << 10;
/// The most patterns with special characters in one field.
const MAX_PATTERNS: usize = 1024;
/// The word that stands for every linear layer but the last.
const ALL_LINEAR: &str = "all-linear";

/// A pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pattern `{}` in `{field}` cannot be used: {why}", excerpt(.pattern))]
pub struct BadPattern {
    /// The config's field.
    pub field: &'static str,
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

impl BadPattern {
    /// The finding about the config at `path`.
    pub fn finding(&self, path: &str) -> Finding {
        Finding::error(
            "pattern_unsupported",
            format!("{path}: {}", self.field),
            format!("{self}."),
            "Use a shorter pattern without look-around and back-references, or list the modules by name.",
        )
    }
}

/// A config's rules, ready to be asked about modules. Paths are those of the model that the adapter
/// was trained on.
#[derive(Debug)]
pub struct Rules {
    target: Option<Matcher>,
    exclude: Option<Matcher>,
    feedforward: Option<Matcher>,
    saved: Vec<String>,
    layers: Vec<u64>,
    layer_patterns: Vec<Regex>,
    ranks: Patterns<u64>,
    alphas: Patterns<f64>,
    rslora: bool,
}

#[derive(Debug)]
enum Matcher {
    AllLinear,
    Whole(Regex),
    /// Paths or their ends behind a dot, sorted.
    Ends(Vec<String>),
}

impl Rules {
    /// Prepares a config's rules.
    ///
    /// # Errors
    /// When a pattern is no regular expression, needs look-around or back-references, or is too
    /// large.
    pub fn compile(config: &PeftConfig) -> Result<Self, BadPattern> {
        let matcher = |field, targets: &Option<Targets>| {
            targets.as_ref().map(|targets| Matcher::compile(field, targets)).transpose()
        };
        // Without a pattern any component counts, lazily: the first number is the layer.
        let layer_pattern =
            |pattern: &str| compile("layers_pattern", pattern, &format!(r"\A.*?\.(?:{pattern})\.(\d+)\."));
        let layer_patterns = match config.layers_pattern.as_slice() {
            [] => vec![layer_pattern("[^.]*")?],
            patterns => patterns.iter().take(16).map(|one| layer_pattern(one)).collect::<Result<_, _>>()?,
        };
        Ok(Self {
            target: matcher("target_modules", &config.target_modules)?,
            exclude: matcher("exclude_modules", &config.exclude_modules)?,
            feedforward: matcher("feedforward_modules", &config.feedforward_modules)?,
            saved: config.modules_to_save.clone(),
            layers: config.layers_to_transform.clone(),
            layer_patterns,
            ranks: Patterns::compile("rank_pattern", config.r, &config.rank_pattern)?,
            alphas: Patterns::compile("alpha_pattern", config.lora_alpha, &config.alpha_pattern)?,
            rslora: config.use_rslora,
        })
    }

    /// Whether the config targets this module. `all-linear` targets every module that is asked for.
    pub fn targets(&self, module: &str) -> bool {
        if module.len() > MAX_PATH_BYTES {
            return false;
        }
        if self.exclude.as_ref().is_some_and(|exclude| exclude.matches(module)) || self.is_saved(module) {
            return false;
        }
        match &self.target {
            None => false,
            Some(Matcher::Ends(ends)) => has_end_of(ends, module) && self.in_layers(module),
            Some(matcher) => matcher.matches(module),
        }
    }

    /// The listed targets that none of these modules is; empty when the targets are a pattern that
    /// matches one of them, and the pattern itself when it does not.
    pub fn unmatched<'a>(&'a self, modules: &[&str]) -> Vec<&'a str> {
        match &self.target {
            None | Some(Matcher::AllLinear) => Vec::new(),
            Some(Matcher::Whole(pattern))
                if modules.iter().any(|module| pattern.is_match(module.as_bytes())) =>
            {
                Vec::new()
            }
            Some(Matcher::Whole(pattern)) => vec![pattern.as_str()],
            Some(Matcher::Ends(ends)) => {
                let known: HashSet<&str> = modules.iter().flat_map(|module| dotted_ends(module)).collect();
                ends.iter().map(String::as_str).filter(|end| !known.contains(end)).collect()
            }
        }
    }

    /// Whether it takes regular expressions to answer, whose time grows with the names asked for.
    pub fn has_patterns(&self) -> bool {
        let is_pattern = |matcher: &Option<Matcher>| matches!(matcher, Some(Matcher::Whole(_)));
        [&self.target, &self.exclude, &self.feedforward].into_iter().any(is_pattern)
            || !self.ranks.special.is_empty()
            || !self.alphas.special.is_empty()
            || !self.layers.is_empty()
    }

    /// Whether the targets are `all-linear`.
    pub fn is_all_linear(&self) -> bool {
        matches!(self.target, Some(Matcher::AllLinear))
    }

    /// Whether IA3 scales this module's input instead of its output.
    pub fn is_feedforward(&self, module: &str) -> bool {
        match &self.feedforward {
            None => false,
            // The library asks for the end of the text alone here, dot or not.
            Some(Matcher::Ends(ends)) => ends_in(ends, module),
            Some(matcher) => matcher.matches(module),
        }
    }

    /// LoRA's rank for a module.
    pub fn rank(&self, module: &str) -> u64 {
        self.ranks.value(module)
    }

    /// LoRA's alpha for a module.
    pub fn alpha(&self, module: &str) -> f64 {
        self.alphas.value(module)
    }

    /// The factor that LoRA's update of a module is multiplied by.
    #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
    pub fn scale(&self, module: &str) -> f64 {
        let rank = self.rank(module) as f64;
        self.alpha(module) / if self.rslora { rank.sqrt() } else { rank }
    }

    /// Whether the module is one that is stored whole, or lies in one.
    fn is_saved(&self, module: &str) -> bool {
        let mut beginnings = module.match_indices('.').map(|(at, _)| &module[..at]).chain([module]);
        !self.saved.is_empty() && beginnings.any(|beginning| ends_in(&self.saved, beginning))
    }

    fn in_layers(&self, module: &str) -> bool {
        if self.layers.is_empty() {
            return true;
        }
        let captures = self.layer_patterns.iter().find_map(|pattern| pattern.captures(module.as_bytes()));
        let index =
            captures.and_then(|captures| std::str::from_utf8(captures.get(1)?.as_bytes()).ok()?.parse().ok());
        index.is_some_and(|index: u64| self.layers.contains(&index))
    }
}

impl Matcher {
    fn compile(field: &'static str, targets: &Targets) -> Result<Self, BadPattern> {
        Ok(match targets {
            Targets::Pattern(word) if word.eq_ignore_ascii_case(ALL_LINEAR) => Self::AllLinear,
            Targets::Pattern(pattern) => {
                Self::Whole(compile(field, pattern, &format!(r"\A(?:{pattern})\z"))?)
            }
            Targets::List(ends) => {
                let mut ends = ends.clone();
                ends.sort();
                ends.dedup();
                Self::Ends(ends)
            }
        })
    }

    fn matches(&self, module: &str) -> bool {
        match self {
            Self::AllLinear => true,
            Self::Whole(pattern) => pattern.is_match(module.as_bytes()),
            Self::Ends(ends) => has_end_of(ends, module),
        }
    }
}

/// Numbers by pattern: the first pattern that matches the path, or its end behind a dot, wins.
#[derive(Debug)]
struct Patterns<T> {
    default: T,
    values: Vec<T>,
    /// Patterns that are the end of a path, by text: configs of searched ranks have thousands.
    plain: HashMap<String, usize>,
    /// Patterns that are a whole path, by text.
    whole: HashMap<String, usize>,
    special: RegexSet,
    /// For each pattern in `special`, its place among all.
    places: Vec<usize>,
}

impl<T: Copy> Patterns<T> {
    fn compile(field: &'static str, default: T, pairs: &[(String, T)]) -> Result<Self, BadPattern> {
        let (mut plain, mut whole) = (HashMap::new(), HashMap::new());
        let (mut special, mut places) = (Vec::new(), Vec::new());
        for (place, (pattern, _)) in pairs.iter().enumerate() {
            if let Some((text, from_start)) = plain_text(pattern) {
                let texts = if from_start { &mut whole } else { &mut plain };
                texts.entry(text).or_insert(place);
            } else {
                // Alone first: a pattern may be whole only with the group around it, as `a)|(?:b`.
                if special.len() < MAX_PATTERNS {
                    compile(field, pattern, pattern)?;
                }
                special.push(format!(r"\A(?:.*\.)?(?:{pattern})\z"));
                places.push(place);
            }
        }
        if special.len() > MAX_PATTERNS {
            let why = "there are more than 1024 patterns with special characters".into();
            return Err(BadPattern { field, pattern: String::new(), why });
        }
        let special = RegexSetBuilder::new(special)
            .unicode(false)
            .size_limit(MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| bad(field, "", &error))?;
        Ok(Self {
            default,
            values: pairs.iter().map(|(_, value)| *value).collect(),
            plain,
            whole,
            special,
            places,
        })
    }

    fn value(&self, module: &str) -> T {
        let plain = dotted_ends(module).filter_map(|end| self.plain.get(end).copied());
        let special =
            self.special.matches(module.as_bytes()).into_iter().filter_map(|at| self.places.get(at).copied());
        let first = plain.chain(self.whole.get(module).copied()).chain(special).min();
        first.and_then(|place| self.values.get(place).copied()).unwrap_or(self.default)
    }
}

/// The text that a pattern without special characters stands for, and whether it is anchored to
/// the beginning.
fn plain_text(pattern: &str) -> Option<(String, bool)> {
    let (rest, from_start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
    let text = rest.replace(r"\.", ".");
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    plain.then_some((text, from_start))
}

fn compile(field: &'static str, pattern: &str, whole: &str) -> Result<Regex, BadPattern> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(BadPattern { field, pattern: excerpt(pattern), why: "it is longer than 16 KiB".into() });
    }
    let build = |text: &str| {
        RegexBuilder::new(text)
            .unicode(false)
            .size_limit(MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| bad(field, pattern, &error))
    };
    build(pattern)?;
    build(whole)
}

fn bad(field: &'static str, pattern: &str, error: &regex::Error) -> BadPattern {
    // The last line says what is wrong; those before it draw the pattern.
    let text = error.to_string();
    let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    BadPattern { field, pattern: excerpt(pattern), why: excerpt(why) }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
