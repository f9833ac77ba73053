//! The names in a zip archive, read from its end: enough to tell TorchScript from pickles. Nothing
//! is unpacked.

use std::ops::Range;

use super::Format;

/// How zip archives begin: a first entry, or an empty or spanned archive.
pub const SIGNATURES: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

/// The bytes at the end that hold the end record: the record, the longest comment, and the records
/// of archives beyond 4 GiB in front of it.
pub const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 56;

/// The longest directory that is read, in bytes.
pub const MAX_DIRECTORY_BYTES: u64 = 16 << 20;

/// Why an archive's directory was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadZip {
    /// No end record that reaches to the file's end.
    #[error("it has no end record, so it is cut or damaged")]
    NoEnd,
    /// The directory is announced larger than [`MAX_DIRECTORY_BYTES`].
    #[error("its directory has {0} bytes, and at most 16 MiB are read")]
    DirectoryTooLarge(u64),
    /// The directory does not lie where the end record says.
    #[error("its directory does not lie inside of the file")]
    DirectoryOutside,
    /// The directory's entries are malformed.
    #[error("its directory is malformed")]
    Malformed,
}

/// Where the directory lies in the file, from the file's last bytes.
///
/// `tail` are the last [`TAIL_BYTES`] of a file of `size` bytes, or all of a shorter one.
///
/// # Errors
/// When there is no end record, or it points nowhere.
pub fn directory(size: u64, tail: &[u8]) -> Result<Range<u64>, BadZip> {
    let tail_start = size.saturating_sub(tail.len() as u64);
    // The end record is followed by its comment and by nothing else. The last one counts.
    let is_end = |at: &usize| {
        let comment = number(tail, at + 20, 2).and_then(|length| usize::try_from(length).ok());
        tail[*at..].starts_with(b"PK\x05\x06") && comment.is_some_and(|length| at + 22 + length == tail.len())
    };
    let at = (0..tail.len().saturating_sub(21)).rev().find(is_end).ok_or(BadZip::NoEnd)?;
    let mut length = number(tail, at + 12, 4).ok_or(BadZip::NoEnd)?;
    let mut start = number(tail, at + 16, 4).ok_or(BadZip::NoEnd)?;
    if length == u64::from(u32::MAX) || start == u64::from(u32::MAX) {
        (length, start) = large(tail, tail_start, at).ok_or(BadZip::NoEnd)?;
    }
    if length > MAX_DIRECTORY_BYTES {
        return Err(BadZip::DirectoryTooLarge(length));
    }
    let end = start.checked_add(length).ok_or(BadZip::DirectoryOutside)?;
    if end > tail_start + at as u64 { Err(BadZip::DirectoryOutside) } else { Ok(start..end) }
}

/// Length and start of the directory of an archive beyond 4 GiB (Zip64): a locator before the end
/// record points to a longer one.
fn large(tail: &[u8], tail_start: u64, end_record: usize) -> Option<(u64, u64)> {
    let locator = end_record.checked_sub(20)?;
    if !tail.get(locator..)?.starts_with(b"PK\x06\x07") {
        return None;
    }
    let record = number(tail, locator + 8, 8)?.checked_sub(tail_start)?;
    let record = usize::try_from(record).ok().filter(|at| *at < locator)?;
    if !tail.get(record..)?.starts_with(b"PK\x06\x06") {
        return None;
    }
    Some((number(tail, record + 40, 8)?, number(tail, record + 48, 8)?))
}

/// What an archive is by the names in its directory, and what it is called.
///
/// # Errors
/// When the directory is malformed.
pub fn of_directory(directory: &[u8]) -> Result<(Format, &'static str), BadZip> {
    let names = names(directory)?;
    let has = |end: &str| names.iter().any(|name| name.split_once('/').is_some_and(|(_, rest)| rest == end));
    let has_code = names.iter().any(|name| {
        name.split_once('/').is_some_and(|(_, rest)| rest.starts_with("code/") && rest.ends_with(".py"))
    });
    Ok(if has_code && has("constants.pkl") && has("data.pkl") {
        (Format::TorchScript, "a TorchScript archive")
    } else if names.iter().any(|name| is_pickle_name(name)) {
        (Format::Pickle, "an archive of `torch.save` with a pickle in it")
    } else {
        (Format::Archive, "a zip archive")
    })
}

fn is_pickle_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".pkl", ".pickle", ".pt", ".pth", ".npy"].iter().any(|end| name.ends_with(end))
}

fn names(mut directory: &[u8]) -> Result<Vec<String>, BadZip> {
    let mut names = Vec::new();
    while directory.starts_with(b"PK\x01\x02") {
        let length = |at| number(directory, at, 2).and_then(|length| usize::try_from(length).ok());
        let lengths = (length(28), length(30), length(32));
        let (Some(name), Some(extra), Some(comment)) = lengths else { return Err(BadZip::Malformed) };
        let bytes = directory.get(46..46 + name).ok_or(BadZip::Malformed)?;
        names.push(String::from_utf8_lossy(bytes).into_owned());
        directory = directory.get(46 + name + extra + comment..).ok_or(BadZip::Malformed)?;
    }
    if directory.is_empty() { Ok(names) } else { Err(BadZip::Malformed) }
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixture(path: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn of(bytes: &[u8]) -> Result<Format, BadZip> {
        let tail = bytes.len().saturating_sub(usize::try_from(TAIL_BYTES).unwrap());
        let range = directory(bytes.len() as u64, &bytes[tail..])?;
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        of_directory(&bytes[range]).map(|(format, _)| format)
    }

    /// The end record of an archive whose directory has this length and start.
    fn end(length: u32, start: u32) -> Vec<u8> {
        let mut record = b"PK\x05\x06\0\0\0\0\0\0\0\0".to_vec();
        record.extend(length.to_le_bytes());
        record.extend(start.to_le_bytes());
        record.extend([0, 0]);
        record
    }

    #[test]
    fn torchscript_is_told_from_torch_save() {
        assert_eq!(of(&fixture("torchscript/head.pt")), Ok(Format::TorchScript));
        assert_eq!(of(&fixture("torchscript/bridge.pt")), Ok(Format::TorchScript));
        assert_eq!(of(&fixture("bad/infinite_loop/module.pt")), Ok(Format::TorchScript));
        assert_eq!(of(&fixture("bad/pickle_adapter/adapter_model.bin")), Ok(Format::Pickle));
    }

    #[test]
    fn a_cut_archive_has_no_end_record() {
        let bytes = fixture("torchscript/head.pt");
        assert_eq!(of(&bytes[..bytes.len() - 1]), Err(BadZip::NoEnd));
        assert_eq!(of(b"PK\x03\x04"), Err(BadZip::NoEnd));
    }

    #[test]
    fn an_empty_archive_is_an_archive() {
        assert_eq!(of(&end(0, 0)), Ok(Format::Archive));
    }

    #[test]
    fn directories_that_are_huge_or_elsewhere_are_refused() {
        assert_eq!(of(&end(1 << 30, 0)), Err(BadZip::DirectoryTooLarge(1 << 30)));
        assert_eq!(of(&end(1, 0)), Err(BadZip::DirectoryOutside));
        assert_eq!(of(&end(10, u32::MAX - 1)), Err(BadZip::DirectoryOutside));
        assert_eq!(
            of(&end(u32::MAX, 0)),
            Err(BadZip::NoEnd),
            "it promises a longer record that is not there"
        );
    }

    #[test]
    fn archives_beyond_four_gibibytes_are_read() {
        let size = 5_000_000_000u64;
        let record_at = size - 22 - 20 - 56;
        let mut tail = b"PK\x06\x06".to_vec();
        tail.resize(40, 0);
        tail.extend(1000u64.to_le_bytes());
        tail.extend((record_at - 1000).to_le_bytes());
        tail.extend(b"PK\x06\x07\0\0\0\0");
        tail.extend(record_at.to_le_bytes());
        tail.extend([1, 0, 0, 0]);
        tail.extend(end(u32::MAX, u32::MAX));
        assert_eq!(directory(size, &tail), Ok(record_at - 1000..record_at));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = of_directory(&bytes);
            let _ = directory(bytes.len() as u64, &bytes);
        }

        #[test]
        fn any_damage_is_read_or_refused(at in 0usize..2000, value: u8) {
            let mut bytes = fixture("bad/pickle_adapter/adapter_model.bin");
            let at = at % bytes.len();
            bytes[at] = value;
            let _ = of(&bytes);
        }
    }
}
