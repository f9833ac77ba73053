//! `cambium channel`: movable names on a module.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::client::{Client, Connection};
use super::reference::Reference;
use super::terminal;
use crate::api::channels::{ChannelView, MoveView, PointRequest, RollbackRequest, RollbackView};
use crate::domain::name::ModuleName;
use crate::domain::version::Version;

/// List, point, look back on and roll back channels.
#[derive(Debug, Args)]
pub struct ChannelArgs {
    #[command(subcommand)]
    command: ChannelCommand,
}

#[derive(Debug, Subcommand)]
enum ChannelCommand {
    /// List the channels of a module.
    List {
        /// The module.
        #[arg(value_name = "NAMESPACE/NAME")]
        module: ModuleName,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        connection: Connection,
    },
    /// Point a channel at a release; a new name makes the channel.
    #[command(
        after_help = "Example:\n  cambium channel point demo/minilm@1.0.0 stable --reason 'evaluated in June'"
    )]
    Point {
        /// The release, namespace/name@version.
        #[arg(value_name = "RELEASE")]
        release: Reference,
        /// The channel, as `stable` or `canary`.
        channel: String,
        /// Why; it stays in the history.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        connection: Connection,
    },
    /// Show the moves of a channel, newest first.
    History {
        /// The channel, namespace/name@channel.
        #[arg(value_name = "CHANNEL")]
        channel: Reference,
        /// At most so many moves.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        connection: Connection,
    },
    /// Roll a channel back to its last healthy release, or to a named one.
    ///
    /// Shows the plan, then applies it, unless the channel moved in between.
    #[command(
        after_help = "Example:\n  cambium channel rollback demo/minilm@stable --dry-run --reason 'looks wrong'"
    )]
    Rollback(RollbackArgs),
}

#[derive(Debug, Args)]
struct RollbackArgs {
    /// The channel, namespace/name@channel.
    #[arg(value_name = "CHANNEL")]
    channel: Reference,
    /// The version to go back to; the last healthy one when left out.
    #[arg(long, value_name = "VERSION")]
    to: Option<Version>,
    /// Why; it stays in the history.
    #[arg(long)]
    reason: String,
    /// Only show the plan.
    #[arg(long)]
    dry_run: bool,
    /// Print plan and outcome as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: ChannelArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        ChannelCommand::List { module, json, connection } => list(&connection, &module, json).await?,
        ChannelCommand::Point { release, channel, reason, connection } => {
            let version: Version = release.revision.parse()?;
            let client = Client::open(&connection)?;
            let request = PointRequest { version: version.to_string(), reason };
            let url = client.module_url(&release.module, ["channels", &channel]);
            let answer = client.put(url, &request).await?;
            let moved: ChannelView = client.decode(answer).await?;
            terminal::print(&format!("{}@{} points at {version}\n", release.module, moved.name))?;
        }
        ChannelCommand::History { channel, limit, json, connection } => {
            history(&connection, &channel, limit, json).await?;
        }
        ChannelCommand::Rollback(args) => roll_back(&args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(connection: &Connection, module: &ModuleName, json: bool) -> anyhow::Result<()> {
    let client = Client::open(connection)?;
    let channels: Vec<ChannelView> = client.get(client.module_url(module, ["channels"])).await?;
    if json {
        return terminal::print_json(&channels);
    }
    let mut table = terminal::table(&["channel", "version", "moves"]);
    for one in &channels {
        table.add_row([
            terminal::plain(&one.name),
            one.version.clone().unwrap_or_else(|| "none".into()),
            one.generation.to_string(),
        ]);
    }
    terminal::print(&terminal::drawn(&table))
}

async fn history(
    connection: &Connection,
    channel: &Reference,
    most: usize,
    json: bool,
) -> anyhow::Result<()> {
    let client = Client::open(connection)?;
    let url = client.module_url(&channel.module, ["channels", &channel.revision, "history"]);
    let moves: Vec<MoveView> = client.list(url, most).await?;
    if json {
        return terminal::print_json(&moves);
    }
    let mut table = terminal::table(&["when (UTC)", "what", "from", "to", "by", "reason"]);
    for one in &moves {
        table.add_row([
            terminal::time(Some(one.moved_at)),
            terminal::plain(&one.action.replace('_', " ")),
            one.from.clone().unwrap_or_else(|| "none".into()),
            one.to.clone().unwrap_or_else(|| "none".into()),
            terminal::plain(&one.actor),
            terminal::plain(&one.reason),
        ]);
    }
    terminal::print(&terminal::drawn(&table))
}

async fn roll_back(args: &RollbackArgs) -> anyhow::Result<()> {
    let client = Client::open(&args.connection)?;
    let url = client.module_url(&args.channel.module, ["channels", &args.channel.revision, "rollback"]);
    let request = |dry_run| RollbackRequest {
        to: args.to.as_ref().map(ToString::to_string),
        reason: args.reason.clone(),
        dry_run,
    };
    let plan: RollbackView = client.ask(url.clone(), &request(true)).await?;
    if !args.json {
        terminal::print(&told(&args.channel, &plan))?;
    }
    let outcome = if args.dry_run {
        plan
    } else {
        // What was shown is what is done: not when somebody moved the channel since.
        let to = RollbackRequest { to: Some(plan.to.clone()), ..request(false) };
        client.post_if(url, Some(plan.generation), &to).await?
    };
    if args.json {
        return terminal::print_json(&outcome);
    }
    let word = if outcome.applied { "rolled back" } else { "nothing was changed (--dry-run)" };
    terminal::print(&format!("{word}\n"))
}

fn told(channel: &Reference, plan: &RollbackView) -> String {
    let from = plan.from.as_deref().unwrap_or("none");
    let mut text = format!("{}: {} → {}\n", terminal::strong(&channel.to_string()), from, plan.to);
    for passed in &plan.passed_over {
        text.push_str(&format!("  not {}: {}\n", passed.version, terminal::plain(&passed.reason)));
    }
    text
}
