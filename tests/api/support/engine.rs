//! Engines: the real one, counted, and stand-ins for what cannot be brought about at will.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cambium::domain::finding::Finding;
use cambium::domain::smoke::Report;
use cambium::domain::verdict::Verdict;
use tempfile::TempDir;

/// A program that a worker starts as its engine. It writes a line for each start.
pub struct Engine {
    folder: TempDir,
    path: PathBuf,
}

impl Engine {
    /// The real one.
    pub fn real() -> Self {
        Self::script(&format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_cambium-smoke")))
    }

    /// One that finds everything compatible: for tests of what comes after a run.
    pub fn agreeing() -> Self {
        Self::agreeing_then_hanging(10_000)
    }

    /// One that does so for so many runs, and then never answers.
    pub fn agreeing_then_hanging(times: usize) -> Self {
        Self::agreeing_if(&format!("[ $(wc -l < starts) -le {times} ] || exec sleep 600"))
    }

    /// One that finds everything compatible, each run when it is told to.
    pub fn agreeing_when_told() -> Self {
        Self::agreeing_if("run=$(wc -l < starts)\nwhile [ ! -e go-$run ]; do sleep 0.05; done")
    }

    /// Lets the run of that number, from 1 on, end.
    pub fn tell(&self, run: usize) {
        std::fs::write(self.folder.path().join(format!("go-{run}")), "").unwrap();
    }

    fn agreeing_if(condition: &str) -> Self {
        let finding = Finding::warning("not_run", "engine", "Nothing was run.", "Use the real engine.");
        let mut report = Report::without_run(Verdict::Compatible, finding);
        report.findings.clear();
        let engine =
            Self::script(&format!("cat > /dev/null\ncd \"$(dirname \"$0\")\"\n{condition}\nexec cat report"));
        std::fs::write(engine.folder.path().join("report"), serde_json::to_vec(&report).unwrap()).unwrap();
        engine
    }

    /// One that never answers.
    pub fn hanging() -> Self {
        Self::script("exec sleep 600")
    }

    fn script(body: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("engine");
        let text = format!(
            "#!/bin/sh\nPATH=/usr/bin:/bin\n[ \"$1\" != --check ] || exec \"$(dirname \"$0\")/check\"\necho $$ >> \"$(dirname \"$0\")/starts\"\n{body}\n"
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let engine = Self { folder, path };
        engine.checks_with("exit 0");
        engine
    }

    /// What it does when it is asked whether it can run at all.
    pub fn checks_with(&self, body: &str) {
        let path = self.folder.path().join("check");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The process ids of its runs so far.
    pub fn starts(&self) -> Vec<i32> {
        let lines = std::fs::read_to_string(self.folder.path().join("starts")).unwrap_or_default();
        lines.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Waits until it was started that often; the answer is the last process.
    pub async fn started(&self, times: usize) -> i32 {
        for _ in 0..600 {
            if let Some(process) = self.starts().get(times - 1) {
                return *process;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the engine was started {} times, not {times}", self.starts().len());
    }
}
