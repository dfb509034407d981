begin;
select plan(11);

select tests.sign_up('ann', 'bob');
select tests.act_as('bob');
select is(chat_private.person_named(name), tests.user('ann'), 'a person is found by ' || name) from unnest(array['ann', 'ANN']) as name;
select is(chat_private.person_named(name), null, 'no user is found by ' || name) from unnest(array['ann_', '%', '']) as name;
update chat.profiles set username = 'ann2' where id = tests.user('bob');
select is(chat_private.person_named('ann2'), tests.user('bob'), 'a username finds the user who has it now');
update chat.profiles set username = 'ﬁnn３' where id = tests.user('bob');
select is(username, 'finn3', 'a username is stored with its letters in their one form')
from chat.profiles where id = tests.user('bob');
select throws_ok(
  $$ update chat.profiles set username = 'ANN' where id = tests.user('bob') $$, '23505',
  'duplicate key value violates unique constraint "profiles_username_key"', 'two users cannot have one username');
select tests.act_as_operator();
select throws_ok(
  $$ update chat.profiles set username = 'аnn' where id = tests.user('bob') $$, '23505',
  'duplicate key value violates unique constraint "profiles_username_look_key"', 'two usernames cannot look the same');
select tests.act_as('ann');
select from chat.create_group_room('Renaming', array[tests.user('bob')]);
select tests.act_as('bob');
select tests.hush();
update chat.profiles set username = 'bobby' where id = tests.user('bob');
select is(
  (select payload ->> 'username' from tests.heard() where event = 'member.updated'), 'bobby', 'the rooms of a person learn a new username');
select tests.act_as(null);
select throws_ok($$ select chat_private.person_named('ann') $$, '42501', null, 'anon cannot search');

select * from finish();
rollback;
