//! `cambium namespace`: owners of modules.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::client::{Client, Connection, Failure};
use super::terminal;
use crate::api::namespaces::{NamespaceView, NewNamespace, Visibility};
use crate::domain::name::NamespaceName;

/// Make and list namespaces.
#[derive(Debug, Args)]
pub struct NamespaceArgs {
    #[command(subcommand)]
    command: NamespaceCommand,
}

#[derive(Debug, Subcommand)]
enum NamespaceCommand {
    /// Make a namespace; you become its admin. For admins of the registry.
    Create {
        /// Its name.
        name: NamespaceName,
        /// Only those with a role in it see what is in it.
        #[arg(long)]
        private: bool,
        #[command(flatten)]
        connection: Connection,
    },
    /// List the namespaces that you can see.
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
pub async fn run(args: NamespaceArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        NamespaceCommand::Create { name, private, connection } => {
            let visibility = if private { Visibility::Private } else { Visibility::Public };
            let client = Client::open(&connection)?;
            let made = create(&client, &name, visibility).await?;
            terminal::print(&format!("{} is there ({})\n", made.name, word(made.visibility)))?;
        }
        NamespaceCommand::List { json, connection } => {
            let client = Client::open(&connection)?;
            let all: Vec<NamespaceView> = client.list(client.url(["namespaces"]), usize::MAX).await?;
            if json {
                terminal::print_json(&all)?;
            } else {
                let mut table = terminal::table(&["namespace", "visibility", "made (UTC)"]);
                for one in &all {
                    table.add_row([
                        one.name.as_str(),
                        word(one.visibility),
                        &terminal::time(Some(one.created_at)),
                    ]);
                }
                terminal::print(&terminal::drawn(&table))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a namespace that everybody sees, unless it is there.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn create_if_absent(client: &Client, name: &NamespaceName) -> Result<(), Failure> {
    match client.get::<NamespaceView>(client.url(["namespaces", name.as_str()])).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.code() == Some("not_found") => {
            match create(client, name, Visibility::Public).await {
                // Somebody else was faster.
                Err(failure) if failure.code() == Some("already_exists") => Ok(()),
                made => made.map(|_| ()),
            }
        }
        Err(failure) => Err(failure),
    }
}

async fn create(
    client: &Client,
    name: &NamespaceName,
    visibility: Visibility,
) -> Result<NamespaceView, Failure> {
    let request = NewNamespace { name: name.to_string(), visibility };
    client.post(client.url(["namespaces"]), &request).await
}

const fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}
