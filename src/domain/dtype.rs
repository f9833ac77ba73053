//! Element types, in PyTorch's words.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The element type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dtype(&'static Row);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    torch: &'static str,
    safetensors: &'static str,
    bits: u8,
}

const fn row(torch: &'static str, safetensors: &'static str, bits: u8) -> Row {
    Row { torch, safetensors, bits }
}

/// Every element type of the safetensors format. The two six-bit ones have no name in PyTorch.
static ROWS: [Row; 22] = [
    row("bool", "BOOL", 8),
    row("float4_e2m1fn", "F4", 4),
    row("float6_e2m3fn", "F6_E2M3", 6),
    row("float6_e3m2fn", "F6_E3M2", 6),
    row("uint8", "U8", 8),
    row("int8", "I8", 8),
    row("float8_e5m2", "F8_E5M2", 8),
    row("float8_e4m3fn", "F8_E4M3", 8),
    row("float8_e8m0fnu", "F8_E8M0", 8),
    row("float8_e4m3fnuz", "F8_E4M3FNUZ", 8),
    row("float8_e5m2fnuz", "F8_E5M2FNUZ", 8),
    row("int16", "I16", 16),
    row("uint16", "U16", 16),
    row("float16", "F16", 16),
    row("bfloat16", "BF16", 16),
    row("int32", "I32", 32),
    row("uint32", "U32", 32),
    row("float32", "F32", 32),
    row("int64", "I64", 64),
    row("uint64", "U64", 64),
    row("float64", "F64", 64),
    row("complex64", "C64", 64),
];

impl Dtype {
    /// The type that safetensors headers call `word`, as `BF16`.
    pub fn from_safetensors(word: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.safetensors == word).map(Self)
    }

    /// The type that PyTorch calls `word`, as `bfloat16`.
    pub fn from_torch(word: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.torch == word).map(Self)
    }

    /// PyTorch's word.
    pub const fn as_str(self) -> &'static str {
        self.0.torch
    }

    /// The width of one element, in bits.
    pub const fn bits(self) -> u8 {
        self.0.bits
    }

    /// Whether its values are floating-point numbers, of at least 16 bits: those that models are
    /// computed in.
    pub fn is_float(self) -> bool {
        self.bits() >= 16 && self.as_str().contains("float")
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Dtype {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Dtype {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::from_torch(&word).ok_or_else(|| serde::de::Error::custom("no element type of PyTorch"))
    }
}
