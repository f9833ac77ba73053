//! A server of one test, and the command line that talks to it.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A server with its data, stopped and removed at the end.
pub struct World {
    root: TempDir,
    pub port: u16,
    server: Option<Child>,
    token: String,
}

/// What a command came to.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// The same, when it ended with this code.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

impl World {
    /// Starts a server. The engine is a script that waits while the file `hold` is there and the job
    /// speaks of all of `held`.
    pub fn start(held: &[&str]) -> Self {
        // Below /tmp and readable, so that the user that a root server becomes can reach all of it.
        let root = tempfile::Builder::new().prefix("cambium-cli-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for program in ["cambium", "cambium-smoke"] {
            copy_program(program, &root.path().join(program));
        }
        write_engine(root.path(), held);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut world = Self { root, port, server: None, token: String::new() };
        world.serve();
        world.token = world.admin_token();
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Starts the server, again after [`Self::kill_server`], and waits until it is ready.
    pub fn serve(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("server.log")).unwrap();
        let server = Command::new(self.path("cambium"))
            .arg("serve")
            .env("CAMBIUM_DATA", self.path("data"))
            .env("CAMBIUM_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("CAMBIUM_SMOKE", self.path("engine"))
            .env_remove("DATABASE_URL")
            .env_remove("CAMBIUM_STORE")
            .env("RUST_BACKTRACE", "0")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(server);
        let began = Instant::now();
        while !self.is_ready() {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_secs(120), "{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        let read = std::io::Read::read_to_string(&mut stream, &mut answer);
        asked.is_ok() && read.is_ok() && answer.starts_with("HTTP/1.1 200")
    }

    /// Kills the server without warning.
    pub fn kill_server(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("server.log")).unwrap_or_default()
    }

    fn admin_token(&self) -> String {
        let path = self.path("data/admin-token");
        let began = Instant::now();
        loop {
            match fs::read_to_string(&path) {
                Ok(token) if !token.trim().is_empty() => return token.trim().to_owned(),
                _ => assert!(began.elapsed() < Duration::from_secs(60), "{}", self.log()),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The command line as the admin, not started yet.
    pub fn command(&self, port: u16, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("cambium"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("CAMBIUM_URL", format!("http://127.0.0.1:{port}"))
            .env("CAMBIUM_TOKEN", &self.token)
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("CAMBIUM_DATA", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command line as the admin.
    pub fn cambium(&self, arguments: &[&str]) -> Ended {
        ended(self.command(self.port, arguments).spawn().unwrap())
    }

    /// Runs the command line as whoever the credentials file names, with a line on standard input.
    pub fn cambium_without_token(&self, arguments: &[&str], line: &str) -> Ended {
        let mut command = self.command(self.port, arguments);
        let mut child = command.env_remove("CAMBIUM_TOKEN").stdin(Stdio::piped()).spawn().unwrap();
        // A command that asks for nothing may have gone already.
        let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
        ended(child)
    }

    pub fn token(&self) -> &str {
        &self.token
    }
}

pub fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let id = nix::unistd::Pid::from_raw(server.id().cast_signed());
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
        let _ = server.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

/// A program that was built with the tests, where every user can start it.
fn copy_program(name: &str, to: &Path) {
    let built = Path::new(env!("CARGO_BIN_EXE_cambium")).with_file_name(name);
    if fs::hard_link(&built, to).is_err() {
        fs::copy(&built, to).unwrap();
    }
}

/// The engine, behind a script that waits. It replaces the script: its parent has to be the server.
fn write_engine(root: &Path, held: &[&str]) {
    let root = root.display();
    let speaks: Vec<String> = held.iter().map(|word| format!("/bin/grep -q '{word}' \"$job\"")).collect();
    let speaks = if held.is_empty() { "false".to_owned() } else { speaks.join(" && ") };
    let script = format!(
        "#!/bin/sh\njob=$(/bin/mktemp /tmp/cambium-job-XXXXXX)\n/bin/cat >\"$job\"\n\
         if {speaks}; then while [ -e {root}/hold ]; do /bin/sleep 0.05; done; fi\n\
         exec <\"$job\"\n/bin/rm \"$job\"\nexec {root}/cambium-smoke \"$@\"\n"
    );
    let path = format!("{root}/engine");
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
