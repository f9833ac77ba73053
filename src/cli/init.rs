//! `cambium init`: writes a manifest for a folder by reading the folder.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::findings;
use super::folder::Folder;
use crate::domain::finding::{Finding, excerpt};
use crate::domain::inspect::{self, Inspection};
use crate::domain::manifest::{FILE_NAME, Manifest, ModuleSection, Provenance, Requirement, SmokeSection};
use crate::domain::module::Kind;
use crate::domain::name::{ModuleName, NamespaceName};
use crate::domain::version::Version;

/// Write a cambium.toml for a folder by reading it.
///
/// Knows Hugging Face models, adapters, heads and TorchScript. Exits with 1 and writes
/// nothing when no registry could accept the folder.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder.
    pub dir: PathBuf,
    /// Name of the module, as `team/module`.
    #[arg(long, value_name = "NAMESPACE/NAME")]
    pub name: Option<ModuleName>,
    /// Version of the release.
    #[arg(long, default_value = "1.0.0")]
    pub version: Version,
    /// Kind of the module, where its files do not tell: backbone, adapter, head, decoder, bridge
    /// or router.
    #[arg(long)]
    pub kind: Option<Kind>,
    /// What it attaches to, as `team/backbone@^1.0`; may be given several times.
    #[arg(long, value_name = "NAMESPACE/NAME@RANGE", value_parser = requirement)]
    pub requires: Vec<Requirement>,
    /// Replace a cambium.toml that is there.
    #[arg(long)]
    pub force: bool,
}

/// Runs the command.
///
/// # Errors
/// When the folder cannot be read, has a manifest already, or does not tell its kind: exit code 2.
#[expect(clippy::unused_async, reason = "commands have one shape")]
pub async fn run(args: InitArgs) -> anyhow::Result<ExitCode> {
    let path = args.dir.join(FILE_NAME);
    if path.exists() && !args.force {
        bail!("{} is there already: edit it, or replace it with --force", path.display());
    }
    let folder = Folder::list(&args.dir)?;
    let facts = folder.facts()?;
    let found = inspect::derive(&facts);
    if !found.passes() {
        print!("{}", findings::rendered(&found.findings));
        println!("{} was not written: no registry could accept this folder.", path.display());
        return Ok(ExitCode::from(1));
    }
    let draft = Draft::new(&args, &folder.name, &found)?;
    let found = inspect::inspect(&draft.manifest, &facts);
    let text = draft.text()?;
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    print!("{}{}", draft.summary(&found), findings::rendered(&found.findings));
    println!("Wrote {}.", path.display());
    let code = u8::from(found.findings.iter().any(Finding::refuses));
    Ok(ExitCode::from(code))
}

fn requirement(text: &str) -> Result<Requirement, String> {
    let (module, range) = text.split_once('@').unwrap_or((text, "*"));
    let module = module.parse().map_err(|error| format!("{error}"))?;
    let version = range.parse().map_err(|error| format!("`{range}` is no range of versions: {error}"))?;
    Ok(Requirement { module, version, home: None })
}

/// A manifest in the making, and what is left to do about it.
struct Draft {
    manifest: Manifest,
    /// Whether `requires` is a guess.
    guessed: bool,
    to_do: Vec<&'static str>,
}

impl Draft {
    fn new(args: &InitArgs, folder: &str, found: &Inspection) -> anyhow::Result<Self> {
        let Some(kind) = args.kind.or(found.kind) else {
            bail!(
                "the files do not tell what kind of module it is: say it with --kind head, bridge, decoder, router or backbone"
            );
        };
        let name = match &args.name {
            Some(name) => name.clone(),
            None => module_name(&namespace(), folder)?,
        };
        let guess = (kind != Kind::Backbone && args.requires.is_empty())
            .then(|| guessed_requirement(&name, found.base_model.as_deref()))
            .transpose()?;
        let guessed = guess.is_some();
        let requires = args.requires.iter().cloned().chain(guess).collect();
        let (card, own) = (&found.card, name.as_str());
        let module = ModuleSection {
            kind,
            version: args.version.clone(),
            license: card.license.clone(),
            description: None,
            tasks: task(found).into_iter().collect(),
            labels: Default::default(),
            name: name.clone(),
        };
        let base_model = found.base_model.clone().filter(|base| base != own);
        let provenance = Provenance { base_model, datasets: card.datasets.clone(), ..Provenance::default() };
        let manifest = Manifest {
            module,
            requires,
            interface: None,
            router: None,
            provenance,
            smoke: SmokeSection::default(),
        };
        let mut draft = Self { manifest, guessed, to_do: Vec::new() };
        draft.note(args, found);
        Ok(draft)
    }

    fn note(&mut self, args: &InitArgs, found: &Inspection) {
        let mut note = |when: bool, what| {
            if when {
                self.to_do.push(what);
            }
        };
        note(args.name.is_none(), "module.name: check the namespace and the name");
        note(args.kind == Some(Kind::Router), "router.candidates: name the modules that it chooses among");
        note(self.guessed, "requires: name the module that it attaches to, as the registry knows it");
        note(found.card.license.is_none(), "module.license: no model card says under which license it is");
        note(ports_are_unknown(found), "interface: say what it takes and gives");
        note(true, "module.description: a sentence or two for people");
    }

    /// The manifest as TOML, with comments where something is left to do.
    fn text(&self) -> anyhow::Result<String> {
        let mut text = self.manifest.to_toml()?;
        if self.guessed {
            let comment = "# A guess: name the module that this one attaches to, as the registry knows it.\n";
            text = text.replacen("[[requires]]", &format!("{comment}[[requires]]"), 1);
        }
        if self.to_do.iter().any(|what| what.starts_with("interface")) {
            text.push_str(PORTS);
        }
        Ok(text)
    }

    fn summary(&self, found: &Inspection) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: &str| {
            if !value.is_empty() {
                // Writing into a String cannot fail.
                let _ = writeln!(text, "{label:<13} {value}");
            }
        };
        let Manifest { module, requires, provenance, .. } = &self.manifest;
        line("module", &format!("{}@{}", module.name, module.version));
        line("kind", module.kind.as_str());
        line("requires", &join(requires.iter().map(|one| format!("{} {}", one.module, one.version))));
        line("base model", provenance.base_model.as_deref().unwrap_or_default());
        line("license", module.license.as_deref().unwrap_or_default());
        line("tasks", &module.tasks.join(", "));
        line("data sets", &provenance.datasets.join(", "));
        let interface = &found.interface;
        line("architecture", interface.architecture.as_deref().unwrap_or_default());
        line("precision", interface.precision.as_deref().unwrap_or_default());
        line("takes", &join(interface.inputs.iter().map(|port| excerpt(&port.name))));
        line("gives", &join(interface.outputs.iter().map(|port| excerpt(&port.name))));
        let points = interface.attach_points.len();
        line("parameters", &if points > 0 { format!("{points} to attach to") } else { String::new() });
        for to_do in &self.to_do {
            line("left to do", to_do);
        }
        text
    }
}

/// A template for ports, which TorchScript does not tell.
const PORTS: &str = "
# What the module takes and gives: remove the signs in front and correct it.
# [[interface.inputs]]
# name = \"mean_pooled\"
# dtype = \"float32\"
# dims = [\"batch\", 384]
#
# [[interface.outputs]]
# name = \"logits\"
# dtype = \"float32\"
# dims = [\"batch\", 2]
";

fn ports_are_unknown(found: &Inspection) -> bool {
    found.anatomy.peft.is_none() && found.interface.inputs.is_empty()
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// The task in the Hub's words: the card's, or that of the adapter's config.
fn task(found: &Inspection) -> Option<String> {
    let of_config = || {
        Some(match found.anatomy.peft.as_ref()?.task_type.as_deref()? {
            "SEQ_CLS" => "text-classification",
            "TOKEN_CLS" => "token-classification",
            "CAUSAL_LM" => "text-generation",
            "QUESTION_ANS" => "question-answering",
            "FEATURE_EXTRACTION" => "feature-extraction",
            _ => return None,
        })
    };
    found.card.pipeline_tag.clone().or_else(|| of_config().map(str::to_owned))
}

/// The user's name where it can be a namespace.
fn namespace() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    let good = user != "root" && user.parse::<NamespaceName>().is_ok();
    if good { user } else { "my-team".to_owned() }
}

fn module_name(namespace: &str, text: &str) -> anyhow::Result<ModuleName> {
    let name = format!("{namespace}/{}", cleaned(text));
    name.parse()
        .with_context(|| format!("no name could be made of `{}`: give one with --name", excerpt(text)))
}

/// The text with everything taken out that a name may not have.
fn cleaned(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().take(60) {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
        let twice = matches!(c, '-' | '.') && name.ends_with(['-', '.']);
        if !twice {
            name.push(c);
        }
    }
    let name = name.trim_matches(['-', '.']);
    let name = name.strip_suffix(".git").unwrap_or(name);
    if name.is_empty() { "module".to_owned() } else { name.to_owned() }
}

/// The module that the base model's name suggests, in the same namespace.
fn guessed_requirement(name: &ModuleName, base: Option<&str>) -> anyhow::Result<Requirement> {
    let last = base.and_then(|base| base.trim_end_matches('/').rsplit('/').next()).unwrap_or("backbone");
    let module = module_name(name.namespace().as_str(), last)?;
    let version = semver::VersionReq::parse("^1.0").context("a range of versions")?;
    Ok(Requirement { module, version, home: None })
}

#[cfg(test)]
#[path = "init_tests.rs"]
mod tests;
