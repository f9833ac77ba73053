//! Who runs Cambium: started as root, it becomes an unprivileged user before it does anything else.
//!
//! PostgreSQL refuses to run as root, and a server that reads what strangers upload has no business there
//! either. [`drop_root`] belongs at the very top of `main`, before any thread or runtime exists.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{self, AccessFlags, Gid, Uid, User};

/// The users that are tried in this order when nobody says which one to become.
const CANDIDATES: [&str; 3] = ["cambium", "postgres", "nobody"];

/// An unprivileged user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its login name, for messages.
    pub name: String,
    /// Its user id, never 0.
    pub uid: u32,
    /// Its primary group.
    pub gid: u32,
}

/// Why the process cannot become an unprivileged user, or cannot work as one.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// No user to become: the named one is missing, is root, or the machine has none of the usual ones.
    #[error(
        "started as root, and {0}; create a user (`useradd --system cambium`) or name one in CAMBIUM_USER"
    )]
    NoAccount(String),
    /// The data folder cannot be made, entered or written.
    #[error("the data folder {folder} cannot be used by user {user}: {reason}; {remedy}")]
    DataFolder {
        /// The folder.
        folder: PathBuf,
        /// The user that needs it.
        user: String,
        /// What the system said.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
    /// A program that must be started later is out of reach for the unprivileged user.
    #[error(
        "user {user} cannot execute {program}: put it, with every folder above, where that user can read it \
         (`make run` does so), or name another user in CAMBIUM_USER"
    )]
    ProgramOutOfReach {
        /// The program.
        program: PathBuf,
        /// The user that needs it.
        user: String,
    },
    /// The kernel refused to change the user.
    #[error("cannot become user {user}: {source}; start Cambium as that user instead of as root")]
    Refused {
        /// The user to become.
        user: String,
        /// What the kernel said.
        source: nix::Error,
    },
    /// Neither a data folder nor a home folder is known.
    #[error("no data folder: set CAMBIUM_DATA to a folder of your own, or HOME")]
    NoDataFolder,
}

impl PrivilegeError {
    /// The stable code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAccount(_) => "no_unprivileged_user",
            Self::DataFolder { .. } => "data_folder_unusable",
            Self::ProgramOutOfReach { .. } => "program_out_of_reach",
            Self::Refused { .. } => "cannot_drop_root",
            Self::NoDataFolder => "no_data_folder",
        }
    }
}

/// The data folder: `explicit` (CAMBIUM_DATA), else `/var/lib/cambium` for root, else `cambium` under
/// `XDG_DATA_HOME` or `~/.local/share`. The path is absolute; nothing is created.
///
/// # Errors
/// [`PrivilegeError::NoDataFolder`] when no home folder is known either.
pub fn data_folder(explicit: Option<PathBuf>) -> Result<PathBuf, PrivilegeError> {
    let set = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    let folder = match explicit {
        Some(folder) => folder,
        None if Uid::effective().is_root() => PathBuf::from("/var/lib/cambium"),
        None => set("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| Path::new(&home).join(".local/share")))
            .ok_or(PrivilegeError::NoDataFolder)?
            .join("cambium"),
    };
    std::path::absolute(&folder).map_err(|_| PrivilegeError::NoDataFolder)
}

/// Makes `data_folder` (mode 0700) and, started as root, becomes an unprivileged user for good.
///
/// The user is `wanted` (CAMBIUM_USER), else the owner of an existing data folder, else the first of `cambium`,
/// `postgres` and `nobody` that exists. Working folder and HOME become the data folder, because that user often
/// cannot enter root's: resolve relative paths before. `programs` must stay executable.
/// Answers the user it became, or `None` when the process was not root in the first place.
///
/// # Errors
/// Each [`PrivilegeError`] ends the start: after one the process may be half way between two users.
pub fn drop_root(
    data_folder: &Path,
    wanted: Option<&str>,
    programs: &[&Path],
) -> Result<Option<Account>, PrivilegeError> {
    if !Uid::effective().is_root() {
        let user = current_user();
        make_folder(data_folder).map_err(|error| refuse_folder(data_folder, &user, &error))?;
        check_writable(data_folder, &user)?;
        return Ok(None);
    }
    let account = choose_account(data_folder, wanted)?;
    hand_over(data_folder, &account)?;
    become_account(&account)
        .map_err(|source| PrivilegeError::Refused { user: account.name.clone(), source })?;
    check_writable(data_folder, &account.name)?;
    unistd::chdir(data_folder)
        .map_err(|error| refuse_folder(data_folder, &account.name, &std::io::Error::from(error)))?;
    // SAFETY: the caller has started no thread yet, so nobody reads the environment meanwhile. Libraries
    // look for settings below HOME, and that of root is closed to us now.
    unsafe { std::env::set_var("HOME", data_folder) };
    for program in programs {
        if unistd::access(*program, AccessFlags::X_OK | AccessFlags::R_OK).is_err() {
            let program = program.to_path_buf();
            return Err(PrivilegeError::ProgramOutOfReach { program, user: account.name });
        }
    }
    Ok(Some(account))
}

/// The unprivileged user that a process started as root works as; see [`drop_root`] for the choice.
///
/// # Errors
/// [`PrivilegeError::NoAccount`] when there is none.
pub fn choose_account(data_folder: &Path, wanted: Option<&str>) -> Result<Account, PrivilegeError> {
    if let Some(name) = wanted {
        return by_name(name)
            .ok_or_else(|| PrivilegeError::NoAccount(format!("there is no unprivileged user `{name}`")));
    }
    let owner = fs::metadata(data_folder).ok().map(|folder| folder.uid()).filter(|uid| *uid != 0);
    owner
        .and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten())
        .and_then(account_of)
        .or_else(|| CANDIDATES.iter().find_map(|name| by_name(name)))
        .ok_or_else(|| {
            PrivilegeError::NoAccount(format!("none of the users {} exists", CANDIDATES.join(", ")))
        })
}

fn by_name(name: &str) -> Option<Account> {
    User::from_name(name).ok().flatten().and_then(account_of)
}

fn account_of(user: User) -> Option<Account> {
    let account = Account { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() };
    (account.uid != 0).then_some(account)
}

fn current_user() -> String {
    let uid = Uid::effective();
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// Makes the folder with everything above it: what is above is for everybody, the folder itself is not.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        other => other,
    }
}

/// Gives a new or empty folder of root to the account. What belongs to somebody already is left alone: a
/// wrong CAMBIUM_DATA must not change who owns `/home`.
fn hand_over(folder: &Path, account: &Account) -> Result<(), PrivilegeError> {
    let refuse = |error: std::io::Error| refuse_folder(folder, &account.name, &error);
    make_folder(folder).map_err(refuse)?;
    let owner = fs::metadata(folder).map_err(refuse)?.uid();
    if owner == account.uid {
        return Ok(());
    }
    let empty = fs::read_dir(folder).map_err(refuse)?.next().is_none();
    if owner != 0 || !empty {
        return Err(refuse(std::io::Error::other("it belongs to another user and is not empty")));
    }
    std::os::unix::fs::chown(folder, Some(account.uid), Some(account.gid)).map_err(refuse)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(refuse)
}

fn become_account(account: &Account) -> Result<(), nix::Error> {
    let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
    unistd::setgroups(&[gid])?;
    unistd::setresgid(gid, gid, gid)?;
    unistd::setresuid(uid, uid, uid)?;
    // A way back would make the whole step pointless, so it is tried.
    if unistd::setuid(Uid::from_raw(0)).is_ok() { Err(nix::Error::EPERM) } else { Ok(()) }
}

fn check_writable(folder: &Path, user: &str) -> Result<(), PrivilegeError> {
    let flags = AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK;
    unistd::eaccess(folder, flags).map_err(|error| refuse_folder(folder, user, &std::io::Error::from(error)))
}

fn refuse_folder(folder: &Path, user: &str, error: &std::io::Error) -> PrivilegeError {
    PrivilegeError::DataFolder {
        folder: folder.to_path_buf(),
        user: user.to_owned(),
        reason: error.to_string(),
        remedy:
            "set CAMBIUM_DATA to a folder of its own that this user can reach, or, if this one is Cambium's, \
                 hand it over with chown -R"
                .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_data_folder_is_made_absolute() {
        let folder = data_folder(Some(PathBuf::from("here"))).expect("a folder");
        assert!(folder.is_absolute());
        assert!(folder.ends_with("here"));
    }

    #[test]
    fn root_is_no_unprivileged_user() {
        let refused = choose_account(Path::new("/"), Some("root")).expect_err("root is refused");
        assert_eq!(refused.code(), "no_unprivileged_user");
        assert!(refused.to_string().contains("`root`"), "{refused}");
    }

    #[test]
    fn a_user_that_does_not_exist_is_named_in_the_refusal() {
        let refused = choose_account(Path::new("/"), Some("no-such-user")).expect_err("refused");
        assert!(refused.to_string().contains("no-such-user"), "{refused}");
    }

    #[test]
    fn the_chosen_user_is_never_root() {
        let account = choose_account(Path::new("/"), None).expect("every machine has nobody");
        assert_ne!(account.uid, 0);
    }
}
