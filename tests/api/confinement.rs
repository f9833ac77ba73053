//! A worker on a kernel that cannot confine the engine: it says so at its start, and runs nothing unless told
//! otherwise.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use tempfile::TempDir;

use crate::support::client::id;
use crate::support::{Content, World};

/// `cambium worker` as a process of its own, killed at the end.
struct Worker {
    folder: TempDir,
    process: Child,
}

impl Worker {
    /// Starts it where Landlock is not known: a filter answers as an old kernel would.
    fn without_landlock(world: &World, allow: bool) -> Self {
        // Below /tmp and readable, so that the user that a root worker becomes can reach all of it.
        let folder = tempfile::Builder::new().prefix("cambium-worker-").tempdir_in("/tmp").unwrap();
        let open = |path: PathBuf| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        open(folder.path().to_owned());
        open(world.data.path().to_owned());
        let copy = |name: &str, built: &str| {
            let path = folder.path().join(name);
            fs::copy(built, &path).unwrap();
            path
        };
        let program = copy("cambium", env!("CARGO_BIN_EXE_cambium"));
        let engine = copy("cambium-smoke", env!("CARGO_BIN_EXE_cambium-smoke"));
        let rules = [(libc::SYS_landlock_create_ruleset, vec![])].into_iter().collect();
        let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
        let arch = std::env::consts::ARCH.try_into().unwrap();
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, unknown, arch).unwrap();
        let filter: BpfProgram = filter.try_into().unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(program);
        command
            .arg("worker")
            .env("CAMBIUM_DATA", folder.path().join("data"))
            .env("CAMBIUM_STORE", format!("file://{}", world.data.path().join("blobs").display()))
            .env("DATABASE_URL", world.database_url())
            .env("CAMBIUM_SMOKE", engine)
            .env("CAMBIUM_ALLOW_PARTIAL_SANDBOX", if allow { "1" } else { "" })
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        // SAFETY: installing a filter that was made before allocates nothing.
        unsafe {
            command.pre_exec(move || seccompiler::apply_filter(&filter).map_err(std::io::Error::other));
        }
        Self { process: command.spawn().unwrap(), folder }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn says(&self, text: &str) {
        for _ in 0..400 {
            if self.log().contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the worker did not say `{text}`:\n{}", self.log());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_confine_the_engine_says_so_and_runs_nothing() {
    let world = World::new().await;
    let worker = Worker::without_landlock(&world, false);
    worker.says("No module is run, because the engine cannot be confined here: landlock").await;
    let submitted = world.admin.submit(&Content::backbone("acme/tiny", "1.0.0")).await;
    worker.says("sandbox_unavailable").await;
    assert_eq!(world.admin.get(&format!("/drafts/{}", id(&submitted))).await.ok()["state"], "verifying");
    let health = world.admin.get("/overview").await.ok()["health"].clone();
    assert_eq!(health["status"], "impaired");
    let problem = health["workers"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("landlock"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_allowed_to_runs_modules_with_what_confinement_there_is_and_says_so() {
    let world = World::new().await;
    let worker = Worker::without_landlock(&world, true);
    let told = "Modules run without being confined fully, as CAMBIUM_ALLOW_PARTIAL_SANDBOX says: landlock";
    worker.says(told).await;
    world.admin.published(&Content::backbone("acme/tiny", "1.0.0")).await;
    assert_eq!(world.admin.get("/overview").await.ok()["health"]["status"], "impaired");
    let with = "SELECT count(*) FROM smoke_runs WHERE report -> 'run' -> 'sandbox' ? 'seccomp'";
    assert_eq!(world.count(with).await, 1);
    let with = "SELECT count(*) FROM smoke_runs WHERE report -> 'run' -> 'sandbox' ? 'landlock'";
    assert_eq!(world.count(with).await, 0);
}
