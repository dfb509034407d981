begin;
select plan(21);

-- chloe writes, and chad is in the group; chuck moderates.
select tests.sign_up('chloe', 'chad', 'chuck');
select tests.appoint('chuck', 'moderator');
delete from chat_private.held_checks where true;
delete from chat_private.word_rules where true;
insert into chat_private.word_rules (pattern, action) values ('\mraffle\M', 'hold');
select tests.act_as('chloe');
select from chat.create_group_room('Checked', array[tests.user('chad')]);
create function pg_temp.hold(content text)
returns bigint
language plpgsql
as $$
begin
  perform tests.act_as('chloe');
  perform chat.send_message(tests.room('Checked'), content);
  perform tests.act_as_operator();
  return (select id from chat.held_messages as held where held.content = hold.content);
end;
$$;
create function pg_temp.claimed(most integer default 10)
returns text[]
language sql
as $$
  select array(select content from chat_private.claim_checks(most));
$$;
create function pg_temp.pass(passed interval)
returns void
language sql
as $$
  update chat_private.held_checks set due_at = due_at - passed where true;
$$;

select pg_temp.hold('A raffle'), pg_temp.hold('A raffle too'), pg_temp.hold('Raffle, last');
set local role service_role;
select is(pg_temp.claimed(2), array['A raffle', 'A raffle too'], 'the checker is asked about what is held, some at a time');
select is(pg_temp.claimed(), array['Raffle, last'], 'another worker takes the others');
select is(pg_temp.claimed(), '{}', 'nobody asks twice at once');
select tests.act_as_operator();
select pg_temp.pass('59 seconds');
select is(pg_temp.claimed(), '{}', 'a checker that does not answer has a minute');
select pg_temp.pass('2 seconds');
select is(array_length(pg_temp.claimed(), 1), 3, 'then it is asked again');
select pg_temp.pass('1 minute');
select is(pg_temp.claimed(), '{}', 'then after two minutes');
update chat_private.held_checks set tries = 19 where true;
select pg_temp.pass('1 minute');
select is(array_length(pg_temp.claimed(), 1), 3, 'it is asked 20 times');
select pg_temp.pass('59 minutes');
select is(pg_temp.claimed(), '{}', 'there is an hour at most between two times');
select is((select count(*) from chat_private.held_checks), 3::bigint, 'until then the checker may answer');

-- What it says.
set local role service_role;
select is(
  chat_private.held_checked((select id from chat.held_messages where content = 'A raffle'), true, null), true, 'what it allows is sent');
select is(
  chat_private.held_checked((select id from chat.held_messages where content = 'A raffle too'), false, ' Advertising '), false,
  'what it does not allow is not sent');
select tests.act_as('chuck');
select results_eq(
  $$ select snapshot #>> '{message,content}', note from chat.report_list() where room_id = tests.room('Checked') order by id $$,
  $$ values ('A raffle too', 'raffle: Advertising'), ('Raffle, last', 'Raffle') $$, 'the moderators have the others, with the reason');
select results_eq(
  $$ select action, actor_id, user_id from chat.audit_log where room_id = tests.room('Checked') $$,
  $$ values ('dismissed', null::uuid, tests.user('chloe')) $$, 'the audit log says that nobody has dismissed the report');
select tests.act_as('chad');
select is(
  array(select content from chat.messages where room_id = tests.room('Checked')), array['A raffle'], 'others read what was sent');

-- A moderator who is faster, and a person who may not write any more.
select tests.act_as('chuck');
select from chat.resolve_report((select max(id) from chat.report_list() where room_id = tests.room('Checked')), 'delete');
select tests.act_as_operator();
select is(
  chat_private.held_checked((select id from chat.held_messages where content = 'Raffle, last'), true, ''), false,
  'what a moderator has rejected stays so');
select is((select count(*) from chat_private.held_checks), 0::bigint, 'it is asked about nothing that was answered');
select pg_temp.hold('Raffle of the muted');
insert into chat.mutes (user_id) values (tests.user('chloe'));
select is(
  chat_private.held_checked((select id from chat.held_messages where content = 'Raffle of the muted'), true, ''), false,
  'a person who is muted sends nothing that the checker allows');
select is(
  (select count(*) from chat.reports where state = 'open' and snapshot #>> '{message,content}' = 'Raffle of the muted'), 1::bigint,
  'the moderators have it');

-- What is over is not asked about.
insert into chat_private.held_checks (held_id, tries)
select id, case when rejected_at is null then 20 else 0 end from chat.held_messages where room_id = tests.room('Checked');
select is(pg_temp.claimed(), '{}', 'what was rejected, or asked about 20 times, is left to the moderators');

select tests.act_as('chloe');
select throws_ok('select chat_private.claim_checks(1)', '42501', null, 'a person claims nothing');
select throws_ok('select from chat_private.held_checks', '42501', null, 'a person does not read what is checked');
select * from finish();
rollback;
