begin;
select plan(63);

-- ines owns a group with isak, an admin, and ilse, a member; ivo, ira and ida are strangers
select tests.sign_up('ines', 'isak', 'ilse', 'ivo', 'ira', 'ida');
select tests.act_as('ines');
select from chat.create_group_room('Invited', array[tests.user('isak'), tests.user('ilse')]);
select from chat.set_member_role(tests.room('Invited'), tests.user('isak'), 'admin');
select from chat.create_group_room('Elsewhere');
select from chat.create_direct_room(tests.user('ilse'));
select tests.act_as_operator();
update chat.rooms set avatar_url = '/tea.png' where id = tests.room('Invited');

create function pg_temp.make(
  name text, role chat.member_role default 'member', lasts interval default null, max_uses integer default null
)
returns text
language plpgsql
as $$
begin
  perform tests.act_as(name);
  return chat.create_invite_link(tests.room('Invited'), role, now() + lasts, max_uses) ->> 'token';
end;
$$;
create function pg_temp.link(token text)
returns chat.invite_links
language sql stable security definer
as $$
  select links.* from chat.invite_links as links
  where id = (select link_id from chat_private.invite_tokens where hash = sha256(convert_to(token, 'UTF8')));
$$;
-- What somebody gets who joins, undone.
create function pg_temp.try(name text, token text)
returns text
language plpgsql
as $$
declare
  came_of text;
begin
  perform tests.act_as(name);
  select role::text into came_of from chat.join_by_link(token);
  raise sqlstate 'DONE0' using message = came_of;
exception
  when sqlstate 'DONE0' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT429' then return sqlerrm;
end;
$$;
create function pg_temp.switch(inviting text)
returns void
language sql security definer
as $$
  update chat.rooms set inviting = switch.inviting::chat.who_may where id = tests.room('Invited');
$$;

-- Who makes links.
select policies_are('chat', 'invite_links', array['people can read the links of groups to which they may add people']);
select tests.act_as(null);
select throws_ok('select from chat.invite_links', '42501', null, 'anon reads no links');
select throws_ok($$ select chat.join_by_link('x') $$, '42501', null, 'anon joins by no link');
select throws_ok($$ select chat.invite_link_preview('x') $$, '42501', null, 'anon sees no preview');
select tests.act_as('ilse');
select throws_ok($$ select pg_temp.make('ilse') $$, 'PT403', 'role_required', 'a member makes no link where admins add people');
select throws_ok($$ select pg_temp.make('ivo') $$, 'PT404', 'room_not_found', 'a stranger makes no link');
select throws_ok($$ select pg_temp.make('isak', 'admin') $$, 'PT403', 'role_required', 'an admin makes no link for admins, as for roles');
select throws_ok($$ select pg_temp.make('ines', 'owner') $$, 'PT400', 'invalid_role', 'nobody makes a link for owners');
select throws_ok($$ select pg_temp.make('ines', null) $$, 'PT400', 'invalid_role', 'a link has a role');
select throws_ok($$ select pg_temp.make('ines', lasts => '0') $$, '23514', null, 'a link ends in the future');
select throws_ok($$ select pg_temp.make('ines', max_uses => 0) $$, '23514', null, 'a link admits somebody');
select throws_ok($$ select pg_temp.make('ines', max_uses => 100001) $$, '23514', null, 'a link admits at most 100,000 people');
select throws_ok(
  $$ select chat.create_invite_link(tests.direct_room('ines', 'ilse')) $$, 'PT400', 'direct_room_fixed', 'a direct room has no links');
select tests.act_as('ines');
create temporary table made as select chat.create_invite_link(tests.room('Invited'), max_uses => 2) as link;
grant select on made to public;
select matches(link ->> 'token', '^[\w-]{22}$', 'the token fits into an address') from made;
select is(link - 'token', (select to_jsonb(links) from chat.invite_links as links), 'its row is returned, and can be read') from made;
select ok(created_by = tests.user('ines') and uses = 0 and role = 'member', 'it says who made it') from chat.invite_links;
select tests.act_as_operator();
select is_empty(
  $$ select from chat_private.invite_tokens as tokens, made where tokens.hash::text like '%' || (link ->> 'token') || '%' $$,
  'the token itself is not stored');
create temporary table tokens as
select pg_temp.make('ines', 'admin') as admins, pg_temp.make('isak', max_uses => 2) as twice,
  pg_temp.make('isak', lasts => '1 hour') as hour;
select tests.act_as_operator();
grant select on tokens to public;

-- Who reads them.
create function pg_temp.links_of(name text)
returns bigint
language plpgsql
as $$
begin
  perform tests.act_as(name);
  return (select count(*) from chat.invite_links);
end;
$$;
select is(pg_temp.links_of('isak'), 4::bigint, 'an admin reads the links of the group');
select is(pg_temp.links_of('ilse'), 0::bigint, 'a member reads none where admins add people');
select is(pg_temp.links_of('ivo'), 0::bigint, 'a stranger reads none');
select pg_temp.switch('everyone');
select is(pg_temp.links_of('ilse'), 4::bigint, 'a member reads them where everyone adds people');
select throws_ok('delete from chat.invite_links', '42501', null, 'nobody deletes links');

-- Before one joins.
select tests.act_as('ivo');
select results_eq(
  'select (chat.invite_link_preview(twice)).* from tokens', $$ values ('Invited', '/tea.png', 3) $$,
  'who has a link sees the name, the picture and how many are in');
select throws_ok($$ select chat.invite_link_preview('no such link') $$, 'PT404', 'invite_not_found', 'an unknown link shows nothing');
select throws_ok('select chat.invite_link_preview(null)', 'PT404', 'invite_not_found', 'null is no link');
select throws_ok('select chat.join_by_link(null)', 'PT404', 'invite_not_found', 'null admits nobody');
select is(pg_temp.try('ivo', 'no such link'), 'invite_not_found', 'an unknown link admits nobody');
select is(pg_temp.try('ivo', admins), 'admin', 'a link of the owner makes admins') from tokens;
select is(pg_temp.try('ivo', hour), 'member', 'a link that lasts admits people') from tokens;

-- Joining, and joining again.
select tests.act_as('ivo');
select tests.hush();
select lives_ok('select chat.join_by_link(twice) from tokens', 'a stranger joins by a link');
select results_eq(
  $$ select topic from tests.heard() where event = 'room.added' $$, $$ select 'user:' || tests.user('ivo') $$, 'who joins is notified');
select results_eq('select role::text, room_id from tokens, chat.join_by_link(twice)',
  $$ values ('member', tests.room('Invited')) $$, 'joining again returns the membership');
select is((pg_temp.link(twice)).uses, 1, 'joining again takes no use') from tokens;
select is(role::text, 'member', 'a link for admins makes no member an admin') from tokens, chat.join_by_link(admins);
select tests.act_as('ira');
select lives_ok('select chat.join_by_link(twice) from tokens', 'another one takes the last use');
select results_eq('select role::text from tokens, chat.join_by_link(twice)', array['member'], 'who has taken the last use may repeat it');
select is(pg_temp.try('ida', twice), 'invite_not_found', 'a link that is used up admits nobody') from tokens;
select throws_ok('select chat.invite_link_preview(twice) from tokens',
  'PT404', 'invite_not_found', 'a link that is used up does not show the group');
select tests.act_as('ira');
select chat.leave_room(tests.room('Invited'));
select is(pg_temp.try('ira', twice), 'invite_not_found', 'nobody who has left comes back by a use that is taken') from tokens;

-- A block, as for adding.
select tests.act_as('isak');
select chat.block_user(tests.user('ida'));
select is(pg_temp.try('ida', hour), 'not_reachable', 'nobody joins by a link of who has blocked them') from tokens;
select is(pg_temp.try('ida', admins), 'admin', 'by one of somebody else they do') from tokens;

-- As for joining a public group.
select tests.act_as_operator();
insert into chat_private.joins (room_id, user_id, joins) values (tests.room('Invited'), tests.user('ida'), 10);
select is(pg_temp.try('ida', admins), 'too_many_joins', 'nobody joins by a link again and again') from tokens;
select tests.act_as_operator();
delete from chat_private.joins where user_id = tests.user('ida');

-- Its end.
select tests.act_as_operator();
update chat.invite_links set created_at = now() - interval '2 hours', expires_at = now()
where id = (select (pg_temp.link(hour)).id from tokens);
select is(pg_temp.try('ira', hour), 'invite_not_found', 'a link that is over admits nobody') from tokens;
create temporary table more as
select pg_temp.make('ilse') as ilses, pg_temp.make('isak') as isaks, pg_temp.make('isak') as spare, pg_temp.make('ines') as inesses;
select tests.act_as_operator();
grant select on more to public;
create function pg_temp.revoke(name text, token text)
returns text
language plpgsql
as $$
begin
  perform tests.act_as(name);
  perform chat.revoke_invite_link((pg_temp.link(token)).id);
  return 'done';
exception
  when sqlstate 'PT403' or sqlstate 'PT404' then return sqlerrm;
end;
$$;
select is(pg_temp.revoke('ilse', isaks), 'role_required', 'a member does not revoke a link of another') from more;
select is(pg_temp.revoke('ira', isaks), 'invite_not_found', 'for a stranger there is none') from more;
select is(pg_temp.revoke('ilse', ilses), 'done', 'a member revokes a link of their own') from more;
select is(pg_temp.revoke('ines', isaks), 'done', 'the owner revokes one of an admin') from more;
select is(pg_temp.try('ira', isaks), 'invite_not_found', 'a revoked link admits nobody') from more;
select tests.act_as_operator();
update chat.invite_links set revoked_at = now() - interval '1 day' where id = (select (pg_temp.link(isaks)).id from more);
select is(pg_temp.revoke('isak', isaks), 'done', 'revoking again does nothing') from more;
select is((pg_temp.link(isaks)).revoked_at, now() - interval '1 day', 'a link that was revoked keeps the time') from more;

-- A link admits people as long as its user could make it.
select is(pg_temp.try('ira', spare), 'member', 'a link of an admin admits people') from more;
select pg_temp.switch('admins');
select tests.act_as('ines');
select from chat.set_member_role(tests.room('Invited'), tests.user('isak'), 'member');
select is(pg_temp.try('ira', spare), 'invite_not_found', 'a link of a former admin does not') from more;
select is(pg_temp.links_of('isak'), 0::bigint, 'a former admin does not read the links');
select is(pg_temp.revoke('isak', spare), 'invite_not_found', 'a former admin does not revoke a link') from more;
select tests.act_as('ines');
select from chat.set_member_role(tests.room('Invited'), tests.user('ilse'), 'owner', confirmed => true);
select is(pg_temp.try('ira', admins), 'invite_not_found', 'a link for admins ends with the rights of the owner who made it') from tokens;
select is(pg_temp.try('ira', inesses), 'member', 'a link for members stays that of an admin') from more;
select tests.act_as('ines');
select chat.leave_room(tests.room('Invited'));
select is(pg_temp.try('ines', inesses), 'invite_not_found', 'nobody who has left comes back by a link of their own') from more;

-- A backend, an account that goes, and the number of links.
select tests.act_as_operator();
create temporary table of_backend as select chat.create_invite_link(tests.room('Invited'), 'admin') ->> 'token' as token;
grant select on of_backend to public;
select is(pg_temp.try('ira', token), 'admin', 'a backend makes a link for admins') from of_backend;
select tests.act_as_operator();
delete from auth.users where id = tests.user('ines');
select is_empty('select (pg_temp.link(admins)).id from tokens where (pg_temp.link(admins)).id is not null', 'links go with the account');
insert into chat.invite_links (room_id, revoked_at)
select tests.room('Invited'), case when n = 1 then now() end
from generate_series(1, 100 - (select count(*)::integer from chat.invite_links where revoked_at is null)) as n;
delete from chat.invite_links where created_by = tests.user('isak') or created_by = tests.user('ilse');
insert into chat.invite_links (room_id) select tests.room('Invited')
from generate_series(1, 100 - (select count(*)::integer from chat.invite_links)) as n;
select lives_ok($$ select pg_temp.make('ilse') $$, 'the hundred-and-first link takes the place of one that is over');
select throws_ok($$ select pg_temp.make('ilse') $$, 'PT409', 'too_many_invite_links', 'a group has at most 100 that work');
select tests.act_as_operator();
with room as (insert into chat.rooms (kind, deleted_at) values ('group', now()) returning id),
link as (insert into chat.invite_links (room_id) select id from room returning id)
insert into chat_private.invite_tokens (hash, link_id) select chat_private.invite_hash('gone'), id from link;
select is(pg_temp.try('ira', 'gone'), 'invite_not_found', 'nobody joins a room whose rows a job is removing');
select tests.act_as_operator();
delete from chat.rooms where deleted_at is not null;
select tests.act_as('ilse');
select chat.delete_room(tests.room('Invited'));
select tests.act_as_operator();
select is_empty('select from chat.invite_links', 'links go with the room');

select * from finish();
rollback;
