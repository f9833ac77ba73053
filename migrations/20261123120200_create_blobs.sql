-- Bytes, stored once by SHA-256; the bytes themselves are in the object store.
CREATE TABLE blobs (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    size bigint NOT NULL CHECK (size >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Uploads under way. The offset moves by whole parts, so that any server can take the next one.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    actor_id uuid NOT NULL REFERENCES actors ON DELETE CASCADE,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    size bigint NOT NULL CHECK (size >= 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
    -- State of SHA-256 over the bytes received.
    hash_state bytea,
    -- The object store's multipart upload and the parts it acknowledged.
    multipart_id text,
    part_ids text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploads_updated ON uploads (updated_at);
CREATE INDEX uploads_actor_digest ON uploads (actor_id, digest);
