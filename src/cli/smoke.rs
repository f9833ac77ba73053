//! `cambium smoke`: run modules together and say whether they work, without a server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::folder::Folder;
use super::{findings, terminal};
use crate::domain::device::Device;
use crate::domain::finding::Finding;
use crate::domain::module::Kind;
use crate::domain::smoke::{Check, CheckStatus, Job, Limits, Part, Report, RunFigures};
use crate::domain::verdict::Verdict;
use crate::work::sandbox;

/// Run a backbone, with modules on it, in a sandbox, and say whether they work together.
///
/// Exits with 0 when compatible, 1 when incompatible, 2 when it could not be run.
#[derive(Debug, Args)]
pub struct SmokeArgs {
    /// Folder of the backbone, or of a module that runs alone.
    #[arg(value_name = "BACKBONE_DIR")]
    pub backbone: PathBuf,
    /// Folder of an adapter, head or bridge to put on it; may be given several times.
    #[arg(long = "with", value_name = "MODULE_DIR")]
    pub modules: Vec<PathBuf>,
    /// Folder of the backbone that the modules were made for, to measure how far they drift.
    #[arg(long, value_name = "BACKBONE_DIR")]
    pub home: Option<PathBuf>,
    /// Inputs (`input.*`) and golden outputs (`output.*`).
    #[arg(long, value_name = "FILE.safetensors")]
    pub probe: Option<PathBuf>,
    /// Evaluation set: inputs (`input.*`, or their bare names), `labels`, and `group` where there are groups.
    #[arg(long = "eval", value_name = "FILE.safetensors")]
    pub evaluation: Option<PathBuf>,
    /// Seed of the inputs that are made where no probe is given or shipped.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Wall time after which the run is killed, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().wall_seconds)]
    pub time_limit: u64,
    /// Memory beyond libtorch and weights, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().memory_bytes >> 20)]
    pub memory_limit: u64,
    /// Threads that compute.
    #[arg(long, default_value_t = Limits::default().threads)]
    pub threads: u32,
    /// Where it computes: `cpu`, or `cuda:N` where the engine was built with a libtorch with CUDA.
    #[arg(long, default_value_t = Device::Cpu)]
    pub device: Device,
    /// Run even where the machine cannot confine it fully; for files that you trust.
    #[arg(long)]
    pub allow_partial_sandbox: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// When a folder or the probe cannot be read, or the engine cannot be started: exit code 2.
pub async fn run(args: SmokeArgs) -> anyhow::Result<ExitCode> {
    let folders: Vec<Folder> = [&args.backbone]
        .into_iter()
        .chain(&args.modules)
        .chain(&args.home)
        .map(|path| Folder::read(path))
        .collect::<anyhow::Result<_>>()?;
    let found = by_content(&folders)?;
    let report = if found.iter().any(Finding::refuses) {
        // What is refused by content is never shown to the engine.
        let checks = BTreeMap::new();
        Report {
            verdict: Verdict::Incompatible,
            findings: found,
            checks,
            updates: Vec::new(),
            evaluation: None,
            run: RunFigures::default(),
        }
    } else {
        let job = job(&args, folders)?;
        let engine = sandbox::find_engine()?;
        let mut report = sandbox::run(&engine, &job, |_| ()).await?;
        report.findings.extend(found);
        report
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", rendered(&report));
    }
    Ok(ExitCode::from(report.verdict.exit_code()))
}

/// What the files themselves, apart from all others, have wrong with them.
fn by_content(folders: &[Folder]) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for folder in folders {
        for facts in folder.facts()? {
            findings.extend(facts.findings.into_iter().map(|finding| Finding {
                subject: format!("{}: {}", folder.name, finding.subject),
                ..finding
            }));
        }
    }
    Ok(findings)
}

fn job(args: &SmokeArgs, folders: Vec<Folder>) -> anyhow::Result<Job> {
    let mut parts = folders.into_iter();
    let first = parts.next().context("no folder was given")?;
    let mut modules: Vec<Part> = parts.by_ref().take(args.modules.len()).map(part).collect();
    let home = parts.next().map(part);
    let backbone = if is_backbone(&first) {
        Some(part(first))
    } else {
        modules.insert(0, part(first));
        None
    };
    let opened =
        |path: &PathBuf| path.canonicalize().with_context(|| format!("{} cannot be opened", path.display()));
    let limits = Limits {
        memory_bytes: args.memory_limit << 20,
        wall_seconds: args.time_limit,
        cpu_seconds: args.time_limit.saturating_mul(u64::from(args.threads.max(1))),
        threads: args.threads.max(1),
        ..Limits::default()
    };
    Ok(Job {
        measures: false,
        backbone,
        modules,
        batch: vec![],
        home,
        probe: args.probe.as_ref().map(opened).transpose()?,
        evaluation: args.evaluation.as_ref().map(opened).transpose()?,
        seed: args.seed,
        device: args.device,
        limits,
        allow_partial_sandbox: args.allow_partial_sandbox,
    })
}

/// Whether a folder is a backbone's: as its manifest says, or else by the files it has.
fn is_backbone(folder: &Folder) -> bool {
    let has = |name: &str| folder.files.keys().any(|file| file.as_str() == name);
    match &folder.manifest {
        Some(manifest) => manifest.module.kind == Kind::Backbone,
        None => has("config.json") && !has("adapter_config.json") && !has("head_config.json"),
    }
}

fn part(folder: Folder) -> Part {
    let named = |manifest: &crate::domain::manifest::Manifest| {
        format!("{}@{}", manifest.module.name, manifest.module.version)
    };
    Part {
        name: folder.manifest.as_ref().map_or(folder.name, named),
        kind: folder.manifest.as_ref().map(|manifest| manifest.module.kind),
        manifest: folder.manifest,
        files: folder.files.into_iter().map(|(name, place)| (name.as_str().to_owned(), place)).collect(),
    }
}

/// The report for people: the verdict, the checks with their figures, the findings with remedies.
fn rendered(report: &Report) -> String {
    let verdict = terminal::verdict(report.verdict);
    format!("{verdict}\n{}{}", checks(report), findings::rendered(&report.findings))
}

/// The checks of a report with their figures, and what the run took.
pub fn checks(report: &Report) -> String {
    if report.checks.is_empty() {
        return String::new();
    }
    let mut table = terminal::table(&["check", "", "figures"]);
    for (name, check) in &report.checks {
        let figures = terminal::plain(&figures(check));
        table.add_row([name.as_str(), word(check.status), &figures]);
    }
    format!(
        "{}{:.2} s to load, {:.3} s for a pass, {} MiB at most; confined by {}\n",
        terminal::drawn(&table),
        report.run.load_seconds,
        report.run.forward_seconds,
        report.run.peak_memory_bytes >> 20,
        report.run.sandbox.join(", "),
    )
}

const fn word(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "passed",
        CheckStatus::Failed => "FAILED",
        CheckStatus::Skipped => "-",
    }
}

/// A check's numbers and texts on one line; lists and tables are left to the JSON.
fn figures(check: &Check) -> String {
    let shown = |(name, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            let whole = number.fract() == 0.0 && number.abs() < 1e9;
            let plain = (1e-2..1e3).contains(&number.abs());
            Some(match (whole, plain) {
                (true, _) => format!("{name} {number}"),
                (_, true) => format!("{name} {number:.3}"),
                _ => format!("{name} {number:.3e}"),
            })
        }
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(yes) => Some(format!("{name} {yes}")),
        _ => None,
    };
    check.figures.iter().filter_map(shown).collect::<Vec<_>>().join(", ")
}
