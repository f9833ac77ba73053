//! `cambium show`: a release in full.

use std::process::ExitCode;

use clap::Args;
use indicatif::HumanBytes;

use super::client::{Client, Connection};
use super::reference::Reference;
use super::{findings, terminal};
use crate::api::compatibility::SmokeRunView;
use crate::api::releases::ReleaseView;
use crate::domain::interface::{Dim, Interface, Port};
use crate::domain::manifest::FileEntry;

/// Show a release: its state, manifest, interface, files and smoke run.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The release: namespace/name@version, or namespace/name@channel.
    #[arg(value_name = "REF")]
    pub release: Reference,
    /// Print the release as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: ShowArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let Reference { module, revision } = &args.release;
    let release: ReleaseView = client.get(client.module_url(module, ["releases", revision])).await?;
    if args.json {
        terminal::print_json(&release)?;
        return Ok(ExitCode::SUCCESS);
    }
    // By version from here on: the channel may move while we look.
    let version = release.version.to_string();
    let part = |name: &'static str| client.module_url(module, ["releases", &version, name]);
    let files: Vec<FileEntry> = client.get(part("files")).await?;
    let mut text = head(&release);
    match client.get::<Interface>(part("interface")).await {
        Ok(interface) => text.push_str(&ports(&interface)),
        Err(failure) if failure.code() == Some("not_found") => {}
        Err(failure) => return Err(failure.into()),
    }
    let mut table = terminal::table(&["file", "size", "digest"]);
    for file in &files {
        table.add_row([
            terminal::plain(file.path.as_str()),
            HumanBytes(file.size).to_string(),
            file.digest.to_string(),
        ]);
    }
    text.push_str(&format!("\n{}", terminal::drawn(&table)));
    match client.get::<SmokeRunView>(part("smoke-run")).await {
        Ok(run) => {
            if let Some(report) = &run.report {
                let on = run.base.map_or_else(String::new, |base| format!(" on {}", terminal::plain(&base)));
                text.push_str(&format!(
                    "\nsmoke run {}{on}: {}\n{}",
                    run.id,
                    terminal::verdict(report.verdict),
                    super::smoke::checks(report)
                ));
            }
        }
        Err(failure) if failure.code() == Some("not_found") => {}
        Err(failure) => return Err(failure.into()),
    }
    text.push_str(&findings::rendered(&release.findings));
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn head(release: &ReleaseView) -> String {
    let manifest = &release.manifest;
    let name = format!("{}@{}", release.module, release.version);
    let mut text =
        format!("{} {} {}\n", terminal::strong(&name), release.kind, terminal::state(release.state));
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("  {label:<12} {}\n", terminal::plain(value)));
    };
    if let Some(reason) = &release.state_reason {
        line("reason", reason);
    }
    if let Some(replacement) = &release.replacement {
        line("replacement", replacement);
    }
    if let Some(description) = &manifest.module.description {
        line("description", description);
    }
    if let Some(license) = &manifest.module.license {
        line("license", license);
    }
    for requirement in &manifest.requires {
        line("requires", &format!("{} {}", requirement.module, requirement.version));
    }
    if let Some(base) = &manifest.provenance.base_model {
        line("base model", base);
    }
    for parent in &manifest.provenance.parents {
        line("parent", parent);
    }
    for dataset in &manifest.provenance.datasets {
        line("data set", dataset);
    }
    line("published", &format!("{} by {}", terminal::time(release.published_at), release.created_by));
    line("digest", &release.digest.to_string());
    text
}

fn ports(interface: &Interface) -> String {
    let mut table = terminal::table(&["port", "", "dtype", "dims", "meaning"]);
    let directed = interface
        .inputs
        .iter()
        .map(|port| ("in", port))
        .chain(interface.outputs.iter().map(|port| ("out", port)));
    for (direction, port) in directed {
        let dims: Vec<_> = port.dims.iter().map(dim).collect();
        table.add_row([
            terminal::plain(&port.name),
            direction.into(),
            terminal::plain(&port.dtype),
            terminal::plain(&format!("[{}]", dims.join(", "))),
            terminal::plain(&meaning(port)),
        ]);
    }
    let points = match interface.attach_points.len() {
        0 => String::new(),
        count => format!("{count} parameters to attach to (all of them with --json)\n"),
    };
    format!("\n{}{points}", terminal::drawn(&table))
}

fn dim(dim: &Dim) -> String {
    match dim {
        Dim::Fixed(size) => size.to_string(),
        Dim::Symbol(name) => name.clone(),
    }
}

fn meaning(port: &Port) -> String {
    let parts = [port.semantics.as_deref(), port.normalisation.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
