begin;
select plan(8);

-- mett is in nobody's way.
select tests.sign_up('mett');
delete from chat.daily_counts where true;
insert into chat.daily_counts (day, messages, people, rooms, reports) values ('2001-01-01', 1, 2, 3, 4), ('2001-01-02', 10, 20, 30, 40);
update chat_private.jobs set last_error = null, next_run_at = now() + interval '1 hour' where true;
update chat_private.jobs set last_error = 'broken', next_run_at = now() - interval '1 minute' where name = 'count_days';
delete from chat_private.storage_use where true;
insert into chat_private.storage_use (bucket, files, bytes, measured_at, next_files)
values ('avatars', 2, 300, now(), 1), ('new', 0, 0, null, 1);
delete from chat_private.files_to_remove where true;
insert into chat_private.files_to_remove (path) values ('one'), ('two');

select set_config('role', 'service_role', true);
select results_eq(
  $$ select name, value from chat_private.metrics() where name like '%s\_total' and labels = '{}' order by value $$,
  $$ values
    ('parley_messages_total', 11::float8), ('parley_accounts_total', 22), ('parley_rooms_total', 33), ('parley_reports_total', 44) $$,
  'a backend reads how much was made');
select results_eq(
  $$ select labels ->> 'job', value > 0 from chat_private.metrics() where name = 'parley_job_failing' and value > 0 $$,
  $$ values ('count_days', true) $$, 'a backend reads which job fails');
select ok(
  (
    select count(*) filter (where value >= 60) = 1 and count(*) filter (where value = 0) > 5
    from chat_private.metrics() where name = 'parley_job_delay_seconds'
  ), 'a backend reads for how long a job has been due');
select set_eq(
  $$ select name, labels, value from chat_private.metrics() where name like 'parley_storage\_%' $$,
  $$ values ('parley_storage_files', '{"bucket": "avatars"}'::jsonb, 2::float8), ('parley_storage_bytes', '{"bucket": "avatars"}', 300) $$,
  'a backend reads what Storage held at the last measure');
select ok(
  (
    select bool_and(value > 0) and count(*) >= 4 from chat_private.metrics()
    where name in ('parley_database_size_bytes', 'parley_database_connections', 'parley_database_connections_max', 'parley_info')
      or labels = '{"queue": "files_to_remove"}'
  ), 'a backend reads the size of the database, its connections, and what waits');
select tests.act_as_operator();
delete from chat_private.function_requests where true;
insert into chat_private.function_requests (function_name, status, up_to, requests, seconds) values
  ('social', '2xx', 0.01, 3, 0.5), ('social', '2xx', 'Infinity', 1, 20), ('social', '5xx', 0.25, 2, 0.25), ('jobs', '2xx', 0.005, 1, 0.25);
select set_config('role', 'service_role', true);
select set_eq(
  $$ select replace(name, 'parley_function_', ''), labels, value from chat_private.metrics()
     where name like 'parley\_function\_%' and name not like '%\_bucket' $$,
  $$ values
    ('requests_total', '{"function": "social", "status": "2xx"}'::jsonb, 4::float8),
    ('requests_total', '{"function": "social", "status": "5xx"}', 2), ('requests_total', '{"function": "jobs", "status": "2xx"}', 1),
    ('duration_seconds_sum', '{"function": "social"}', 20.75), ('duration_seconds_sum', '{"function": "jobs"}', 0.25),
    ('duration_seconds_count', '{"function": "social"}', 6), ('duration_seconds_count', '{"function": "jobs"}', 1) $$,
  'a backend reads how many requests each function has answered, and how long they took');
select is(
  (
    select string_agg(labels ->> 'le' || ': ' || value, ', ' order by place)
    from chat_private.metrics() with ordinality as samples (name, labels, value, place)
    where name = 'parley_function_duration_seconds_bucket' and labels ->> 'function' = 'social'
  ),
  '0.005: 0, 0.01: 3, 0.025: 3, 0.05: 3, 0.1: 3, 0.25: 5, 0.5: 5, 1: 5, 2.5: 5, 5: 5, 10: 5, +Inf: 6',
  'it reads how many took at most so long, step by step');
select tests.act_as('mett');
select throws_ok($$ select chat_private.metrics() $$, '42501', null, 'nobody else reads it');

select * from finish();
rollback;
