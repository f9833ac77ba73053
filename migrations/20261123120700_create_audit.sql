-- Who changed what. Written in the transaction of the change.
CREATE TABLE audit_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid REFERENCES actors,
    -- As `release.submit`.
    action text NOT NULL,
    -- What it was done to, as `demo/minilm@1.0.0`.
    subject text NOT NULL,
    -- Whose readers may see it; null for what concerns the whole registry.
    namespace_id uuid REFERENCES namespaces,
    detail jsonb NOT NULL DEFAULT '{}',
    request_id text
);
CREATE INDEX audit_entries_namespace ON audit_entries (namespace_id, id DESC);
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id DESC);
CREATE INDEX audit_entries_subject ON audit_entries (subject, id DESC);
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
