//! Tokens by server: from the environment, from the credentials file that `cambium login` writes,
//! or, for a server of this machine, from its data folder.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{privileges, serve};

/// The credentials file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// By the server's URL.
    #[serde(default)]
    servers: BTreeMap<String, Server>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    token: String,
}

/// The token for a server, where there is one.
///
/// # Errors
/// When the credentials file cannot be read.
pub fn token(server: &Url) -> anyhow::Result<Option<String>> {
    if let Some(token) = std::env::var("CAMBIUM_TOKEN").ok().filter(|token| !token.is_empty()) {
        return Ok(Some(token));
    }
    let kept = match file() {
        Some(path) => read(&path)?.servers.remove(&key(server)).map(|server| server.token),
        None => None,
    };
    Ok(kept.or_else(|| if is_loopback(server) { admin_token(server) } else { None }))
}

/// Keeps a token for a server; the answer is the file.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(server: &Url, token: &str) -> anyhow::Result<PathBuf> {
    let path = file().context("there is no home folder: set HOME or XDG_CONFIG_HOME")?;
    let mut credentials = read(&path)?;
    credentials.servers.insert(key(server), Server { token: token.to_owned() });
    write(&path, &credentials).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

/// Whether the server is on this machine.
pub fn is_loopback(server: &Url) -> bool {
    server.host_str().is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

fn key(server: &Url) -> String {
    server.as_str().trim_end_matches('/').to_owned()
}

fn file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    config.map(|config| config.join("cambium/credentials.toml"))
}

fn read(path: &Path) -> anyhow::Result<Credentials> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Credentials::default()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    // The parser's own message would quote the line, and with it a token.
    toml::from_str(&text)
        .map_err(|_| anyhow::anyhow!("{} is malformed: mend it, or remove it and log in", path.display()))
}

/// Written beside the file and renamed, so that no crash leaves half of it.
fn write(path: &Path, credentials: &Credentials) -> anyhow::Result<()> {
    let folder = path.parent().context("the file has no folder")?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = folder.join(format!(".credentials-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(toml::to_string(credentials)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(())
}

/// The token that a server of this machine wrote for its owner, as far as we may read it. It is for the
/// port that this server says it listens on and no other: whoever else listens on this machine must
/// not be handed it.
fn admin_token(server: &Url) -> Option<String> {
    let data = std::env::var_os("CAMBIUM_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = privileges::data_folder(data).ok()?;
    let port = server.port_or_known_default()?.to_string();
    let serving = fs::read_to_string(folder.join(serve::PORTS_FILE)).ok()?;
    serving.lines().find(|line| *line == port)?;
    let text = fs::read_to_string(folder.join("admin-token")).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn kept_tokens_are_read_back_and_only_the_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cambium/credentials.toml");
        let servers = [("http://a".to_owned(), Server { token: "t1".into() })].into();
        write(&path, &Credentials { servers }).unwrap();
        assert_eq!(read(&path).unwrap().servers["http://a"].token, "t1");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_malformed_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        fs::write(&path, "servers = \"secret-token\"").unwrap();
        let message = format!("{:#}", read(&path).unwrap_err());
        assert!(message.contains("malformed") && !message.contains("secret-token"), "{message}");
    }

    #[test]
    fn only_servers_of_this_machine_are_local() {
        let local = |url: &str| is_loopback(&url.parse().unwrap());
        assert!(local("http://127.0.0.1:8123") && local("http://[::1]:1") && local("http://localhost"));
        assert!(!local("http://localhost.example.org") && !local("https://10.0.0.1"));
    }
}
