//! `cambium releases`: the releases of a module.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::terminal;
use crate::api::channels::ChannelView;
use crate::api::releases::ReleaseSummary;
use crate::domain::name::ModuleName;

/// List the releases of a module, the highest version first.
#[derive(Debug, Args)]
pub struct ReleasesArgs {
    /// The module.
    #[arg(value_name = "NAMESPACE/NAME")]
    pub module: ModuleName,
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
pub async fn run(args: ReleasesArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let url = client.module_url(&args.module, ["releases"]);
    let releases: Vec<ReleaseSummary> = client.list(url, usize::MAX).await?;
    if args.json {
        terminal::print_json(&releases)?;
        return Ok(ExitCode::SUCCESS);
    }
    let channels: Vec<ChannelView> = client.get(client.module_url(&args.module, ["channels"])).await?;
    let mut table =
        terminal::table(&["version", "state", "channels", "published (UTC)", "by", "digest", "reason"]);
    for one in &releases {
        let version = one.version.to_string();
        let pointing: Vec<_> = channels
            .iter()
            .filter(|channel| channel.version.as_ref() == Some(&version))
            .map(|channel| channel.name.clone())
            .collect();
        table.add_row([
            version,
            terminal::state(one.state),
            terminal::plain(&pointing.join(", ")),
            terminal::time(one.published_at),
            terminal::plain(&one.created_by),
            one.digest.to_string().chars().take("sha256:".len() + 12).collect(),
            terminal::plain(one.state_reason.as_deref().unwrap_or("")),
        ]);
    }
    terminal::print(&terminal::drawn(&table))?;
    Ok(ExitCode::SUCCESS)
}
