//! Tries, inside of the sandbox, what an attacker would, and says what was denied.

use std::ffi::CString;

use serde_json::{Map, Value};

/// Every attempt by name, and how it ended: `denied (why)`, or `allowed`.
pub fn run() -> String {
    let mut results = Map::new();
    for (name, attempt) in ATTEMPTS {
        let result = attempt();
        let errno = std::io::Error::last_os_error();
        let word = if result < 0 { format!("denied ({errno})") } else { "allowed".to_owned() };
        results.insert((*name).to_owned(), Value::from(word));
    }
    for (name, found, empty) in [
        ("environment", std::env::vars_os().count(), "empty"),
        ("environment_on_stack", variables_on_stack(), "erased"),
    ] {
        let word = if found == 0 { format!("denied ({empty})") } else { format!("allowed ({found})") };
        results.insert(name.to_owned(), Value::from(word));
    }
    results.insert("thread_bomb".to_owned(), Value::from(thread_bomb()));
    Value::Object(results).to_string()
}

/// How many variables are where the kernel put them: below the program's path, at the stack's upper end,
/// are the arguments and then the environment.
fn variables_on_stack() -> usize {
    // SAFETY: asks for numbers that the kernel gave to this process.
    let (random, path) = unsafe { (libc::getauxval(libc::AT_RANDOM), libc::getauxval(libc::AT_EXECFN)) };
    // The 16 random bytes are no text: one of them may well be an equals sign.
    let start = random + 16;
    let length = usize::try_from(path.saturating_sub(start)).unwrap_or(0);
    // SAFETY: the kernel mapped the whole range between the two when it made the stack.
    let texts = unsafe { std::slice::from_raw_parts(start as *const u8, length) };
    let given: Vec<String> = std::env::args().collect();
    let texts = texts.split(|byte| *byte == 0).filter(|text| text.contains(&b'='));
    texts.filter(|text| !given.iter().any(|argument| text.ends_with(argument.as_bytes()))).count()
}

/// Starts threads that wait, with as small a stack as the C library gives, until it is stopped.
fn thread_bomb() -> String {
    const MANY: usize = 10_000;
    for started in 0..MANY {
        let thread = std::thread::Builder::new().stack_size(1 << 14).spawn(|| {
            loop {
                std::thread::park();
            }
        });
        if let Err(error) = thread {
            return format!("denied ({error}, after {started})");
        }
    }
    format!("allowed ({MANY})")
}

type Attempt = fn() -> i64;

/// Raw calls, so that nothing but the kernel answers.
const ATTEMPTS: &[(&str, Attempt)] = &[
    ("open_passwords", || open("/etc/passwd", libc::O_RDONLY)),
    ("open_own_memory", || open("/proc/self/mem", libc::O_RDONLY)),
    ("open_own_environment", || open("/proc/self/environ", libc::O_RDONLY)),
    ("open_thread_environment", || open("/proc/thread-self/environ", libc::O_RDONLY)),
    ("open_parent_environment", || open(&format!("/proc/{}/environ", parent()), libc::O_RDONLY)),
    ("open_first_environment", || open("/proc/1/environ", libc::O_RDONLY)),
    ("open_own_map", || open("/proc/self/maps", libc::O_RDONLY)),
    ("open_own_descriptors", || open("/proc/self/fd", libc::O_RDONLY | libc::O_DIRECTORY)),
    ("open_other_way", || {
        // The kernel's `struct open_how`: flags, mode, resolve.
        let how = [0_u64; 3];
        let size = i64::try_from(size_of_val(&how)).unwrap_or(0);
        call(
            libc::SYS_openat2,
            [libc::AT_FDCWD.into(), c"/etc/passwd".as_ptr() as i64, how.as_ptr() as i64, size],
        )
    }),
    ("open_by_handle", || call(libc::SYS_open_by_handle_at, [libc::AT_FDCWD.into(), 0, 0, 0])),
    ("list_root", || open("/", libc::O_RDONLY | libc::O_DIRECTORY)),
    ("create_file", || open("/tmp/cambium-self-test", libc::O_WRONLY | libc::O_CREAT)),
    ("create_unnamed_file", || open("/tmp", libc::O_RDWR | libc::O_TMPFILE)),
    ("memory_file", || call(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0, 0, 0])),
    ("internet_socket", || call(libc::SYS_socket, [libc::AF_INET.into(), libc::SOCK_STREAM.into(), 0, 0])),
    ("unix_socket", || call(libc::SYS_socket, [libc::AF_UNIX.into(), libc::SOCK_STREAM.into(), 0, 0])),
    ("netlink_socket", || call(libc::SYS_socket, [libc::AF_NETLINK.into(), libc::SOCK_RAW.into(), 0, 0])),
    ("socket_pair", || call(libc::SYS_socketpair, [libc::AF_UNIX.into(), libc::SOCK_STREAM.into(), 0, 0])),
    ("connect", || call(libc::SYS_connect, [1, 0, 0, 0])),
    ("execute", || call(libc::SYS_execve, [c"/bin/true".as_ptr() as i64, 0, 0, 0])),
    ("execute_descriptor", || call(libc::SYS_execveat, [0, c"".as_ptr() as i64, 0, 0])),
    ("fork", || fork(libc::SIGCHLD.into())),
    ("fork_vm", || fork((libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD).into())),
    ("clone3", || call(libc::SYS_clone3, [0, 0, 0, 0])),
    ("trace_parent", || call(libc::SYS_ptrace, [libc::PTRACE_ATTACH.into(), parent(), 0, 0])),
    ("trace_by_parent", || call(libc::SYS_ptrace, [libc::PTRACE_TRACEME.into(), 0, 0, 0])),
    ("read_parent_memory", || call(libc::SYS_process_vm_readv, [parent(), 0, 0, 0])),
    ("write_parent_memory", || call(libc::SYS_process_vm_writev, [parent(), 0, 0, 0])),
    ("hold_parent", || call(libc::SYS_pidfd_open, [parent(), 0, 0, 0])),
    ("signal_parent", || call(libc::SYS_kill, [parent(), 0, 0, 0])),
    ("signal_first", || call(libc::SYS_kill, [1, 0, 0, 0])),
    ("signal_everybody", || call(libc::SYS_kill, [-1, 0, 0, 0])),
    ("signal_own_group", || call(libc::SYS_kill, [0, 0, 0, 0])),
    ("queue_signal_to_parent", || call(libc::SYS_rt_sigqueueinfo, [parent(), 0, 0, 0])),
    ("signal_thread", || call(libc::SYS_tkill, [parent(), 0, 0, 0])),
    ("signal_parent_thread", || call(libc::SYS_tgkill, [parent(), parent(), 0, 0])),
    ("signal_oneself", || {
        let own = i64::from(std::process::id());
        call(libc::SYS_tgkill, [own, own, libc::SIGTERM.into(), 0])
    }),
    ("mount", || call(libc::SYS_mount, [0, c"/".as_ptr() as i64, 0, 0])),
    ("new_namespace", || call(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0])),
    ("load_program", || call(libc::SYS_bpf, [0, 0, 0, 0])),
    ("ring", || call(libc::SYS_io_uring_setup, [1, 0, 0, 0])),
    ("keys", || call(libc::SYS_keyctl, [0, 0, 0, 0])),
    ("change_user", || call(libc::SYS_setuid, [0, 0, 0, 0])),
    ("change_process", || call(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0])),
    ("change_filter", || call(libc::SYS_seccomp, [0, 0, 0, 0])),
    ("count_events", || call(libc::SYS_perf_event_open, [0, 0, 0, 0])),
    ("catch_faults", || call(libc::SYS_userfaultfd, [0, 0, 0, 0])),
    ("regain_capabilities", || call(libc::SYS_capset, [0, 0, 0, 0])),
    ("raise_limits", raise_limits),
    ("shared_mapping", || {
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: asks for a new mapping; nothing existing is touched.
        unsafe { libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, flags, -1, 0) as i64 }
    }),
    ("remove_file", || call(libc::SYS_unlinkat, [libc::AT_FDCWD.into(), c"/tmp/x".as_ptr() as i64, 0, 0])),
    ("rename_file", || call(libc::SYS_renameat2, [libc::AT_FDCWD.into(), 0, libc::AT_FDCWD.into(), 0])),
    ("link_file", || call(libc::SYS_linkat, [libc::AT_FDCWD.into(), 0, libc::AT_FDCWD.into(), 0])),
    ("change_mode", || call(libc::SYS_fchmodat, [libc::AT_FDCWD.into(), c"/tmp/x".as_ptr() as i64, 0, 0])),
    ("set_clock", || call(libc::SYS_clock_settime, [0, 0, 0, 0])),
    ("reboot", || call(libc::SYS_reboot, [0, 0, 0, 0])),
];

fn call(number: i64, [a, b, c, d]: [i64; 4]) -> i64 {
    // SAFETY: every attempt passes null pointers or pointers to literals, and none may succeed.
    unsafe { libc::syscall(number, a, b, c, d) }
}

fn open(path: &str, flags: i32) -> i64 {
    let Ok(path) = CString::new(path) else { return -1 };
    // SAFETY: the path lives through the call.
    unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags, 0o600) }
}

fn fork(flags: i64) -> i64 {
    // SAFETY: where it is allowed after all, the child ends at once.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if pid == 0 {
        // SAFETY: ends the child only.
        unsafe { libc::_exit(0) };
    }
    pid
}

fn raise_limits() -> i64 {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the limit lives through the call.
    i64::from(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) })
}

fn parent() -> i64 {
    std::os::unix::process::parent_id().into()
}
