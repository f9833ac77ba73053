//! `cambium can-i-deploy`: yes, no, or not known yet.

use std::process::ExitCode;

use clap::Args;

use super::client::{Client, Connection};
use super::reference::Reference;
use super::{findings, terminal};
use crate::api::compatibility::DeployRequest;
use crate::domain::compat::Deployable;
use crate::domain::verdict::Verdict;

/// Exit code when the question could not be put: 2 means that the answer is not known yet.
pub const NOT_ASKED: u8 = 3;

/// Ask whether releases can be deployed together.
///
/// Name everything that is to run together: the backbone, and all that is put on it. Exits with 0 for
/// yes, 1 for no, 2 when it is not known yet (a smoke run is missing or under way), and 3 when the
/// question could not be put (wrong usage, no such release, no server).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cambium can-i-deploy demo/minilm@stable demo/debian-sections-lora@1.0.0")]
pub struct DeployArgs {
    /// Releases: namespace/name@version, or namespace/name@channel.
    #[arg(required = true, value_name = "REF")]
    pub releases: Vec<Reference>,
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the question could not be put.
pub async fn run(args: DeployArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let request = DeployRequest { releases: args.releases.iter().map(ToString::to_string).collect() };
    let answer: Deployable = client.ask(client.url(["can-i-deploy"]), &request).await?;
    if args.json {
        terminal::print_json(&answer)?;
    } else {
        terminal::print(&told(&answer))?;
    }
    Ok(ExitCode::from(answer.verdict.exit_code()))
}

fn told(answer: &Deployable) -> String {
    let sentence = match answer.verdict {
        Verdict::Compatible => "Yes: they are proven to work together.",
        Verdict::Incompatible => "No.",
        Verdict::Unknown => "Not known yet: nothing speaks against it, and not everything is proven.",
    };
    let mut text = format!("{}\n", terminal::strong(sentence));
    for pair in &answer.pairs {
        text.push_str(&format!(
            "  {} on {}: {}\n",
            terminal::plain(&pair.dependent),
            terminal::plain(&pair.base),
            terminal::verdict(pair.verdict)
        ));
    }
    text.push_str(&findings::rendered(&answer.findings));
    text
}
