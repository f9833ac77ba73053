//! `cambium modules`: what there is.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::terminal;
use crate::api::modules::ModuleSummary;
use crate::domain::module::Kind;
use crate::domain::name::NamespaceName;

/// List modules.
#[derive(Debug, Args)]
pub struct ModulesArgs {
    /// Part of the name.
    pub query: Option<String>,
    /// Only of this kind.
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Only in this namespace.
    #[arg(long)]
    pub namespace: Option<NamespaceName>,
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: ModulesArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let mut url = client.url(["modules"]);
    let filters = [
        ("query", args.query),
        ("kind", args.kind.map(|kind| kind.to_string())),
        ("namespace", args.namespace.map(|name| name.to_string())),
    ];
    for (name, value) in filters {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    let modules: Vec<ModuleSummary> = client.list(url, usize::MAX).await?;
    if args.json {
        terminal::print_json(&modules)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table =
        terminal::table(&["module", "kind", "latest", "releases", "published (UTC)", "description"]);
    for one in &modules {
        table.add_row([
            terminal::plain(&one.module.name),
            one.module.kind.to_string(),
            one.latest_version.clone().unwrap_or_else(|| "-".into()),
            one.releases.to_string(),
            terminal::time(one.latest_published_at),
            terminal::plain(&one.module.description),
        ]);
    }
    terminal::print(&terminal::drawn(&table))?;
    Ok(ExitCode::SUCCESS)
}
