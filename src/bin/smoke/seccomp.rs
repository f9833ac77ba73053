//! The system calls that the engine may make.
//!
//! An allow-list: whatever is not named here fails with `EPERM`. Failing is chosen over killing
//! because libtorch and the C library try optional calls and go on without them; a call that fails
//! has done as little as one that kills, and the run can still report what happened.

use std::collections::BTreeMap;

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use crate::cuda;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Calls that need no look at their arguments: they touch nothing but the process itself and
/// descriptors that it already has, or paths that Landlock guards.
const ALLOWED: &[i64] = &[
    // Descriptors that are open. There is no writable file: opening is read-only.
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    // Memory. `PROT_EXEC` stays allowed because oneDNN, which libtorch computes with, makes code.
    libc::SYS_mprotect,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // Threads and their waiting.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Clocks, and questions about the machine.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getcpu,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// What is needed only until the sandbox is complete; [`seal`] takes it away again.
const UNTIL_SEALED: &[i64] = &[
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
    libc::SYS_seccomp,
    libc::SYS_prctl,
    libc::SYS_capget,
    libc::SYS_capset,
];

/// Installs the allow-list for the whole process, which must have one thread; with `cuda` wider, by what is in
/// [`cuda`].
pub fn install(cuda: bool) -> Outcome {
    let mut rules: Rules = ALLOWED.iter().chain(UNTIL_SEALED).map(|call| (*call, vec![])).collect();
    let writing = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;
    // Devices are written to; Landlock says which.
    let writing = if cuda { writing & !libc::O_RDWR } else { writing };
    only_when(&mut rules, libc::SYS_openat, vec![clear(2, Dword, writing as u64)?])?;
    // Shared mappings escape the limit on private memory.
    only_when(&mut rules, libc::SYS_mmap, vec![clear(3, Dword, libc::MAP_SHARED as u64)?])?;
    // A new thread, never a new process. `clone3` hides its flags in memory, where a filter cannot
    // look: it passes here and is answered with `ENOSYS` below, upon which the C library uses `clone`.
    let thread = libc::CLONE_THREAD as u64;
    only_when(&mut rules, libc::SYS_clone, vec![condition(0, Qword, MaskedEq(thread), thread)?])?;
    rules.insert(libc::SYS_clone3, vec![]);
    // `abort` signals its own thread; no other process can be named, and no other signal, so that one that
    // ended the engine came from outside.
    let (pid, abort) = (u64::from(std::process::id()), libc::SIGABRT as u64);
    let aborts = vec![condition(0, Dword, Eq, pid)?, condition(2, Dword, Eq, abort)?];
    only_when(&mut rules, libc::SYS_tgkill, aborts)?;
    let get = libc::F_GETFD as u64;
    only_when(&mut rules, libc::SYS_fcntl, vec![condition(1, Dword, Eq, get)?])?;
    rules.insert(libc::SYS_prlimit64, vec![]);
    if cuda {
        // Its driver maps the device's memory shared, and so has to be free to.
        rules.extend(cuda::CALLS.iter().chain(&[libc::SYS_mmap]).map(|call| (*call, vec![])));
    }

    let denied = SeccompAction::Errno(libc::EPERM as u32);
    apply(SeccompFilter::new(rules, denied, SeccompAction::Allow, arch()?)?)?;
    let clone3 = Rules::from([(libc::SYS_clone3, vec![])]);
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    apply(SeccompFilter::new(clone3, SeccompAction::Allow, unknown, arch()?)?)
}

/// Takes away what only setting up the sandbox needed: from here on it cannot change.
pub fn seal() -> Outcome {
    let mut rules: Rules = UNTIL_SEALED.iter().map(|call| (*call, vec![])).collect();
    // Asking for a limit passes a null pointer as the new one; anything else would set it.
    let set = condition(2, Qword, SeccompCmpOp::Ne, 0)?;
    only_when(&mut rules, libc::SYS_prlimit64, vec![set])?;
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    apply(SeccompFilter::new(rules, SeccompAction::Allow, denied, arch()?)?)
}

fn apply(filter: SeccompFilter) -> Outcome {
    let program: BpfProgram = filter.try_into()?;
    Ok(seccompiler::apply_filter(&program)?)
}

fn arch() -> Result<seccompiler::TargetArch, seccompiler::BackendError> {
    std::env::consts::ARCH.try_into()
}

fn only_when(rules: &mut Rules, call: i64, conditions: Vec<SeccompCondition>) -> Outcome {
    rules.insert(call, vec![SeccompRule::new(conditions)?]);
    Ok(())
}

fn clear(
    argument: u8,
    length: SeccompCmpArgLen,
    bits: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    condition(argument, length, MaskedEq(bits), 0)
}

fn condition(
    argument: u8,
    length: SeccompCmpArgLen,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, length, operator, value)
}
