begin;
select plan(13);

select tests.sign_up('syd', 'adsy');
select tests.appoint('syd', 'moderator'), tests.appoint('adsy', 'administrator');
insert into chat_private.jobs (name, every, next_run_at, last_error, failed_at) values
  ('a_late', interval '1 hour', now() - interval '3 minutes', null, null),
  ('a_failing', interval '1 hour', now() + interval '1 hour', 'broken', now()),
  ('a_fine', interval '1 hour', now() - interval '1 minute', null, null);
select tests.act_as('syd');
select throws_ok($$ select chat.connections_by_state() $$, 'PT403', 'administrator_required', 'a moderator sees no connections');
select throws_ok($$ select chat.slow_statements() $$, 'PT403', 'administrator_required', 'a moderator sees no statements');
select throws_ok($$ select chat.job_list() $$, 'PT403', 'administrator_required', 'a moderator sees no jobs');
select throws_ok($$ select chat.table_sizes() $$, 'PT403', 'administrator_required', 'a moderator sees no sizes');

select tests.act_as('adsy');
select ok(
  (
    select bool_or(state = 'active' and connections >= 1 and longest_seconds >= 0) and bool_and(max_connections > 10)
    from chat.connections_by_state()
  ), 'an administrator sees the connections by state');
select ok(
  (
    select count(*) > 3 and bool_and(calls > 0 and statement ~* '^\s*(select|insert|update|delete|merge|with)')
    from chat.slow_statements(100)
  ),
  'an administrator sees the statements that took the most time');
select is((select count(*) from chat.slow_statements(3)), 3::bigint, 'a page has max_rows statements');
select ok(
  (select array_agg(total_ms) = array_agg(total_ms order by total_ms desc) from chat.slow_statements()), 'the slowest first');
select results_eq(
  $$ select name, runner, schedule, last_error, is_failing, is_late from chat.job_list() where name like 'a\_%' $$,
  $$ values
    ('a_failing', 'parley', '01:00:00', 'broken', true, false), ('a_fine', 'parley', '01:00:00', null, false, false),
    ('a_late', 'parley', '01:00:00', null, false, true) $$,
  'an administrator sees the jobs, those that fail, and those that nobody runs');
select ok(
  (
    select count(*) = 5 and bool_and(bytes >= index_bytes) and array_agg(bytes) = array_agg(bytes order by bytes desc)
    from chat.table_sizes(5)
  ),
  'an administrator sees the largest tables first');
select ok(
  (select row_estimate >= 0 and index_bytes > 0 from chat.table_sizes(100) where table_name = 'chat.messages'), 'with their indexes');

-- Where pg_cron is, as on the platform.
select tests.act_as_operator();
create schema cron;
create table cron.job (jobid bigint, schedule text, command text, jobname name, active boolean);
create table cron.job_run_details (
  jobid bigint, runid bigint, status text, return_message text, start_time timestamptz, end_time timestamptz
);
insert into cron.job values
  (1, '10 seconds', '', 'parley-jobs', true), (2, '* * * * *', '', 'other', false), (3, '@daily', '', 'new', true);
insert into cron.job_run_details values
  (1, 1, 'failed', 'lost', '2026-01-01 00:00Z', '2026-01-01 00:01Z'),
  (1, 2, 'failed', 'lost', '2026-01-02 00:00Z', '2026-01-02 00:01Z'),
  (1, 3, 'succeeded', '1 row', '2026-01-03 00:00Z', '2026-01-03 00:01Z'),
  (1, 4, 'running', '', '2026-01-04 00:00Z', null),
  (2, 5, 'succeeded', '1 row', '2026-01-05 00:00Z', '2026-01-05 00:01Z'),
  (2, 6, 'failed', 'no', '2026-01-06 00:00Z', '2026-01-06 00:01Z');
select tests.act_as('adsy');
select results_eq(
  $$ select name, schedule, last_run_at, failed_at, last_error, is_failing, is_late from chat.job_list() where runner = 'pg_cron' $$,
  $$ values
    ('parley-jobs', '10 seconds', '2026-01-03 00:00Z'::timestamptz, '2026-01-02 00:01Z'::timestamptz, null, false, false),
    ('other', '* * * * *', '2026-01-06 00:00Z', '2026-01-06 00:01Z', 'no', true, true),
    ('new', '@daily', null, null, null, false, false) $$,
  'the jobs of pg_cron come after those of Parley, with their last run that has ended');
select tests.act_as_operator();
select throws_ok(
  $$ select chat_private.statements_in(null, 20) $$, 'PT404', 'statements_not_recorded',
  'without the extension no statements are recorded');

select * from finish();
rollback;
