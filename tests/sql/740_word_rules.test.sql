begin;
select plan(17);

-- wanda and wim write; mod5 moderates.
select tests.sign_up('wanda', 'wim', 'mod5');
select tests.appoint('mod5', 'moderator');
select tests.act_as('wanda');
select from chat.create_group_room('Ruled', array[tests.user('wim')]);
create function pg_temp.send(content text)
returns chat.messages
language sql
as $$
  select * from chat.send_message(tests.room('Ruled'), content);
$$;
select lives_ok($$ select pg_temp.send('Buy pills') $$, 'without rules a message says anything');
select throws_ok('select from chat_private.word_rules', '42501', null, 'people do not read the rules');
select tests.act_as_operator();
select throws_ok(
  $$ insert into chat_private.word_rules (pattern, action) values ('(', 'flag') $$, '2201B', null,
  'a rule is a regular expression');
insert into chat_private.word_rules (pattern, action) values ('\mpills\M', 'refuse'), ('casino', 'flag'), ('jackpot', 'flag');

-- Refused.
select tests.act_as('wanda');
create function pg_temp.detail_of(statement text)
returns text
language plpgsql
as $$
declare
  detail text;
begin
  execute statement;
  return null;
exception when sqlstate 'PT400' then
  get stacked diagnostics detail = pg_exception_detail;
  return detail;
end;
$$;
select throws_ok($$ select pg_temp.send('Buy pills') $$, 'PT400', 'word_refused', 'a message that says it is refused');
select is(
  pg_temp.detail_of($$ select pg_temp.send('Buy PILLS now') $$), 'A message may not say “PILLS” here.', 'the error names the word');
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Ruled'), E'Buy\npills') $$, 'PT400', 'word_refused',
  'a row that says it is refused');
select throws_ok(
  $$ select pg_temp.send(E'Buy p\u200bills') $$, 'PT400', 'word_refused', 'characters that nobody sees hide no word');
select lives_ok($$ select pg_temp.send('Spills') $$, 'a rule about a word is not about a part of one');
select throws_ok(
  $$ select chat.edit_message(tests.message('Spills'), 'Pills') $$, 'PT400', 'word_refused', 'an edit that says it is refused');
select throws_ok(
  $$ select pg_temp.send('casino with pills') $$, 'PT400', 'word_refused', 'what is refused is not reported as well');

-- Flagged.
select lives_ok($$ select pg_temp.send('The casino and its jackpot') $$, 'a message that is flagged is sent');
select lives_ok($$ select chat.edit_message(tests.message('The casino and its jackpot'), 'Our Casino') $$, 'an edit, too');
select lives_ok($$ select chat.edit_message(tests.message('Spills'), 'Casinos') $$, 'a harmless message is flagged when an edit says it');
select is_empty('select id from chat.reports', 'the sender does not learn it');
select tests.act_as('mod5');
select results_eq(
  $$ select note, reporter_id, snapshot #>> '{message,content}', snapshot #>> '{user,username}' from chat.report_list() order by id $$,
  $$ values
    ('casino', null::uuid, 'The casino and its jackpot', 'wanda'), ('Casino', null, 'Casinos', 'wanda') $$,
  'each message is in the queue once, with the word');
select lives_ok(
  $$ select chat.resolve_report((select max(id) from chat.report_list()), 'dismiss') $$, 'a moderator answers it like any other');

-- Backends and operators.
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.messages (room_id, sender_id, content) values (tests.room('Ruled'), null, 'No pills here') $$,
  'the rules are for people');

select * from finish();
rollback;
