begin;
select plan(22);

-- ann and bob have a direct room; then ann takes another username, and a new user takes hers
select tests.sign_up('ann', 'bob', 'carl', 'newcomer', 'a_b', 'c', 'a', 'b_c');
create function pg_temp.slug(one text, other text)
returns text
language sql volatile security definer
as $$
  select slug from chat.rooms where id = tests.direct_room(one, other);
$$;
create function pg_temp.rename(name text, username text)
returns void
language plpgsql volatile
as $$
begin
  perform tests.act_as(name);
  update chat.profiles set username = rename.username where id = tests.user(name);
end;
$$;

select tests.act_as('bob');
select from unnest(array['ann', 'carl']) as name, chat.create_direct_room(tests.user(name));
select is(pg_temp.slug('ann', 'bob'), 'ann_bob', 'a direct room is named after its two people');
select tests.hush();
select pg_temp.rename('ann', 'zoe');
select is(pg_temp.slug('ann', 'bob'), 'bob_zoe', 'after a change of username it has a new slug, in alphabetical order');
select is(pg_temp.slug('bob', 'carl'), 'bob_carl', 'rooms of others keep their names');
select results_eq(
  $$ select event, heard.payload ->> 'slug', (heard.payload ->> 'version')::bigint = rooms.version
     from tests.heard() as heard join chat.rooms on rooms.topic = heard.topic where event = 'room.updated' $$,
  $$ values ('room.updated', 'bob_zoe', true) $$, 'which is announced, and counted');
select results_eq(
  $$ select change ->> 'slug' from jsonb_array_elements(chat.sync(tests.direct_room('ann', 'bob'), 0) -> 'changes') as change
     where change ->> 'event' = 'room.updated' $$,
  array['bob_zoe'], 'sync() returns the new slug');
select results_eq(
  $$ select distinct change ->> 'username' from jsonb_array_elements(chat.sync(tests.direct_room('ann', 'bob'), 0) -> 'changes') as change
     where change ->> 'user_id' = tests.user('ann')::text $$,
  array['zoe'], 'sync() has the current usernames, also in earlier changes');

select pg_temp.rename('newcomer', 'ann');
select from chat.create_direct_room(tests.user('bob'));
select is(pg_temp.slug('newcomer', 'bob'), 'ann_bob_2', 'a slug that named another room for one of the two is not used again');
select from chat.create_direct_room(tests.user('carl'));
select is(pg_temp.slug('newcomer', 'carl'), 'ann_carl', 'to others it never meant anybody');
select pg_temp.rename('newcomer', 'newcomer');
select pg_temp.rename('ann', 'ann');
select is(pg_temp.slug('ann', 'bob'), 'ann_bob', 'a user who takes the old username back gets the old slug back');
select is(pg_temp.slug('newcomer', 'bob'), 'bob_newcomer', 'the next holder of the username gets another slug');
select chat.delete_room(tests.direct_room('ann', 'bob'));
select pg_temp.rename('ann', 'zoe');
select pg_temp.rename('newcomer', 'ann');
select is(pg_temp.slug('newcomer', 'bob'), 'ann_bob_2', 'a room that was deleted keeps its name from others');

-- An underscore may be of a username.
select tests.act_as('a_b');
select from chat.create_direct_room(tests.user('c'));
select tests.act_as('a');
select from chat.create_direct_room(tests.user('b_c'));
select results_eq(
  $$ values (pg_temp.slug('a_b', 'c'), pg_temp.slug('a', 'b_c')) $$, $$ values ('a_b_c', 'a_b_c_2') $$,
  'of two pairs whose names are the same, the second gets a suffix');
select pg_temp.rename('a_b', 'ab');
select results_eq(
  $$ values (pg_temp.slug('a_b', 'c'), pg_temp.slug('a', 'b_c')) $$, $$ values ('ab_c', 'a_b_c_2') $$,
  'the second pair keeps its suffix when the first is renamed');
select pg_temp.rename('a', 'a_b_a');
select pg_temp.rename('b_c', 'b_a');
select pg_temp.rename('carl', 'a_b');
select tests.act_as('a');
select from chat.create_direct_room(tests.user('carl'));
select results_eq(
  $$ values (pg_temp.slug('a', 'b_c'), pg_temp.slug('a', 'carl')) $$,
  $$ values ('a_b_a_b_a', 'a_b_a_b_a_2') $$, 'also of two rooms of one person');

-- Other users may take the username of a deleted account.
select tests.act_as_operator();
delete from auth.users where id = tests.user('carl');
select is(
  slug, 'room-' || id, 'a room without one of its two users has a neutral slug')
from chat.rooms where id in (
  select room_id from chat.room_members where user_id = tests.user('a')
) and member_count = 1;
select is_empty(
  $$ select from chat_private.kept_slugs where user_id = tests.user('carl') $$, 'what was kept for them goes with them');

-- Groups.
select tests.act_as('bob');
select from chat.create_group_room('Tea', slug => 'tea');
select chat.delete_room(tests.room('Tea'));
select tests.act_as('ann');
select throws_ok(
  $$ select chat.create_group_room('Tea', slug => 'tea') $$, '23505', null,
  'the slug of a deleted group is not used again');
select throws_ok(
  format('select from chat_private.%s', call), '42501', null, format('a user cannot call %s', call))
from unnest(array['kept_slugs', 'keep_slug(''x'', ''x'', ''{}'')', 'claim_group_slug(''x'')', 'name_direct_room(1)']) as call;

select tests.act_as_operator();
insert into chat.rooms (kind, name, slug) values ('group', 'First', 'first-slug'), ('group', 'Second', 'second-slug');
select throws_ok(
  $$ update chat.rooms set slug = 'first-slug' where name = 'Second' $$, '23505',
  'duplicate key value violates unique constraint "rooms_slug_key"', 'two rooms cannot have one slug');

select * from finish();
rollback;
