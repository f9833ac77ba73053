//! Bounded reader of safetensors headers.
//!
//! Reads in two steps, so that the bytes can come from a file, a mapping or an object store: the
//! first 8 bytes give the header's length, [`Header::length`], and the bytes after them give the
//! header, [`Header::parse`]. Nothing is allocated before its size has been checked, and no tensor
//! data is looked at.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use super::dtype::Dtype;
use super::finding::{Finding, excerpt};
use super::json::Object;

/// The longest header that is read, in bytes: the Hugging Face Hub's own limit.
pub const MAX_HEADER_BYTES: u64 = 25_000_000;

/// Bytes before the header: its length as a little-endian number.
pub const PREFIX_BYTES: u64 = 8;

/// The most dimensions that a tensor may have; PyTorch's own limit.
const MAX_RANK: usize = 64;

/// A tensor as its file's header describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Tensor {
    /// Its name, as `encoder.layer.0.attention.self.query.weight`.
    pub name: String,
    /// Its element type.
    pub dtype: Dtype,
    /// Its shape; empty for a scalar.
    pub shape: Vec<u64>,
    /// Where its bytes begin, counted from the beginning of the file.
    pub begin: u64,
    /// Where its bytes end, exclusively.
    pub end: u64,
}

impl Tensor {
    /// How many elements it has.
    pub fn elements(&self) -> u64 {
        // Cannot overflow: `Header::parse` has checked the product.
        self.shape.iter().product()
    }
}

/// What a safetensors file says before its data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Header {
    /// Its tensors, sorted by name.
    pub tensors: Vec<Tensor>,
    /// Free texts, as `format` → `pt`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Why a safetensors file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWeights {
    /// The first 8 bytes announce a header beyond [`MAX_HEADER_BYTES`].
    #[error("the first 8 bytes announce a header of {0} bytes, and at most {MAX_HEADER_BYTES} are read")]
    HeaderTooLarge(u64),
    /// Not even 8 bytes long.
    #[error("the file has {0} bytes; a safetensors file begins with 8 that give its header's length")]
    TooShort(u64),
    /// The file ends inside of its header.
    #[error("the file ends in its header: it has {size} bytes and the header alone ends at byte {end}")]
    HeaderPastEnd {
        /// Where the header would end.
        end: u64,
        /// The file's length.
        size: u64,
    },
    /// Other than the announced number of header bytes was given.
    #[error("{given} bytes of the header could be read where {announced} were announced")]
    HeaderLength {
        /// What the first 8 bytes say.
        announced: u64,
        /// What was read.
        given: u64,
    },
    /// The header is not UTF-8.
    #[error("the header is not UTF-8 text: byte {0} of it is wrong")]
    NotUtf8(usize),
    /// The header does not begin with `{`.
    #[error("the header does not begin with `{{`")]
    NotAnObject,
    /// The header is not JSON, or not of the shape that the format demands.
    #[error("the header is not what the format demands: {0}")]
    Json(String),
    /// Two tensors have one name.
    #[error("two tensors are called `{}`", excerpt(.0))]
    DuplicateName(String),
    /// An element type that the format does not know.
    #[error("tensor `{}` has the unknown element type `{}`", excerpt(.tensor), excerpt(.dtype))]
    UnknownDtype {
        /// The tensor.
        tensor: String,
        /// Its element type in the file's words.
        dtype: String,
    },
    /// A shape whose size in bytes is no 64-bit number.
    #[error("the shape of tensor `{}` overflows", excerpt(.0))]
    Overflow(String),
    /// Sub-byte elements that do not fill their last byte.
    #[error("the elements of tensor `{}` do not fill whole bytes", excerpt(.0))]
    PartialByte(String),
    /// A tensor's range is not as long as its shape and element type demand.
    #[error("tensor `{}` takes {expected} bytes by its shape and type, and its range has {found}", excerpt(.tensor))]
    WrongSize {
        /// The tensor.
        tensor: String,
        /// Bytes by shape and element type.
        expected: u64,
        /// Bytes of its range; 0 when it ends before it begins.
        found: u64,
    },
    /// A tensor begins before the one before it ends.
    #[error("tensor `{}` begins at data byte {begin}, inside of the one before it, which ends at {previous_end}", excerpt(.tensor))]
    Overlap {
        /// The tensor.
        tensor: String,
        /// Where it begins in the data.
        begin: u64,
        /// Where the one before it ends.
        previous_end: u64,
    },
    /// Bytes before a tensor belong to none.
    #[error("the data bytes {from} to {to} before tensor `{}` belong to no tensor", excerpt(.tensor))]
    Gap {
        /// The tensor.
        tensor: String,
        /// First unclaimed byte.
        from: u64,
        /// Where the tensor begins.
        to: u64,
    },
    /// The file ends before its last tensor does.
    #[error("the file ends before the last tensor: tensor `{}` ends at byte {end} of a file of {size} bytes", excerpt(.tensor))]
    Truncated {
        /// The first tensor that is cut.
        tensor: String,
        /// Where it should end in the file.
        end: u64,
        /// The file's length.
        size: u64,
    },
    /// Bytes after the last tensor belong to none.
    #[error("the last tensor ends at byte {end}, and the file goes on to byte {size}")]
    TrailingBytes {
        /// Where the last tensor ends in the file.
        end: u64,
        /// The file's length.
        size: u64,
    },
}

impl BadWeights {
    /// The rule that was broken: `header_too_large` or `corrupt_file`.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::HeaderTooLarge(_) => "header_too_large",
            _ => "corrupt_file",
        }
    }

    /// The finding about the file at `path`.
    pub fn finding(&self, path: &str) -> Finding {
        let remedy = match self {
            Self::HeaderTooLarge(_) => {
                "Write the file again with the safetensors library; split models with more tensors into shards."
            }
            Self::Truncated { .. } | Self::HeaderPastEnd { .. } | Self::TooShort(_) => {
                "The copy is incomplete: fetch or save the file again, and compare its length with the original's."
            }
            _ => "The file is damaged or was not written by a safetensors library: save it again.",
        };
        Finding::error(self.rule(), path, format!("{path} cannot be read: {self}."), remedy)
    }
}

impl Header {
    /// The number of header bytes, which follow the first 8, from those first bytes alone.
    ///
    /// `size` is the file's length, `first` at least its first 8 bytes.
    ///
    /// # Errors
    /// When the header is announced too large, or does not fit the file.
    pub fn length(size: u64, first: &[u8]) -> Result<u64, BadWeights> {
        let Some(prefix) = first.first_chunk::<8>() else {
            return Err(BadWeights::TooShort(size.min(first.len() as u64)));
        };
        let length = u64::from_le_bytes(*prefix);
        if length > MAX_HEADER_BYTES {
            return Err(BadWeights::HeaderTooLarge(length));
        }
        let end = PREFIX_BYTES + length;
        if end > size { Err(BadWeights::HeaderPastEnd { end, size }) } else { Ok(length) }
    }

    /// Reads the header.
    ///
    /// `size` is the file's length, `header` the bytes from the ninth on, as many as
    /// [`Self::length`] says.
    ///
    /// # Errors
    /// For everything that the format forbids: each way of being malformed has its own variant.
    pub fn parse(size: u64, header: &[u8]) -> Result<Self, BadWeights> {
        let text = std::str::from_utf8(header).map_err(|error| BadWeights::NotUtf8(error.valid_up_to()))?;
        if !text.starts_with('{') {
            return Err(BadWeights::NotAnObject);
        }
        let raw: RawHeader =
            serde_json::from_str(text).map_err(|error| BadWeights::Json(excerpt(&error.to_string())))?;
        let data_begin = PREFIX_BYTES + header.len() as u64;
        let mut tensors = Vec::with_capacity(raw.tensors.len());
        for (name, tensor) in raw.tensors {
            tensors.push(tensor.checked(name)?);
        }
        tensors.sort_by_key(|tensor| (tensor.begin, tensor.end));
        check_layout(&tensors, data_begin, size)?;
        for tensor in &mut tensors {
            tensor.begin += data_begin;
            tensor.end += data_begin;
        }
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = tensors.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(BadWeights::DuplicateName(pair[0].name.clone()));
        }
        Ok(Self { tensors, metadata: raw.metadata })
    }

    /// Reads the header of a file whose bytes are all at hand, as in a memory map.
    ///
    /// # Errors
    /// As [`Self::length`] and [`Self::parse`].
    pub fn of(file: &[u8]) -> Result<Self, BadWeights> {
        let size = file.len() as u64;
        let length = Self::length(size, file)?;
        let header = usize::try_from(length).ok().and_then(|length| file.get(8..8 + length));
        Self::parse(size, header.ok_or(BadWeights::HeaderPastEnd { end: PREFIX_BYTES + length, size })?)
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        let at = self.tensors.binary_search_by(|tensor| tensor.name.as_str().cmp(name)).ok()?;
        self.tensors.get(at)
    }
}

/// `tensors` lie in the order of their data, and offsets are still those of the header: they have
/// to fill the data from its first byte to the file's end.
fn check_layout(tensors: &[Tensor], data_begin: u64, size: u64) -> Result<(), BadWeights> {
    let mut previous_end = 0;
    for tensor in tensors {
        let name = || tensor.name.clone();
        if tensor.begin < previous_end {
            return Err(BadWeights::Overlap { tensor: name(), begin: tensor.begin, previous_end });
        }
        if tensor.begin > previous_end {
            return Err(BadWeights::Gap { tensor: name(), from: previous_end, to: tensor.begin });
        }
        let end = tensor.end.checked_add(data_begin).ok_or_else(|| BadWeights::Overflow(name()))?;
        if end > size {
            return Err(BadWeights::Truncated { tensor: name(), end, size });
        }
        previous_end = tensor.end;
    }
    let end = data_begin + previous_end;
    if end == size { Ok(()) } else { Err(BadWeights::TrailingBytes { end, size }) }
}

struct RawHeader {
    tensors: Vec<(String, RawTensor)>,
    metadata: BTreeMap<String, String>,
}

#[derive(DeriveDeserialize)]
struct RawTensor {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

impl RawTensor {
    fn checked(self, name: String) -> Result<Tensor, BadWeights> {
        let Some(dtype) = Dtype::from_safetensors(&self.dtype) else {
            return Err(BadWeights::UnknownDtype { tensor: name, dtype: self.dtype });
        };
        let bits = self
            .shape
            .0
            .iter()
            .try_fold(u64::from(dtype.bits()), |bits, &size| bits.checked_mul(size))
            .ok_or_else(|| BadWeights::Overflow(name.clone()))?;
        if bits % 8 != 0 {
            return Err(BadWeights::PartialByte(name));
        }
        let (begin, end) = self.data_offsets;
        if end.checked_sub(begin) != Some(bits / 8) {
            let found = end.saturating_sub(begin);
            return Err(BadWeights::WrongSize { tensor: name, expected: bits / 8, found });
        }
        Ok(Tensor { name, dtype, shape: self.shape.0, begin, end })
    }
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawHeader;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
                let mut metadata = None;
                let mut tensors = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name != "__metadata__" {
                        let Object(tensor) = map.next_value()?;
                        tensors.push((name, tensor));
                    } else if metadata.replace(map.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("__metadata__"));
                    }
                }
                Ok(RawHeader { tensors, metadata: metadata.unwrap_or_default() })
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A shape, refused at its 65th dimension rather than read to an end that may be megabytes away.
struct Shape(Vec<u64>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Sizes;
        impl<'de> Visitor<'de> for Sizes {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_RANK} sizes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                let mut sizes = Vec::new();
                while let Some(size) = seq.next_element()? {
                    if sizes.len() == MAX_RANK {
                        return Err(A::Error::invalid_length(sizes.len() + 1, &self));
                    }
                    sizes.push(size);
                }
                Ok(Shape(sizes))
            }
        }
        deserializer.deserialize_seq(Sizes)
    }
}

#[cfg(test)]
#[path = "weights_tests.rs"]
mod tests;
