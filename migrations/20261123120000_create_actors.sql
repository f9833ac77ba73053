-- Who acts: people and machines, the tokens that speak for them, and the namespaces they have roles in.
CREATE TABLE actors (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT actors_kind_known CHECK (kind IN ('person', 'machine')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX actors_name_unique ON actors (lower(name));

CREATE TABLE namespaces (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    visibility text NOT NULL CONSTRAINT namespaces_visibility_known CHECK (visibility IN ('public', 'private')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX namespaces_name_unique ON namespaces (lower(name));

-- A role in one namespace, or in all of them where the namespace is null.
CREATE TABLE roles (
    id uuid PRIMARY KEY,
    actor_id uuid NOT NULL REFERENCES actors ON DELETE CASCADE,
    namespace_id uuid REFERENCES namespaces ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT roles_role_known CHECK (role IN ('reader', 'publisher', 'reviewer', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_actor_namespace_unique UNIQUE NULLS NOT DISTINCT (actor_id, namespace_id)
);
CREATE INDEX roles_namespace ON roles (namespace_id);

-- Tokens are stored as SHA-256 of their text: 256 random bits need no slow hash.
CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    actor_id uuid NOT NULL REFERENCES actors ON DELETE CASCADE,
    name text NOT NULL,
    hash bytea NOT NULL CONSTRAINT tokens_hash_unique UNIQUE CHECK (octet_length(hash) = 32),
    -- Null: every namespace, every action that the actor has a role for.
    namespaces text[],
    actions text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX tokens_actor ON tokens (actor_id, id);
