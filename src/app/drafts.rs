//! Drafts: made, replaced, thrown away, submitted.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, access, events, modules as module_cases};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::manifest::{self, FileEntry, Manifest};
use crate::domain::permission::Action;
use crate::domain::release::State;
use crate::error::{Code, Error, Result};
use crate::store::drafts::{self, NewDraft};
use crate::store::modules::{self, Module};
use crate::store::releases::{self, Release};
use crate::store::{Tx, blobs, jobs};

/// The most files that a release may have.
const MOST_FILES: usize = 10_000;

/// A release with the bytes that it still lacks.
#[derive(Debug)]
pub struct Draft {
    /// The release.
    pub release: Release,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// Digests of files whose bytes are not there.
    pub missing: Vec<Digest>,
    /// Whether this request made it.
    pub created: bool,
}

/// Makes a draft, and its module when this is the first. The same content again gives the draft,
/// or the release, that is there.
///
/// # Errors
/// `version_conflict` when the version is taken by other bytes, `kind_conflict`, `invalid_manifest`,
/// `forbidden`, `not_found` for an unknown namespace.
pub async fn create(app: &App, caller: &Caller, manifest: &Manifest, files: &[FileEntry]) -> Result<Draft> {
    check_content(manifest, files)?;
    let name = &manifest.module.name;
    let namespace = access::namespace(app, caller, &name.namespace(), Action::Publish).await?;
    let author = caller.id()?;
    let digest = manifest::release_digest(manifest, files)?;
    let existing = modules::by_name(&app.pool, name).await?;
    if let Some(module) = &existing {
        check_kind(module, manifest)?;
        let version = &manifest.module.version;
        if let Some(release) = releases::by_version(&app.pool, module.id, version).await? {
            return same_or_conflict(app, caller, release, digest).await;
        }
        if let Some(draft) = releases::same_draft(&app.pool, author, module.id, version, &digest).await? {
            return describe(app, caller, draft, false).await;
        }
    }
    let mut tx = app.begin().await?;
    let module = match existing {
        Some(module) => module,
        None => {
            let text = manifest.module.description.as_deref().unwrap_or("");
            let kind = manifest.module.kind;
            let (module, _) = module_cases::ensure(&mut tx, caller, namespace.id, name, kind, text).await?;
            check_kind(&module, manifest)?;
            module
        }
    };
    let id = Uuid::now_v7();
    let content_digest = manifest::content_digest(manifest, files)?;
    let draft =
        NewDraft { id, module: module.id, created_by: author, manifest, files, digest, content_digest };
    drafts::insert(&mut tx, &draft).await?;
    record(&mut tx, caller, "draft.create", id, manifest, module.namespace_id, digest).await?;
    let release = read_back(&mut tx, id).await?;
    tx.commit().await?;
    describe(app, caller, release, true).await
}

/// Replaces the content of a draft that is still at `revision`.
///
/// # Errors
/// As [`create`], and `state_conflict` or `precondition_failed`.
pub async fn replace(
    app: &App,
    caller: &Caller,
    id: Uuid,
    revision: Option<i64>,
    manifest: &Manifest,
    files: &[FileEntry],
) -> Result<Draft> {
    check_content(manifest, files)?;
    let draft = access::draft(app, caller, id).await?;
    if !draft.module.as_str().eq_ignore_ascii_case(manifest.module.name.as_str()) {
        return Err(Error::new(Code::StateConflict, format!("The draft is one of `{}`.", draft.module))
            .with_remedy("Make a draft of the other module instead."));
    }
    if draft.kind != manifest.module.kind {
        return Err(kind_conflict(draft.kind, manifest));
    }
    let mut tx = app.begin().await?;
    let draft = releases::lock(&mut tx, id).await?.ok_or_else(|| Error::not_found(format!("draft {id}")))?;
    if draft.state != State::Draft {
        return Err(access::wrong_state(&draft, &[State::Draft]));
    }
    check_revision(&draft, revision)?;
    let digest = manifest::release_digest(manifest, files)?;
    let content_digest = manifest::content_digest(manifest, files)?;
    let new = NewDraft {
        id,
        module: draft.module_id,
        created_by: draft.created_by_id,
        manifest,
        files,
        digest,
        content_digest,
    };
    drafts::replace(&mut tx, &new).await?;
    record(&mut tx, caller, "draft.replace", id, manifest, draft.namespace_id, digest).await?;
    let release = read_back(&mut tx, id).await?;
    tx.commit().await?;
    describe(app, caller, release, false).await
}

/// Throws a draft or a rejected attempt away.
///
/// # Errors
/// `not_found` or `state_conflict`.
pub async fn delete(app: &App, caller: &Caller, id: Uuid) -> Result<()> {
    let draft = access::draft(app, caller, id).await?;
    let mut tx = app.begin().await?;
    if !drafts::delete(&mut tx, id).await? {
        return Err(access::wrong_state(&draft, &[State::Draft, State::Rejected]));
    }
    let reference = draft.reference();
    caller
        .audit(&mut tx, "draft.delete", &reference, Some(draft.namespace_id), json!({ "draft": id }))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// A draft with the bytes that it lacks.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, caller: &Caller, id: Uuid) -> Result<Draft> {
    let release = access::draft(app, caller, id).await?;
    describe(app, caller, release, false).await
}

/// Submits a draft: it takes its version, and its verification is queued. Submitting again is
/// harmless.
///
/// # Errors
/// `blob_missing` with a finding for each file, `version_conflict` when somebody else was first with
/// other bytes, `state_conflict` for a rejected attempt.
pub async fn submit(app: &App, caller: &Caller, id: Uuid, revision: Option<i64>) -> Result<Release> {
    let draft = access::draft(app, caller, id).await?;
    caller.require(Some(draft.module.namespace().as_str()), Action::Publish)?;
    let mut tx = app.begin().await?;
    let draft = releases::lock(&mut tx, id).await?.ok_or_else(|| Error::not_found(format!("draft {id}")))?;
    match draft.state {
        State::Draft => check_revision(&draft, revision)?,
        State::Rejected => return Err(access::wrong_state(&draft, &[State::Draft])),
        _ => return Ok(draft),
    }
    let files = releases::files(&mut *tx, id).await?;
    let lacking = lacking(&mut tx, caller, &files).await?;
    if !lacking.is_empty() {
        return Err(Error::new(Code::BlobMissing, format!("{} file(s) have no bytes yet.", lacking.len()))
            .with_findings(lacking));
    }
    if let Err(error) = drafts::submit(&mut tx, id).await {
        drop(tx);
        return lost_race(app, &draft, error).await;
    }
    jobs::verify_release(&mut tx, id).await?;
    let reference = draft.reference();
    let detail = json!({ "release": id, "digest": draft.digest });
    caller.audit(&mut tx, "release.submit", &reference, Some(draft.namespace_id), detail).await?;
    let actor = caller.actor.as_ref().map(|(id, _)| *id);
    events::release(&mut tx, actor, "release.submitted", &draft, json!({ "id": id })).await?;
    let release = read_back(&mut tx, id).await?;
    tx.commit().await?;
    Ok(release)
}

/// Somebody holds the version: with the same bytes that is as good as our own, else it is refused.
async fn lost_race(app: &App, draft: &Release, error: Error) -> Result<Release> {
    if error.code != Code::VersionConflict {
        return Err(error);
    }
    match releases::by_version(&app.pool, draft.module_id, &draft.version).await? {
        Some(winner) if winner.digest == draft.digest => Ok(winner),
        _ => Err(error),
    }
}

async fn same_or_conflict(app: &App, caller: &Caller, release: Release, digest: Digest) -> Result<Draft> {
    if release.digest == digest {
        return describe(app, caller, release, false).await;
    }
    Err(Error::new(
        Code::VersionConflict,
        format!(
            "{} is {} with the digest {}, and yours has {digest}.",
            release.reference(),
            release.state,
            release.digest
        ),
    ))
}

/// What can be said of the content without its bytes.
fn check_content(manifest: &Manifest, files: &[FileEntry]) -> Result<()> {
    if files.len() > MOST_FILES {
        return Err(Error::new(Code::TooLarge, format!("A release has at most {MOST_FILES} files.")));
    }
    let mut findings = Vec::new();
    let mut seen = BTreeMap::new();
    for file in files {
        let path = file.path.as_str();
        if let Some(other) = seen.insert(path.to_lowercase(), path) {
            findings.push(Finding::error(
                "file_twice",
                path,
                format!("There is also `{other}`; paths have to differ in more than case."),
                "Rename or leave out one of them.",
            ));
        }
        if path == manifest::FILE_NAME {
            findings.push(Finding::error(
                "manifest_is_no_file",
                path,
                "The manifest is sent as `manifest`, not as a file.",
                "Leave it out of `files`.",
            ));
        }
        if i64::try_from(file.size).is_err() {
            findings.push(Finding::error(
                "file_too_large",
                path,
                "No file is that large.",
                "Send its true size.",
            ));
        }
    }
    for (at, requirement) in manifest.requires.iter().enumerate() {
        if requirement.module.as_str().eq_ignore_ascii_case(manifest.module.name.as_str()) {
            findings.push(Finding::error(
                "requires_itself",
                format!("requires[{at}].module"),
                "A release cannot require its own module.",
                "Name the module that it attaches to.",
            ));
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::new(Code::InvalidManifest, "The manifest or the file list is not consistent.")
        .with_findings(findings))
}

fn check_kind(module: &Module, manifest: &Manifest) -> Result<()> {
    if module.kind == manifest.module.kind { Ok(()) } else { Err(kind_conflict(module.kind, manifest)) }
}

fn kind_conflict(kind: crate::domain::module::Kind, manifest: &Manifest) -> Error {
    let section = &manifest.module;
    Error::new(
        Code::KindConflict,
        format!("`{}` is of the kind {kind}, and the manifest says {}.", section.name, section.kind),
    )
}

fn check_revision(draft: &Release, revision: Option<i64>) -> Result<()> {
    match revision {
        Some(revision) if revision != draft.revision => {
            Err(Error::new(Code::PreconditionFailed, "The draft was changed meanwhile."))
        }
        _ => Ok(()),
    }
}

/// The blobs that the caller may use: brought by itself, or of a release that it may read.
async fn present(
    db: impl sqlx::PgExecutor<'_>,
    caller: &Caller,
    files: &[FileEntry],
) -> Result<HashMap<Digest, u64>> {
    let wanted: Vec<Digest> = files.iter().map(|file| file.digest).collect();
    Ok(blobs::usable(db, caller.id()?, &caller.visible(), &wanted).await?.into_iter().collect())
}

async fn lacking(tx: &mut Tx, caller: &Caller, files: &[FileEntry]) -> Result<Vec<Finding>> {
    let present = present(&mut **tx, caller, files).await?;
    let finding = |file: &FileEntry| match present.get(&file.digest) {
        Some(size) if *size == file.size => None,
        Some(size) => Some(
            Finding::error(
                "file_size_wrong",
                file.path.as_str(),
                format!("The bytes of {} are {size} long, and the draft says {}.", file.digest, file.size),
                "Send the true size.",
            )
            .with_change(*size, file.size),
        ),
        None => Some(Finding::error(
            "blob_missing",
            file.path.as_str(),
            format!("The bytes of {} were not uploaded.", file.digest),
            "Upload them, then submit again.",
        )),
    };
    Ok(files.iter().filter_map(finding).collect())
}

async fn describe(app: &App, caller: &Caller, release: Release, created: bool) -> Result<Draft> {
    let files = releases::files(&app.pool, release.id).await?;
    if release.state != State::Draft {
        return Ok(Draft { release, files, missing: Vec::new(), created });
    }
    let present = present(&app.pool, caller, &files).await?;
    let mut missing: Vec<Digest> =
        files.iter().map(|file| file.digest).filter(|digest| !present.contains_key(digest)).collect();
    missing.sort();
    missing.dedup();
    Ok(Draft { release, files, missing, created })
}

async fn read_back(tx: &mut Tx, id: Uuid) -> Result<Release> {
    releases::by_id(&mut **tx, id).await?.ok_or_else(|| Error::not_found(format!("draft {id}")))
}

async fn record(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    id: Uuid,
    manifest: &Manifest,
    namespace: Uuid,
    digest: Digest,
) -> Result<()> {
    let subject = format!("{}@{}", manifest.module.name, manifest.module.version);
    caller.audit(tx, action, &subject, Some(namespace), json!({ "draft": id, "digest": digest })).await
}
