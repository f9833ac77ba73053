-- One graph of releases, models of other places and data sets. A node is written as
-- 'release:<id>', 'model:<name>' or 'dataset:<name>'; an edge points from what was made to what it was
-- made from.
CREATE TABLE lineage_edges (
    from_node text NOT NULL,
    relation text NOT NULL CONSTRAINT lineage_edges_relation_known
        CHECK (relation IN ('derived_from', 'parent', 'trained_on', 'attaches_to')),
    to_node text NOT NULL,
    -- The release whose manifest says so.
    release_id uuid NOT NULL REFERENCES releases ON DELETE CASCADE,
    PRIMARY KEY (from_node, relation, to_node)
);
CREATE INDEX lineage_edges_to ON lineage_edges (to_node, from_node);
CREATE INDEX lineage_edges_release ON lineage_edges (release_id);
