begin;
select plan(3);

select matches(chat.version(), '^\d+\.\d+\.\d+$', 'the database says which release of Parley it has');

select tests.sign_up('ann');
select tests.act_as('ann');
select lives_ok('select chat.version()', 'a signed-in user may ask for the release');
select tests.act_as(null);
select throws_ok('select chat.version()', '42501', null, 'anon may not');

select * from finish();
rollback;
