//! Client commands, one per file, over the public API; and those that need no server.

pub mod actor;
pub mod audit;
pub mod channel;
pub mod client;
pub mod credentials;
pub mod deploy;
pub mod diff;
pub mod download;
pub mod findings;
pub mod folder;
pub mod hashing;
pub mod init;
pub mod lineage;
pub mod login;
pub mod matrix;
pub mod modules;
pub mod namespace;
pub mod pair;
pub mod progress;
pub mod publish;
pub mod reference;
pub mod releases;
pub mod role;
pub mod show;
pub mod smoke;
pub mod standing;
pub mod terminal;
pub mod token;
pub mod upload;
pub mod whoami;

use std::process::ExitCode;

use clap::Subcommand;

use crate::domain::release::Standing;
use client::Failure;

/// The commands that are no server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a cambium.toml for a folder by reading it.
    Init(init::InitArgs),
    /// Run modules together in a sandbox and say whether they work, without a server.
    Smoke(smoke::SmokeArgs),
    /// Publish a folder as a release.
    Publish(publish::PublishArgs),
    /// Download the files of a release.
    Download(download::DownloadArgs),
    /// Ask whether releases can be deployed together (exits 0 yes, 1 no, 2 not known yet).
    CanIDeploy(deploy::DeployArgs),
    /// Show the matrix of a backbone and all that attaches to it.
    Matrix(matrix::MatrixArgs),
    /// Tell what is known of a release on what it attaches to.
    Pair(pair::PairArgs),
    /// Show what changed in the contract between two releases, and what that demands of the version.
    Diff(diff::DiffArgs),
    /// Show where a release comes from, and what hangs on it.
    Lineage(lineage::LineageArgs),
    /// List modules.
    Modules(modules::ModulesArgs),
    /// List the releases of a module.
    Releases(releases::ReleasesArgs),
    /// Show a release.
    Show(show::ShowArgs),
    /// List, point, look back on and roll back channels.
    Channel(channel::ChannelArgs),
    /// Say that something better is there; the release stays usable.
    Deprecate(standing::DeprecateArgs),
    /// Take a release from new uses; what is locked to it still downloads.
    Yank(standing::StandingArgs),
    /// Refuse a bad release's bytes, and move every channel away from it.
    Quarantine(standing::StandingArgs),
    /// Undo deprecate, yank or quarantine; channels stay where they are.
    Restore(standing::StandingArgs),
    /// Keep a token for a server.
    Login(login::LoginArgs),
    /// Tell who you are, and what you may do.
    Whoami(whoami::WhoamiArgs),
    /// Make and list namespaces.
    Namespace(namespace::NamespaceArgs),
    /// Give, take and list roles in a namespace.
    Role(role::RoleArgs),
    /// Make and list people and machines.
    Actor(actor::ActorArgs),
    /// Make, list and revoke tokens.
    Token(token::TokenArgs),
    /// Show the audit log.
    Audit(audit::AuditArgs),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// When it could not be done; [`exit_code`] says what to exit with.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Init(args) => init::run(args).await,
            Self::Smoke(args) => smoke::run(args).await,
            Self::Publish(args) => publish::run(args).await,
            Self::Download(args) => download::run(args).await,
            Self::CanIDeploy(args) => deploy::run(args).await,
            Self::Matrix(args) => matrix::run(args).await,
            Self::Pair(args) => pair::run(args).await,
            Self::Diff(args) => diff::run(args).await,
            Self::Lineage(args) => lineage::run(args).await,
            Self::Modules(args) => modules::run(args).await,
            Self::Releases(args) => releases::run(args).await,
            Self::Show(args) => show::run(args).await,
            Self::Channel(args) => channel::run(args).await,
            Self::Deprecate(args) => standing::deprecate(args).await,
            Self::Yank(args) => standing::run(args, Standing::Yank).await,
            Self::Quarantine(args) => standing::run(args, Standing::Quarantine).await,
            Self::Restore(args) => standing::run(args, Standing::Restore).await,
            Self::Login(args) => login::run(args).await,
            Self::Whoami(args) => whoami::run(args).await,
            Self::Namespace(args) => namespace::run(args).await,
            Self::Role(args) => role::run(args).await,
            Self::Actor(args) => actor::run(args).await,
            Self::Token(args) => token::run(args).await,
            Self::Audit(args) => audit::run(args).await,
        }
    }

    /// What to exit with when it could not be done.
    pub fn failed(&self) -> fn(&anyhow::Error) -> u8 {
        match self {
            Self::CanIDeploy(_) => |_| deploy::NOT_ASKED,
            _ => exit_code,
        }
    }
}

/// What a command that could not be done exits with: 1 when the server refused what was asked, 2 when
/// it was never judged (usage, network, permission).
fn exit_code(error: &anyhow::Error) -> u8 {
    let refused = error.chain().any(|cause| {
        cause.downcast_ref::<Failure>().and_then(Failure::code).is_some_and(|code| REFUSALS.contains(&code))
    });
    if refused { 1 } else { 2 }
}

/// Codes that judge what was sent, and will say the same of it tomorrow.
const REFUSALS: [&str; 14] = [
    "build_metadata_refused",
    "digest_mismatch",
    "invalid_digest",
    "invalid_manifest",
    "invalid_name",
    "invalid_version",
    "kind_conflict",
    "no_healthy_target",
    "rejected",
    "release_quarantined",
    "release_unhealthy",
    "state_conflict",
    "unknown_kind",
    "version_conflict",
];
