//! `cambium role`: who may do what in a namespace.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::client::{Client, Connection};
use super::terminal;
use crate::api::accounts::{Holder, RoleRequest};
use crate::domain::name::NamespaceName;
use crate::domain::permission::Role;

/// Give, take and list roles in a namespace.
#[derive(Debug, Args)]
pub struct RoleArgs {
    #[command(subcommand)]
    command: RoleCommand,
}

#[derive(Debug, Subcommand)]
enum RoleCommand {
    /// Give an actor a role, instead of the one held before.
    Set {
        /// The namespace.
        namespace: NamespaceName,
        /// The actor.
        actor: String,
        /// reader, publisher, reviewer or admin.
        role: Role,
        #[command(flatten)]
        connection: Connection,
    },
    /// Take an actor's role away.
    Remove {
        /// The namespace.
        namespace: NamespaceName,
        /// The actor.
        actor: String,
        #[command(flatten)]
        connection: Connection,
    },
    /// List who has which role.
    List {
        /// The namespace.
        namespace: NamespaceName,
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
pub async fn run(args: RoleArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        RoleCommand::Set { namespace, actor, role, connection } => {
            let client = Client::open(&connection)?;
            let url = client.url(["namespaces", namespace.as_str(), "roles", &actor]);
            client.put(url, &RoleRequest { role }).await?;
            terminal::print(&format!("{actor} is {role} in {namespace}\n"))?;
        }
        RoleCommand::Remove { namespace, actor, connection } => {
            let client = Client::open(&connection)?;
            client.delete(client.url(["namespaces", namespace.as_str(), "roles", &actor])).await?;
            terminal::print(&format!("{actor} has no role in {namespace}\n"))?;
        }
        RoleCommand::List { namespace, json, connection } => {
            let client = Client::open(&connection)?;
            let url = client.url(["namespaces", namespace.as_str(), "roles"]);
            let holders: Vec<Holder> = client.get(url).await?;
            if json {
                terminal::print_json(&holders)?;
            } else {
                let mut table = terminal::table(&["actor", "role"]);
                for one in &holders {
                    table.add_row([terminal::plain(&one.actor), one.role.to_string()]);
                }
                terminal::print(&terminal::drawn(&table))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
