//! Tries, inside of the sandbox, what an attacker would, and says what was denied.

use std::ffi::CString;

use serde_json::{Map, Value};

/// Every attempt by name, and how it ended: `denied (errno)`, or `allowed`.
pub fn run() -> String {
    let mut results = Map::new();
    for (name, attempt) in ATTEMPTS {
        let result = attempt();
        let errno = std::io::Error::last_os_error();
        let word = if result < 0 { format!("denied ({errno})") } else { "allowed".to_owned() };
        results.insert((*name).to_owned(), Value::from(word));
    }
    let variables = std::env::vars_os().count();
    let word = if variables == 0 { "denied (empty)".to_owned() } else { format!("allowed ({variables})") };
    results.insert("environment".to_owned(), Value::from(word));
    Value::Object(results).to_string()
}

type Attempt = fn() -> i64;

/// Raw calls, so that nothing but the kernel answers.
const ATTEMPTS: &[(&str, Attempt)] = &[
    ("open_passwords", || open("/etc/passwd", libc::O_RDONLY)),
    ("open_own_memory", || open("/proc/self/mem", libc::O_RDONLY)),
    ("open_parent_environment", || open("/proc/1/environ", libc::O_RDONLY)),
    ("list_root", || open("/", libc::O_RDONLY | libc::O_DIRECTORY)),
    ("create_file", || open("/tmp/cambium-self-test", libc::O_WRONLY | libc::O_CREAT)),
    ("create_unnamed_file", || open("/tmp", libc::O_RDWR | libc::O_TMPFILE)),
    ("memory_file", || call(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0, 0, 0])),
    ("internet_socket", || call(libc::SYS_socket, [libc::AF_INET.into(), libc::SOCK_STREAM.into(), 0, 0])),
    ("unix_socket", || call(libc::SYS_socket, [libc::AF_UNIX.into(), libc::SOCK_STREAM.into(), 0, 0])),
    ("netlink_socket", || call(libc::SYS_socket, [libc::AF_NETLINK.into(), libc::SOCK_RAW.into(), 0, 0])),
    ("execute", || call(libc::SYS_execve, [c"/bin/true".as_ptr() as i64, 0, 0, 0])),
    ("fork", || fork(libc::SIGCHLD.into())),
    ("fork_vm", || fork((libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD).into())),
    ("clone3", || call(libc::SYS_clone3, [0, 0, 0, 0])),
    ("trace_parent", || call(libc::SYS_ptrace, [libc::PTRACE_ATTACH.into(), parent(), 0, 0])),
    ("read_parent_memory", || call(libc::SYS_process_vm_readv, [parent(), 0, 0, 0])),
    ("signal_parent", || call(libc::SYS_kill, [parent(), 0, 0, 0])),
    ("signal_parent_thread", || call(libc::SYS_tgkill, [parent(), parent(), 0, 0])),
    ("mount", || call(libc::SYS_mount, [0, c"/".as_ptr() as i64, 0, 0])),
    ("new_namespace", || call(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0])),
    ("load_program", || call(libc::SYS_bpf, [0, 0, 0, 0])),
    ("ring", || call(libc::SYS_io_uring_setup, [1, 0, 0, 0])),
    ("keys", || call(libc::SYS_keyctl, [0, 0, 0, 0])),
    ("change_user", || call(libc::SYS_setuid, [0, 0, 0, 0])),
    ("regain_capabilities", || call(libc::SYS_capset, [0, 0, 0, 0])),
    ("raise_limits", raise_limits),
    ("shared_mapping", || {
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: asks for a new mapping; nothing existing is touched.
        unsafe { libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, flags, -1, 0) as i64 }
    }),
    ("remove_file", || call(libc::SYS_unlinkat, [libc::AT_FDCWD.into(), c"/tmp/x".as_ptr() as i64, 0, 0])),
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
