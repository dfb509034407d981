begin;
select plan(25);

select is_empty(
  $$ select tablename, policyname from pg_policies
     where schemaname = 'chat' and cmd <> 'SELECT' and coalesce(qual, with_check) not like '%require_access()%' $$,
  'every policy that lets rows be written asks whether the caller may act');

select tests.sign_up('sue', 'sam');
select tests.act_as('sue');
select from chat.create_group_room('Sewing', array[tests.user('sam')]);
select tests.act_as_operator();
insert into auth.sessions (id, user_id) values (md5('one')::uuid, tests.user('sue')), (md5('other')::uuid, tests.user('sam'));

-- From here on: sue, with the token of a session; null is a token that names none.
create function pg_temp.act_with(session text)
returns void
language plpgsql
as $$
begin
  perform tests.act_as('sue');
  perform set_config(
    'request.jwt.claims', (
      current_setting('request.jwt.claims')::jsonb
        || case when session is null then '{}' else jsonb_build_object('session_id', md5(session)::uuid) end
    )::text, true
  );
end;
$$;

create function pg_temp.send()
returns chat.messages
language sql
as $$
  select chat.send_message(tests.room('Sewing'), 'Hello');
$$;

select pg_temp.act_with('one');
select lives_ok('select pg_temp.send()', 'a session lets its user write');
select ok(chat_private.has_access(), 'a session gives its user access');
select pg_temp.act_with(null);
select lives_ok('select pg_temp.send()', 'so does a token that names no session, such as one of a backend of the project');

-- Sessions.
select pg_temp.act_with('other');
select throws_ok('select pg_temp.send()', 'PT401', 'session_ended', 'the session of somebody else is none');
select tests.act_as_operator();
delete from auth.sessions where id = md5('one')::uuid;
select pg_temp.act_with('one');
select throws_ok('select pg_temp.send()', 'PT401', 'session_ended', 'nothing is written with the token of a session that has ended');
select throws_ok('select from chat.messages', 'PT401', 'session_ended', 'nothing is read with the token of a session that has ended');
select is(chat_private.has_access(), false, 'it has no access');
select pg_temp.act_with(null);
select tests.act_as_operator();

-- Suspensions.
insert into chat.suspensions (user_id, until, reason) values (tests.user('sue'), '2100-01-01 12:30+00', 'Spam');
insert into auth.sessions (id, user_id) values (md5('two')::uuid, tests.user('sue'));
select pg_temp.act_with('two');
select throws_ok('select pg_temp.send()', 'PT403', 'suspended', 'who is suspended learns that, whatever session they have');
select tests.act_as_operator();
delete from auth.sessions where id = md5('two')::uuid;
select pg_temp.act_with(null);
select throws_ok(
  'select pg_temp.send()', 'PT403', 'suspended', 'who is suspended writes nothing');
select throws_ok('select from chat.messages', 'PT403', 'suspended', 'who is suspended reads nothing');
create function pg_temp.refusal()
returns text
language plpgsql
as $$
declare
  detail text;
  hint text;
begin
  perform pg_temp.send();
  return 'nothing';
exception when sqlstate 'PT403' then
  get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
  return detail || ' ' || hint;
end;
$$;
select is(
  pg_temp.refusal(),
  'Your account is suspended until 2100-01-01 12:30 UTC: Spam {"until" : "2100-01-01T12:30:00+00:00", "reason" : "Spam"}',
  'the error says until when, and why');
select tests.act_as_operator();
update chat.suspensions set until = null, reason = null where user_id = tests.user('sue');
select pg_temp.act_with(null);
select is(
  pg_temp.refusal(), 'Your account is suspended. {"until" : null, "reason" : null}', 'a suspension may have no end, and no reason');
select tests.act_as('sam');
select lives_ok('select pg_temp.send()', 'nobody else is suspended');
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.messages (room_id, sender_id, content) values (tests.room('Sewing'), tests.user('sue'), 'For her') $$,
  'a backend writes for who is suspended');
update chat.suspensions set until = now() - interval '1 second' where user_id = tests.user('sue');
select pg_temp.act_with(null);
select lives_ok('select pg_temp.send()', 'a suspension ends by itself');
select tests.act_as_operator();
delete from chat.suspensions where user_id = tests.user('sue');

-- Bans of Auth.
update auth.users set banned_until = '2100-01-01 00:00+00' where id = tests.user('sue');
select pg_temp.act_with(null);
select is(
  pg_temp.refusal(), 'Your account is suspended until 2100-01-01 00:00 UTC. {"until" : "2100-01-01T00:00:00+00:00", "reason" : null}',
  'a ban of Auth is a suspension, too');
select tests.act_as_operator();
update auth.users set banned_until = 'infinity' where id = tests.user('sue');
select pg_temp.act_with(null);
select is(pg_temp.refusal(), 'Your account is suspended. {"until" : null, "reason" : null}', 'also one without an end');
select tests.act_as_operator();
update auth.users set banned_until = now() - interval '1 second' where id = tests.user('sue');
select pg_temp.act_with(null);
select lives_ok('select pg_temp.send()', 'it ends by itself');

-- Accounts.
select tests.act_as_operator();
update auth.users set deleted_at = now() where id = tests.user('sue');
select pg_temp.act_with(null);
select throws_ok('select pg_temp.send()', 'PT401', 'no_account', 'an account of which Auth keeps the row is deleted');
select tests.act_as_operator();
update auth.users set deleted_at = null where id = tests.user('sue');
delete from auth.users where id = tests.user('sue');
select pg_temp.act_with(null);
select throws_ok('select from chat.messages', 'PT401', 'no_account', 'an account is deleted');

-- Files.
select tests.act_as_operator();
insert into chat.suspensions (user_id) values (tests.user('sam'));
insert into chat.attachments (room_id, uploader_id, path, name, mime_type, bytes)
select id, tests.user('sam'), id || '/' || gen_random_uuid(), 'tea.png', 'image/png', 1
from chat.rooms where id = tests.room('Sewing');
insert into storage.objects (bucket_id, name)
select 'chat-files', path from chat.attachments where uploader_id = tests.user('sam')
union all select 'avatars', tests.user('sam') || '/me.png';
select tests.act_as('sam');
select is_empty(
  $$ select from storage.objects where bucket_id in ('chat-files', 'avatars') $$,
  'who is suspended sees no file, and no picture of theirs');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', tests.user('sam') || '/new.png') $$, '42501', null,
  'who is suspended uploads no picture');
select tests.act_as_operator();
delete from chat.suspensions where user_id = tests.user('sam');
select tests.act_as('sam');
select is(
  (select count(*) from storage.objects where bucket_id in ('chat-files', 'avatars')), 2::bigint,
  'before and after a suspension they see both');
select lives_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', tests.user('sam') || '/new.png') $$,
  'after a suspension a picture is uploaded again');

select * from finish();
rollback;
