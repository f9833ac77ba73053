//! What a run on a CUDA device may open and call beyond what every run may: the only place where the sandbox is
//! wider for it. A run on the CPU gets nothing of this.
//!
//! The driver is a part of the kernel that modules' code can reach through these, so that such a run is less confined.
//! The lists are made from what the driver and libtorch are known to open, and have not been tried on a machine with a
//! device.

use std::path::{Path, PathBuf};

use cambium::domain::device::Device;
use landlock::{AccessFs, BitFlags};

/// Devices of all cards; the card's own comes to them.
const CONTROL: &[&str] =
    &["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset"];

/// What the driver's part in user space reads: the kernel's words about cards and memory, and itself, as it is
/// loaded with the first call.
const READS: &[&str] = &[
    "/proc/driver/nvidia",
    "/proc/devices",
    "/proc/modules",
    "/proc/self/maps",
    "/proc/self/status",
    "/proc/self/task",
    "/sys/bus/pci/devices",
    "/sys/devices",
    "/sys/module/nvidia",
    "/etc/ld.so.cache",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/nvidia",
];

/// Calls of the driver's part in user space. `ioctl` reaches what is open: the devices that Landlock lets be opened, and
/// the descriptors that the engine was started with.
pub const CALLS: &[i64] = &[
    libc::SYS_ioctl,
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_eventfd2,
    libc::SYS_fcntl,
    libc::SYS_getdents64,
    libc::SYS_readlink,
    libc::SYS_readlinkat,
    libc::SYS_access,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_mlock,
    libc::SYS_munlock,
    libc::SYS_mbind,
    libc::SYS_get_mempolicy,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getscheduler,
];

/// Paths that a run on this device may open, each with what it may do there.
pub fn opens(device: Device) -> Vec<(PathBuf, BitFlags<AccessFs>)> {
    let Device::Cuda(number) = device else { return vec![] };
    let used = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let card = PathBuf::from(format!("/dev/nvidia{number}"));
    let devices = CONTROL.iter().map(PathBuf::from).chain([card]).map(|path| (path, used));
    let reads = READS.iter().map(PathBuf::from).chain(libraries()).map(|path| {
        let beneath = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::Execute;
        let access = if path.is_dir() { beneath } else { AccessFs::ReadFile | AccessFs::Execute };
        (path, access)
    });
    devices.chain(reads).collect()
}

/// The folder of libtorch, which loads parts of itself when they are first used.
fn libraries() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let library = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
    library.map(Path::new).find(|path| path.ends_with("libtorch_cuda.so"))?.parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_opened_for_the_cpu_and_no_other_card_for_a_card() {
        assert_eq!(opens(Device::Cpu), []);
        let paths: Vec<PathBuf> = opens(Device::Cuda(1)).into_iter().map(|(path, _)| path).collect();
        assert!(paths.contains(&"/dev/nvidia1".into()) && paths.contains(&"/dev/nvidiactl".into()));
        assert!(!paths.contains(&"/dev/nvidia0".into()));
    }

    #[test]
    fn nothing_but_devices_may_be_written() {
        for (path, access) in opens(Device::Cuda(0)) {
            assert_eq!(access.contains(AccessFs::WriteFile), path.starts_with("/dev"), "{}", path.display());
        }
    }
}
