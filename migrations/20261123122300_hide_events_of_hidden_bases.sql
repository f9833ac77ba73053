-- An event about a pair names both sides: who may read only one of them does not see it.
ALTER TABLE events ADD COLUMN base_namespace_id uuid REFERENCES namespaces;
UPDATE events e SET base_namespace_id = m.namespace_id FROM modules m WHERE lower(m.name) = lower(e.base_module);
