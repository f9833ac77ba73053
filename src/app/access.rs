//! Finding what is asked for, as far as the caller may know of it.
//!
//! What the caller may not see is answered like what is not there.

use super::{App, Caller};
use crate::domain::name::{ModuleName, NamespaceName};
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::domain::version::Version;
use crate::error::{Code, Error, Result};
use crate::store::modules::{Module, Visible};
use crate::store::namespaces::Namespace;
use crate::store::releases::Release;
use crate::store::{modules, namespaces, releases};

impl Caller {
    /// Which namespaces the caller sees besides the public ones.
    pub fn visible(&self) -> Visible {
        self.reach(Action::Read)
    }

    /// In which namespaces the caller may do something.
    pub fn reach(&self, action: Action) -> Visible {
        let granted = self.rights.grants.iter().filter_map(|grant| grant.namespace.as_ref());
        // What a token of somebody with a role everywhere is narrowed to.
        let scoped = self.rights.scope.namespaces.iter().flatten();
        let namespaces = granted
            .chain(scoped)
            .filter(|name| self.rights.allow(Some(name.as_str()), action))
            .map(|name| name.as_str().to_ascii_lowercase())
            .collect();
        Visible { everything: self.rights.allow(None, action), namespaces }
    }

    /// Checks the right to do something in a namespace that the caller may see.
    ///
    /// # Errors
    /// `unauthenticated` or `forbidden`.
    pub fn require(&self, namespace: Option<&str>, action: Action) -> Result<()> {
        if self.rights.allow(namespace, action) {
            return Ok(());
        }
        self.id()?;
        let place = namespace.map_or("the whole registry".to_owned(), |name| format!("`{name}`"));
        let detail = if self.rights.scope.covers(namespace, action) {
            format!("This needs the role {} in {place}.", action.least_role())
        } else {
            format!("The token is not for `{action}` in {place}.")
        };
        Err(Error::new(Code::Forbidden, detail))
    }
}

/// The namespace of that name, for doing `action` in it.
///
/// # Errors
/// `not_found` when it is not there or hidden, `forbidden` when the caller lacks the right.
pub async fn namespace(
    app: &App,
    caller: &Caller,
    name: &NamespaceName,
    action: Action,
) -> Result<Namespace> {
    let absent = || Error::not_found(format!("namespace `{name}`"));
    let namespace = namespaces::by_name(&app.pool, name.as_str()).await?.ok_or_else(absent)?;
    let readable = namespace.is_public() || caller.rights.allow(Some(name.as_str()), Action::Read);
    if action == Action::Read && readable {
        return Ok(namespace);
    }
    if !readable && !caller.rights.allow(Some(name.as_str()), action) {
        return Err(absent());
    }
    caller.require(Some(&namespace.name), action)?;
    Ok(namespace)
}

/// The module of that name, for doing `action` with it.
///
/// # Errors
/// `not_found` when it is not there or hidden, `forbidden` when the caller lacks the right.
pub async fn module(app: &App, caller: &Caller, name: &ModuleName, action: Action) -> Result<Module> {
    let absent = || Error::not_found(format!("module `{name}`"));
    namespace(app, caller, &name.namespace(), action).await.map_err(|error| error.or_if_absent(absent))?;
    modules::by_name(&app.pool, name).await?.ok_or_else(absent)
}

/// A release by version or by the name of a channel, for doing `action` with it.
///
/// # Errors
/// `not_found` when it is not there or hidden, `forbidden` when the caller lacks the right.
pub async fn release(
    app: &App,
    caller: &Caller,
    name: &ModuleName,
    revision: &str,
    action: Action,
) -> Result<Release> {
    let module = module(app, caller, name, action).await?;
    let found = match revision.parse::<Version>() {
        Ok(version) => releases::by_version(&app.pool, module.id, &version).await?,
        // Channel names never look like versions, and versions never like channel names.
        Err(_) if revision.starts_with(|c: char| c.is_ascii_digit()) => {
            return Err(revision
                .parse::<Version>()
                .err()
                .map_or_else(|| Error::not_found("release"), Into::into));
        }
        Err(_) => releases::by_channel(&app.pool, module.id, revision).await?,
    };
    found.ok_or_else(|| Error::not_found(format!("release or channel `{revision}` of `{name}`")))
}

/// A release by its id, to be read; one that was never published is only for those who may publish there.
///
/// # Errors
/// `not_found` when it is not there or hidden.
pub async fn release_by_id(app: &App, caller: &Caller, id: uuid::Uuid) -> Result<Release> {
    draft(app, caller, id).await.map_err(|error| error.or_if_absent(|| Error::not_found("release")))
}

/// A release by `namespace/name@revision`, to be read.
///
/// # Errors
/// As [`release`], and `bad_request` when the text is no reference.
pub async fn reference(app: &App, caller: &Caller, text: &str) -> Result<Release> {
    let (name, revision) = text.split_once('@').ok_or_else(|| {
        let shown: String = text.chars().take(120).collect();
        Error::new(Code::BadRequest, format!("`{shown}` names no release."))
            .with_remedy("Write `namespace/name@version`, or `namespace/name@channel`.")
    })?;
    release(app, caller, &name.parse()?, revision, Action::Read).await
}

/// A draft, a release being verified or a rejected attempt, by its id: for its author and for
/// those who may publish in its namespace; once published, for whoever may read it.
///
/// # Errors
/// `not_found` when it is not there or hidden.
pub async fn draft(app: &App, caller: &Caller, id: uuid::Uuid) -> Result<Release> {
    let absent = || Error::not_found(format!("draft {id}"));
    let release = releases::by_id(&app.pool, id).await?.ok_or_else(absent)?;
    let namespace = release.module.namespace();
    let action = if release.state.was_published() { Action::Read } else { Action::Publish };
    if action == Action::Read {
        let module = module(app, caller, &release.module, Action::Read).await;
        module.map_err(|error| error.or_if_absent(absent))?;
    } else if !caller.rights.allow(Some(namespace.as_str()), action) {
        return Err(absent());
    }
    Ok(release)
}

/// Refuses a state that does not fit, naming those that do.
pub(crate) fn wrong_state(release: &Release, wanted: &[State]) -> Error {
    let wanted: Vec<_> = wanted.iter().map(|state| state.as_str()).collect();
    Error::new(
        Code::StateConflict,
        format!(
            "{} is {}; this is for releases that are {}.",
            release.reference(),
            release.state,
            wanted.join(" or ")
        ),
    )
}
