//! `cambium`: server, worker and command line.

use std::path::PathBuf;
use std::process::ExitCode;

use cambium::cli::init::{self, InitArgs};
use cambium::cli::smoke::{self, SmokeArgs};
use cambium::config::Config;
use cambium::{api, privileges, serve, telemetry};
use clap::{Args, Parser, Subcommand};

/// Registry and governance service for modular deep learning.
#[derive(Debug, Parser)]
#[command(version)]
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
    /// Write a cambium.toml for a folder by reading it.
    Init(InitArgs),
    /// Run modules together in a sandbox and say whether they work, without a server.
    Smoke(SmokeArgs),
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
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
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
        Command::Init(args) => return runtime()?.block_on(init::run(args)),
        Command::Smoke(args) => return runtime()?.block_on(smoke::run(args)),
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
    if let Some(account) = privileges::drop_root(&config.data, wanted.as_deref(), &[])? {
        tracing::info!(user = account.name, "left root behind");
    }
    Ok(config)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
