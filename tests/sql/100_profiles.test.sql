begin;
select plan(57);

-- bob is a stranger to alice and shows his address; carol does not; dave has none to show
select tests.sign_up('alice', 'bob', 'carol', 'dave');
update chat.profiles set show_email = true where id in (tests.user('bob'), tests.user('dave'));
update auth.users set email = 'dave@users.invalid' where id = tests.user('dave');

select policies_are('chat', 'profiles', array['people can read profiles that they find', 'people can update their own profile']);

select tests.act_as(null);
select throws_ok('select from chat.profiles', '42501', null, 'anon cannot read profiles');
select throws_ok(
  $$ select chat.username_available('free') $$, '42501', null,
  'anon cannot ask which usernames are free');

select tests.act_as('bob');
select results_eq(
  $$ select username from chat.profiles where id = tests.user('alice') $$,
  array['alice'], 'people can read profiles');
select is(
  tests.changed($$ update chat.profiles set bio = 'x' $$), 1::bigint, 'a user can change only their own profile');
select throws_ok(
  $$ insert into chat.profiles (id, username) values (tests.user('nobody'), 'nobody') $$,
  '42501', null, 'a user cannot insert a profile');
select throws_ok('delete from chat.profiles', '42501', null, 'a user cannot delete a profile');

select tests.act_as('alice');
select results_eq(
  $$ update chat.profiles
     set first_name = 'Анна', last_name = 'Lee', bio = 'Hi', avatar_url = '/media/ann.png', show_email = true
     where id = tests.user('alice') returning first_name, last_name, bio, avatar_url $$,
  $$ values ('Анна', 'Lee', 'Hi', '/media/ann.png') $$, 'people can update their own profile');
select throws_ok(
  format('update chat.profiles set %I = default where id = tests.user(''alice'')', name),
  '42501', null, 'a user cannot change their ' || name)
from unnest(array['id', 'created_at']) as name;
select throws_ok(
  $$ update chat.profiles set number = default where id = tests.user('alice') $$,
  '42501', null, 'a user cannot change their number');

select results_eq(
  format('update chat.profiles set username = %L where id = tests.user(''alice'') returning username', name),
  array[name], 'a username may be ' || left(name, 20))
from unnest(array['a', 'Anna.Lee+chat@example-1_2', 'Анна', repeat('a', 150)]) as name;
select throws_ok(
  format('update chat.profiles set username = %L where id = tests.user(''alice'')', name),
  '23514', null, 'a username may not be ' || reason)
from (values
  ('', 'empty'), ('ann lee', 'two words'), ('ann/lee', 'a path'), (E'ann\n', 'two lines'), ('<b>', 'markup'),
  (repeat('a', 151), 'longer than 150')
) as refused (name, reason);
select throws_ok(
  $$ update chat.profiles set username = 'BOB' where id = tests.user('alice') $$,
  '23505', null, 'usernames differ by more than case');

select throws_ok(
  format('update chat.profiles set %I = %L where id = tests.user(''alice'')', field, text),
  '23514', null, reason)
from (values
  ('first_name', repeat('a', 151), 'a first name has up to 150 characters'),
  ('last_name', repeat('a', 151), 'a last name has up to 150 characters'),
  ('bio', repeat('a', 2001), 'a bio has up to 2,000 characters'),
  ('avatar_url', 'javascript:alert(1)', 'an avatar is no script'),
  ('avatar_url', 'https://example.com/' || repeat('a', 2048), 'the address of an avatar has up to 2,048 characters')
) as refused (field, text, reason);

-- chat.email(), the computed column.
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('alice') $$,
  array['alice@example.com'], 'people see their own address');
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('bob') $$,
  array['bob@example.com'], 'people see the address of a person who shows it');
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('carol') $$,
  array[''], 'a hidden address is empty to others');
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('dave') $$,
  array[''], 'a placeholder is never shown');
select results_eq(
  $$ select email from chat_private.shown_emails(array[
       tests.user('alice'), tests.user('bob'), tests.user('carol'), tests.user('dave'), tests.user('zoe')
     ]) order by email $$,
  array['', '', 'alice@example.com', 'bob@example.com'], 'so it is with the addresses of many at once');
select tests.act_as('carol');
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('carol') $$,
  array['carol@example.com'], 'a hidden address is shown to its owner');
select tests.act_as('dave');
select results_eq(
  $$ select chat.email(profiles) from chat.profiles where id = tests.user('dave') $$,
  array[''], 'a placeholder is not shown to its owner either');

select is(chat.username_available('nobody-has-this'), true, 'a username that nobody has is available');
select is(chat.username_available('Bob'), false, 'a taken username is not, in any case');
select is(chat.username_available('not one'), false, 'a malformed username is not');

-- Who finds whom: fay decides, finn looks for her.
select tests.act_as_operator();
select tests.sign_up('fay', 'finn', 'flo');
create function pg_temp.let(who text)
returns void
language sql security definer
as $$
  update chat.profiles set found_by = who::chat.who_finds where id = tests.user('fay');
$$;
-- By reading all profiles, by a part of the name, and by its beginning.
create function pg_temp.finds_fay()
returns boolean[]
language sql
as $$
  select array[
    exists (select from chat.profiles where username = 'fay'),
    exists (select from chat_private.people_found('ay', false, 0, 1000) where username = 'fay'),
    exists (select from chat_private.people_beginning('fay', 10) where username = 'fay')
  ];
$$;
create function pg_temp.finds_fay(name text)
returns boolean[]
language plpgsql
as $$
begin
  perform tests.act_as(name);
  return pg_temp.finds_fay();
end;
$$;
select is(pg_temp.finds_fay('finn'), array[true, true, true], 'everyone finds a person who decides nothing');
select pg_temp.let('contacts');
select is(pg_temp.finds_fay(), array[false, false, false], 'a stranger does not find whom contacts find');
select is(array(select username from chat.search_people('fay')), '{}', 'a stranger searches in vain for them');
select is(
  tests.changed($$ update chat.profiles set bio = 'x' where username = 'fay' $$), 0::bigint,
  'nobody changes a profile that they do not find');
select is(pg_temp.finds_fay('fay'), array[true, true, true], 'people find themselves');
select is(chat.username_available('fay'), false, 'the username stays taken');
insert into chat.friendships (friend_id) values (tests.user('finn'));
select is(pg_temp.finds_fay('finn'), array[true, true, true], 'whom the person calls a friend does');
insert into chat.friendships (friend_id) values (tests.user('fay'));
select is(pg_temp.finds_fay('flo'), array[false, false, false], 'somebody else does not');
insert into chat.friendships (friend_id) values (tests.user('fay'));
select is(pg_temp.finds_fay(), array[false, false, false], 'to call the person a friend is not enough');
select pg_temp.let('nobody');
select is(pg_temp.finds_fay('finn'), array[false, false, false], 'a friend does not find who is found by nobody');
-- Whom they must be able to name. Each alone.
select tests.act_as('finn');
create temporary table place as select * from chat.create_group_room('Finders', array[tests.user('flo')]);
select tests.act_as_operator();
create function pg_temp.with(statement text, name text)
returns boolean[]
language plpgsql
as $$
declare
  found boolean[];
begin
  perform tests.act_as_operator();
  execute replace(statement, '#', (select id::text from place));
  found := pg_temp.finds_fay(name);
  raise exception using errcode = 'TDONE', message = found::text;
exception when sqlstate 'TDONE' then
  return sqlerrm::boolean[];
end;
$$;
select is(pg_temp.with(statement, name), array[expected, expected, expected], title)
from (values
  ($$ insert into chat.room_members (room_id, user_id) values (#, tests.user('fay')) $$, 'flo', true, 'people of one room find each other'),
  ($$ insert into chat.invitations (room_id, user_id, invited_by) values (#, tests.user('flo'), tests.user('fay')) $$, 'flo', true,
    'who is invited finds who invites'),
  ($$ insert into chat.invitations (room_id, user_id, invited_by) values (#, tests.user('fay'), tests.user('flo')) $$, 'flo', false,
    'who invites does not find by it who is invited'),
  ($$ insert into chat.join_requests (room_id, user_id) values (#, tests.user('fay')) $$, 'finn', true, 'an admin finds who asks to join'),
  ($$ insert into chat.join_requests (room_id, user_id) values (#, tests.user('fay')) $$, 'flo', false, 'other members do not'),
  ($$ insert into chat.room_bans (room_id, user_id) values (#, tests.user('fay')) $$, 'finn', true, 'an admin finds who is banned'),
  ($$ insert into chat.room_bans (room_id, user_id) values (#, tests.user('fay')) $$, 'flo', false, 'other members do not find them'),
  ($$ insert into chat.blocks (user_id, blocked_id) values (tests.user('flo'), tests.user('fay')) $$, 'flo', true,
    'people find whom they have blocked'),
  ($$ insert into chat.blocks (user_id, blocked_id) values (tests.user('fay'), tests.user('flo')) $$, 'flo', false,
    'people do not find who has blocked them'),
  ($$ update auth.users set raw_app_meta_data = '{"parley_role": "moderator"}' where id = tests.user('flo') $$, 'flo', true,
    'moderators find everyone')
) as cases (statement, name, expected, title);

select * from finish();
rollback;
