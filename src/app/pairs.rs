//! The matrix, to be read.

use super::{App, Caller, access};
use crate::domain::name::ModuleName;
use crate::domain::permission::Action;
use crate::error::Result;
use crate::store::modules::Module;
use crate::store::pairs::{self, Cell, MatrixKey, Pair};
use crate::store::releases::Release;

/// What is known of a pair; `None` when it was never looked at.
///
/// # Errors
/// `not_found` when a side is not there or hidden.
pub async fn get(
    app: &App,
    caller: &Caller,
    dependent: &str,
    base: &str,
) -> Result<(Release, Release, Option<Pair>)> {
    let dependent = access::reference(app, caller, dependent).await?;
    let base = access::reference(app, caller, base).await?;
    let pair = pairs::get(&app.pool, dependent.id, base.id).await?;
    Ok((dependent, base, pair))
}

/// The cells of a backbone's releases and their dependents, behind `after`.
///
/// # Errors
/// `not_found`.
pub async fn matrix(
    app: &App,
    caller: &Caller,
    module: &ModuleName,
    after: Option<&MatrixKey>,
    limit: i64,
) -> Result<(Module, Vec<Cell>)> {
    let module = access::module(app, caller, module, Action::Read).await?;
    let cells = pairs::matrix(&app.pool, &caller.visible(), module.id, after, limit).await?;
    Ok((module, cells))
}
