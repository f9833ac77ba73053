//! `cambium matrix`: a module's releases against all that attaches to them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;

use super::client::{Client, Connection};
use super::terminal;
use crate::api::compatibility::PairView;
use crate::domain::compat::Facts;
use crate::domain::name::ModuleName;
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;

/// Show the matrix of a backbone and all that attaches to it.
///
/// A row for each release that attaches, a column for each release of the module. A cell that is not
/// green names the fact that decides: declared, structural, behavioural.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// The module.
    #[arg(value_name = "NAMESPACE/NAME")]
    pub module: ModuleName,
    /// Print the pairs as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
///
/// # Errors
/// When the server refuses or stays away.
pub async fn run(args: MatrixArgs) -> anyhow::Result<ExitCode> {
    let client = Client::open(&args.connection)?;
    let pairs: Vec<PairView> = client.list(client.module_url(&args.module, ["matrix"]), usize::MAX).await?;
    if args.json {
        terminal::print_json(&pairs)?;
    } else if pairs.is_empty() {
        terminal::print(&format!("nothing attaches to {} yet\n", args.module))?;
    } else {
        terminal::print(&terminal::drawn(&matrix(&args.module, &pairs)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn matrix(module: &ModuleName, pairs: &[PairView]) -> Table {
    let version = |base: &str| base.rsplit_once('@').and_then(|(_, version)| version.parse::<Version>().ok());
    let columns: BTreeSet<Version> = pairs.iter().filter_map(|pair| version(&pair.base)).collect();
    let mut rows: BTreeMap<&str, BTreeMap<Version, Facts>> = BTreeMap::new();
    for pair in pairs {
        if let Some(version) = version(&pair.base) {
            rows.entry(&pair.dependent).or_default().insert(version, pair.facts);
        }
    }
    let mut table = terminal::table(&[]);
    let header = columns.iter().map(|version| terminal::strong(&format!("@{version}")));
    table.set_header([terminal::strong(module.as_str())].into_iter().chain(header));
    for (dependent, cells) in rows {
        let cells = columns.iter().map(|version| cells.get(version).map_or_else(|| "-".into(), |f| cell(*f)));
        table.add_row([dependent.to_owned()].into_iter().chain(cells));
    }
    table
}

/// The verdict, and the first fact that decided it.
fn cell(facts: Facts) -> String {
    let verdict = facts.verdict();
    let deciding =
        [("declared", facts.declared), ("structural", facts.structural), ("behavioural", facts.behavioural)]
            .into_iter()
            .find(|(_, fact)| *fact == verdict);
    match deciding {
        Some((name, _)) if verdict != Verdict::Compatible => {
            format!("{} ({name})", terminal::verdict(verdict))
        }
        _ => terminal::verdict(verdict),
    }
}
