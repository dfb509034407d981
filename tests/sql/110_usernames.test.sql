begin;
select plan(7);

select tests.sign_up('ann', 'bob');
select tests.act_as('bob');
select is(chat_private.person_named(name), tests.user('ann'), 'a person is found by ' || name) from unnest(array['ann', 'ANN']) as name;
select is(chat_private.person_named(name), null, 'no user is found by ' || name) from unnest(array['ann_', '%', '']) as name;
update chat.profiles set username = 'ann2' where id = tests.user('bob');
select is(chat_private.person_named('ann2'), tests.user('bob'), 'a username finds the user who has it now');
select tests.act_as(null);
select throws_ok($$ select chat_private.person_named('ann') $$, '42501', null, 'anon cannot search');

select * from finish();
rollback;
