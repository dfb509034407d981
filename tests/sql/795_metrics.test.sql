begin;
select plan(6);

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
  $$ select name, value from chat_private.metrics() where name like '%\_total' order by value $$,
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
select tests.act_as('mett');
select throws_ok($$ select chat_private.metrics() $$, '42501', null, 'nobody else reads it');

select * from finish();
rollback;
