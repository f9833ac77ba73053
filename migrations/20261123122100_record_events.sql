-- What happened, in order, for those who follow it. Readers go by (transaction, id) and stop before the
-- oldest transaction that is still under way: ids alone are given before the commit, so that a lower one
-- can become visible after a higher one was read.
CREATE TABLE events (
    transaction bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    id bigint GENERATED ALWAYS AS IDENTITY,
    happened_at timestamptz NOT NULL DEFAULT now(),
    -- As `release.published`.
    kind text NOT NULL,
    -- Whose readers may see it, or only those who may publish there.
    namespace_id uuid NOT NULL REFERENCES namespaces,
    for_publishers boolean NOT NULL DEFAULT false,
    -- Full name of the module that it concerns, and the version where it concerns one.
    module text NOT NULL,
    version text,
    -- Full name of the other side's module where it concerns a pair.
    base_module text,
    actor_id uuid REFERENCES actors,
    data jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (transaction, id)
);
CREATE INDEX events_happened ON events (happened_at);
CREATE FUNCTION announce_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cambium_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER events_announced AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION announce_events();
