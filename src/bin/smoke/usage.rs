//! What the run has taken of its machine so far.

use std::cell::Cell;
use std::time::Instant;

use cambium::domain::smoke::Limits;

/// Largest resident memory so far, in bytes.
pub fn peak_memory() -> u64 {
    u64::try_from(usage().ru_maxrss).unwrap_or(0) * 1024
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
