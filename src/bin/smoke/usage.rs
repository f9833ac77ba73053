//! What the run has taken of its machine so far.

use std::cell::Cell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::time::Instant;

use cambium::domain::smoke::Limits;

/// What the kernel says of this process, opened while files may still be.
static STATUS: OnceLock<File> = OnceLock::new();

/// Makes sure that [`peak_memory`] can be asked for in the sandbox.
pub fn watch_memory() {
    if let Ok(status) = File::open("/proc/self/status") {
        let _ = STATUS.set(status);
    }
}

/// Largest resident memory so far, in bytes. What `getrusage` says begins with that of the program which
/// started this one.
pub fn peak_memory() -> u64 {
    let mut text = [0; 4096];
    let read = STATUS.get().and_then(|status| status.read_at(&mut text, 0).ok()).unwrap_or(0);
    let text = String::from_utf8_lossy(&text[..read]);
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.or(u64::try_from(usage().ru_maxrss).ok()).unwrap_or(0) * 1024
}

thread_local! {
    static WORK: Cell<u64> = const { Cell::new(0) };
}

/// Notes multiplications that a pass takes.
pub fn count_work(multiplications: u64) {
    WORK.set(WORK.get().saturating_add(multiplications));
}

/// Multiplications that were noted since this was asked last.
pub fn work() -> u64 {
    WORK.take()
}

/// How much of its time a run has left.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    /// Processor seconds that the process had taken before: of other compositions.
    before: f64,
    limits: Limits,
}

impl Clock {
    /// Begins with the run.
    pub fn start(limits: Limits) -> Self {
        Self { started: Instant::now(), before: processor_seconds(), limits }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The share that is spent of wall time or of processor time, whichever is nearer to its limit.
    pub fn spent(&self) -> f64 {
        let processor = processor_seconds() - self.before;
        let share = |spent: f64, limit: u64| spent / limit.max(1) as f64;
        share(self.seconds(), self.limits.wall_seconds).max(share(processor, self.limits.cpu_seconds))
    }
}

fn processor_seconds() -> f64 {
    let usage = usage();
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

fn usage() -> libc::rusage {
    // SAFETY: all zeroes is a valid value, and the call fills it.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    }
}
