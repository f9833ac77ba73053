-- Sandboxed executions and their reports.
CREATE TABLE smoke_runs (
    id uuid PRIMARY KEY,
    -- What was put on the backbone; null when a backbone ran alone.
    dependent_id uuid REFERENCES releases ON DELETE CASCADE,
    base_id uuid REFERENCES releases ON DELETE CASCADE,
    home_id uuid REFERENCES releases ON DELETE CASCADE,
    state text NOT NULL CONSTRAINT smoke_runs_state_known CHECK (state IN ('queued', 'running', 'finished', 'abandoned')),
    verdict text CONSTRAINT smoke_runs_verdict_known CHECK (verdict IN ('compatible', 'unknown', 'incompatible')),
    report jsonb,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX smoke_runs_dependent ON smoke_runs (dependent_id, created_at DESC);
CREATE INDEX smoke_runs_base ON smoke_runs (base_id, created_at DESC);
CREATE INDEX smoke_runs_unfinished ON smoke_runs (created_at) WHERE state IN ('queued', 'running');

-- What a smoke run proved, by content: releases that compute the same share it.
CREATE TABLE behaviour_facts (
    dependent bytea NOT NULL CHECK (octet_length(dependent) = 32),
    base bytea NOT NULL CHECK (octet_length(base) = 32),
    -- Content of the backbone that the dependent was judged against.
    home bytea NOT NULL CHECK (octet_length(home) = 32),
    verdict text NOT NULL CONSTRAINT behaviour_facts_verdict_known CHECK (verdict IN ('compatible', 'unknown', 'incompatible')),
    findings jsonb NOT NULL,
    smoke_run_id uuid NOT NULL REFERENCES smoke_runs ON DELETE CASCADE,
    PRIMARY KEY (dependent, base, home)
);
CREATE INDEX behaviour_facts_smoke_run ON behaviour_facts (smoke_run_id);

-- The latest facts and verdict of each pair; written in the transaction that changes a fact.
CREATE TABLE pairs (
    dependent_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
    base_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
    declared text NOT NULL CONSTRAINT pairs_declared_known CHECK (declared IN ('compatible', 'unknown', 'incompatible')),
    structural text NOT NULL CONSTRAINT pairs_structural_known CHECK (structural IN ('compatible', 'unknown', 'incompatible')),
    behavioural text NOT NULL CONSTRAINT pairs_behavioural_known CHECK (behavioural IN ('compatible', 'unknown', 'incompatible')),
    verdict text NOT NULL CONSTRAINT pairs_verdict_known CHECK (verdict IN ('compatible', 'unknown', 'incompatible')),
    findings jsonb NOT NULL,
    smoke_run_id uuid REFERENCES smoke_runs ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dependent_id, base_id)
);
CREATE INDEX pairs_base ON pairs (base_id, dependent_id);
CREATE INDEX pairs_smoke_run ON pairs (smoke_run_id);
