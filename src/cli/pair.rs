//! `cambium pair`: what is known of one release on another.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::reference::Reference;
use super::{findings, terminal};
use crate::api::compatibility::{PairView, SmokeRunView};

/// Tell what is known of a release on what it attaches to.
///
/// Three facts make the verdict: the range admits it, the tensors fit, a smoke run proved it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cambium pair demo/debian-sections-lora@1.0.0 demo/minilm@1.0.0")]
pub struct PairArgs {
    /// What attaches.
    #[arg(value_name = "DEPENDENT")]
    pub dependent: Reference,
    /// What it attaches to.
    #[arg(value_name = "BASE")]
    pub base: Reference,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When there is no such pair, or the server refuses or stays away.
pub async fn run(args: PairArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let mut url = client.url(["compatibility"]);
    url.query_pairs_mut()
        .append_pair("dependent", &args.dependent.to_string())
        .append_pair("base", &args.base.to_string());
    let pair: PairView = client.get(url).await?;
    if args.json {
        terminal::print_json(&pair)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!(
        "{} on {}: {}\n  declared: {}\n  structural: {}\n  behavioural: {}\n",
        terminal::strong(&pair.dependent),
        terminal::strong(&pair.base),
        terminal::verdict(pair.verdict),
        terminal::verdict(pair.facts.declared),
        terminal::verdict(pair.facts.structural),
        terminal::verdict(pair.facts.behavioural),
    );
    text.push_str(&findings::rendered(&pair.findings));
    if let Some(id) = pair.smoke_run {
        let run: SmokeRunView = client.get(client.url(["smoke-runs", &id.to_string()])).await?;
        if let Some(report) = run.report {
            text.push_str(&format!("\nsmoke run {id}\n{}", super::smoke::checks(&report)));
        }
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
