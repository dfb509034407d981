-- What Postgres says of itself, for administrators: connections, slow statements, jobs and sizes.
create type chat.connection_state as (state text, connections integer, longest_seconds double precision, max_connections integer);

-- Definer, like the functions below: clients may not see the connections of others.
create function chat_private.connections_by_state()
returns setof chat.connection_state
language plpgsql stable security definer rows 5 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select coalesce(activity.state, 'unknown'), count(*)::integer,
      coalesce(max(extract(epoch from clock_timestamp() - activity.state_change)), 0)::double precision,
      current_setting('max_connections')::integer
    from pg_catalog.pg_stat_activity as activity
    where activity.backend_type = 'client backend'
    group by activity.state
    order by count(*) desc, activity.state;
end;
$$;
grant execute on function chat_private.connections_by_state to authenticated;

create function chat.connections_by_state()
returns setof chat.connection_state
language plpgsql stable security invoker rows 5 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.connections_by_state();
end;
$$;
comment on function chat.connections_by_state is
  'How many connections the database has in each state, since when the longest is in it, and how many there may be, for administrators. '
  'Raises administrator_required.';
grant execute on function chat.connections_by_state to authenticated;

create type chat.slow_statement as (
  statement text, calls bigint, total_ms double precision, mean_ms double precision, max_ms double precision, rows bigint
);

create function chat_private.statements_in(place text, max_rows integer)
returns setof chat.slow_statement
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  if place is null then
    raise sqlstate 'PT404' using message = 'statements_not_recorded',
      detail = 'Postgres records no statements. Enable the extension pg_stat_statements.';
  end if;
  -- Of these it keeps no values, as it may of other statements.
  return query execute format(
    $list$
      select left(query, 1000), calls, total_exec_time, mean_exec_time, max_exec_time, rows from %I.pg_stat_statements
      where dbid = (select oid from pg_catalog.pg_database where datname = current_database())
        and query ~* '^\s*(select|insert|update|delete|merge|with)\M'
      order by total_exec_time desc
      limit $1
    $list$,
    place
  ) using chat_private.rows_of_page(max_rows);
end;
$$;
comment on function chat_private.statements_in is
  'The slowest statements, by the schema of pg_stat_statements. Raises statements_not_recorded.';

-- Definer: as above.
create function chat_private.slow_statements(max_rows integer)
returns setof chat.slow_statement
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select * from chat_private.statements_in(
      (
        select schemas.nspname::text from pg_catalog.pg_extension as extensions
        join pg_catalog.pg_namespace as schemas on schemas.oid = extensions.extnamespace
        where extensions.extname = 'pg_stat_statements'
      ),
      max_rows
    );
end;
$$;
grant execute on function chat_private.slow_statements to authenticated;

create function chat.slow_statements(max_rows integer default 20)
returns setof chat.slow_statement
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.slow_statements(max_rows);
end;
$$;
comment on function chat.slow_statements is
  'The statements that have taken the most time since the statistics were reset, without their values, for administrators. Raises '
  'administrator_required, statements_not_recorded.';
grant execute on function chat.slow_statements to authenticated;

create type chat.job as (
  name text, runner text, schedule text, next_run_at timestamptz, last_run_at timestamptz, failed_at timestamptz, last_error text,
  is_failing boolean, is_late boolean
);

create function chat_private.cron_jobs()
returns setof chat.job
language plpgsql stable security invoker rows 5 set search_path = ''
as $$
begin
  -- Where a timer of its own runs the jobs.
  if to_regclass('cron.job') is null then
    return;
  end if;
  -- Of the last runs only: their table grows.
  return query execute $list$
    with runs as materialized (
      select runid, jobid, status, return_message, start_time, end_time from cron.job_run_details order by runid desc limit 1000
    )
    select jobs.jobname::text, 'pg_cron', jobs.schedule::text, null::timestamptz, last.start_time, failed.end_time,
      case when last.status = 'failed' then last.return_message end, coalesce(last.status = 'failed', false), not jobs.active
    from cron.job as jobs
    left join lateral (
      select * from runs where runs.jobid = jobs.jobid and runs.status in ('succeeded', 'failed') order by runs.runid desc limit 1
    ) as last on true
    left join lateral (
      select * from runs where runs.jobid = jobs.jobid and runs.status = 'failed' order by runs.runid desc limit 1
    ) as failed on true
    order by jobs.jobid
    limit 100
  $list$;
end;
$$;
comment on function chat_private.cron_jobs is 'The jobs of pg_cron, if it is there.';

create function chat_private.job_list()
returns setof chat.job
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select jobs.name, 'parley', jobs.every::text, jobs.next_run_at, jobs.last_run_at, jobs.failed_at, jobs.last_error,
      jobs.last_error is not null, jobs.next_run_at < now() - interval '2 minutes'
    from chat_private.jobs as jobs
    order by jobs.name;
  return query select * from chat_private.cron_jobs();
end;
$$;
grant execute on function chat_private.job_list to authenticated;

create function chat.job_list()
returns setof chat.job
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.job_list();
end;
$$;
comment on function chat.job_list is
  'The background jobs, and those of pg_cron, with how their last run ended, for administrators. Raises administrator_required.';
grant execute on function chat.job_list to authenticated;

create type chat.table_size as (table_name text, bytes bigint, index_bytes bigint, row_estimate bigint);

create function chat_private.table_sizes(max_rows integer)
returns setof chat.table_size
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select format('%I.%I', schemas.nspname, tables.relname), sizes.bytes, pg_catalog.pg_indexes_size(tables.oid),
      greatest(tables.reltuples, 0)::bigint
    from (
      -- By the statistics of the last vacuum: only these are measured.
      select * from pg_catalog.pg_class as classes where classes.relkind in ('r', 'm') order by classes.relpages desc, classes.oid limit 300
    ) as tables
    join pg_catalog.pg_namespace as schemas on schemas.oid = tables.relnamespace
    cross join lateral (select pg_catalog.pg_total_relation_size(tables.oid) offset 0) as sizes (bytes)
    order by sizes.bytes desc, 1
    limit chat_private.rows_of_page(max_rows);
end;
$$;
grant execute on function chat_private.table_sizes to authenticated;

create function chat.table_sizes(max_rows integer default 20)
returns setof chat.table_size
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.table_sizes(max_rows);
end;
$$;
comment on function chat.table_sizes is
  'The largest tables with their indexes, for administrators. Raises administrator_required.';
grant execute on function chat.table_sizes to authenticated;
