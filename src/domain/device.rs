//! Where a smoke run computes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most CUDA devices of a machine that are believed.
const MOST: u32 = 64;

/// The processor, or a CUDA device by its number; `cpu` or `cuda:0` as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// A CUDA device.
    Cuda(u32),
}

impl Device {
    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        *self == Self::Cpu
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

/// The text names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no device: use `cpu`, or `cuda:N` with N from 0 to 63")]
pub struct UnknownDevice(String);

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        let number = |text: &str| {
            text.parse().ok().filter(|number: &u32| *number < MOST && number.to_string() == text)
        };
        match text.strip_prefix("cuda:").map(number) {
            None if text == "cpu" => Ok(Self::Cpu),
            Some(Some(number)) => Ok(Self::Cuda(number)),
            _ => Err(UnknownDevice(text.chars().take(80).collect())),
        }
    }
}

impl TryFrom<String> for Device {
    type Error = UnknownDevice;

    fn try_from(text: String) -> Result<Self, UnknownDevice> {
        text.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written_and_nothing_else_is() {
        for (text, device) in
            [("cpu", Device::Cpu), ("cuda:0", Device::Cuda(0)), ("cuda:63", Device::Cuda(63))]
        {
            assert_eq!((text.parse(), device.to_string().as_str()), (Ok(device), text));
        }
        for text in ["", "CPU", "cuda", "cuda:", "cuda:-1", "cuda:+1", "cuda:01", "cuda:64", "cuda:0 ", "mps"]
        {
            let refusal = text.parse::<Device>().expect_err(text).to_string();
            assert!(refusal.contains("`cpu`, or `cuda:N`"), "{refusal}");
        }
        assert_eq!(serde_json::from_str::<Device>("\"cuda:1\"").unwrap(), Device::Cuda(1));
        assert!(serde_json::from_str::<Device>("\"cuda:x\"").is_err());
    }
}
