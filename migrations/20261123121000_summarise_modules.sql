-- A list of modules and its facets need to know of each module's releases without reading them all: what they
-- show and are narrowed by is kept on the module, in the transaction that changes a release's state.
ALTER TABLE modules
    -- The highest version that was ever published, and its state.
    ADD newest_release_id uuid REFERENCES releases,
    ADD state text NOT NULL DEFAULT 'none' CONSTRAINT modules_state_known
        CHECK (state IN ('none', 'published', 'deprecated', 'yanked', 'quarantined')),
    -- The highest version that may be used.
    ADD latest_release_id uuid REFERENCES releases,
    ADD latest_version text,
    ADD latest_published_at timestamptz,
    -- Releases that were ever published.
    ADD releases bigint NOT NULL DEFAULT 0,
    -- Of the latest release, or else of the newest: its tasks, what it attaches to, where it comes from.
    ADD tasks text[] NOT NULL DEFAULT '{}',
    ADD bases text[] NOT NULL DEFAULT '{}';
CREATE INDEX modules_newest_release ON modules (newest_release_id);
CREATE INDEX modules_latest_release ON modules (latest_release_id);
CREATE INDEX modules_tasks ON modules USING gin (tasks);
CREATE INDEX modules_bases ON modules USING gin (bases);

-- Words that a filter can name, each once, in their order: not blank, without the comma that parts them, and
-- short enough for an index. Manifests may hold any number of any length.
CREATE FUNCTION filter_words(words text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(word ORDER BY place), '{}') FROM (
        SELECT word, min(place) AS place FROM unnest(words) WITH ORDINALITY AS given (word, place)
        WHERE word ~ '\S' AND strpos(word, ',') = 0 AND octet_length(word) <= 200
        GROUP BY word ORDER BY min(place) LIMIT 50
    ) kept
$$;

-- The rule of the summary. Whoever calls it has locked the module's row in a statement before: two releases
-- that are published at once then see each other.
CREATE FUNCTION summarise_module(summarised uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE modules SET
        newest_release_id = s.newest_id,
        state = coalesce(s.newest_state, 'none'),
        latest_release_id = s.latest_id,
        latest_version = s.latest_version,
        latest_published_at = s.latest_published_at,
        releases = s.releases,
        tasks = filter_words(ARRAY(SELECT jsonb_array_elements_text(s.manifest #> '{module,tasks}'))),
        bases = filter_words(ARRAY(
            SELECT coalesce(b.name, q.module) FROM requirements q
            LEFT JOIN modules b ON lower(b.name) = lower(q.module)
            WHERE q.release_id = coalesce(s.latest_id, s.newest_id) ORDER BY q.position
        ) || (s.manifest #>> '{provenance,base_model}'))
    FROM (
        SELECT counted.releases, newest.id AS newest_id, newest.state AS newest_state, latest.id AS latest_id,
               latest.version AS latest_version, latest.published_at AS latest_published_at,
               coalesce(latest.manifest, newest.manifest) AS manifest
        FROM (
            SELECT count(*) AS releases FROM releases r
            WHERE r.module_id = summarised AND r.state IN ('published', 'deprecated', 'yanked', 'quarantined')
        ) counted
        LEFT JOIN LATERAL (
            SELECT r.id, r.state, r.manifest FROM releases r
            WHERE r.module_id = summarised AND r.state IN ('published', 'deprecated', 'yanked', 'quarantined')
            ORDER BY r.version_key DESC LIMIT 1
        ) newest ON true
        LEFT JOIN LATERAL (
            SELECT r.id, r.version, r.published_at, r.manifest FROM releases r
            WHERE r.module_id = summarised AND r.state IN ('published', 'deprecated')
            ORDER BY r.version_key DESC LIMIT 1
        ) latest ON true
    ) s
    WHERE modules.id = summarised
$$;

SELECT summarise_module(id) FROM modules;
