begin;
select plan(79);

-- alice and bob are in a group, which carol has left; dave is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
create function pg_temp.heard()
returns table (version bigint, counts jsonb, person uuid, emoji text, added boolean)
language sql
as $$
  select (payload ->> 'version')::bigint, payload -> 'counts', (payload ->> 'user_id')::uuid, payload ->> 'emoji',
    (payload ->> 'added')::boolean
  from tests.heard() where event = 'message.reactions';
$$;
create function pg_temp.counted()
returns boolean
language sql
as $$
  select bool_and(messages.reactions = coalesce(rows.counts, '{}'))
  from chat.messages as messages
  left join (
    select message_id, jsonb_object_agg(emoji, n) as counts
    from (select message_id, emoji, count(*) as n from chat.reactions group by message_id, emoji) as kinds
    group by message_id
  ) as rows on rows.message_id = messages.id;
$$;
select tests.act_as('dave');
select from chat.create_group_room('Elsewhere', is_public => true);
select from chat.send_message(tests.room('Elsewhere'), 'public');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from unnest(array['one', 'two', 'gone']) as text, chat.send_message(tests.room('Team'), text);
select from chat.delete_message(tests.message('gone'));
create temporary table ids as select tests.message('one') as one, tests.message('two') as two, tests.message('public') as public,
  (select id from chat.messages where deleted_at is not null) as gone;
grant select on ids to public;
select tests.act_as('carol');
select from chat.react(tests.message('one'), '🎉');
select chat.leave_room(tests.room('Team'));

-- What a reaction is.
select tests.act_as_operator();
select is(chat_private.emoji(given), wanted, format('%s is a reaction', wanted))
from (values
  ('👍', '👍'), ('👍🏽', '👍🏽'), (E'\u2764', E'\u2764\ufe0f'), (E'\u2764\ufe0e', E'\u2764\ufe0f'), (E'👍\ufe0f', '👍'),
  ('🇩🇪', '🇩🇪'),
  (E'3\u20e3', E'3\ufe0f\u20e3'), (E'👩🏽\u200d🚀', E'👩🏽\u200d🚀'), (E'🏳\u200d🌈', E'🏳\ufe0f\u200d🌈'),
  (E'🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f', E'🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f'),
  ('✓', '✓'), ('!', '!'), ('€', '€')
) as texts (given, wanted);
select is(chat_private.emoji(given), null, format('%s is not a reaction', what))
from (values
  ('', 'an empty text'), (' ', 'a space'), (E'\u00a0', 'a wide space'), (E'\u200b', 'an invisible character'),
  (E'\n', 'a control character'),
  (E'\u200d', 'a joiner'), (E'\ufe0f', 'a selector'), (E'👍\u200d', 'an emoji that joins nothing'), ('👍👍', 'two emoji'),
  ('🇩', 'half a flag'),
  ('a', 'a letter'), ('ok', 'a word'), ('7', 'a digit'), ('👍 ', 'an emoji with a space'), (E'\u202e👍', 'an emoji in reverse'),
  (E'\u2800', 'a blank sign'), (repeat(E'👩\u200d', 12) || '👩', 'an emoji of more than 64 bytes'), (null, 'nothing')
) as texts (given, what);

-- Who may react, and read reactions.
select tests.act_as(null);
select throws_ok('select from chat.reactions', '42501', null, 'anon reads no reactions');
select throws_ok(format('select chat.react(%s, ''👍'')', one), '42501', null, 'anon puts no reactions') from ids;
select tests.act_as('dave');
select is_empty('select from chat.reactions', 'a stranger reads no reactions');
select throws_ok(
  format('select chat.%s(%s, ''👍'')', name, message), 'PT404', 'message_not_found',
  format('a stranger cannot tell whether a message is there, by %s', name))
from ids, unnest(array['react', 'unreact']) as name, unnest(array[ids.one, 0]) as message;
select tests.act_as('carol');
select throws_ok(
  format('select chat.react(%s, ''👍'')', one), 'PT404', 'message_not_found', 'a former member cannot react') from ids;
select throws_ok(
  format('select chat.unreact(%s, ''🎉'')', one), 'PT404', 'message_not_found', 'a former member cannot take a reaction back')
from ids;
select throws_ok(
  format('select chat.react(%s, ''👍'')', public), 'PT404', 'message_not_found', 'nobody reacts in a public group before they join')
from ids;

select tests.act_as('alice');
select tests.hush();
create temporary table before as select * from chat.messages where id = tests.message('one');
create temporary table reacted as select message.* from ids, chat.react(ids.one, '👍') as message;
select results_eq(
  'select id, reactions, reactions_version from reacted',
  $$ select one, '{"👍": 1, "🎉": 1}'::jsonb, version from ids, chat.rooms where rooms.id = tests.room('Team') $$,
  'a member reacts, and gets the message with its counts');
select results_eq(
  'select * from pg_temp.heard()',
  $$ select version, '{"👍": 1, "🎉": 1}'::jsonb, tests.user('alice'), '👍', true from chat.rooms where id = tests.room('Team') $$,
  'a reaction is announced with the counts, and who has added what');
select results_eq(
  $$ select to_jsonb(messages) - 'reactions' - 'reactions_version' from chat.messages where id = (select one from ids) $$,
  $$ select to_jsonb(before) - 'reactions' - 'reactions_version' from before $$,
  'a reaction does not change the message itself: its version and its times stay');
select results_eq(
  $$ select distinct event from tests.heard() $$, array['message.reactions'], 'a reaction announces no message');
select tests.hush();
select is(reactions, '{"👍": 1, "🎉": 1}', 'a repeated reaction is counted once') from ids, chat.react(ids.one, E'👍\ufe0f');
select is_empty('select from tests.heard()', 'a repeated reaction changes nothing');
select is(current_setting('chat.repeated'), 'true', 'a repeated reaction says so');

select tests.act_as('bob');
select is(reactions ->> '👍', '2', 'two people are two') from ids, chat.react(ids.one, '👍');
select is(own, array['👍'], 'everyone sees what they have put on a message')
from ids, chat.messages, chat.own_reactions(messages) as own where id = ids.one;
select results_eq(
  $$ select user_id, emoji from chat.reactions where room_id = tests.room('Team') order by created_at, user_id $$,
  $$ select user_id, emoji
     from (values (tests.user('alice'), '👍'), (tests.user('bob'), '👍'), (tests.user('carol'), '🎉')) as who (user_id, emoji)
     order by user_id $$,
  'members read who has reacted');
select tests.hush();
select is(reactions ->> '👍', '1', 'a reaction is taken back') from ids, chat.unreact(ids.one, '👍');
select results_eq(
  'select counts ->> ''👍'', person, emoji, added from pg_temp.heard()',
  $$ values ('1', tests.user('bob'), '👍', false) $$, 'which is announced');
select tests.hush();
select is(reactions ->> '👍', '1', 'taken back again, nothing changes') from ids, chat.unreact(ids.one, '👍');
select is_empty('select from tests.heard()', 'a reaction that is taken back again sends no event');

-- sync().
select tests.act_as('alice');
select results_eq(
  format(
    $$ select change ->> 'event', change -> 'message_id', change -> 'seq', change -> 'counts', change ? 'user_id'
       from jsonb_array_elements(chat.sync(tests.room('Team'), %s) -> 'changes') as change
       where change ->> 'event' <> 'member.left' $$, before.version + 3),
  format($$ values ('message.reactions', '%s'::jsonb, '1'::jsonb, '{"👍": 1, "🎉": 1}'::jsonb, false) $$, before.id),
  'sync returns the reactions of a message once, and the message itself not again')
from before;
select is(
  chat.sync(tests.room('Team'), 0) -> 'own_reactions', jsonb_build_object(ids.one::text, array['👍']),
  'sync says which are the caller''s own')
from ids;
select is(
  chat.sync(tests.room('Team'), version) -> 'own_reactions', '{}', 'sync says nothing of messages without a change')
from chat.rooms where id = tests.room('Team');

-- Limits.
select throws_ok(
  format('select chat.%s(%s, ''ok'')', name, two), 'PT400', 'invalid_emoji', format('%s wants an emoji', name))
from ids, unnest(array['react', 'unreact']) as name;
select from ids, unnest(string_to_array('😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒', null)) as emoji, chat.react(ids.two, emoji);
select tests.act_as('bob');
select lives_ok(format('select chat.react(%s, ''😓'')', two), 'a message has up to 20 kinds of reactions') from ids;
select throws_ok(format('select chat.react(%s, ''😔'')', two), 'PT409', 'too_many_kinds', 'a 21st kind is refused') from ids;
select lives_ok(format('select chat.react(%s, ''😀'')', two), 'a person may join one of the 20 kinds') from ids;
select throws_ok(format('select chat.react(%s, ''👍'')', gone), 'PT404', 'message_not_found', 'a tombstone takes no reactions') from ids;
select throws_ok($$ insert into chat.reactions (message_id, emoji) select one, '👍' from ids $$, '42501', null, 'nobody writes the rows');
select throws_ok('delete from chat.reactions', '42501', null, 'nobody deletes the rows');
select throws_ok('update chat.messages set reactions = ''{}''', '42501', null, 'nobody writes the counts');

-- Operators and backends.
select tests.act_as_operator();
select throws_ok(format('select chat.react(%s, ''👍'')', one), 'PT400', 'caller_required', 'a backend reacts as nobody') from ids;
insert into chat.reactions (message_id, user_id, emoji) select one, tests.user('bob'), E'\u2764' from ids;
select is(reactions, E'{"👍": 1, "🎉": 1, "\u2764\ufe0f": 1}', 'counts follow rows that an operator inserts')
from chat.messages, ids where id = one;
select throws_ok(
  format('insert into chat.reactions (message_id, user_id, emoji) values (%s, %L, ''👍'')', one, tests.user('dave')),
  'PT404', 'message_not_found', 'an operator cannot make a stranger react') from ids;
update chat.reactions set emoji = '👎', user_id = tests.user('alice') where message_id = (select one from ids);
select results_eq(
  $$ select count(*) from chat.reactions where emoji = '👎' $$, array[0::bigint], 'a reaction does not change');
delete from chat.reactions where message_id = (select two from ids) and emoji in ('😀', '😁');
select ok(pg_temp.counted(), 'counts follow rows that an operator deletes');

select throws_ok(
  $$ update chat.messages set reactions_version = 1 where room_id = tests.room('Team') and seq < 3 $$, '23505', null,
  'a version of a room counts one change of reactions');

-- What goes with the message.
select tests.act_as('alice');
select tests.hush();
select from chat.delete_message((select two from ids));
select results_eq(
  $$ select reactions, reactions_version, (select count(*) from chat.reactions where message_id = id)
     from chat.messages where id = (select two from ids) $$,
  $$ values ('{}'::jsonb, null::bigint, 0::bigint) $$, 'the reactions of a deleted message go');
select results_eq('select event from tests.heard()', array['message.deleted'], 'without an event of their own');

-- A deleted account takes its reactions along, also from rooms that it had left.
select tests.act_as_operator();
delete from auth.users where id = tests.user('carol');
delete from auth.users where id = tests.user('alice');
select ok(pg_temp.counted(), 'the counts are those of the rows when accounts are deleted');
select results_eq(
  $$ select reactions from chat.messages where id = (select one from ids) $$,
  array[E'{"\u2764\ufe0f": 1}'::jsonb], 'a deleted account takes its reactions along');

-- Past the functions in chat, and of one emoji alone.
select tests.act_as('dave');
select throws_ok(
  $$ select chat_private.set_reaction(two, '👍', false) from ids $$, 'PT404', 'room_not_found', 'a stranger sets no reaction');
select from ids, chat.react(public, '👍') as one, chat.react(public, '🎉') as other;
select from ids, chat.unreact(public, '👍');
select is(chat.own_reactions(messages), array['🎉'], 'another reaction of the same person stays')
from chat.messages as messages join ids on messages.id = ids.public;

select * from finish();
rollback;
