-- Who brought which bytes. Knowing a digest is no right to the bytes: a release may name a blob only
-- when its author brought it, or may read a release that has it.
CREATE TABLE blob_holders (
    digest bytea NOT NULL REFERENCES blobs ON DELETE CASCADE,
    actor_id uuid NOT NULL REFERENCES actors ON DELETE CASCADE,
    PRIMARY KEY (digest, actor_id)
);
CREATE INDEX blob_holders_actor ON blob_holders (actor_id);
