begin;
select plan(10);

select tests.sign_up('stella', 'adst');
select tests.appoint('stella', 'moderator'), tests.appoint('adst', 'administrator');
delete from chat_private.storage_use where true;
update chat_private.storage_walk set after = null where is_only;
set local storage.allow_delete_query = 'true';
delete from storage.objects where true;
insert into storage.objects (id, bucket_id, name, metadata) values
  ('00000000-0000-4000-8000-000000000001', 'avatars', 'one', '{"size": 10}'),
  ('00000000-0000-4000-8000-000000000002', 'chat-files', 'two', '{"size": 20}'),
  ('00000000-0000-4000-8000-000000000003', 'chat-files', 'three', null),
  ('00000000-0000-4000-8000-000000000004', 'chat-files', 'four', '{"size": 40}');
select is(chat_private.measure_more(3), true, 'the job walks through the files in steps');
select tests.act_as('adst');
select is_empty($$ select from chat.storage_by_bucket() $$, 'there is no measure before the first walk has ended');
select tests.act_as_operator();
select is(chat_private.measure_more(3), false, 'the walk ends with the last file');
select tests.act_as('adst');
select results_eq(
  $$ select bucket, files, bytes, measured_at from chat.storage_by_bucket() $$,
  $$ values ('avatars', 1::bigint, 10::bigint, now()), ('chat-files', 3, 60, now()) $$, 'an administrator reads what was there');
select tests.act_as('stella');
select throws_ok($$ select chat.storage_by_bucket() $$, 'PT403', 'administrator_required', 'a moderator does not');
select tests.act_as_operator();
delete from storage.objects where bucket_id = 'avatars' or name = 'two';
select is(chat_private.measure_more(1), true, 'the next walk begins with the first file');
select is((select sum(bytes) from chat_private.storage_use), 70::numeric, 'while it is under way the last measure stays');
select is(chat_private.measure_more(1), true, 'the walk goes on');
select is(chat_private.job_measure_storage(), false, 'until its end');
select results_eq(
  $$ select bucket, files, bytes from chat_private.storage_use $$, $$ values ('chat-files', 2::bigint, 40::bigint) $$,
  'an empty bucket is gone, and nothing is counted twice');

select * from finish();
rollback;
