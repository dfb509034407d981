begin;
select plan(27);

-- retmod moderates, and retadmin administers.
select tests.sign_up('retmod', 'retadmin', 'retzoe');
select tests.appoint('retmod', 'moderator'), tests.appoint('retadmin', 'administrator');
update chat_private.retention as retention set age = given.age::interval
from (values ('audit_log', null), ('reports', null), ('buckets', '1 day')) as given (name, age) where retention.name = given.name;

select tests.act_as('retmod');
select throws_ok('select chat.retention_list()', 'PT403', 'administrator_required', 'a moderator does not read how long rows are kept');
select throws_ok(
  $$ select chat.set_retention('buckets', '2 days') $$, 'PT403', 'administrator_required', 'a moderator does not change it');
select throws_ok('select from chat_private.retention', '42501', null, 'a person cannot read the table');
select throws_ok('select chat_private.job_prune()', '42501', null, 'a person cannot run the job');

select tests.act_as('retadmin');
select results_eq(
  $$ select age, newest, at_least, at_most from chat.retention_list() where name in ('audit_log', 'buckets', 'room_changes') $$,
  $$ values (null::interval, null::integer, '90 days'::interval, null::interval), ('1 day', null, '1 hour', '30 days'),
    (null, 100, null, null) $$,
  'an administrator reads how long rows are kept, by name');
select results_eq(
  $$ select name, age from chat.set_retention('buckets', '2 days') $$, $$ values ('buckets', interval '2 days') $$,
  'an administrator changes an age');
select results_eq($$ select newest from chat.set_retention('room_changes', newest => 50) $$, array[50],
  'an administrator changes a number');
select lives_ok($$ select chat.set_retention('room_changes', newest => 50) $$, 'a retry changes nothing');
select results_eq(
  $$ select actor_id, details from chat.audit_log
     where action = 'retention_changed' and actor_id is not null and created_at = now()
     order by id $$,
  $$ values
    (tests.user('retadmin'), '{"name": "buckets", "before": {"age": "1 day", "newest": null},
      "after": {"age": "2 days", "newest": null}}'::jsonb),
    (tests.user('retadmin'), '{"name": "room_changes", "before": {"age": null, "newest": 100}, "after": {"age": null, "newest": 50}}') $$,
  'the audit log says what it was before');
select throws_ok(format('select chat.set_retention(%s)', args), 'PT400', 'invalid_retention', reason)
from (values
  ($$'nothing', '1 day'$$, 'there is such a name'), ($$'buckets', '59 minutes'$$, 'an age is not too short'),
  ($$'buckets', '31 days'$$, 'an age is not too long'), ($$'buckets'$$, 'what has a longest age is not kept forever'),
  ($$'buckets', null, 5$$, 'an age is not a number'), ($$'room_changes', '1 day'$$, 'a number is not an age'),
  ($$'room_changes', '1 day', 5$$, 'nothing is pruned by both'), ($$'room_changes', newest => 0$$, 'something stays'),
  ($$'room_changes', newest => 100001$$, 'not too much stays'), ($$'audit_log', '101 years'$$, 'nothing is as old as that')
) as refused (args, reason);
select lives_ok($$ select chat.set_retention('audit_log', '100 days'), chat.set_retention('reports', '40 days') $$, 'logs may have an age');
select lives_ok($$ select chat.set_retention('uploads', '2 hours') $$, 'an age may be shorter than it was');

-- The job calls each function, and each removes what is older.
select tests.act_as_operator();
select throws_ok('insert into chat_private.retention (name, description) values ' || given, '23514', null, reason)
from (values
  ($$('A b', 'x')$$, 'a name is that of a function'), ($$('nameless', '')$$, 'it says what is kept')
) as refused (given, reason);
delete from chat.reports where true;
delete from chat.audit_log where true;
delete from chat_private.client_keys where true;
delete from chat_private.exchanged_tokens where true;
delete from chat_private.joins where true;
delete from chat_private.login_attempts where true;
delete from chat_private.event_times where true;
insert into chat.reports (kind, user_id, reason, snapshot, state, action, resolved_at)
select 'user', tests.user('retzoe'), 'spam', '{}', 'dismissed', 'dismiss', now() - age
from unnest(array['39 days', '41 days']::interval[]) as age;
insert into chat.reports (kind, user_id, reason, snapshot, created_at)
values ('user', tests.user('retzoe'), 'spam', '{}', now() - interval '1 year');
insert into chat.audit_log (action, created_at)
select 'kept', now() - age from unnest(array['101 days', '99 days']::interval[]) as age;
insert into chat_private.client_keys (owner_id, kind, client_id, digest, created_at)
select tests.user('retzoe'), 'post', gen_random_uuid(), '', now() - age from unnest(array['89 days', '91 days']::interval[]) as age;
insert into chat_private.exchanged_tokens (jti, expires_at)
select age::text, now() - age from unnest(array['23:00', '25:00']::interval[]) as age;
insert into chat_private.joins (room_id, user_id, since)
select 1, gen_random_uuid(), now() - age from unnest(array['50 minutes', '70 minutes']::interval[]) as age;
insert into chat_private.login_attempts (subject, since)
select age::text, now() - age from unnest(array['50 minutes', '70 minutes']::interval[]) as age;
select tests.act_as('retzoe');
select from chat.create_group_room('Retained');
select chat.send_message(tests.room('Retained'), 'kept ' || number) from generate_series(1, 2) as number;
select tests.act_as_operator();
insert into chat_private.event_times (message_id, sent_at)
select id, now() - seq * interval '5 days' from chat.messages where room_id = tests.room('Retained');
create function pg_temp.left_over() returns table (name text, left_over bigint) language sql as $$
  select 'audit_log', count(*) from chat.audit_log where action = 'kept' union all
  select 'client_keys', count(*) from chat_private.client_keys union all
  select 'event_times', count(*) from chat_private.event_times union all
  select 'exchanged_tokens', count(*) from chat_private.exchanged_tokens union all
  select 'joins', count(*) from chat_private.joins union all
  select 'login_attempts', count(*) from chat_private.login_attempts union all
  select 'reports', count(*) from chat.reports
$$;
select is(chat_private.job_prune(), false, 'the job does all that there is');
select results_eq(
  'select name, left_over from pg_temp.left_over()',
  $$ values ('audit_log', 1::bigint), ('client_keys', 1), ('event_times', 1), ('exchanged_tokens', 1), ('joins', 1),
    ('login_attempts', 1), ('reports', 2) $$,
  'it removes what is older than its age, and no open report');

-- A count that counts still stays.
update chat_private.login_limits set period = '1 hour' where true;
update chat_private.retention set age = '5 minutes' where name = 'login_attempts';
select chat_private.job_prune();
select is((select count(*) from chat_private.login_attempts), 1::bigint, 'an attempt is not forgotten while it counts');

-- What is kept forever stays.
update chat_private.retention set age = null where name in ('audit_log', 'reports');
update chat.audit_log set created_at = '2000-01-01' where true;
update chat.reports set resolved_at = '2000-01-01' where state <> 'open';
select chat_private.job_prune();
select results_eq(
  $$ select left_over from pg_temp.left_over() where name in ('audit_log', 'reports') $$, array[1, 2]::bigint[],
  'without an age all is kept');

select * from finish();
rollback;
