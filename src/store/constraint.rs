//! Constraint names → refusals: races that only the database can decide.

use crate::error::{Code, Error};

/// Turns the violation of a known constraint into its refusal; everything else stays what it is.
pub fn refusal(error: sqlx::Error) -> Error {
    let Some(name) = error.as_database_error().and_then(|e| e.constraint()) else {
        return error.into();
    };
    let (code, detail) = match name {
        "actors_name_unique" => (Code::AlreadyExists, "An actor of this name exists already."),
        "namespaces_name_unique" => (Code::AlreadyExists, "A namespace of this name exists already."),
        "modules_name_unique" => {
            (Code::AlreadyExists, "A module of this name exists already; names differ in more than case.")
        }
        "releases_version_unique" => {
            (Code::VersionConflict, "This version was submitted already, with other bytes.")
        }
        _ => return error.into(),
    };
    Error::new(code, detail).caused_by(error)
}
