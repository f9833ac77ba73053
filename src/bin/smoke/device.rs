//! The device that this process computes on. Everything is loaded, judged and reported on the CPU; weights and
//! inputs go to the device where something is computed, and what comes of it comes back.

use std::sync::OnceLock;

use cambium::domain::device::Device as Asked;
use cambium::domain::finding::Finding;
use tch::{Cuda, Device, TchError, Tensor};

use crate::load::Tensors;
use crate::values::Values;

/// One process computes on one device.
static CHOSEN: OnceLock<Device> = OnceLock::new();

/// Whether libtorch was built for such a device. Asks no driver, so that nothing is opened by it.
pub fn is_built(asked: Asked) -> bool {
    asked.is_cpu() || tch::utils::has_cudart()
}

/// Chooses the device that a job asks for. To be called once, when the process is confined.
///
/// # Errors
/// The finding that says why it cannot be used.
pub fn choose(asked: Asked) -> Result<(), Finding> {
    let Asked::Cuda(number) = asked else { return Ok(()) };
    if !is_built(asked) {
        let built = "the engine's libtorch is built for the CPU only";
        return Err(unavailable(
            asked,
            built,
            "Build the engine with a libtorch with CUDA (LIBTORCH), and name its \
            folder in CAMBIUM_LIBTORCH; or compute on `cpu`.",
        ));
    }
    let count = Cuda::device_count();
    if i64::from(number) >= count {
        let seen = format!("libtorch is built with CUDA, and sees {count} devices");
        return Err(unavailable(
            asked,
            &seen,
            "Name one that there is, from `cuda:0` on; where none is seen, look whether \
            the driver is loaded and whether this user may open /dev/nvidia*; or compute on `cpu`.",
        ));
    }
    let device = Device::Cuda(usize::try_from(number).unwrap_or(usize::MAX));
    // The first use starts the driver: what fails there is the machine's fault and no module's.
    let works = Tensor::f_zeros([2, 2], (tch::Kind::Float, device)).and_then(|x| x.f_matmul(&x));
    if let Err(error) = works.and_then(|x| x.f_to_device(Device::Cpu)) {
        let why = crate::outcome::from_torch("the device", &error).message;
        return Err(unavailable(
            asked,
            &why,
            "Look whether the driver fits the CUDA of libtorch; or compute on `cpu`.",
        ));
    }
    let _ = CHOSEN.set(device);
    Ok(())
}

fn unavailable(asked: Asked, why: &str, remedy: &str) -> Finding {
    let message = format!("The run asks for `{asked}`, which cannot be used: {}.", why.trim_end_matches('.'));
    Finding::warning("device_unavailable", format!("device: {asked}"), message, remedy)
}

/// The device; the CPU as long as no other was chosen.
pub fn current() -> Device {
    CHOSEN.get().copied().unwrap_or(Device::Cpu)
}

/// A tensor where it is computed with. On the CPU it stays what it is.
///
/// # Errors
/// When libtorch fails.
pub fn there(tensor: &Tensor) -> Result<Tensor, TchError> {
    tensor.f_to_device(current())
}

/// Tensors where they are computed with.
///
/// # Errors
/// When libtorch fails.
pub fn all_there(tensors: Tensors) -> Result<Tensors, TchError> {
    if current() == Device::Cpu {
        return Ok(tensors);
    }
    tensors.into_iter().map(|(name, tensor)| Ok((name, there(&tensor)?))).collect()
}

/// Outputs where they are judged: on the CPU.
///
/// # Errors
/// When libtorch fails.
pub fn all_back(values: Values) -> Result<Values, TchError> {
    values.into_iter().map(|(name, value)| Ok((name, value.f_to_device(Device::Cpu)?))).collect()
}
