//! The one error of the application, and the table of its codes.
//!
//! An error carries what a client may see; what it must not see (a driver's text, a path of the
//! server) is kept apart as the source, which is logged and never rendered.

use std::fmt;

use crate::domain::finding::Finding;
use crate::domain::manifest::BadManifest;
use crate::domain::name::BadName;
use crate::domain::version::BadVersion;

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal, $remedy:literal;)*) => {
        /// Stable codes of refusals.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// A short sentence that is the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// What to do about it, where the error says nothing more special.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy),* }
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", 400, "The request cannot be read", "Compare it with the API reference at /docs.";
    InvalidName = "invalid_name", 400, "The name is not allowed", "Use ASCII letters, digits, `-`, `_` and `.`, as on the Hugging Face Hub.";
    InvalidVersion = "invalid_version", 400, "The version is not allowed", "Write a semantic version without build metadata, such as 1.2.0.";
    BuildMetadata = "build_metadata_refused", 400, "Versions have no build metadata here", "Leave out everything from the `+`.";
    InvalidManifest = "invalid_manifest", 400, "The manifest cannot be read", "Mend the field that the message names; `cambium init` writes a valid one.";
    UnknownKind = "unknown_kind", 400, "There is no such kind of module", "Use backbone, adapter, head, decoder, bridge or router.";
    InvalidDigest = "invalid_digest", 400, "The digest cannot be read", "Write `sha256:` and 64 lowercase hexadecimal digits.";
    ReasonMissing = "reason_missing", 400, "A reason is needed", "Say in `reason` why; it stays visible.";
    Unauthenticated = "unauthenticated", 401, "A token is needed", "Send `Authorization: Bearer TOKEN`.";
    TokenInvalid = "token_invalid", 401, "The token is not known", "Check that the whole token was copied and that it was not revoked.";
    TokenExpired = "token_expired", 401, "The token has expired", "Ask for a new one, or make one with a token that is still valid.";
    SessionExpired = "session_expired", 401, "The session has ended", "Sign in again.";
    CrossSite = "cross_site_request", 403, "The request comes from another site", "Use the pages that this server serves, or send a token instead of the cookie.";
    Forbidden = "forbidden", 403, "The token may not do this", "Ask an admin of the namespace for the role that the message names.";
    NotFound = "not_found", 404, "There is nothing here", "Check the spelling; private things look absent to those without a role.";
    VersionConflict = "version_conflict", 409, "The version is taken by other bytes", "Published bytes never change: publish under a new version.";
    AlreadyExists = "already_exists", 409, "It exists already", "Use the one that is there, or another name.";
    KindConflict = "kind_conflict", 409, "The module is of another kind", "Publish it as another module.";
    StateConflict = "state_conflict", 409, "Its state does not allow this", "Look at its state first; the message says which ones would do.";
    UploadOffset = "upload_offset_mismatch", 409, "The upload is at another offset", "Ask for the offset with GET or HEAD and go on from there.";
    RequestInProgress = "request_in_progress", 409, "The same request is under way", "Wait a moment and send it again.";
    BlobMissing = "blob_missing", 409, "Bytes are missing", "Upload the files that the findings name, then submit again.";
    NoHealthyTarget = "no_healthy_target", 409, "There is no healthy release to go back to", "Name a release with `to`, or publish a good one.";
    ReleaseUnhealthy = "release_unhealthy", 409, "The release may not be used", "Choose a published release that is neither yanked nor quarantined.";
    PreconditionFailed = "precondition_failed", 412, "It has changed meanwhile", "Read it again, look at what changed, and send its new ETag in `If-Match`.";
    TooLarge = "too_large", 413, "It is too large", "Put data into files of the release; they may be of any size.";
    BadRange = "range_not_satisfiable", 416, "The range lies outside of the file", "Ask for a range within the file's length.";
    DigestMismatch = "digest_mismatch", 422, "The bytes are not those of the digest", "Upload the file again; it may have changed or been damaged on the way.";
    UploadLength = "upload_length_mismatch", 422, "The upload has another length than announced", "Announce the file's true length and upload all of it.";
    Rejected = "rejected", 422, "It was refused", "Each finding says what to do.";
    IdempotencyMismatch = "idempotency_key_reused", 422, "The Idempotency-Key belongs to another request", "Use a new key for a new request.";
    Quarantined = "release_quarantined", 451, "The release is quarantined", "Use another release; the reason says what is wrong with this one.";
    Internal = "internal", 500, "Something went wrong on our side", "Report it with the request id; trying again may help.";
    Unavailable = "unavailable", 503, "The service is not available for a moment", "Try again after the time in `Retry-After`.";
    StorageFull = "insufficient_storage", 507, "There is no room for the bytes", "Ask the operator for room; the upload goes on where it stopped.";
}

/// A refusal or a failure.
#[derive(Debug)]
pub struct Error {
    /// What it is, for machines.
    pub code: Code,
    /// What happened here, for people.
    pub detail: String,
    /// What to do, where [`Code::remedy`] is too general.
    pub remedy: Option<String>,
    /// The reasons, where there are several or they have a place.
    pub findings: Vec<Finding>,
    /// What the operator needs to know and the client must not see.
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with what happened.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), remedy: None, findings: Vec::new(), source: None }
    }

    /// The same with a remedy of its own.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same with its reasons.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }

    /// The same with its private cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A bug of ours or an accident, with its private cause.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "The request could not be completed.").caused_by(source)
    }

    /// Nothing there, or nothing that the caller may know of.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("There is no {what}."))
    }

    /// Another error where this one says that nothing is there: who may not see the place of something does not
    /// learn more of it than that it is absent.
    #[must_use]
    pub fn or_if_absent(self, other: impl FnOnce() -> Self) -> Self {
        if self.code == Code::NotFound { other() } else { self }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        self.remedy.as_deref().unwrap_or(self.code.remedy())
    }

    /// Whether the same request may succeed later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::RequestInProgress | Code::StorageFull)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let unavailable = match &error {
            E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::Tls(_) | E::WorkerCrashed => true,
            // Class 57P: the server shuts down, crashed, or is starting; 08: the connection broke;
            // 53: it is out of something; 40: two transactions were in each other's way.
            E::Database(e) => {
                let classes = ["57P", "08", "53", "40"];
                e.code().is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
            }
            _ => false,
        };
        let code = error.as_database_error().and_then(|e| e.code());
        // What every text column refuses: it came with the request.
        if matches!(code.as_deref(), Some("22021" | "22P05")) {
            return Self::new(Code::BadRequest, "The request has a text with the character U+0000.")
                .with_remedy("Leave the character out.")
                .caused_by(error);
        }
        if unavailable {
            Self::new(Code::Unavailable, "The database does not answer.").caused_by(error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { .. } = &error {
            return Self::internal(error);
        }
        Self::new(Code::Unavailable, "The blob store does not answer.").caused_by(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge => {
                Self::new(Code::StorageFull, "The blob store is full.").caused_by(error)
            }
            _ => Self::internal(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<BadName> for Error {
    fn from(error: BadName) -> Self {
        let refused = Self::new(Code::InvalidName, error.to_string());
        match error.is_path() {
            true => refused
                .with_remedy("Use a relative path with `/` between its parts, as `tokenizer/vocab.txt`."),
            false => refused,
        }
    }
}

impl From<BadVersion> for Error {
    fn from(error: BadVersion) -> Self {
        let code = match &error {
            BadVersion::Malformed { .. } => Code::InvalidVersion,
            BadVersion::BuildMetadata(_) => Code::BuildMetadata,
        };
        Self::new(code, error.to_string())
    }
}

impl From<BadManifest> for Error {
    fn from(error: BadManifest) -> Self {
        let code = match &error {
            BadManifest::TooLarge(_) => Code::TooLarge,
            BadManifest::Malformed(_) => Code::InvalidManifest,
        };
        Self::new(code, error.to_string())
    }
}
