//! The web UI, built from `web/` into the binary.

use std::borrow::Cow;

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/dist"]
#[allow_missing = true]
struct Files;

/// Only what the server itself serves; styles may be inline, for the component library.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// A file of the UI; every other path is a page of it.
///
/// # Errors
/// `not_found` for paths of the API and for files that are not there.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Error> {
    let path = request.path().trim_start_matches('/');
    let absent = || Error::not_found(format!("page `/{path}`"));
    if path.starts_with("api/") || request.method() != actix_web::http::Method::GET {
        return Err(absent());
    }
    if let Some(file) = Files::get(path) {
        let hashed = path.starts_with("assets/");
        let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        return Ok(respond(&request, path, file, cache));
    }
    let is_file =
        path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path.starts_with("assets/");
    let index = Files::get("index.html").filter(|_| !is_file).ok_or_else(absent)?;
    Ok(respond(&request, "index.html", index, "no-cache"))
}

fn respond(request: &HttpRequest, path: &str, file: EmbeddedFile, cache: &str) -> HttpResponse {
    let compressed = smallest(request, path);
    let encoding = compressed.as_ref().map(|(_, encoding)| *encoding);
    let file = compressed.map_or(file, |(file, _)| file);
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    if super::range::client_has(request, &tag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    let mut answer = HttpResponse::Ok();
    if let Some(encoding) = encoding {
        answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str())));
    }
    answer
        .content_type(mime_guess::from_path(path).first_or_octet_stream().as_ref())
        .insert_header((header::ETAG, tag))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "same-origin"));
    match file.data {
        Cow::Borrowed(bytes) => answer.body(bytes),
        Cow::Owned(bytes) => answer.body(bytes),
    }
}

/// The file as the build compressed it, in the smallest way that the client can read.
fn smallest(request: &HttpRequest, path: &str) -> Option<(EmbeddedFile, ContentEncoding)> {
    let accepted = AcceptEncoding::parse(request).ok()?;
    [(ContentEncoding::Brotli, "br"), (ContentEncoding::Gzip, "gz")].into_iter().find_map(
        |(encoding, ending)| {
            let wanted = Encoding::Known(encoding);
            accepted.negotiate([&wanted].into_iter()).filter(|best| *best == wanted)?;
            Some((Files::get(&format!("{path}.{ending}"))?, encoding))
        },
    )
}
