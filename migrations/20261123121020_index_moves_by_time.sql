-- A module's timeline takes the latest moves of each of its channels.
CREATE INDEX channel_moves_time ON channel_moves (channel_id, moved_at DESC, generation DESC);
