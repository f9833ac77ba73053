//! `cambium actor`: who acts.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::client::{Client, Connection};
use super::terminal;
use crate::api::accounts::{ActorKind, ActorView, NewActor};

/// Make and list people and machines.
#[derive(Debug, Args)]
pub struct ActorArgs {
    #[command(subcommand)]
    command: ActorCommand,
}

#[derive(Debug, Subcommand)]
enum ActorCommand {
    /// Make an actor. For admins of the registry.
    Create {
        /// Its name.
        name: String,
        /// A pipeline or a service, not a person.
        #[arg(long)]
        machine: bool,
        #[command(flatten)]
        connection: Connection,
    },
    /// List actors.
    List {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        connection: Connection,
    },
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: ActorArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        ActorCommand::Create { name, machine, connection } => {
            let kind = if machine { ActorKind::Machine } else { ActorKind::Person };
            let client = Client::open(&connection)?;
            let made: ActorView = client.post(client.url(["actors"]), &NewActor { name, kind }).await?;
            terminal::print(&format!("{} is there ({})\n", terminal::plain(&made.name), made.kind))?;
        }
        ActorCommand::List { json, connection } => {
            let client = Client::open(&connection)?;
            let actors: Vec<ActorView> = client.list(client.url(["actors"]), usize::MAX).await?;
            if json {
                terminal::print_json(&actors)?;
            } else {
                let mut table = terminal::table(&["actor", "kind", "made (UTC)"]);
                for one in &actors {
                    table.add_row([
                        terminal::plain(&one.name),
                        terminal::plain(&one.kind),
                        terminal::time(Some(one.created_at)),
                    ]);
                }
                terminal::print(&terminal::drawn(&table))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
