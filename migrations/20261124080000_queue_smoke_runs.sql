-- A run of a pair is a row from the moment it is wanted: what waits can be counted, moved ahead and merged.
ALTER TABLE smoke_runs
    -- Lower goes first; see domain::urgency.
    ADD urgency smallint NOT NULL DEFAULT 0,
    -- The job of the queue that is at it: what it began and did not end is its to take back.
    ADD job bigint;
UPDATE smoke_runs SET state = 'abandoned', step = NULL, finished_at = now() WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX smoke_runs_wanted ON smoke_runs (dependent_id, base_id) WHERE state IN ('queued', 'running');
CREATE INDEX smoke_runs_queued ON smoke_runs (base_id, urgency, attempts, id) WHERE state = 'queued';
CREATE INDEX smoke_runs_job ON smoke_runs (job) WHERE state = 'running';

-- Equal for releases whose headers fit and misfit alike: interface and what was read from the files.
ALTER TABLE releases
    ADD structure_digest bytea CHECK (octet_length(structure_digest) = 32);
UPDATE releases SET structure_digest = sha256(convert_to(interface::text || inspection::text, 'UTF8'))
WHERE interface IS NOT NULL AND inspection IS NOT NULL;

-- Pairs that waited for a job of their own.
INSERT INTO smoke_runs (id, dependent_id, base_id, home_id, state, urgency)
SELECT gen_random_uuid(), p.dependent_id, p.base_id, h.id, 'queued', 3
FROM pairs p JOIN releases d ON d.id = p.dependent_id JOIN releases b ON b.id = p.base_id
JOIN modules m ON m.id = b.module_id
JOIN requirements q ON q.release_id = d.id AND lower(q.module) = lower(m.name)
LEFT JOIN LATERAL (
    SELECT r.id FROM releases r WHERE r.digest = q.home AND r.module_id = m.id AND r.id <> b.id LIMIT 1
) h ON true
WHERE p.behavioural = 'unknown' AND p.structural <> 'incompatible' AND p.smoke_run_id IS NULL
  AND d.state IN ('published', 'deprecated') AND b.state IN ('published', 'deprecated')
ON CONFLICT DO NOTHING;
