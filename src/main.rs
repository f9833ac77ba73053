//! `cambium`: server, worker and command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cambium::cli;
use cambium::config::Config;
use cambium::work::sandbox;
use cambium::{api, privileges, serve, telemetry};
use clap::{Args, Parser, Subcommand};

/// The commands by what they are for: clap has no groups of commands.
const HELP: &str = "\
{about}

{usage-heading} {usage}

Make and prove:
  init          Write a cambium.toml for a folder by reading it
  smoke         Run modules together in a sandbox and say whether they work, without a server
  publish       Publish a folder as a release

Look:
  modules       List modules
  releases      List the releases of a module
  show          Show a release
  lineage       Show where a release comes from, and what hangs on it
  download      Download the files of a release

Deploy:
  can-i-deploy  Ask whether releases can be deployed together (exits 0 yes, 1 no, 2 not known yet)
  matrix        Show the matrix of a backbone and all that attaches to it
  pair          Tell what is known of a release on what it attaches to
  diff          Show what changed in the contract between two releases
  channel       List, point, look back on and roll back channels

Bad releases:
  deprecate     Say that something better is there; the release stays usable
  yank          Take a release from new uses; what is locked to it still downloads
  quarantine    Refuse a bad release's bytes, and move every channel away from it
  restore       Undo deprecate, yank or quarantine

Who may do what:
  login         Keep a token for a server
  whoami        Tell who you are, and what you may do
  namespace     Make and list namespaces
  role          Give, take and list roles in a namespace
  actor         Make and list people and machines
  token         Make, list and revoke tokens
  audit         Show the audit log

Serve:
  serve         Serve the API and the web UI, with a worker beside it
  worker        Work on the queue of a database, without serving
  migrate       Bring the schema of a database up to date
  openapi       Print the description of the API (OpenAPI 3.1)

Options:
{options}

Examples:
  cambium publish examples/demo/debian-sections-lora
  cambium can-i-deploy demo/minilm@stable demo/debian-sections-lora@stable
  cambium channel rollback demo/debian-sections-lora@stable --reason 'answers only games'
  cambium COMMAND --help
";

/// Registry and governance service for modular deep learning.
#[derive(Debug, Parser)]
#[command(version, help_template = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the web UI, with a worker beside it. Without DATABASE_URL it runs a
    /// PostgreSQL of its own in the data folder.
    Serve(ServeArgs),
    /// Work on the queue of the database that DATABASE_URL names, without serving.
    Worker(DataArgs),
    /// Bring the schema of the database that DATABASE_URL names up to date.
    Migrate {
        /// The database.
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
    },
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
    #[command(flatten)]
    Client(cli::Command),
}

#[derive(Debug, Args)]
struct DataArgs {
    /// The data folder: /var/lib/cambium for root, else ~/.local/share/cambium.
    #[arg(long, env = "CAMBIUM_DATA")]
    data: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Leave the queue to workers on other machines.
    #[arg(long)]
    without_worker: bool,
}

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| {
        let asks = std::env::args().nth(1).is_some_and(|word| word == "can-i-deploy");
        if !asks || !error.use_stderr() {
            error.exit();
        }
        // 2 would say that the answer is not known yet.
        let _ = error.print();
        std::process::exit(i32::from(cli::deploy::NOT_ASKED));
    });
    let exit_code = match &cli.command {
        Command::Client(command) => command.failed(),
        _ => |_: &anyhow::Error| 2,
    };
    run(cli.command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(exit_code(&error))
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => {
            let config = settle(args.data)?;
            runtime()?.block_on(serve::serve(config, !args.without_worker))?;
        }
        Command::Worker(args) => {
            let config = settle(args)?;
            runtime()?.block_on(serve::work_only(config))?;
        }
        Command::Migrate { database_url } => runtime()?.block_on(serve::migrate(&database_url))?,
        Command::Client(command) => return runtime()?.block_on(command.run()),
        Command::Openapi => println!("{}", api::document().to_pretty_json()?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the configuration and, as root, becomes an unprivileged user: before any thread starts.
fn settle(args: DataArgs) -> anyhow::Result<Config> {
    let data = privileges::data_folder(args.data)?;
    let config = Config::from_env(data)?;
    telemetry::start_logging(config.json_logs);
    let wanted = std::env::var("CAMBIUM_USER").ok();
    let engine = sandbox::find_engine().ok();
    let programs: Vec<&Path> = engine.iter().map(PathBuf::as_path).collect();
    if let Some(account) = privileges::drop_root(&config.data, wanted.as_deref(), &programs)? {
        tracing::info!(user = account.name, "left root behind");
    }
    Ok(config)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_help_lists_every_command_once() {
        for command in Cli::command().get_subcommands() {
            let line = format!("\n  {:<14}", command.get_name());
            assert_eq!(HELP.matches(&line).count(), 1, "{}", command.get_name());
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
