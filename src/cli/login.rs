//! `cambium login`: keep a token for a server.

use std::io::{BufRead, IsTerminal, Read};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::client::{Client, Connection};
use super::{credentials, terminal};
use crate::api::accounts::Identity;

/// Keep a token for a server.
///
/// Asks for the token, or reads it from standard input, tries it, and keeps it in
/// ~/.config/cambium/credentials.toml for you alone.
#[derive(Debug, Args)]
pub struct LoginArgs {
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When there is no token, the server does not take it, or it cannot be kept.
pub async fn run(args: LoginArgs) -> anyhow::Result<ExitCode> {
    let server = &args.connection.server;
    let token = read_token(server.as_str())?;
    let client = Client::with_token(&args.connection, Some(token.clone()))?;
    let identity: Identity = client.get(client.url(["whoami"])).await?;
    let actor = identity.actor.context("the server knows nobody by this token")?;
    let path = credentials::keep(server, &token)?;
    terminal::print(&format!(
        "you are {} at {server}; kept in {}\n",
        terminal::plain(&actor),
        path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The longest token read, in bytes.
const LONGEST: u64 = 4096;

fn read_token(server: &str) -> anyhow::Result<String> {
    let text = if std::io::stdin().is_terminal() {
        eprint!("Token for {server}: ");
        console::Term::stderr().read_secure_line().context("the token cannot be read")?
    } else {
        let mut text = String::new();
        std::io::stdin().lock().take(LONGEST).read_line(&mut text).context("the token cannot be read")?;
        text
    };
    let token = text.trim().to_owned();
    anyhow::ensure!(!token.is_empty(), "no token was given");
    anyhow::ensure!(token.bytes().all(|b| b.is_ascii_graphic()), "a token has only visible ASCII characters");
    Ok(token)
}
