//! Making and describing modules.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access, events};
use crate::domain::module::Kind;
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::modules::{self, Module};

const LONGEST_DESCRIPTION: usize = 4000;

/// Makes a module.
///
/// # Errors
/// `forbidden`, `not_found` for an unknown namespace, `already_exists`.
pub async fn create(
    app: &App,
    caller: &Caller,
    name: &ModuleName,
    kind: Kind,
    description: &str,
) -> Result<Module> {
    let namespace = access::namespace(app, caller, &name.namespace(), Action::Publish).await?;
    let mut tx = app.begin().await?;
    let (module, is_new) = ensure(&mut tx, caller, namespace.id, name, kind, description).await?;
    if !is_new {
        return Err(Error::new(Code::AlreadyExists, format!("The module `{}` exists already.", module.name)));
    }
    tx.commit().await?;
    Ok(module)
}

/// Makes a module in the transaction of another use case, unless it is there; says whether it is new.
pub(super) async fn ensure(
    tx: &mut Tx,
    caller: &Caller,
    namespace: Uuid,
    name: &ModuleName,
    kind: Kind,
    description: &str,
) -> Result<(Module, bool)> {
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(Error::new(Code::TooLarge, "The description is longer than 4,000 characters."));
    }
    let is_new = modules::insert(tx, Uuid::now_v7(), namespace, name, kind, description).await?;
    if is_new {
        caller.audit(tx, "module.create", name.as_str(), Some(namespace), json!({ "kind": kind })).await?;
    }
    let module = modules::by_name(&mut **tx, name).await?.ok_or_else(|| Error::not_found("module"))?;
    if is_new {
        events::module(tx, caller, "module.created", &module, json!({ "kind": kind })).await?;
    }
    Ok((module, is_new))
}

/// Changes a module's description, when it is still at `revision`.
///
/// # Errors
/// `forbidden`, `not_found`, `precondition_failed`.
pub async fn describe(
    app: &App,
    caller: &Caller,
    name: &ModuleName,
    revision: Option<i64>,
    description: &str,
) -> Result<Module> {
    let module = access::module(app, caller, name, Action::Publish).await?;
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(Error::new(Code::TooLarge, "The description is longer than 4,000 characters."));
    }
    let mut tx = app.begin().await?;
    if !modules::describe(&mut tx, module.id, revision.unwrap_or(module.revision), description).await? {
        return Err(Error::new(Code::PreconditionFailed, format!("`{name}` was changed meanwhile.")));
    }
    let detail = json!({ "from": module.description, "to": description });
    caller.audit(&mut tx, "module.describe", module.name.as_str(), Some(module.namespace_id), detail).await?;
    let module = modules::by_name(&mut *tx, name).await?.ok_or_else(|| Error::not_found("module"))?;
    tx.commit().await?;
    Ok(module)
}
