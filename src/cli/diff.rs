//! `cambium diff`: two releases of a module, and what the way from one to the other demands of its version.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::client::{Client, Connection};
use super::reference::Reference;
use super::terminal;
use crate::api::compare::Comparison;
use crate::domain::contract::{Appraisal, Demand};

/// Show what changed in the contract between two releases of a module.
///
/// The contract is what a release takes, gives, offers to attach to, and requires. Each change names its rule and what it
/// demands of the version. Exits with 1 when the second is later and its version gives less than they demand, else with 0.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cambium diff demo/minilm@1.0.0 demo/minilm@stable")]
pub struct DiffArgs {
    /// The release before.
    #[arg(value_name = "BEFORE")]
    pub before: Reference,
    /// The release after, of the same module.
    #[arg(value_name = "AFTER")]
    pub after: Reference,
    /// Print the whole comparison as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the releases are of two modules, or the server refuses or stays away.
pub async fn run(args: DiffArgs) -> anyhow::Result<ExitCode> {
    let (before, after) = (&args.before, &args.after);
    anyhow::ensure!(
        before.module.as_str().eq_ignore_ascii_case(after.module.as_str()),
        "{before} and {after} are releases of two modules\n  Name two of one; `cambium pair` tells whether releases of two work together."
    );
    let client = Client::open(&args.connection)?;
    let mut url = client.module_url(&before.module, ["compare"]);
    url.query_pairs_mut().append_pair("from", &before.revision).append_pair("to", &after.revision);
    let comparison: Comparison = client.get(url).await?;
    if args.json {
        terminal::print_json(&comparison)?;
    } else {
        let (from, to) = (&comparison.from.version, &comparison.to.version);
        let title = format!("{} {from} to {to}", terminal::strong(before.module.as_str()));
        terminal::print(&format!("{title}\n{}", told(&comparison.contract)))?;
    }
    Ok(ExitCode::from(u8::from(is_too_small(&comparison.contract))))
}

fn is_too_small(contract: &Appraisal) -> bool {
    let asked =
        contract.demands.iter().filter(|demand| demand.finding.refuses()).map(|demand| demand.bump).max();
    contract.given.is_some() && asked > contract.given
}

fn told(contract: &Appraisal) -> String {
    let mut text = contract.demands.iter().map(line).collect::<String>();
    text.push_str(&match (contract.demanded, contract.given) {
        (None, _) => "the contract is the same\n".to_owned(),
        (Some(demanded), None) => format!("demands {}\n", demanded.as_str()),
        (Some(demanded), Some(given)) => {
            let verdict = if is_too_small(contract) { "too small" } else { "enough" };
            format!("demands {}, and the version gives {}: {verdict}\n", demanded.as_str(), given.as_str())
        }
    });
    text
}

fn line(Demand { bump, finding }: &Demand) -> String {
    let mut text = format!(
        "\n{:<5} {}\n  {}\n",
        bump.as_str(),
        terminal::strong(&finding.rule),
        terminal::plain(&finding.message)
    );
    for (sign, value) in [("-", &finding.before), ("+", &finding.after)] {
        if let Some(value) = value {
            text.push_str(&format!("  {sign} {}\n", terminal::plain(&shown(value))));
        }
    }
    text
}

/// A value in a line; those of ports are long.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
