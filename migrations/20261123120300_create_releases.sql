-- Versions of modules, from draft to published and beyond.
CREATE TABLE releases (
    id uuid PRIMARY KEY,
    module_id uuid NOT NULL REFERENCES modules,
    version text NOT NULL,
    -- Sorts as semantic versions do.
    version_key bytea NOT NULL,
    state text NOT NULL CONSTRAINT releases_state_known CHECK (state IN
        ('draft', 'verifying', 'in_review', 'published', 'rejected', 'deprecated', 'yanked', 'quarantined')),
    state_reason text,
    replacement text,
    -- Names the release by content; see the domain's manifest for both digests.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
    manifest jsonb NOT NULL,
    interface jsonb,
    -- What was read from the files: headers and configs, for checks against other releases.
    inspection jsonb,
    findings jsonb NOT NULL DEFAULT '[]',
    -- How often verifying was begun.
    attempts integer NOT NULL DEFAULT 0,
    revision bigint NOT NULL DEFAULT 1,
    created_by uuid NOT NULL REFERENCES actors,
    created_at timestamptz NOT NULL DEFAULT now(),
    submitted_at timestamptz,
    published_at timestamptz
);
-- A version belongs to whoever submitted it first; drafts and rejected attempts hold none.
CREATE UNIQUE INDEX releases_version_unique ON releases (module_id, version)
    WHERE state NOT IN ('draft', 'rejected');
CREATE INDEX releases_module_version ON releases (module_id, version_key DESC, id);
CREATE INDEX releases_digest ON releases (digest);
CREATE INDEX releases_draft ON releases (created_by, module_id, version) WHERE state IN ('draft', 'rejected');
CREATE INDEX releases_recent ON releases (created_at DESC, id);

CREATE TABLE release_files (
    release_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
    path text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    -- No foreign key: a draft names blobs before they are uploaded.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (release_id, path)
);
CREATE INDEX release_files_digest ON release_files (digest);

-- What a release attaches to.
CREATE TABLE requirements (
    release_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
    position smallint NOT NULL,
    -- Full name, kept as text: a draft may name a module that does not exist yet.
    module text NOT NULL,
    version_range text NOT NULL,
    home bytea CHECK (octet_length(home) = 32),
    PRIMARY KEY (release_id, position)
);
CREATE INDEX requirements_module ON requirements (lower(module));
