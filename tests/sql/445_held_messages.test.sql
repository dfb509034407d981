begin;
select plan(48);

-- hilda and hans are in a group; hugo moderates, and is in no room.
select tests.sign_up('hilda', 'hans', 'hugo');
select tests.appoint('hugo', 'moderator');
select tests.act_as('hilda');
select from chat.create_group_room('Held', array[tests.user('hans')]);
select tests.act_as_operator();
insert into chat_private.word_rules (pattern, action)
values ('\mlottery\M', 'hold'), ('\mpoison\M', 'refuse'), ('a lottery', 'flag');
create function pg_temp.send(content text, client_id uuid default null)
returns chat.messages
language sql
as $$
  select * from chat.send_message(tests.room('Held'), content, client_id);
$$;
create function pg_temp.key(number integer)
returns uuid
language sql
as $$
  select ('44500000-0000-0000-0000-' || lpad(number::text, 12, '0'))::uuid;
$$;
-- What hugo answers.
create function pg_temp.answer(content text, action chat.moderation_action, note text default '')
returns chat.reports
language plpgsql
as $$
declare
  answered chat.reports;
begin
  perform tests.act_as('hugo');
  select * into answered from chat.resolve_report(
    (select id from chat.report_list() where snapshot #>> '{message,content}' = answer.content), action, note
  );
  return answered;
end;
$$;
create function pg_temp.last_seq()
returns bigint
language sql security definer
as $$
  select last_seq from chat.rooms where id = tests.room('Held');
$$;

select policies_are('chat', 'held_messages', array['people can read what is held of theirs']);
select tests.act_as('hans');
select tests.hush();
select results_eq(
  $$ select id, seq, version, content, client_id, sender_id from pg_temp.send('A lottery', pg_temp.key(1)) $$,
  $$ values (null::bigint, 0::bigint, 0::bigint, 'A lottery', pg_temp.key(1), tests.user('hans')) $$,
  'a message that a rule holds comes back without an id');
select is_empty($$ select from tests.heard() where topic like 'room:%' $$, 'no event of the room says it');
select is_empty($$ select from chat.messages where content = 'A lottery' $$, 'it is no message of the room');
select is(pg_temp.last_seq(), 0::bigint, 'it takes no number');
select results_eq($$ select content from chat.held_messages $$, array['A lottery'], 'the sender reads what is held');
select throws_ok('delete from chat.held_messages', '42501', null, 'the sender does not change what is held');
select tests.act_as('hilda');
select is_empty('select from chat.held_messages', 'other members do not read it');
select tests.act_as('hugo');
select is_empty('select from chat.held_messages', 'moderators read their queue instead');
select results_eq(
  $$ select note, reason::text, reporter_id, user_id, message_id < 0, snapshot #>> '{message,content}', snapshot #> '{message,held}'
     from chat.report_list() $$,
  $$ values ('lottery', 'word_rule', null::uuid, tests.user('hans'), true, 'A lottery', 'true'::jsonb) $$,
  'it is in the queue once, with the word, also where another rule flags it');

-- Sent twice.
select tests.act_as('hans');
select is((select seq from pg_temp.send('A lottery', pg_temp.key(1))), 0::bigint, 'a retry returns what is held');
select is((select count(*) from chat.held_messages), 1::bigint, 'a retry is not held once more');
select throws_ok(
  $$ select pg_temp.send('A lottery again', pg_temp.key(1)) $$, 'PT409', 'client_id_reused', 'the key is not for another text');
select throws_ok(
  $$ select chat.send_message(tests.room('Held'), 'A lottery', pg_temp.key(1), metadata => '{"a": 1}') $$, 'PT409', 'client_id_reused',
  'the key is not for other metadata');
select throws_ok(
  $$ select chat.send_message(tests.room('Held'), 'A lottery', pg_temp.key(1), mention_all => true) $$, 'PT409', 'client_id_reused',
  'the key is not for other mentions');
select from chat.create_group_room('Elsewhere');
select throws_ok(
  $$ select chat.send_message(tests.room('Elsewhere'), 'A lottery', pg_temp.key(1)) $$, 'PT409', 'client_id_reused',
  'the key is not for another room');

-- Other ways to write it.
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Held'), 'My lottery') $$, 'PT403', 'message_held',
  'a row that a rule holds is refused');
select lives_ok($$ select pg_temp.send('Harmless', pg_temp.key(2)) $$, 'what no rule holds is sent');
select is((select id is not null from pg_temp.send('Harmless', pg_temp.key(2))), true, 'its retry returns it');
select throws_ok(
  $$ select chat.edit_message(tests.message('Harmless'), 'My lottery') $$, 'PT403', 'message_held', 'an edit that a rule holds is refused');
select throws_ok(
  $$ select pg_temp.send('Poison in a lottery') $$, 'PT400', 'word_refused', 'what is refused is not held');

-- Only what could be sent is held.
select tests.act_as('hilda');
update chat.rooms set posting = 'admins' where id = tests.room('Held');
select tests.act_as('hans');
select throws_ok($$ select pg_temp.send('The lottery') $$, 'PT403', 'role_required', 'who may not write is refused as ever');
select tests.act_as('hilda');
update chat.rooms set posting = 'everyone' where id = tests.room('Held');

-- Approved: sent now, as if the sender had sent it now.
select tests.act_as('hilda');
select from pg_temp.send('In between');
select tests.hush();
-- Some versions of the Data API say so who calls, too.
select set_config('request.jwt.claim.sub', tests.user('hugo')::text, true);
select is((select state::text from pg_temp.answer('A lottery', 'dismiss')), 'dismissed', 'a moderator approves it');
select is((select auth.uid()), tests.user('hugo'), 'the moderator stays the caller');
select set_config('request.jwt.claim.sub', '', true);
select is((select auth.uid()), tests.user('hugo'), 'the claims are the moderator''s again');
select tests.act_as('hilda');
select results_eq(
  $$ select content, sender_id, client_id, seq from chat.messages where content = 'A lottery' $$,
  $$ values ('A lottery', tests.user('hans'), pg_temp.key(1), 3::bigint) $$, 'it has the next number');
select is(
  (select count(*) from tests.heard() where event = 'message.created' and topic like 'room:%'), 1::bigint, 'an event of the room says it');
select tests.act_as('hans');
select is_empty('select from chat.held_messages', 'it no longer waits');
select is((select seq from pg_temp.send('A lottery', pg_temp.key(1))), 3::bigint, 'a late retry returns the message');
select tests.act_as('hugo');
select results_eq(
  $$ select message_id, actor_id from chat.audit_log where action = 'dismissed' and user_id = tests.user('hans') $$,
  $$ select id, tests.user('hugo') from chat.held_messages where false
     union all select tests.message('A lottery'), tests.user('hugo') $$,
  'the audit log names the message');

-- Rejected.
select tests.act_as('hans');
select from pg_temp.send('Win the lottery', pg_temp.key(3));
select lives_ok($$ select pg_temp.answer('Win the lottery', 'delete', 'No games') $$, 'a moderator rejects another');
select tests.act_as('hans');
select results_eq(
  $$ select kind::text, reason, room_id from chat.notices $$, $$ values ('message_deleted', 'No games', tests.room('Held')) $$,
  'the sender learns why');
select throws_ok(
  $$ select pg_temp.send('Win the lottery', pg_temp.key(3)) $$, 'PT403', 'message_rejected', 'a retry is refused');
select from pg_temp.send('One more lottery', pg_temp.key(4));
select lives_ok($$ select pg_temp.answer('One more lottery', 'warn', 'Stop') $$, 'a moderator warns who sent a third');
select tests.act_as('hans');
select is(
  (select rejected_at is not null from chat.held_messages where client_id = pg_temp.key(4)), true, 'what brings a warning is not sent');
select is_empty(
  $$ select from chat.notices where kind = 'message_deleted' and reason = 'Stop' $$, 'the warning is the only notice of it');

-- Who has gone.
select from pg_temp.send('Last lottery');
select chat.leave_room(tests.room('Held'));
select throws_ok(
  $$ select pg_temp.answer('Last lottery', 'dismiss') $$, 'PT404', 'room_not_found', 'who has left the room sends nothing there');
select tests.act_as('hilda');
select from pg_temp.send('Forward the lottery', pg_temp.key(5));
select is((select seq from chat.forward_message(tests.message('A lottery'), tests.room('Held'), pg_temp.key(6))), 0::bigint,
  'a forward is held like what is written');
select is((select seq from chat.forward_message(tests.message('A lottery'), tests.room('Held'), pg_temp.key(6))), 0::bigint,
  'the retry of a forward returns what is held');
select throws_ok(
  $$ select chat.forward_message(tests.message('Harmless'), tests.room('Held'), pg_temp.key(6)) $$, 'PT409', 'client_id_reused',
  'the key is not for another forward');
select throws_ok(
  $$ select chat.send_message(tests.room('Held'), 'Forward the lottery', pg_temp.key(5), tests.message('Harmless')) $$,
  'PT409', 'client_id_reused', 'the key is not for another reply');

-- At most 20 of a person wait, and each costs a send.
select tests.act_as_operator();
insert into chat.held_messages (room_id, sender_id, client_id, content, metadata, attachments, mentions, mention_all)
select tests.room('Held'), tests.user('hilda'), gen_random_uuid(), 'More', '{}', '[]', '{}', false from generate_series(1, 17);
select tests.act_as('hilda');
select lives_ok($$ select pg_temp.send('Lottery 20', pg_temp.key(7)) $$, '20 messages may wait');
select throws_ok($$ select pg_temp.send('Lottery 21') $$, 'PT403', 'too_many_held', 'no more than 20 messages wait');
select lives_ok($$ select pg_temp.send('Lottery 20', pg_temp.key(7)) $$, 'one of the 20 is still the same one');
select tests.act_as_operator();
update chat.held_messages set rejected_at = now() where content = 'More';
update chat_private.limits set capacity = 1, cost = 1, per_second = 0.001 where action = 'send_message';
delete from chat_private.buckets where person_id = tests.user('hilda');
select tests.act_as('hilda');
select from pg_temp.send('Lottery of limits');
select throws_ok($$ select pg_temp.send('Lottery of more') $$, 'PT429', 'rate_limited', 'what is held counts as sent');

-- A job forgets.
select tests.act_as_operator();
update chat.held_messages set rejected_at = now() - interval '29 days' where content = 'More';
update chat.held_messages set rejected_at = now() - interval '31 days' where client_id = pg_temp.key(3);
select is(chat_private.prune_held_messages(), false, 'the job does all that there is');
select is(
  array(select distinct content from chat.held_messages where rejected_at is not null order by content), array['More', 'One more lottery'],
  'it forgets what was rejected 30 days ago');

-- The files of what waits.
insert into chat.attachments (id, room_id, uploader_id, path, name, mime_type, bytes, created_at)
select pg_temp.key(number), tests.room('Held'), tests.user('hilda'), 'held/' || number, 'a.txt', 'text/plain', 1, now() - interval '2 days'
from generate_series(8, 10) as number;
update chat.held_messages set attachments = jsonb_build_array(jsonb_build_object('id', pg_temp.key(8), 'name', 'a.txt'))
where client_id = pg_temp.key(7);
update chat.held_messages set attachments = jsonb_build_array(jsonb_build_object('id', pg_temp.key(9), 'name', 'a.txt'))
where client_id = pg_temp.key(4);
select from chat_private.prune_uploads();
select is(
  array(select id from chat.attachments where path like 'held/%'), array[pg_temp.key(8)],
  'a file waits with its message, and goes with one that was rejected');

select * from finish();
rollback;
