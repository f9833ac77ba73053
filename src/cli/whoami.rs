//! `cambium whoami`: who the server takes you for.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::terminal;
use crate::api::accounts::Identity;
use crate::domain::permission::Scope;

/// Tell who you are, and what you may do.
#[derive(Debug, Args)]
pub struct WhoamiArgs {
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses the token or stays away.
pub async fn run(args: WhoamiArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let identity: Identity = client.get(client.url(["whoami"])).await?;
    if args.json {
        terminal::print_json(&identity)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(actor) = &identity.actor else {
        terminal::print(&format!(
            "nobody, at {}: `cambium login` gives the server a token\n",
            client.server()
        ))?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut text = format!("{} at {}\n", terminal::strong(actor), client.server());
    for role in &identity.roles {
        let place =
            role.namespace.as_deref().map_or_else(|| "everywhere".into(), |name| format!("in {name}"));
        text.push_str(&format!("  {} {}\n", role.role, terminal::plain(&place)));
    }
    text.push_str(&format!("  the token covers {}\n", scope(&identity.scope)));
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A scope in words.
pub fn scope(scope: &Scope) -> String {
    let actions = scope.actions.as_ref().map_or_else(
        || "everything".to_owned(),
        |actions| actions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    );
    match &scope.namespaces {
        None => actions,
        Some(names) => {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            format!("{actions} in {}", names.join(", "))
        }
    }
}
