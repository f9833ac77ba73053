//! Configuration: the environment, parsed once, a struct per concern.

use std::env;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use crate::domain::device::Device;
use crate::domain::smoke::Limits;

/// How the server and the worker are set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything that is not in the database or the store lies.
    pub data: PathBuf,
    /// `host:port` that the server listens on.
    pub listen: String,
    /// The database; without one the embedded PostgreSQL is used.
    pub database_url: Option<String>,
    /// The object store's URL; without one the folder `blobs` in the data folder is used.
    pub store_url: Option<String>,
    /// Smoke runs at once in one worker.
    pub smoke_runs: usize,
    /// Seconds of wall time after which a smoke run is killed.
    pub smoke_seconds: u64,
    /// The engine's program; looked for beside this program and on the `PATH` when absent.
    pub engine: Option<PathBuf>,
    /// Where smoke runs compute.
    pub device: Device,
    /// Runs modules even where the machine cannot confine the engine fully.
    pub allow_partial_sandbox: bool,
    /// Log lines as JSON instead of text.
    pub json_logs: bool,
}

/// A variable that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} is `{value}`, which is not {expected}")]
pub struct BadVariable {
    name: &'static str,
    value: String,
    expected: &'static str,
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number in bounds, `absent` when the variable is not set.
fn number<T: FromStr + PartialOrd>(
    name: &'static str,
    absent: T,
    bounds: RangeInclusive<T>,
    expected: &'static str,
) -> Result<T, BadVariable> {
    let Some(value) = variable(name) else { return Ok(absent) };
    match value.parse() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => Err(BadVariable { name, value, expected }),
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a variable has a value that cannot be used.
    pub fn from_env(data: PathBuf) -> Result<Self, BadVariable> {
        let smoke_runs = number("CAMBIUM_WORKERS", 1, 1..=64, "a number from 1 to 64")?;
        let wall = Limits::default().wall_seconds;
        let smoke_seconds =
            number("CAMBIUM_SMOKE_SECONDS", wall, 1..=86_400, "a number of seconds from 1 to 86400")?;
        let allow_partial_sandbox = match variable("CAMBIUM_ALLOW_PARTIAL_SANDBOX").as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(other) => {
                let (name, value) = ("CAMBIUM_ALLOW_PARTIAL_SANDBOX", other.to_owned());
                return Err(BadVariable { name, value, expected: "`0` or `1`" });
            }
        };
        let device = match variable("CAMBIUM_DEVICE") {
            None => Device::Cpu,
            Some(value) => value.parse().map_err(|_| BadVariable {
                name: "CAMBIUM_DEVICE",
                value,
                expected: "`cpu` or `cuda:N` with N from 0 to 63",
            })?,
        };
        let json_logs = match variable("CAMBIUM_LOG").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => {
                let value = other.to_owned();
                return Err(BadVariable { name: "CAMBIUM_LOG", value, expected: "`text` or `json`" });
            }
        };
        Ok(Self {
            data,
            listen: variable("CAMBIUM_LISTEN").unwrap_or_else(|| "127.0.0.1:8123".into()),
            database_url: variable("DATABASE_URL"),
            store_url: variable("CAMBIUM_STORE"),
            smoke_runs,
            smoke_seconds,
            engine: variable("CAMBIUM_SMOKE").map(PathBuf::from),
            device,
            allow_partial_sandbox,
            json_logs,
        })
    }
}
