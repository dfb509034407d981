-- Background jobs: pg_cron runs them on the platform, a timer runs them in local/.
-- A job is a function chat_private.job_<name>() that works for at most half a second, and returns whether more work is
-- waiting.
create table chat_private.jobs (
  name text primary key check (name ~ '^[a-z_]{1,50}$'),
  every interval not null check (every > '0'),
  next_run_at timestamptz not null default now(),
  last_run_at timestamptz,
  last_error text,
  failed_at timestamptz
);
comment on table chat_private.jobs is 'The background jobs, how often they run, and how the last run ended.';
comment on column chat_private.jobs.every is 'The time from a run that left no work to the next run; operators may change it.';
alter table chat_private.jobs enable row level security;
revoke all on chat_private.jobs from anon, authenticated;

create function chat_private.run_next_job()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  job chat_private.jobs;
  has_more boolean := false;
  failure text;
begin
  -- Concurrent runners take different jobs.
  select * into job from chat_private.jobs as jobs
  where jobs.next_run_at <= clock_timestamp()
  order by jobs.next_run_at
  limit 1
  for update skip locked;
  if not found then
    return false;
  end if;

  begin
    execute format('select chat_private.%I()', 'job_' || job.name) into has_more;
  exception when others then
    failure := sqlerrm;
    raise warning 'the job % failed: %', job.name, failure;
  end;
  update chat_private.jobs as jobs
  set next_run_at = clock_timestamp() + case when has_more and failure is null then interval '0' else jobs.every end,
    last_run_at = clock_timestamp(),
    last_error = failure,
    failed_at = case when failure is null then jobs.failed_at else clock_timestamp() end
  where jobs.name = job.name;
  return true;
end;
$$;
comment on function chat_private.run_next_job is
  'Runs the job that has been due for the longest time. Returns false when none is due.';

create function chat_private.run_jobs(max_runs integer default 1000)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  runs integer := 0;
begin
  while runs < max_runs and chat_private.run_next_job() loop
    runs := runs + 1;
  end loop;
  return runs;
end;
$$;
comment on function chat_private.run_jobs is
  'Runs jobs until none is due, in one transaction, for tests and operators. Returns the number of runs.';

-- Each job runs in its own transaction, and the loop ends before pg_cron starts the next one.
do $schedule$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('parley-jobs', '10 seconds', $command$
      do $$
      declare
        until timestamptz := clock_timestamp() + interval '9 seconds';
      begin
        while clock_timestamp() < until and chat_private.run_next_job() loop
          commit;
        end loop;
      end $$
    $command$);
  end if;
exception when others then
  raise warning 'pg_cron cannot run Parley''s jobs: %', sqlerrm;
end
$schedule$;

-- Whether this transaction may delete this many more rows, counted over all rooms and conversations that it deletes. If
-- not, a job deletes them.
create function chat_private.may_remove_now(more bigint)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant bigint := 1000;
  removed bigint := coalesce(nullif(current_setting('chat.removed_rows', true), ''), '0')::bigint + more;
begin
  if removed > most then
    return false;
  end if;
  perform set_config('chat.removed_rows', removed::text, true);
  return true;
end;
$$;
