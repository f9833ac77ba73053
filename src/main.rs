//! `cambium`: the command line.

use std::process::ExitCode;

use cambium::cli::init::{self, InitArgs};
use cambium::cli::smoke::{self, SmokeArgs};
use clap::{Parser, Subcommand};

/// Registry and governance service for modular deep learning.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a cambium.toml for a folder by reading it.
    Init(InitArgs),
    /// Run modules together in a sandbox and say whether they work, without a server.
    Smoke(SmokeArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Init(args) => init::run(args).await,
        Command::Smoke(args) => smoke::run(args).await,
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
