begin;
select plan(10);

-- alice owns a group with bob; carol comes later
select tests.sign_up('alice', 'bob', 'carol');
create function pg_temp.roster()
returns text
language sql volatile
as $$
  select string_agg(member ->> 'username', ' ' order by place)
  from chat.rooms,
    json_array_elements(chat_private.roster(rooms.id, rooms.members_version)) with ordinality as list (member, place)
  where rooms.id = tests.room('Team');
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);

select is(pg_temp.roster(), 'alice bob', 'a roster lists the members, in the order of their numbers');
select is(pg_temp.roster(), 'alice bob', 'a roster that is kept lists the same members');
select results_eq(
  $$ select (roster -> 0 ->> 'id')::bigint
     from chat.rooms, chat_private.roster(rooms.id, rooms.members_version) as roster
     where rooms.id = tests.room('Team') $$,
  $$ select number from chat.profiles where id = tests.user('alice') $$, 'by the integer ids that clients see');
select from chat.add_members(tests.room('Team'), array[tests.user('carol')]);
select is(pg_temp.roster(), 'alice bob carol', 'a new member is in it');
update chat.profiles set username = 'alicia' where id = tests.user('alice');
select is(pg_temp.roster(), 'alicia bob carol', 'so is a new name');
select chat.remove_member(tests.room('Team'), tests.user('bob'));
select is(pg_temp.roster(), 'alicia carol', 'a former member is not in it');
select tests.act_as('alice');
select throws_ok('select from chat_private.rosters', '42501', null, 'a user cannot read the table of rosters');

select tests.act_as_operator();
delete from auth.users where id = tests.user('carol');
select tests.act_as('alice');
select is(pg_temp.roster(), 'alicia', 'an account that leaves is not either');
select tests.act_as('bob');
select is(
  (select chat_private.roster(tests.room('Team'), 4)::text), '[]', 'a stranger gets an empty roster');
select tests.act_as_operator();
delete from chat.rooms where id = tests.room('Team') returning id;
select is_empty(
  'select from chat_private.rosters where not exists (select from chat.rooms where id = room_id)',
  'a roster goes with its room');

select * from finish();
rollback;
