//! Maps safetensors files and makes tensors of their bytes without copying them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use crate::memory::{note_mapped, read_only};
use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::weights::{Header, Tensor as Described};
use memmap2::{Mmap, MmapOptions};
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor};

/// The longest JSON file that is read, in bytes.
const MAX_JSON_BYTES: u64 = 4 << 20;

/// Tensors by name. Their memory is a read-only mapping that lives as long as the process, so that
/// nothing can change them.
pub type Tensors = BTreeMap<String, Tensor>;

/// Maps a safetensors file. `called` is what findings call it.
///
/// # Errors
/// A finding when it cannot be opened, is malformed, or has elements that cannot be computed with.
pub fn tensors(path: &Path, called: &str) -> Result<Tensors, Finding> {
    Ok(with_header(path, called)?.1)
}

/// The same with the file's header.
///
/// # Errors
/// As [`tensors`].
pub fn with_header(path: &Path, called: &str) -> Result<(Header, Tensors), Finding> {
    let map = map(path, called)?;
    let header = Header::of(map).map_err(|bad| bad.finding(called))?;
    let named = |tensor: &Described| Ok((tensor.name.clone(), tensor_of(map, tensor, called)?));
    let tensors = header.tensors.iter().map(named).collect::<Result<_, _>>()?;
    Ok((header, tensors))
}

/// Maps a file for the rest of the process's life.
///
/// # Errors
/// A finding when it cannot be opened.
pub fn map(path: &Path, called: &str) -> Result<&'static [u8], Finding> {
    let unreadable = |error: std::io::Error| unreadable(called, &error);
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() == 0 {
        return Ok(&[]);
    }
    // SAFETY: the mapping is private and read-only. A file that is cut short while it is mapped ends
    // the process with SIGBUS, which is a result like any other crash.
    let map = unsafe { MmapOptions::new().map_copy_read_only(&file) }.map_err(unreadable)?;
    let map: &'static Mmap = Box::leak(Box::new(map));
    note_mapped(map);
    Ok(map)
}

/// Reads a JSON file of bounded length.
///
/// # Errors
/// A finding when it cannot be opened, is too long or not of the shape of `T`.
pub fn json<T: DeserializeOwned>(path: &Path, called: &str) -> Result<T, Finding> {
    let bytes = map(path, called)?;
    let corrupt = |why: String| {
        Finding::error(
            "corrupt_file",
            called,
            format!("{called} cannot be read: {why}."),
            "Save the file again with the library that made it.",
        )
    };
    if bytes.len() as u64 > MAX_JSON_BYTES {
        return Err(corrupt(format!("it has {} bytes, and at most {MAX_JSON_BYTES} are read", bytes.len())));
    }
    serde_json::from_slice(bytes).map_err(|error| corrupt(excerpt(&error.to_string())))
}

fn unreadable(called: &str, error: &std::io::Error) -> Finding {
    Finding::error(
        "unreadable_file",
        called,
        format!("{called} cannot be opened: {error}."),
        "Check that the file exists and that the engine may read it.",
    )
}

fn tensor_of(map: &'static [u8], described: &Described, called: &str) -> Result<Tensor, Finding> {
    let unsupported = |what: &str| {
        Finding::error(
            "unsupported_dtype",
            format!("{called}: {}", excerpt(&described.name)),
            format!(
                "Tensor `{}` has {what}, which the engine cannot compute with.",
                excerpt(&described.name)
            ),
            "Save the weights as float32, float16 or bfloat16.",
        )
    };
    let kind = kind(described.dtype.as_str())
        .ok_or_else(|| unsupported(&format!("the element type {}", described.dtype)))?;
    let shape: Option<Vec<i64>> = described.shape.iter().map(|size| i64::try_from(*size).ok()).collect();
    let shape = shape.ok_or_else(|| unsupported("a dimension beyond 2^63"))?;
    // `Header::of` has checked that the range lies in the file and is as long as the shape demands.
    let bytes = usize::try_from(described.begin)
        .ok()
        .zip(usize::try_from(described.end).ok())
        .and_then(|(begin, end)| map.get(begin..end))
        .ok_or_else(|| unsupported("a range outside of the file"))?;
    let made = if (bytes.as_ptr() as usize).is_multiple_of(kind.elt_size_in_bytes()) {
        // SAFETY: the bytes are as many as shape and kind demand, aligned, and live forever. Nothing
        // writes to them: the pages are read-only.
        unsafe { Tensor::f_from_blob(bytes.as_ptr(), &shape, &[], kind, Device::Cpu) }
    } else {
        Tensor::f_from_data_size(bytes, &shape, kind).and_then(|copy| read_only(&copy))
    };
    made.map_err(|error| super::outcome::from_torch(called, &error))
}

/// libtorch's name for an element type.
pub fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "float32" => Kind::Float,
        "float16" => Kind::Half,
        "bfloat16" => Kind::BFloat16,
        "float64" => Kind::Double,
        "int64" => Kind::Int64,
        "int32" => Kind::Int,
        "int16" => Kind::Int16,
        "int8" => Kind::Int8,
        "uint8" => Kind::Uint8,
        "bool" => Kind::Bool,
        _ => return None,
    })
}

/// PyTorch's word for an element type.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Float => "float32",
        Kind::Half => "float16",
        Kind::BFloat16 => "bfloat16",
        Kind::Double => "float64",
        Kind::Int64 => "int64",
        Kind::Int => "int32",
        Kind::Int16 => "int16",
        Kind::Int8 => "int8",
        Kind::Uint8 => "uint8",
        Kind::Bool => "bool",
        _ => "another type",
    }
}

/// The names of tensors that hold a NaN or an infinity.
///
/// # Errors
/// When libtorch fails.
pub fn non_finite<'a>(
    tensors: impl IntoIterator<Item = (&'a String, &'a Tensor)>,
) -> Result<Vec<String>, tch::TchError> {
    let mut bad = Vec::new();
    for (name, tensor) in tensors {
        if tensor.is_floating_point() && !is_finite(tensor)? {
            bad.push(name.clone());
        }
    }
    Ok(bad)
}

/// Whether every element is finite. A finite sum proves it in one pass; only where the sum overflows are
/// the elements looked at.
pub fn is_finite(tensor: &Tensor) -> Result<bool, tch::TchError> {
    for stretch in stretches(tensor)? {
        let sound = stretch.f_sum(Kind::Float)?.f_double_value(&[])?.is_finite();
        if !sound && stretch.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Elements that are summed at once: libtorch widens what it sums in a copy of this many.
const CHUNK: i64 = 1 << 18;

/// A tensor's elements in stretches that may be widened without much memory.
///
/// # Errors
/// When libtorch fails.
pub fn stretches(tensor: &Tensor) -> Result<Vec<Tensor>, tch::TchError> {
    tensor.f_contiguous()?.f_view([-1])?.f_split(CHUNK, 0)
}
