//! `cambium audit`: who did what.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::terminal;
use crate::api::audit::AuditEntry;

/// Show the audit log, newest first.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Only in this namespace.
    #[arg(long)]
    pub namespace: Option<String>,
    /// Only by this actor.
    #[arg(long)]
    pub actor: Option<String>,
    /// Only about this, as demo/minilm@1.0.0.
    #[arg(long)]
    pub subject: Option<String>,
    /// Only this action, as release.submit.
    #[arg(long)]
    pub action: Option<String>,
    /// At most so many entries.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
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
pub async fn run(args: AuditArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let mut url = client.url(["audit"]);
    let filters = [
        ("namespace", &args.namespace),
        ("actor", &args.actor),
        ("subject", &args.subject),
        ("action", &args.action),
    ];
    for (name, value) in filters {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    let entries: Vec<AuditEntry> = client.list(url, args.limit).await?;
    if args.json {
        terminal::print_json(&entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = terminal::table(&["#", "when (UTC)", "who", "did", "to", "facts"]);
    for one in &entries {
        let facts = if one.detail.as_object().is_some_and(serde_json::Map::is_empty) {
            String::new()
        } else {
            one.detail.to_string()
        };
        table.add_row([
            one.id.to_string(),
            terminal::time(Some(one.happened_at)),
            terminal::plain(one.actor.as_deref().unwrap_or("the service")),
            terminal::plain(&one.action),
            terminal::plain(&one.subject),
            terminal::plain(&facts),
        ]);
    }
    terminal::print(&terminal::drawn(&table))?;
    Ok(ExitCode::SUCCESS)
}
