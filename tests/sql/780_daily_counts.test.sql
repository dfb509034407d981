begin;
select plan(14);

-- dora writes; modd moderates, and admd administers.
select tests.sign_up('dora', 'modd', 'admd');
select tests.appoint('modd', 'moderator'), tests.appoint('admd', 'administrator');
select tests.act_as('dora');
select from chat.create_group_room('Counted', '{}');
select from generate_series(1, 5) as place, chat.send_message(tests.room('Counted'), 'dora ' || place);
select from chat.report('spam', user_id => tests.user('modd'));
select tests.act_as_operator();
update chat.messages set created_at = '2001-01-01 23:30Z' where content = 'dora 1';
delete from chat.daily_counts where true;
-- Other tests make people at the same time, and take numbers between these.
update chat_private.counted set known_at = '0', known_to = 0, counted_to = 0, source = case subject
  when 'messages' then $$ (select * from chat.messages where content like 'dora %') as ours $$
  when 'people' then $$ (select * from chat.profiles where id in (tests.user('dora'), tests.user('modd'), tests.user('admd'))) as ours $$
  when 'rooms' then $$ (select * from chat.rooms where id = tests.room('Counted')) as ours $$
  else $$ (select * from chat.reports where reporter_id = tests.user('dora')) as ours $$
end where true;

select is(chat_private.job_count_days(), false, 'the job looks first which numbers there are');
select is_empty($$ select from chat.daily_counts $$, 'the job counts none as long as others may still be written');
select ok(
  (select bool_and(known_to > counted_to and known_at = pg_snapshot_xmax(pg_current_snapshot())) from chat_private.counted),
  'it notes who may still write some');
update chat_private.counted set known_at = '18446744073709551615' where true;
select is(chat_private.count_more('messages', 10), false, 'while they may, it waits');
select is_empty($$ select from chat.daily_counts $$, 'while they may, it counts none');
update chat_private.counted set known_at = '0' where true;
select is(chat_private.count_more('messages', 2), true, 'then it counts in steps');
select is((select sum(messages) from chat.daily_counts), 2::numeric, 'each of so many rows');
select lives_ok($$ select chat_private.job_count_days() $$, 'until everything is counted');
select set_eq(
  $$ select day, messages, people, rooms, reports from chat.daily_counts $$,
  $$ values ('2001-01-01'::date, 1::bigint, 0::bigint, 0::bigint, 0::bigint), ((now() at time zone 'UTC')::date, 4, 3, 1, 1) $$,
  'each on its day of UTC');
select is(chat_private.job_count_days(), false, 'then no more are waiting');
select lives_ok(
  $$ update chat_private.counted set known_at = '0' where true; select chat_private.job_count_days() $$, 'the job looks again');
select is((select sum(messages) from chat.daily_counts), 5::numeric, 'nothing is counted twice');

select tests.act_as('modd');
select is_empty($$ select from chat.daily_counts $$, 'a moderator reads no counts');
select tests.act_as('admd');
select isnt_empty($$ select from chat.daily_counts $$, 'an administrator reads them');

select * from finish();
rollback;
