//! What a file is, by its content and not by its name.
//!
//! [`of_window`] knows what the first bytes tell; [`pickle`] and [`zip`] look further where that is
//! not enough. Nothing is ever unpickled, unpacked or run.

pub mod pickle;
pub mod zip;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::weights::{Header, PREFIX_BYTES};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Tensors behind a JSON header.
    Safetensors,
    /// JSON text.
    Json,
    /// Other UTF-8 text.
    Text,
    /// A TorchScript archive.
    TorchScript,
    /// A Python pickle, alone or inside of a container, whose loading runs code.
    Pickle,
    /// An archive other than TorchScript's.
    Archive,
    /// A native program or library.
    Executable,
    /// Something else.
    Other,
}

impl Format {
    /// Why a release may not hold the file at `path`; `None` where it may. `what` says what the
    /// content was recognised by.
    pub fn refusal(self, path: &str, what: &str) -> Option<Finding> {
        match self {
            Self::Pickle => Some(Finding::error(
                "pickle_refused",
                path,
                format!(
                    "{path} is {what}: loading a pickle runs any code that is in it, so none is accepted under any name."
                ),
                "Save the tensors with the safetensors library, or the module as TorchScript, and leave this file out.",
            )),
            Self::Archive => Some(Finding::error(
                "file_type_refused",
                path,
                format!("{path} is {what}, and what is inside of archives is not checked."),
                "Publish the files themselves, or leave the archive out.",
            )),
            Self::Executable => Some(Finding::error(
                "file_type_refused",
                path,
                format!("{path} is {what}, and releases hold no programs."),
                "Leave the file out.",
            )),
            _ => None,
        }
    }
}

/// Signatures at the beginning of files that are refused.
const SIGNATURES: [(&[u8], Format, &str); 19] = [
    (b"\x1f\x8b", Format::Archive, "a gzip archive"),
    (b"BZh", Format::Archive, "a bzip2 archive"),
    (b"\xfd7zXZ\0", Format::Archive, "an xz archive"),
    (b"\x28\xb5\x2f\xfd", Format::Archive, "a zstd archive"),
    (b"\x04\x22\x4d\x18", Format::Archive, "an lz4 archive"),
    (b"7z\xbc\xaf\x27\x1c", Format::Archive, "a 7z archive"),
    (b"Rar!\x1a\x07", Format::Archive, "a RAR archive"),
    (b"MSCF\0\0\0\0", Format::Archive, "a cabinet archive"),
    (b"!<arch>\n", Format::Archive, "a static library or package"),
    (b"\x7fELF", Format::Executable, "an ELF program or library"),
    (b"\xfe\xed\xfa\xce", Format::Executable, "a Mach-O program or library"),
    (b"\xfe\xed\xfa\xcf", Format::Executable, "a Mach-O program or library"),
    (b"\xce\xfa\xed\xfe", Format::Executable, "a Mach-O program or library"),
    (b"\xcf\xfa\xed\xfe", Format::Executable, "a Mach-O program or library"),
    (b"\xca\xfe\xba\xbe", Format::Executable, "a universal program or Java class"),
    (b"\0asm", Format::Executable, "a WebAssembly program"),
    (b"dex\n03", Format::Executable, "an Android program"),
    (b"\x4c\0\0\0\x01\x14\x02\0", Format::Executable, "a Windows shortcut"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Archive, "a compound document"),
];

/// What a file is by its signature, and what it is called; `None` where it has none of those that
/// are refused, or where only a closer look tells, as for zip archives and pickles.
///
/// `window` are the file's first bytes: 512 are enough.
pub fn of_window(window: &[u8]) -> Option<(Format, &'static str)> {
    if let Some((_, format, what)) = SIGNATURES.iter().find(|(magic, ..)| window.starts_with(magic)) {
        return Some((*format, what));
    }
    if window.get(257..262) == Some(b"ustar") {
        return Some((Format::Archive, "a tar archive"));
    }
    if is_windows_program(window) {
        return Some((Format::Executable, "a Windows program or library"));
    }
    if window.starts_with(b"\x93NUMPY") {
        let what = "a NumPy array of Python objects, which are stored as a pickle";
        let objects = numpy_holds_objects(window);
        return Some(if objects { (Format::Pickle, what) } else { (Format::Other, "a NumPy array") });
    }
    None
}

/// Whether the first bytes are those of a safetensors file.
pub fn is_safetensors(size: u64, window: &[u8]) -> bool {
    Header::length(size, window).is_ok() && window.get(8).is_some_and(|byte| *byte == b'{')
        || window.len() as u64 == PREFIX_BYTES && Header::length(size, window) == Ok(0)
}

/// Text or other, for files that are nothing else. `whole` says whether the window is the file.
pub fn text_or_other(window: &[u8], whole: bool) -> Format {
    let cut = match std::str::from_utf8(window) {
        Ok(_) => window.len(),
        // A character may be cut where the window ends.
        Err(error) if !whole && error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return Format::Other,
    };
    match &window[..cut] {
        text if text.contains(&0) => Format::Other,
        text => match text.trim_ascii_start().first() {
            Some(b'{' | b'[') => Format::Json,
            _ => Format::Text,
        },
    }
}

fn is_windows_program(window: &[u8]) -> bool {
    let offset = window.get(60..64).and_then(|bytes| bytes.first_chunk::<4>());
    let signature = offset.and_then(|bytes| {
        let at = usize::try_from(u32::from_le_bytes(*bytes)).ok()?;
        window.get(at..at.checked_add(4)?)
    });
    window.starts_with(b"MZ") && signature.is_none_or(|bytes| bytes == b"PE\0\0") && window.contains(&0)
}

/// Whether the element type in a NumPy header is, or holds, Python objects. Its header is a Python
/// literal, as `{'descr': '|O', …}` or `{'descr': [('a', '<f4'), ('b', 'O')], …}`.
fn numpy_holds_objects(window: &[u8]) -> bool {
    let header = &window[..window.len().min(64 << 10)];
    header.split(|byte| matches!(byte, b'\'' | b'"')).any(|word| {
        let word = word.strip_prefix(b"|").or_else(|| word.strip_prefix(b"<")).unwrap_or(word);
        let word = word.strip_prefix(b">").or_else(|| word.strip_prefix(b"=")).unwrap_or(word);
        word.strip_prefix(b"O").is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_programs_are_known_by_their_signatures() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let mut windows = vec![0; 200];
        windows[..2].copy_from_slice(b"MZ");
        windows[60] = 128;
        windows[128..132].copy_from_slice(b"PE\0\0");
        for (bytes, format) in [
            (b"\x1f\x8b\x08".to_vec(), Format::Archive),
            (b"\x7fELF\x02".to_vec(), Format::Executable),
            (tar, Format::Archive),
            (windows, Format::Executable),
        ] {
            let (found, what) = of_window(&bytes).unwrap();
            assert_eq!(found, format);
            assert_eq!(found.refusal("x", what).unwrap().rule, "file_type_refused");
        }
        for text in ["", "MZ is a country code", "hello", "{}"] {
            assert_eq!(of_window(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numpy_arrays_of_objects_are_pickles_and_others_are_not() {
        let npy = |descr: &str| format!("\u{1}\0v\0{{'descr': {descr}, 'fortran_order': False, }}");
        let of =
            |descr: &str| of_window(&[b"\x93NUMPY".as_slice(), npy(descr).as_bytes()].concat()).unwrap().0;
        for descr in ["'|O'", "'O'", "'|O8'", "[('a', '<f4'), ('b', '|O')]"] {
            assert_eq!(of(descr), Format::Pickle, "{descr}");
        }
        for descr in ["'<f4'", "'|u1'", "[('O1x', '<f4')]"] {
            assert_eq!(of(descr), Format::Other, "{descr}");
        }
    }

    #[test]
    fn text_is_told_from_other_bytes() {
        assert_eq!(text_or_other(b" {\"a\": 1}", true), Format::Json);
        assert_eq!(text_or_other(b"# Card", true), Format::Text);
        assert_eq!(text_or_other(b"", true), Format::Text);
        assert_eq!(text_or_other(b"a\0b", true), Format::Other);
        assert_eq!(text_or_other("é".as_bytes().split_at(1).0, false), Format::Text);
        assert_eq!(text_or_other("é".as_bytes().split_at(1).0, true), Format::Other);
        assert_eq!(text_or_other(b"\xff\xfe", false), Format::Other);
    }
}
