begin;
select plan(5);

-- mods have warned nell and ned; each notice is theirs
select tests.sign_up('nell', 'ned');
insert into chat.notices (user_id, kind, reason) values (tests.user('nell'), 'warning', 'Rude'), (tests.user('ned'), 'warning', 'Loud');
select tests.act_as('nell');
select results_eq('select reason from chat.notices', array['Rude'], 'people read their own notices');
select is(tests.changed($$ update chat.notices set read_at = now() $$), 1::bigint, 'people confirm their own notices');
select lives_ok($$ update chat.notices set read_at = '2001-01-01' where reason = 'Rude' $$, 'they confirm them again');
select is(read_at, now(), 'the time is that of the first confirmation, whatever the client says') from chat.notices;
select throws_ok(
  $$ update chat.notices set reason = 'Polite' where reason = 'Rude' $$, '42501', null, 'nobody changes what a notice says');

select * from finish();
rollback;
