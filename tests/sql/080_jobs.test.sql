begin;
select plan(14);

-- No other job is due while this test runs.
update chat_private.jobs set next_run_at = now() + interval '1 hour' where true;
create table tests.runs (job text);
create function chat_private.job_fine() returns boolean language sql as $$ insert into tests.runs values ('fine') returning false $$;
create function chat_private.job_long() returns boolean language sql as $$
  insert into tests.runs values ('long') returning (select count(*) < 2 from tests.runs where job = 'long')
$$;
create function chat_private.job_broken() returns boolean language sql as $$ select 1 / 0 = 1 $$;

insert into chat_private.jobs (name, every) values ('fine', '1 minute');
select ok(chat_private.run_next_job(), 'a job that is due runs');
select ok(not chat_private.run_next_job(), 'it is not due again before its time');
select results_eq('select job from tests.runs', array['fine'], 'it ran once');

insert into chat_private.jobs (name, every) values ('long', '1 minute');
select is(chat_private.run_jobs(), 3, 'a job that has more to do runs again right away');
delete from chat_private.jobs where name = 'long';

insert into chat_private.jobs (name, every, next_run_at) values ('broken', '1 minute', now() - interval '1 hour');
update chat_private.jobs set next_run_at = now() where name = 'fine';
select is(chat_private.run_jobs(), 2, 'a job that fails keeps no other from running');
select is((select last_error from chat_private.jobs where name = 'broken'), 'division by zero', 'its error is kept');
select ok((select next_run_at > now() from chat_private.jobs where name = 'broken'), 'it is tried again later');
select is((select last_error from chat_private.jobs where name = 'fine'), null, 'a job that works has none');

select tests.act_as(null);
select throws_ok('select chat_private.run_next_job()', '42501', null, 'anon cannot run a job');
select tests.act_as_operator();
select tests.sign_up('alice');
select tests.act_as('alice');
select throws_ok('select chat_private.run_next_job()', '42501', null, 'a user cannot run a job');
select throws_ok('select from chat_private.jobs', '42501', null, 'a user cannot read jobs');


select tests.act_as_operator();
select throws_ok(
  format('insert into chat_private.jobs (name, every) values (%L, %L)', name, every), '23514', null, title)
from (values
  ('a-b', '1 minute', 'the name of a job is that of a function'),
  (repeat('a', 51), '1 minute', 'the name of a job has at most 50 characters'),
  ('idle', '0', 'a job pauses between runs')
) as refused (name, every, title);

select * from finish();
rollback;
