-- Ids of jobs that have been done: queues deliver at least once.
create table jobs_done (
  id text primary key,
  done_at timestamptz not null default now()
);
