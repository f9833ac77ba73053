//! How PostgreSQL's programs are started: as whom, with what environment, and bound to our life.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Uid, getpid, getppid};

use crate::privileges::Account;

/// The user that the database runs as: our own, or another one when we are root.
#[derive(Debug, Clone)]
pub struct RunAs(Option<Account>);

impl RunAs {
    /// As the user of this process.
    #[cfg(test)]
    pub fn current() -> Self {
        Self(None)
    }

    /// As `account` when this process is root; as its own user otherwise.
    pub fn account_if_root(account: Option<Account>) -> Self {
        Self(account.filter(|_| Uid::effective().is_root()))
    }

    /// Whether the database would run as root, which it refuses.
    pub fn is_root(&self) -> bool {
        self.uid() == 0
    }

    /// The user's id.
    pub fn uid(&self) -> u32 {
        self.0.as_ref().map_or_else(|| Uid::effective().as_raw(), |account| account.uid)
    }

    /// Gives `path` to the user.
    pub fn own(&self, path: &Path) -> std::io::Result<()> {
        match &self.0 {
            Some(account) => std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid)),
            None => Ok(()),
        }
    }

    /// A command in a process group of its own, so that Ctrl-C at a terminal reaches us alone and the database
    /// stops when we say so. It gets SIGINT (PostgreSQL's fast shutdown) when the *thread* that spawns it
    /// ends: spawn from a thread that outlives it. The environment is cleared of everybody's `PG*` settings.
    pub fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).process_group(0).env_clear();
        command.envs([("LANG", "C"), ("LC_ALL", "C"), ("TZ", "UTC")]);
        for kept in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        if let Some(account) = &self.0 {
            command.uid(account.uid).gid(account.gid);
        }
        let parent = getpid();
        // SAFETY: prctl and getppid are async-signal-safe and touch no memory of ours.
        unsafe {
            command.pre_exec(move || {
                prctl::set_pdeathsig(Signal::SIGINT)?;
                // We may have died before the line above, and then nobody would tell.
                if getppid() == parent { Ok(()) } else { Err(nix::Error::ESRCH.into()) }
            });
        }
        command
    }
}
