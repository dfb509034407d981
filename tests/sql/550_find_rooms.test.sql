begin;
select plan(9);

-- alice is in more rooms than a page of the inbox shows; the oldest is called Alpine
select tests.sign_up('alice', 'bob', 'carol');
update chat.profiles set first_name = 'Robert', last_name = 'Söder' where id = tests.user('bob');
select tests.act_as('alice');
select from chat.create_group_room('Alpine club');
select from generate_series(1, 120) as number, chat.create_group_room('Room ' || number);
select from chat.create_direct_room(tests.user('bob'));
select tests.act_as('carol');
select from chat.create_group_room('Alpine strangers', is_public => true);

select tests.act_as('alice');
update chat.rooms set avatar_url = '/alpine.png' where name = 'Alpine club';
select results_eq(
  $$ select title, avatar_url from chat.find_rooms('ALPINE') $$, $$ values ('Alpine club', '/alpine.png') $$,
  'a room is found by a part of its name, however old it is, and no room of strangers');
select results_eq(
  $$ select title, other_member ->> 'username' from chat.find_rooms('ob') where kind = 'direct' $$, $$ values ('bob', 'bob') $$,
  'a direct room is found by the username of the other');
select results_eq($$ select title from chat.find_rooms('robert s') $$, array['bob'], 'a direct room is found by the name of the other');
select is_empty($$ select from chat.find_rooms('alice') $$, 'a direct room is not found by the username of the caller');
select is((select count(*) from chat.find_rooms('room', 1000)), 100::bigint, 'at most 100 are answered');
select is_empty($$ select from chat.find_rooms('%') $$, 'what people type is text');
select throws_ok($$ select from chat.find_rooms(' ') $$, 'PT400', 'invalid_query', 'a blank text is refused');
select throws_ok($$ select from chat.find_rooms(repeat('x', 201)) $$, 'PT400', 'invalid_query', 'so is a long one');

select tests.act_as('carol');
select is_empty($$ select from chat.find_rooms('alpine club') $$, 'a stranger finds nothing');

select * from finish();
rollback;
