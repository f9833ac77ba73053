//! Byte ranges (RFC 9110, section 14) and strong ETags of files.

use std::ops::Range;

use actix_web::HttpRequest;
use actix_web::http::header::{self, ByteRangeSpec, Header};

use crate::error::{Code, Error, Result};

/// Whether the client has the representation with this ETag already.
pub fn client_has(request: &HttpRequest, tag: &str) -> bool {
    let value = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
}

/// The one range asked for. Several ranges, other units, and an `If-Range` that names another
/// representation get the whole file, as the RFC allows.
///
/// # Errors
/// `bad_request` when the range lies outside of the file.
pub fn requested(request: &HttpRequest, tag: &str, size: u64) -> Result<Option<Range<u64>>> {
    let if_range = request.headers().get(header::IF_RANGE).and_then(|value| value.to_str().ok());
    if if_range.is_some_and(|value| value != tag) {
        return Ok(None);
    }
    let Ok(header::Range::Bytes(specs)) = header::Range::parse(request) else { return Ok(None) };
    let [spec] = specs.as_slice() else { return Ok(None) };
    match resolve(spec, size) {
        Some(range) => Ok(Some(range)),
        None => Err(Error::new(Code::BadRange, format!("The file has {size} bytes."))),
    }
}

fn resolve(spec: &ByteRangeSpec, size: u64) -> Option<Range<u64>> {
    let (first, last) = spec.to_satisfiable_range(size)?;
    Some(first..last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_with_the_file() {
        assert_eq!(resolve(&ByteRangeSpec::FromTo(2, 100), 10), Some(2..10));
        assert_eq!(resolve(&ByteRangeSpec::From(9), 10), Some(9..10));
        assert_eq!(resolve(&ByteRangeSpec::Last(3), 10), Some(7..10));
        assert_eq!(resolve(&ByteRangeSpec::Last(30), 10), Some(0..10));
    }

    #[test]
    fn ranges_outside_of_the_file_are_refused() {
        assert_eq!(resolve(&ByteRangeSpec::From(10), 10), None);
        assert_eq!(resolve(&ByteRangeSpec::Last(0), 10), None);
        assert_eq!(resolve(&ByteRangeSpec::From(0), 0), None);
    }
}
