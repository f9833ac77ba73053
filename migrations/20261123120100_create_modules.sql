-- Named things of one kind. Names keep their case and are unique without it.
CREATE TABLE modules (
    id uuid PRIMARY KEY,
    namespace_id uuid NOT NULL REFERENCES namespaces,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT modules_kind_known
        CHECK (kind IN ('backbone', 'adapter', 'head', 'decoder', 'bridge', 'router')),
    description text NOT NULL DEFAULT '',
    -- Counts changes of the row: its ETag.
    revision bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Full names, as 'namespace/name'; also the order of lists.
CREATE UNIQUE INDEX modules_name_unique ON modules (lower(name));
CREATE INDEX modules_kind ON modules (kind, lower(name));
CREATE INDEX modules_namespace ON modules (namespace_id, lower(name));
