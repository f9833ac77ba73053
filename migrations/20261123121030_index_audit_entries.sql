-- The audit log is looked through by module, which is the beginning of a subject in any case, and by time.
CREATE INDEX audit_entries_subject_folded ON audit_entries (lower(subject) text_pattern_ops, id DESC);
CREATE INDEX audit_entries_time ON audit_entries (happened_at);
