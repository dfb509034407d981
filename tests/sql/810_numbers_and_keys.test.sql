begin;
select plan(33);

-- What a wrong trigger or an import could break is refused by the tables themselves.
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team');
select from chat.send_message(tests.room('Team'), 'one');
select tests.act_as_operator();

select throws_ok(
  format('update chat.rooms set %I = -1 where id = tests.room(''Team'')', name), '23514', null,
  format('%s of a room is not negative', name))
from unnest(array['last_seq', 'version', 'member_count']) as name;
-- Within a trigger the one that keeps marks in order leaves them alone.
create temporary table marks (name text);
create function pg_temp.set_mark()
returns trigger
language plpgsql
as $$
begin
  execute format('update chat.room_members set %I = -1 where room_id = tests.room(''Team'')', new.name);
  return new;
end;
$$;
create trigger set_mark before insert on marks for each row execute function pg_temp.set_mark();
select throws_ok(
  format('insert into marks values (%L)', name), '23514', null, format('%s of a member is not negative', name))
from unnest(array['last_read_seq', 'last_delivered_seq', 'own_after_read']) as name;
select throws_ok(
  $$ insert into chat_private.hidden_marks (room_id, user_id, last_read_seq, own_after_read)
     values (tests.room('Team'), tests.user('alice'), 0, -1) $$,
  '23514', null, 'own_after_read of a hidden mark is not negative');
select throws_ok(
  format('insert into chat.messages (room_id, seq, version, content) values (tests.room(''Team''), %s, %s, ''x'')', seq, version),
  state, null, title)
from (values
  (-1, 9, '23514', 'a message is numbered from 1'), (9, 0, '23514', 'a version is numbered from 1'),
  (1, 9, '23505', 'no two messages of a room have one number'), (9, 2, '23505', 'no two messages of a room have one version')
) as refused (seq, version, state, title);

delete from chat.profiles where id = tests.user('bob');
select throws_ok(
  $$ insert into chat.profiles (id, number, username) overriding system value
     select tests.user('bob'), number, 'bob' from chat.profiles where id = tests.user('alice') $$,
  '23505', null, 'no two people have one number');
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind = 'r'
       and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary) $$,
  'every table has a primary key');

-- Triggers and functions refuse most of these first: an import has none.
set local session_replication_role = replica;
select throws_like(statement, format('%%"%s"', name), title)
from (values
  ('blocks_check', $$ insert into chat.blocks (user_id, blocked_id) select id, id from chat.profiles $$, 'nobody has blocked themselves'),
  ('exchanged_tokens_jti_check', $$ insert into chat_private.exchanged_tokens values (repeat('x', 256), now()) $$,
    'the id of an old token is not longer than a column of Django'),
  ('files_to_remove_bucket_check', $$ insert into chat_private.files_to_remove (path, bucket) values ('x', 'theirs') $$,
    'a file to be removed is in a bucket of chat'),
  ('invite_links_role_check', $$ insert into chat.invite_links (room_id, role) values (1, 'owner') $$, 'no link makes an owner'),
  ('invite_links_uses_check', $$ insert into chat.invite_links (room_id, max_uses, uses) values (1, 1, 2) $$,
    'a link is not used more often than it may be'),
  ('invite_tokens_link_id_key',
    $$ insert into chat_private.invite_tokens (hash, link_id) values (sha256('one'), 1), (sha256('two'), 1) $$,
    'an invite link has one token'),
  ('join_requests_room_id_user_id_key',
    $$ insert into chat.join_requests (room_id, user_id) select 1, tests.user('alice') from generate_series(1, 2) $$,
    'a person asks once to join a group'),
  ('mutes_reason_check', $$ insert into chat.mutes (user_id, reason) values (tests.user('alice'), repeat('x', 501)) $$,
    'the reason of a mute has at most 500 characters'),
  ('mutes_until_check', $$ insert into chat.mutes (user_id, until) values (tests.user('alice'), 'infinity') $$,
    'a mute that does not end by itself has no end'),
  ('room_bans_id_key',
    $$ insert into chat.room_bans (id, room_id, user_id) overriding system value
       select 1, room_id, tests.user('alice') from generate_series(1, 2) as room_id $$,
    'no two bans have one id'),
  ('room_bans_until_check', $$ insert into chat.room_bans (room_id, user_id, until) values (1, tests.user('alice'), 'infinity') $$,
    'a ban that does not end by itself has no end'),
  ('reactions_emoji_check',
    $$ insert into chat.reactions (message_id, room_id, user_id, emoji) values (1, 1, tests.user('alice'), '❤') $$,
    'a reaction has its full spelling'),
  ('reports_resolution_note_check',
    $$ insert into chat.reports (kind, user_id, reason, snapshot, resolution_note)
       values ('user', tests.user('alice'), 'spam', '{}', repeat('x', 501)) $$,
    'the answer to a report has at most 500 characters'),
  ('reports_resolved_check',
    $$ insert into chat.reports (kind, user_id, reason, snapshot, action)
       values ('user', tests.user('alice'), 'spam', '{}', 'warn') $$,
    'an open report is not answered'),
  ('reports_resolved_check',
    $$ insert into chat.reports (kind, user_id, reason, snapshot, resolved_at)
       values ('user', tests.user('alice'), 'spam', '{}', now()) $$,
    'an open report has no time of an answer'),
  ('room_changes_system_key',
    $$ insert into chat.room_changes (room_id, version, event, payload, kind, after_seq)
       select 0, version, 'message.system', '{"client_id": "x"}', 'text', 0 from generate_series(1, 2) as version $$,
    'a backend says something once'),
  ('word_rules_action_check', $$ insert into chat_private.word_rules (pattern, action) values ('x', 'delete') $$,
    'a word rule flags or refuses'),
  ('word_rules_pattern_check', $$ insert into chat_private.word_rules (pattern, action) values ('', 'flag') $$,
    'a word rule is not empty'),
  ('counted_subject_check', $$ insert into chat_private.counted (subject, source, key) values ('x', 'x', 'x') $$,
    'only what the overview shows is counted'),
  ('storage_walk_is_only_check', $$ insert into chat_private.storage_walk (is_only) values (false) $$, 'one walk counts the files')
) as refused (name, statement, title);

select * from finish();
rollback;
