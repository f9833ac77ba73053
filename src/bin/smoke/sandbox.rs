//! Confines this process before it reads anything that a stranger wrote.
//!
//! Two steps, both while there is one thread. [`before_the_job`] takes away what no run needs; then
//! the job is read. [`for_the_job`] adds what depends on it: its files and its limits. Nothing can be
//! taken back afterwards.

use std::path::Path;

use cambium::domain::device::Device;
use cambium::domain::finding::Finding;
use cambium::domain::smoke::{Job, Limits};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};

use super::{cuda, seccomp, usage};

/// Which mechanisms are in force, in the words of the report.
#[derive(Debug, Default)]
pub struct Sandbox {
    /// Mechanisms in force.
    pub mechanisms: Vec<String>,
    /// Mechanisms that could not be put in force, with the reason.
    pub missing: Vec<String>,
}

/// What libtorch and the C library read of the machine: how many processors there are and which, and
/// randomness, without which libtorch's generator does not start.
const MACHINE: &[&str] = &["/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"];

impl Sandbox {
    fn note(&mut self, mechanism: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.mechanisms.push(mechanism.to_owned()),
            Err(why) => self.missing.push(format!("{mechanism}: {why}")),
        }
    }

    /// The finding that refuses to run, when a mechanism is missing.
    pub fn refusal(&self) -> Option<Finding> {
        (!self.missing.is_empty()).then(|| {
            Finding::error(
                "sandbox_unavailable",
                "cambium-smoke",
                format!("The run was refused because it could not be confined: {}.", self.missing.join("; ")),
                "Use a Linux kernel of 5.13 or later with Landlock and seccomp enabled; for files that you trust, \
                 allow a partial sandbox: `cambium smoke --allow-partial-sandbox`, or \
                 CAMBIUM_ALLOW_PARTIAL_SANDBOX=1 for a worker.",
            )
        })
    }
}

/// Takes away what no run needs: privileges, inherited descriptors and variables, core dumps, writing
/// files, and every system call that is not on the allow-list.
///
/// `parent` is the process whose death ends this one; `device` is where it will compute.
pub fn before_the_job(parent: Option<u32>, device: Device) -> Sandbox {
    let mut sandbox = Sandbox::default();
    sandbox.note("empty_environment", clear_environment());
    sandbox.note("descriptors", close_inherited());
    if let Some(parent) = parent {
        sandbox.note("parent_death_signal", die_with(parent));
    }
    sandbox.note("no_new_privileges", no_new_privileges());
    sandbox.note("no_capabilities", drop_capabilities());
    // Where stderr is a file, telling the steps fails, and does not end the run.
    // SAFETY: sets how a signal is met, and installs no handler.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let fixed = set_limit(libc::RLIMIT_CORE, 0)
        .and_then(|()| set_limit(libc::RLIMIT_FSIZE, 0))
        .and_then(|()| set_limit(libc::RLIMIT_NOFILE, 256));
    sandbox.note("file_limits", fixed);
    sandbox.note("seccomp", seccomp::install(!device.is_cpu()).map_err(|error| error.to_string()));
    sandbox
}

/// Limits what is left to the job's files, read-only, and to its bounds, and seals the sandbox.
pub fn for_the_job(sandbox: &mut Sandbox, job: &Job, device: Device) {
    // Before Landlock: what the process has and takes is told by `/proc`.
    usage::watch_memory();
    sandbox.note("resource_limits", limit_resources(&job.limits, job.reports() as u64));
    match restrict_files(job, device) {
        Ok(mechanisms) => sandbox.mechanisms.extend(mechanisms),
        Err(why) => sandbox.missing.push(format!("landlock: {why}")),
    }
    sandbox.note("sealed", seccomp::seal().map_err(|error| error.to_string()));
}

fn restrict_files(job: &Job, device: Device) -> Result<Vec<String>, String> {
    let said = |error: landlock::RulesetError| error.to_string();
    // The newest rights that this program was tested with; an older kernel enforces what it knows.
    let abi = ABI::V7;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .map_err(said)?
        .handle_access(AccessNet::from_all(abi))
        .map_err(said)?
        .scope(Scope::from_all(abi))
        .map_err(said)?
        .create()
        .map_err(said)?;
    for path in MACHINE {
        // Absent in some containers, and then libtorch cannot read it either.
        if let Ok(descriptor) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(descriptor, AccessFs::ReadFile)).map_err(said)?;
        }
    }
    for path in files_of(job) {
        // A file that is gone is the run's finding, not the sandbox's.
        if let Ok(descriptor) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(descriptor, AccessFs::ReadFile)).map_err(said)?;
        }
    }
    for (path, access) in cuda::opens(device) {
        // What a driver of another version has not, it does not ask for.
        if let Ok(descriptor) = PathFd::new(&path) {
            rules = rules.add_rule(PathBeneath::new(descriptor, access)).map_err(said)?;
        }
    }
    let status = rules.restrict_self().map_err(said)?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, landlock) => Err(format!("{landlock:?}")),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(names(effective_abi)),
        (_, landlock) => Err(format!("{landlock:?}")),
    }
}

fn names(abi: ABI) -> Vec<String> {
    let mut names = vec!["landlock".to_owned()];
    if abi >= ABI::V4 {
        names.push("landlock_network".to_owned());
    }
    if abi >= ABI::V6 {
        names.push("landlock_scope".to_owned());
    }
    names
}

fn files_of(job: &Job) -> impl Iterator<Item = &Path> {
    let files = job.parts().flat_map(|part| part.files.values());
    files.chain(&job.probe).chain(&job.evaluation).map(std::path::PathBuf::as_path)
}

/// Memory, processor time, threads. `RLIMIT_DATA` and not `RLIMIT_AS`, because weights and libtorch itself are
/// mapped.
fn limit_resources(limits: &Limits, runs: u64) -> Result<(), String> {
    let before = data_bytes().unwrap_or(0);
    set_limit(libc::RLIMIT_DATA, limits.memory_bytes.saturating_add(before))?;
    // The hard limit is a second later: reaching the soft one says SIGXCPU, the hard one only SIGKILL.
    let seconds = limits.cpu_seconds.max(1).saturating_mul(runs);
    set_limits(libc::RLIMIT_CPU, seconds, seconds.saturating_add(1))?;
    limit_threads()
}

/// Threads beyond those that the user has: far more than libtorch starts on a large machine, and few enough
/// to cost the machine little.
const MORE_THREADS: u64 = 4096;

/// Bounds threads; new processes are refused by seccomp. `RLIMIT_NPROC` counts every thread of the user, the
/// server's too and those in other containers, so only the kernel can say how many there are: the count is
/// below the first power of two under which one more can be started. Root alone is not bounded so.
fn limit_threads() -> Result<(), String> {
    let (_, hard) = get_limits(libc::RLIMIT_NPROC)?;
    let powers = (8..32).map(|power| 1_u64 << power).take_while(|most| *most < hard);
    for most in powers {
        set_limits(libc::RLIMIT_NPROC, most, hard)?;
        if let Ok(thread) = std::thread::Builder::new().stack_size(1 << 14).spawn(|| ()) {
            let _ = thread.join();
            return set_limit(libc::RLIMIT_NPROC, hard.min(most + MORE_THREADS));
        }
    }
    // What was set for the user is all the room there is.
    set_limit(libc::RLIMIT_NPROC, hard)
}

/// Bytes of data that the process has before it begins: what libtorch brings along.
fn data_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(5)?.parse().ok()?;
    Some(pages * 4096)
}

fn set_limit(resource: libc::__rlimit_resource_t, value: u64) -> Result<(), String> {
    set_limits(resource, value, value)
}

fn set_limits(resource: libc::__rlimit_resource_t, value: u64, hard: u64) -> Result<(), String> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: hard };
    // SAFETY: the pointer is to a live value of the right type.
    checked(unsafe { libc::setrlimit(resource, &raw const limit) }).or_else(|error| {
        // A hard limit that is lower already may stay.
        let (_, now) = get_limits(resource)?;
        if now <= value { Ok(()) } else { Err(error) }
    })
}

/// The soft and the hard limit.
fn get_limits(resource: libc::__rlimit_resource_t) -> Result<(u64, u64), String> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live value of the right type.
    checked(unsafe { libc::getrlimit(resource, &raw mut limit) })?;
    Ok((limit.rlim_cur, limit.rlim_max))
}

/// Empties the environment, and erases its texts where the kernel put them: forgetting where they are would
/// leave them on the stack.
fn clear_environment() -> Result<(), String> {
    unsafe extern "C" {
        static environ: *const *mut libc::c_char;
    }
    // SAFETY: there is one thread; the list ends with a null pointer, each text with a null byte, and all lie
    // in memory of the process that may be written. Whoever kept a pointer to a text finds it empty.
    unsafe {
        let mut variable = environ;
        while !variable.is_null() && !(*variable).is_null() {
            std::ptr::write_bytes(*variable, 0, libc::strlen(*variable));
            variable = variable.add(1);
        }
        checked(libc::clearenv())
    }
}

/// Closes everything but the three standard streams and the report's own descriptor, which is 3.
fn close_inherited() -> Result<(), String> {
    // SAFETY: no descriptor above 3 belongs to this program yet.
    checked(unsafe { libc::close_range(4, libc::c_uint::MAX, 0) })
}

fn die_with(parent: u32) -> Result<(), String> {
    // SAFETY: takes numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) })?;
    if std::os::unix::process::parent_id() != parent {
        // It died before the signal was asked for: nobody waits for a report.
        std::process::exit(0);
    }
    Ok(())
}

fn no_new_privileges() -> Result<(), String> {
    // SAFETY: takes numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })
}

/// Drops every capability but the one to read files that the starting user may read as root.
fn drop_capabilities() -> Result<(), String> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    struct Data {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    const DAC_READ_SEARCH: u32 = 1 << 2;
    let header = Header { version: VERSION_3, pid: 0 };
    let mut sets = [Data::default(); 2];
    // SAFETY: version 3 reads one header and writes two sets, which both live here.
    checked(unsafe { libc::syscall(libc::SYS_capget, &raw const header, sets.as_mut_ptr()) as i32 })?;
    let kept = sets[0].permitted & DAC_READ_SEARCH;
    let sets = [Data { effective: kept, permitted: kept, inheritable: 0 }, Data::default()];
    // SAFETY: as above, reading.
    checked(unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) as i32 })
}

fn checked(result: i32) -> Result<(), String> {
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().to_string()) }
}
