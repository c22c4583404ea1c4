-- The fence of a cluster: which logical shards it takes writes for, and in which epoch. The shard map says who should
-- write; a router may believe an old one. So the cluster decides, in the transaction of the write itself.
--
-- Runs in each cluster once, again without harm. Errors carry SQLSTATE 'BS001' (wrong epoch): read the map again.

CREATE TABLE IF NOT EXISTS beamstalk_fence (
  shard integer PRIMARY KEY,
  epoch bigint NOT NULL,
  open boolean NOT NULL,
  -- Version of the map's record that this stands on. While the shard is closed, rows may be copied into it for the move
  -- that bears this version, and for no earlier one.
  version bigint NOT NULL DEFAULT 0
);

-- First statement of every transaction that writes rows of a logical shard. Two locks, which writers share and closing
-- waits for: when beamstalk_close returns, no write of an earlier epoch is under way, and none will come. The advisory
-- one is a queue, so that writers without end cannot keep closing waiting (row locks alone let them pass it); 7305 is
-- the number of our locks. The lock on the row refuses a transaction that saw the fence before it was closed
-- (isolation level repeatable read).
CREATE OR REPLACE FUNCTION beamstalk_write(of_shard integer, in_epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7305, of_shard);
  PERFORM 1 FROM beamstalk_fence WHERE shard = of_shard AND epoch = in_epoch AND open FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'logical shard % is not written here in epoch %', of_shard, in_epoch USING ERRCODE = 'BS001';
  END IF;
END $$;

-- Lets a logical shard be written from an epoch on, and ends the copying of earlier moves for ever. Later epochs are
-- never taken back. True when it is open in just this epoch afterwards.
CREATE OR REPLACE FUNCTION beamstalk_open(of_shard integer, in_epoch bigint, at_version bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305, of_shard);
  INSERT INTO beamstalk_fence AS fence (shard, epoch, open, version) VALUES (of_shard, in_epoch, true, at_version)
  ON CONFLICT (shard) DO UPDATE SET epoch = in_epoch, open = true, version = greatest(fence.version, at_version)
  WHERE fence.epoch < in_epoch;
  RETURN EXISTS (SELECT 1 FROM beamstalk_fence WHERE shard = of_shard AND epoch = in_epoch AND open);
END $$;

-- Ends writing with an epoch: the one that `freeze` gave. True when it is closed in just this epoch afterwards.
CREATE OR REPLACE FUNCTION beamstalk_close(of_shard integer, in_epoch bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305, of_shard);
  INSERT INTO beamstalk_fence AS fence (shard, epoch, open) VALUES (of_shard, in_epoch, false)
  ON CONFLICT (shard) DO UPDATE SET epoch = in_epoch, open = false WHERE fence.epoch < in_epoch;
  RETURN EXISTS (SELECT 1 FROM beamstalk_fence WHERE shard = of_shard AND epoch = in_epoch AND NOT open);
END $$;

-- On the target, before its rows are emptied and copied: the move of this version fills the shard, and no earlier one
-- any longer.
CREATE OR REPLACE FUNCTION beamstalk_receive(of_shard integer, at_version bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305, of_shard);
  INSERT INTO beamstalk_fence AS fence (shard, epoch, open, version) VALUES (of_shard, 0, false, at_version)
  ON CONFLICT (shard) DO UPDATE SET version = at_version WHERE fence.version < at_version AND NOT fence.open;
  RETURN EXISTS (SELECT 1 FROM beamstalk_fence WHERE shard = of_shard AND version = at_version AND NOT open);
END $$;

-- First statement of every transaction that copies rows into the target.
CREATE OR REPLACE FUNCTION beamstalk_copy(of_shard integer, at_version bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7305, of_shard);
  PERFORM 1 FROM beamstalk_fence WHERE shard = of_shard AND version = at_version AND NOT open FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'logical shard % takes no rows for version %', of_shard, at_version USING ERRCODE = 'BS001';
  END IF;
END $$;
