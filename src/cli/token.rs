//! `cambium token`: what people and machines show to the server.

use std::process::ExitCode;

use chrono::{DateTime, Days, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::client::{Client, Connection};
use super::{terminal, whoami};
use crate::api::accounts::{TokenRequest, TokenView};
use crate::domain::name::NamespaceName;
use crate::domain::permission::{Action, Scope};

/// Make, list and revoke tokens.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token; its text is printed once, alone on standard output.
    #[command(
        after_help = "Example:\n  cambium token create nightly --namespace acme --action read --action publish --expires-in 90"
    )]
    Create(CreateArgs),
    /// List your tokens.
    List {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        connection: Connection,
    },
    /// Revoke a token.
    Revoke {
        /// Its id, as `cambium token list` shows it.
        id: Uuid,
        #[command(flatten)]
        connection: Connection,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// What you call it.
    name: String,
    /// Whom it speaks for; you when left out.
    #[arg(long)]
    actor: Option<String>,
    /// Only in this namespace; may be given several times.
    #[arg(long = "namespace", value_name = "NAMESPACE")]
    namespaces: Vec<NamespaceName>,
    /// Only for this: read, publish, operate, review, administer; may be given several times.
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<Action>,
    /// Days after which it ends; never when left out.
    #[arg(long, value_name = "DAYS")]
    expires_in: Option<u32>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: TokenArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        TokenCommand::Create(args) => create(args).await?,
        TokenCommand::List { json, connection } => list(&connection, json).await?,
        TokenCommand::Revoke { id, connection } => {
            let client = Client::open(&connection)?;
            client.delete(client.url(["tokens", &id.to_string()])).await?;
            terminal::print(&format!("{id} is revoked\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(args: CreateArgs) -> anyhow::Result<()> {
    let client = Client::open(&args.connection)?;
    let scope = Scope {
        namespaces: Some(args.namespaces).filter(|names| !names.is_empty()),
        actions: Some(args.actions).filter(|actions| !actions.is_empty()),
    };
    let expires_at = args.expires_in.and_then(|days| Utc::now().checked_add_days(Days::new(days.into())));
    let request = TokenRequest { name: args.name, actor: args.actor, scope, expires_at };
    let made: TokenView = client.post(client.url(["tokens"]), &request).await?;
    if args.json {
        return terminal::print_json(&made);
    }
    eprintln!(
        "{} for {}, {}, {}; keep it now, it is not shown again:",
        made.id,
        terminal::plain(&made.actor),
        whoami::scope(&made.scope),
        end(made.expires_at)
    );
    terminal::print(&format!("{}\n", terminal::plain(made.token.as_deref().unwrap_or(""))))
}

async fn list(connection: &Connection, json: bool) -> anyhow::Result<()> {
    let client = Client::open(connection)?;
    let tokens: Vec<TokenView> = client.list(client.url(["tokens"]), usize::MAX).await?;
    if json {
        return terminal::print_json(&tokens);
    }
    let mut table = terminal::table(&["id", "name", "covers", "made (UTC)", "ends"]);
    for one in &tokens {
        let end = match one.revoked_at {
            Some(at) => format!("revoked {}", terminal::time(Some(at))),
            None => end(one.expires_at),
        };
        table.add_row([
            one.id.to_string(),
            terminal::plain(&one.name),
            whoami::scope(&one.scope),
            terminal::time(Some(one.created_at)),
            end,
        ]);
    }
    terminal::print(&terminal::drawn(&table))
}

fn end(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "never ends".into(), |at| format!("ends {}", terminal::time(Some(at))))
}
