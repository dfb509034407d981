begin;
select plan(34);

-- wanda owns Team with xenia and yuri, and has a direct room with xenia. ada is an administrator, mods a moderator.
select tests.sign_up('wanda', 'xenia', 'yuri', 'ada', 'mods');
select tests.appoint('ada', 'administrator'), tests.appoint('mods', 'moderator');
update chat.profiles set bio = 'Wandas bio', avatar_url = 'https://example.com/wanda.png' where id = tests.user('wanda');
insert into storage.objects (bucket_id, name)
select 'avatars', tests.user(name) || '/me.png' from unnest(array['wanda', 'xenia']) as name;
create function pg_temp.run_job()
returns void
language plpgsql
as $$
begin
  while chat_private.job_forget_senders() loop
    null;
  end loop;
end;
$$;
-- The tables that have a text in any column.
create function pg_temp.found(needle text)
returns text[]
language plpgsql
as $$
declare
  listed regclass;
  has boolean;
  found text[] := '{}';
begin
  for listed in
    select oid from pg_catalog.pg_class
    where relkind in ('r', 'p') and relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace, 'auth'::regnamespace)
    order by oid::regclass::text
  loop
    execute format('select exists (select from %s as listed where listed::text ilike %L)', listed, '%' || needle || '%') into has;
    found := found || case when has then array[listed::text] else '{}' end;
  end loop;
  return found;
end;
$$;
create temporary table ids (name text primary key, id bigint not null);
grant all on ids to public;

select tests.act_as('wanda');
select from chat.create_group_room('Team', array[tests.user('xenia'), tests.user('yuri')]);
select from chat.create_group_room('Left', array[tests.user('xenia')]);
select from chat.create_direct_room(tests.user('xenia'));
insert into ids values ('direct', tests.direct_room('wanda', 'xenia'));
insert into ids
select text, (chat.send_message(tests.room('Team'), 'wandaword ' || text, gen_random_uuid(), metadata => '{"a": "wandaword"}')).id
from unnest(array['one', 'two', 'three']) as text;
insert into ids select 'left', (chat.send_message(tests.room('Left'), 'wandaword left')).id;
insert into ids select 'direct one', (chat.send_message(tests.direct_room('wanda', 'xenia'), 'wandaword direct')).id;
select from chat.edit_message((select id from ids where name = 'one'), 'wandaword again');
select from chat.delete_message((select id from ids where name = 'three'));
select from chat.send_message(tests.room('Team'), 'for @xenia', mentions => array[tests.user('xenia')]);
select from chat.pin_message((select id from ids where name = 'one'));
select from chat.begin_upload(tests.room('Team'), 'wandaword.txt', 'text/plain', 1);
select from chat.report('spam', note => 'wandaword', user_id => tests.user('yuri'));
insert into chat.posts (title, content) values ('wandaword', 'wandaword');
insert into chat.conversations (title) values ('wandaword');
select from chat.add_conversation_message((select id from chat.conversations), 'user', 'wandaword');
select from chat.leave_room(tests.room('Left'));
select tests.act_as('xenia');
select from chat.react((select id from ids where name = 'two'), '👍');
insert into ids
select 'answer', (chat.send_message(tests.room('Team'), 'answer', reply_to_id => (select id from ids where name = 'one'))).id;
select from chat.react((select id from ids where name = 'answer'), '👍');
select tests.act_as('wanda');
select from chat.react((select id from ids where name = 'answer'), '👍');
select tests.act_as('xenia');
select from chat.create_group_room('Others');
select from chat.create_direct_room(tests.user('yuri'));
insert into ids select 'copy', (chat.forward_message((select id from ids where name = 'two'), tests.room('Others'))).id;
select chat_private.roster(id, members_version) from chat.rooms;
select tests.act_as('yuri');
-- yuri has read the first two: the third is a tombstone, and two are unread.
select from chat.mark_read(tests.room('Team'), 2);
select is((chat.sync(tests.room('Team')) ->> 'unread_count')::integer, 2, 'two messages are unread before');
create temporary table before as select (chat.sync(tests.room('Team')) ->> 'version')::bigint as version;
grant select on before to public;
select tests.act_as_operator();
select tests.index_messages();
insert into chat_private.old_passwords (user_id, hash) values (tests.user('wanda'), 'pbkdf2_sha256$wandaword');
create temporary table slug as select slug from chat.rooms where id = (select id from ids where name = 'direct');
grant select on slug to public;

-- Who may.
select tests.act_as(null);
select throws_ok($$ select chat.delete_account('erase', true) $$, '42501', null, 'anon deletes no account');
select tests.act_as('xenia');
select throws_ok(
  $$ select chat.delete_account('erase', true, tests.user('wanda')) $$, 'PT403', 'administrator_required',
  'nobody deletes the account of somebody else');
select tests.act_as('mods');
select throws_ok(
  $$ select chat.delete_account('keep', true, tests.user('wanda')) $$, 'PT403', 'administrator_required',
  'a moderator deletes the account of nobody else');
select tests.act_as('ada');
select throws_ok(
  $$ select chat.delete_account('keep', false, tests.user('wanda')) $$, 'PT409', 'confirmation_required',
  'an administrator confirms it, too');
select throws_ok(
  $$ select chat.delete_account('keep', true, gen_random_uuid()) $$, 'PT404', 'user_not_found', 'nobody deletes nobody');
select lives_ok($$ select chat.delete_account('keep', true, tests.user('mods')) $$, 'an administrator deletes the account of another');
select tests.act_as_operator();
select throws_ok($$ select chat.delete_account('keep') $$, 'PT400', 'caller_required', 'a backend names the user');
select results_eq(
  $$ select actor_id, user_id, details from chat.audit_log where action = 'account_deleted' $$,
  $$ values (tests.user('ada'), tests.user('mods'), '{"mode": "keep"}'::jsonb) $$, 'the audit log says who has deleted whom');

-- With erase.
select tests.act_as('wanda');
select throws_ok($$ select chat.delete_account('erase') $$, 'PT409', 'confirmation_required', 'a person confirms it');
select lives_ok($$ select chat.delete_account('erase', true) $$, 'a person deletes their account');
-- As in a request of its own.
select set_config('chat.access', '', true);
select throws_ok(
  $$ select chat.delete_account('erase', true) $$, 'PT401', 'no_account', 'a token that outlives its account deletes nothing');
select tests.act_as_operator();
select is_empty($$ select from auth.users where id = tests.user('wanda') $$, 'the account is gone at once');
select results_eq(
  $$ select path from chat_private.claim_files(10, 'avatars') as path $$, array[tests.user('wanda') || '/me.png'],
  'their pictures will be removed, and no others');
select is_empty($$ select from chat_private.claim_files(10) $$, 'a picture is not looked for among the files of messages');
select tests.hush();
select pg_temp.run_job();

-- The third was a tombstone before.
select results_eq(
  $$ select content, deleted_at is not null, sender_id from chat.messages
     where id in (select id from ids where name in ('one', 'two', 'three', 'left', 'direct one')) $$,
  $$ select '', true, null::uuid from generate_series(1, 5) $$,
  'what they wrote became tombstones without a sender, also where they had left');
select is(
  (select count(*) from tests.heard() where event = 'message.deleted' and payload #>> '{message,id}' = (
    select id::text from ids where name = 'one'
  )), 1::bigint, 'each tombstone is announced');
select is(
  pg_temp.found('wandaword'), array['chat.messages'], 'nothing of what they wrote is left in any table, but in copies of others');
select results_eq(
  $$ select id from chat.messages where messages::text ilike '%wandaword%' $$, $$ select id from ids where name = 'copy' $$,
  'a copy that somebody has forwarded stays theirs');
select is(pg_temp.found('wanda@example.com'), '{}', 'the address is in no table');
select is(pg_temp.found('"wanda"'), '{}', 'the name is in no log of a room, and in no list');
select isnt_empty($$ select from chat.room_changes where payload ->> 'username' = 'yuri' $$, 'the logs keep the names of others');
select is(pg_temp.found('wanda_xenia'), '{}', 'the name is in no slug');
select isnt_empty(
  $$ select from chat_private.kept_slugs where user_id = tests.user('xenia') and slug = 'xenia_yuri' $$,
  'slugs of rooms with others stay');
select results_eq(
  $$ select forwarded_username, forwarded_sender_id, forwarded_content, edited_at, version
     from chat.messages where id = (select id from ids where name = 'copy') $$,
  $$ values (null::text, null::uuid, 'wandaword two', null::timestamptz, 2::bigint) $$, 'a copy loses the name, and is not edited by that');
select results_eq(
  $$ select reactions from chat.messages where id = (select id from ids where name = 'answer') $$, array['{"👍": 1}'::jsonb],
  'their reaction is counted no more');
select is_empty('select from chat_private.departed_senders', 'the job has nothing more to do');
select results_eq(
  $$ select count(*) from chat.room_members where room_id = tests.room('Team') and role = 'owner' $$,
  array[1::bigint], 'another member owns the group');
select is_empty(
  $$ select from chat.mentions where user_id = tests.user('xenia') $$, 'who was mentioned has no such mention any more');

-- What the others see.
select tests.act_as('yuri');
select is((chat.sync(tests.room('Team')) ->> 'unread_count')::integer, 1, 'the unread count is exact');
select results_eq(
  $$ select (change #>> '{message,id}')::bigint
     from jsonb_array_elements(chat.sync(tests.room('Team'), (select version from before)) -> 'changes') as change
     where change ->> 'event' = 'message.deleted' and change #>> '{message,id}' in (select id::text from ids)
     order by 1 $$,
  $$ select id from ids where name in ('one', 'two') order by 1 $$, 'sync() tells the deletions');

-- A later person of that name.
select tests.act_as_operator();
delete from auth.users where id = tests.user('yuri');
insert into auth.users (id, aud, role, email, raw_user_meta_data)
values (gen_random_uuid(), 'authenticated', 'authenticated', 'wanda2@example.com', '{"username": "wanda"}');
select tests.act_as('xenia');
select from chat.create_direct_room(chat_private.person_named('wanda'));
select tests.act_as_operator();
select is(
  (select slug from chat.rooms where direct_key like '%' || chat_private.person_named('wanda') || '%'), (select slug || '_2' from slug),
  'a later person of that name is not taken for the erased one');

-- With keep, by a backend.
select tests.act_as('xenia');
select from chat.send_message(tests.room('Team'), 'xenia stays');
select tests.act_as_operator();
select lives_ok($$ select chat.delete_account('keep', user_id => tests.user('xenia')) $$, 'a backend deletes without confirming');
select pg_temp.run_job();
select results_eq(
  $$ select user_id, actor_id, details from chat.audit_log
     where action = 'account_deleted' and user_id <> tests.user('mods') order by id $$,
  $$ values (tests.user('wanda'), tests.user('wanda'), '{"mode": "erase"}'::jsonb), (tests.user('xenia'), null, '{"mode": "keep"}') $$,
  'each deletion is in the audit log');

select * from finish();
rollback;
