//! Who may do what: roles in namespaces, narrowed by the token that speaks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::name::NamespaceName;

/// What somebody may be in a namespace. Each role may do all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what is private.
    Reader,
    /// Publishes, moves channels, rolls back, deprecates and yanks.
    Publisher,
    /// Quarantines and restores.
    Reviewer,
    /// Gives roles, makes namespaces and modules of others their own.
    Admin,
}

/// A kind of thing to do; tokens can be limited to some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See.
    Read,
    /// Upload, draft, submit.
    Publish,
    /// Move channels, roll back, deprecate, yank.
    Operate,
    /// Quarantine, restore.
    Review,
    /// Give roles.
    Administer,
}

macro_rules! words {
    ($type:ident, $what:literal, $($variant:ident = $word:literal),*) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stored and transmitted word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|word| word.as_str()).collect();
                    format!("there is no {} `{text}`: use {}", $what, known.join(", "))
                })
            }
        }
    };
}

words!(Role, "role", Reader = "reader", Publisher = "publisher", Reviewer = "reviewer", Admin = "admin");
words!(
    Action,
    "action",
    Read = "read",
    Publish = "publish",
    Operate = "operate",
    Review = "review",
    Administer = "administer"
);

impl Action {
    /// The least role that may do it.
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Reader,
            Self::Publish | Self::Operate => Role::Publisher,
            Self::Review => Role::Reviewer,
            Self::Administer => Role::Admin,
        }
    }
}

/// What a token may be used for, at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// Namespaces; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Vec<NamespaceName>>,
    /// Actions; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<Action>>,
}

impl Scope {
    /// Whether it covers an action in a namespace, or in the registry as a whole.
    pub fn covers(&self, namespace: Option<&str>, action: Action) -> bool {
        let namespaces = match (&self.namespaces, namespace) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(names), Some(name)) => names.iter().any(|n| n.as_str().eq_ignore_ascii_case(name)),
        };
        namespaces && self.actions.as_ref().is_none_or(|actions| actions.contains(&action))
    }

    /// Whether everything that `other` covers is covered by this one.
    pub fn includes(&self, other: &Self) -> bool {
        let namespaces = match (&self.namespaces, &other.namespaces) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => {
                theirs.iter().all(|name| ours.iter().any(|n| n.as_str().eq_ignore_ascii_case(name.as_str())))
            }
        };
        let actions = match (&self.actions, &other.actions) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => theirs.iter().all(|action| ours.contains(action)),
        };
        namespaces && actions
    }
}

/// One role: in a namespace, or everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The namespace; none means all of them.
    pub namespace: Option<NamespaceName>,
    /// What the holder is there.
    pub role: Role,
}

/// Somebody, with what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// Their roles.
    pub grants: Vec<Grant>,
    /// What their token narrows these to.
    pub scope: Scope,
}

impl Rights {
    /// The role in a namespace, or in the registry as a whole.
    pub fn role(&self, namespace: Option<&str>) -> Option<Role> {
        self.grants
            .iter()
            .filter(|grant| match (&grant.namespace, namespace) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(own), Some(name)) => own.as_str().eq_ignore_ascii_case(name),
            })
            .map(|grant| grant.role)
            .max()
    }

    /// Where they may do anything at all, and what: roles and scope taken together. `None` is the
    /// registry as a whole, and with it every namespace.
    pub fn permissions(&self) -> Vec<(Option<NamespaceName>, Vec<Action>)> {
        let mut places: Vec<Option<NamespaceName>> =
            self.grants.iter().map(|grant| grant.namespace.clone()).collect();
        places.extend(self.scope.namespaces.iter().flatten().cloned().map(Some));
        let mut seen = Vec::new();
        places.retain(|place| {
            let key = place.as_ref().map(|name| name.as_str().to_ascii_lowercase());
            let new = !seen.contains(&key);
            seen.push(key);
            new
        });
        places
            .into_iter()
            .filter_map(|place| {
                let name = place.as_ref().map(NamespaceName::as_str);
                let actions: Vec<Action> =
                    Action::ALL.iter().copied().filter(|action| self.allow(name, *action)).collect();
                (!actions.is_empty()).then_some((place, actions))
            })
            .collect()
    }

    /// Whether they may do it in a namespace, or in the registry as a whole.
    pub fn allow(&self, namespace: Option<&str>, action: Action) -> bool {
        self.scope.covers(namespace, action)
            && self.role(namespace).is_some_and(|role| role >= action.least_role())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(grants: &[(Option<&str>, Role)], scope: Scope) -> Rights {
        let grants = grants
            .iter()
            .map(|(namespace, role)| Grant { namespace: namespace.map(|n| n.parse().unwrap()), role: *role })
            .collect();
        Rights { grants, scope }
    }

    #[test]
    fn a_role_reaches_no_further_than_its_namespace() {
        let rights = rights(&[(Some("acme"), Role::Publisher)], Scope::default());
        assert!(rights.allow(Some("ACME"), Action::Publish));
        assert!(!rights.allow(Some("other"), Action::Read));
        assert!(!rights.allow(Some("acme"), Action::Review));
        assert!(!rights.allow(None, Action::Read));
    }

    #[test]
    fn a_role_everywhere_reaches_every_namespace() {
        let rights = rights(&[(None, Role::Admin), (Some("acme"), Role::Reader)], Scope::default());
        assert!(rights.allow(Some("acme"), Action::Administer));
        assert!(rights.allow(None, Action::Administer));
    }

    #[test]
    fn a_token_narrows_what_its_holder_may_do_and_never_widens_it() {
        let scope = Scope {
            namespaces: Some(vec!["acme".parse().unwrap()]),
            actions: Some(vec![Action::Read, Action::Administer]),
        };
        let rights = rights(&[(Some("acme"), Role::Publisher), (Some("other"), Role::Admin)], scope);
        assert!(rights.allow(Some("acme"), Action::Read));
        assert!(!rights.allow(Some("acme"), Action::Publish));
        assert!(!rights.allow(Some("acme"), Action::Administer));
        assert!(!rights.allow(Some("other"), Action::Read));
    }

    #[test]
    fn permissions_are_roles_and_scope_taken_together() {
        let scope = Scope { namespaces: Some(vec!["acme".parse().unwrap()]), actions: None };
        let narrowed = rights(&[(None, Role::Publisher), (Some("other"), Role::Admin)], scope);
        assert_eq!(
            narrowed.permissions(),
            [(Some("acme".parse().unwrap()), vec![Action::Read, Action::Publish, Action::Operate])]
        );
        let everywhere = rights(&[(None, Role::Admin), (Some("acme"), Role::Reader)], Scope::default());
        let places: Vec<_> = everywhere.permissions().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [None, Some("acme".parse().unwrap())]);
        assert_eq!(rights(&[], Scope::default()).permissions(), []);
    }

    #[test]
    fn a_scope_includes_only_what_it_covers() {
        let all = Scope::default();
        let some = Scope { namespaces: Some(vec!["a".parse().unwrap()]), actions: Some(vec![Action::Read]) };
        assert!(all.includes(&some) && some.includes(&some) && !some.includes(&all));
    }
}
