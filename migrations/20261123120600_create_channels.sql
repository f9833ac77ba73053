-- Movable names on modules, and every move they ever made.
CREATE TABLE channels (
    id uuid PRIMARY KEY,
    module_id uuid NOT NULL REFERENCES modules,
    name text NOT NULL,
    -- Null when it points at nothing, as after its only release was quarantined.
    release_id uuid REFERENCES releases,
    -- Counts moves: its ETag.
    generation bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channels_name_unique UNIQUE (module_id, name)
);
CREATE INDEX channels_release ON channels (release_id);

CREATE TABLE channel_moves (
    channel_id uuid NOT NULL REFERENCES channels,
    generation bigint NOT NULL,
    action text NOT NULL CONSTRAINT channel_moves_action_known CHECK (action IN ('point', 'roll_back', 'quarantine')),
    from_release_id uuid REFERENCES releases,
    to_release_id uuid REFERENCES releases,
    reason text NOT NULL,
    actor_id uuid NOT NULL REFERENCES actors,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel_id, generation)
);
CREATE INDEX channel_moves_to ON channel_moves (to_release_id);
CREATE INDEX channel_moves_from ON channel_moves (from_release_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER channel_moves_append_only BEFORE UPDATE OR DELETE ON channel_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
