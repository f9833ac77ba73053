-- Workers that say now and then that they live, and how far verifications and runs are.
CREATE TABLE workers (
    id uuid PRIMARY KEY,
    -- The machine's name and the process's id.
    name text NOT NULL,
    version text NOT NULL,
    at_once integer NOT NULL,
    -- What keeps it from running the engine.
    problem text,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workers_seen ON workers (seen_at);
ALTER TABLE releases ADD COLUMN stage text CONSTRAINT releases_stage_known
    CHECK (stage IN ('queued', 'files', 'structure', 'smoke_run', 'concluding'));
-- What the engine does in a run that has not ended, in its own words.
ALTER TABLE smoke_runs ADD COLUMN step text;
-- Lists of the overview: what is under way, refused or in quarantine, and since when.
ALTER TABLE releases ADD COLUMN state_since timestamptz NOT NULL DEFAULT now();
UPDATE releases SET state_since = coalesce(published_at, submitted_at, created_at);
CREATE INDEX releases_attention ON releases (state, state_since DESC)
    WHERE state IN ('verifying', 'in_review', 'rejected', 'quarantined');
CREATE INDEX pairs_broken ON pairs (updated_at DESC) WHERE verdict = 'incompatible';
