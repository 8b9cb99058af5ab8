-- When a boot of a robot's computer began by the server's calendar; none of boots that were met before this was kept.
ALTER TABLE skew ADD COLUMN began_ms INTEGER;
