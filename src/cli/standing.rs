//! `cambium deprecate`, `yank`, `quarantine` and `restore`: what became of a release.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::reference::Reference;
use super::terminal;
use crate::api::releases::{ReleaseView, StandingChange};
use crate::domain::release::Standing;
use crate::domain::version::Version;

/// A release and the reason.
#[derive(Debug, Args)]
pub struct StandingArgs {
    /// The release, namespace/name@version.
    #[arg(value_name = "RELEASE")]
    pub release: Reference,
    /// Why; it stays visible.
    #[arg(long)]
    pub reason: String,
    /// Print the release as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// A release, the reason, and what to use instead.
#[derive(Debug, Args)]
pub struct DeprecateArgs {
    #[command(flatten)]
    standing: StandingArgs,
    /// What to use instead, namespace/name@version.
    #[arg(long, value_name = "RELEASE")]
    pub replacement: Option<Reference>,
}

/// Runs `deprecate`.
///
/// # Errors
/// As [`run`].
pub async fn deprecate(args: DeprecateArgs) -> anyhow::Result<ExitCode> {
    change(args.standing, Standing::Deprecate, args.replacement).await
}

/// Runs one of the other three.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: StandingArgs, standing: Standing) -> anyhow::Result<ExitCode> {
    change(args, standing, None).await
}

async fn change(
    args: StandingArgs,
    standing: Standing,
    replacement: Option<Reference>,
) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let version: Version = args.release.revision.parse()?;
    let url = client.module_url(&args.release.module, ["releases", &version.to_string(), standing.as_str()]);
    let replacement = replacement.map(|reference| reference.to_string());
    let change = StandingChange { reason: args.reason, replacement };
    let release: ReleaseView = client.post(url, &change).await?;
    if args.json {
        terminal::print_json(&release)?;
    } else {
        let name = format!("{}@{}", release.module, release.version);
        terminal::print(&format!("{} is {}\n", terminal::strong(&name), terminal::state(release.state)))?;
    }
    Ok(ExitCode::SUCCESS)
}
