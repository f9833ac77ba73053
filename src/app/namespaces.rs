//! Making and changing namespaces.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access};
use crate::domain::name::NamespaceName;
use crate::domain::permission::{Action, Role};
use crate::error::{Error, Result};
use crate::store::namespaces::{self, Namespace};
use crate::store::{Tx, actors};

/// Makes a namespace; its maker becomes its admin. Only for admins of the whole registry.
///
/// # Errors
/// `forbidden` or `already_exists`.
pub async fn create(app: &App, caller: &Caller, name: &NamespaceName, private: bool) -> Result<Namespace> {
    caller.require(None, Action::Administer)?;
    let maker = caller.id()?;
    let visibility = visibility(private);
    let mut tx = app.begin().await?;
    let id = Uuid::now_v7();
    namespaces::insert(&mut tx, id, name.as_str(), visibility).await?;
    actors::set_role(&mut tx, maker, Some(id), Role::Admin).await?;
    caller
        .audit(&mut tx, "namespace.create", name.as_str(), Some(id), json!({ "visibility": visibility }))
        .await?;
    let namespace = read_back(&mut tx, name).await?;
    tx.commit().await?;
    Ok(namespace)
}

/// Changes who may see a namespace.
///
/// # Errors
/// `forbidden` or `not_found`.
pub async fn set_private(
    app: &App,
    caller: &Caller,
    name: &NamespaceName,
    private: bool,
) -> Result<Namespace> {
    let namespace = access::namespace(app, caller, name, Action::Administer).await?;
    let visibility = visibility(private);
    let mut tx = app.begin().await?;
    namespaces::set_visibility(&mut tx, namespace.id, visibility).await?;
    let detail = json!({ "from": namespace.visibility, "to": visibility });
    caller.audit(&mut tx, "namespace.set_visibility", &namespace.name, Some(namespace.id), detail).await?;
    let namespace = read_back(&mut tx, name).await?;
    tx.commit().await?;
    Ok(namespace)
}

const fn visibility(private: bool) -> &'static str {
    if private { "private" } else { "public" }
}

async fn read_back(tx: &mut Tx, name: &NamespaceName) -> Result<Namespace> {
    namespaces::by_name(&mut **tx, name.as_str()).await?.ok_or_else(|| Error::not_found("namespace"))
}
