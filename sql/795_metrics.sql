-- What a monitor reads every few seconds: one row a sample, in one statement that scans no table of messages, people or files.
-- Definer: a backend with the secret key may not see the connections of others.
create function chat_private.metrics()
returns table (name text, labels jsonb, value double precision)
language sql stable security definer rows 200 set search_path = ''
as $$
  with made as (
    select coalesce(sum(messages), 0) as messages, coalesce(sum(people), 0) as people, coalesce(sum(rooms), 0) as rooms,
      coalesce(sum(reports), 0) as reports
    from chat.daily_counts
  ), moderation as (
    select * from chat_private.moderation_counts()
  ), queues (queue, waiting) as (
    select 'files_to_remove', count(*) from (select from chat_private.files_to_remove limit 10000) as found
    union all
    select 'messages_to_index', count(*) from (select from chat_private.messages_to_index limit 10000) as found
    union all
    select 'departed_senders', count(*) from (select from chat_private.departed_senders limit 10000) as found
    union all
    select 'topics_to_move', count(*) from (select from chat_private.topics_to_move limit 10000) as found
  ), steps (up_to) as (
    select unnest(array[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 'Infinity']::double precision[])
  )
  select 'parley_info', jsonb_build_object('version', chat.version()), 1::double precision
  union all
  select 'parley_messages_total', '{}', made.messages from made
  union all
  select 'parley_accounts_total', '{}', made.people from made
  union all
  select 'parley_rooms_total', '{}', made.rooms from made
  union all
  select 'parley_reports_total', '{}', made.reports from made
  union all
  select 'parley_open_reports', '{}', moderation.open_reports from moderation
  union all
  select 'parley_suspended_people', '{}', moderation.suspended from moderation
  union all
  select 'parley_muted_people', '{}', moderation.muted from moderation
  union all
  select 'parley_queue_rows', jsonb_build_object('queue', queues.queue), queues.waiting from queues
  union all
  select 'parley_job_failing', jsonb_build_object('job', jobs.name), (jobs.last_error is not null)::integer from chat_private.jobs as jobs
  union all
  select 'parley_job_delay_seconds', jsonb_build_object('job', jobs.name),
    greatest(extract(epoch from clock_timestamp() - jobs.next_run_at), 0)
  from chat_private.jobs as jobs
  union all
  select 'parley_database_connections', jsonb_build_object('state', states.state), states.connections
  from chat_private.connections_by_state() as states
  union all
  select 'parley_database_connections_max', '{}', current_setting('max_connections')::integer
  union all
  select 'parley_database_size_bytes', '{}', pg_catalog.pg_database_size(current_database())
  union all
  select 'parley_storage_files', jsonb_build_object('bucket', use.bucket), use.files
  from chat_private.storage_use as use where use.measured_at is not null
  union all
  select 'parley_storage_bytes', jsonb_build_object('bucket', use.bucket), use.bytes
  from chat_private.storage_use as use where use.measured_at is not null
  union all
  select 'parley_function_requests_total', jsonb_build_object('function', counts.function_name, 'status', counts.status),
    sum(counts.requests)
  from chat_private.function_requests as counts
  group by counts.function_name, counts.status
  union all
  (
    select 'parley_function_duration_seconds_bucket',
      jsonb_build_object('function', counts.function_name, 'le', case when steps.up_to < 'Infinity' then steps.up_to::text else '+Inf' end),
      coalesce(sum(counts.requests) filter (where counts.up_to <= steps.up_to), 0)
    from chat_private.function_requests as counts, steps
    group by counts.function_name, steps.up_to
    order by counts.function_name, steps.up_to
  )
  union all
  select 'parley_function_duration_seconds_sum', jsonb_build_object('function', counts.function_name), sum(counts.seconds)
  from chat_private.function_requests as counts
  group by counts.function_name
  union all
  select 'parley_function_duration_seconds_count', jsonb_build_object('function', counts.function_name), sum(counts.requests)
  from chat_private.function_requests as counts
  group by counts.function_name;
$$;
comment on function chat_private.metrics is
  'The samples of the endpoint for Prometheus, for backends. Counts of what waits, and of moderation, end at 10,000. Raises '
  'administrator_required.';
grant execute on function chat_private.metrics to service_role;
