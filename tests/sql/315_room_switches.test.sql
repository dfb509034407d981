begin;
select plan(37);

-- oona owns a group with anton, an admin, and mira; sten and tove are strangers
select tests.sign_up('oona', 'anton', 'mira', 'sten', 'tove');
select tests.act_as('oona');
select from chat.create_group_room('Switched', array[tests.user('anton'), tests.user('mira')]);
select from chat.set_member_role(tests.room('Switched'), tests.user('anton'), 'admin');
select from unnest(array['news', 'pinned', 'liked']) as text, chat.send_message(tests.room('Switched'), text);
select from chat.pin_message(tests.message('pinned'));
select tests.act_as('mira');
select from unnest(array['first', 'second']) as text, chat.send_message(tests.room('Switched'), text, client_id => tests.user(text));
select from chat.react(tests.message('liked'), '🎉');

create function pg_temp.switch(who text, change text)
returns void
language plpgsql
as $$
begin
  perform tests.act_as('oona');
  execute format('select chat.update_room(tests.room(''Switched''), %s)', change);
  perform tests.act_as(who);
end;
$$;

-- What a statement comes to; nothing of it stays.
create function pg_temp.verdict(statement text)
returns text
language plpgsql
as $$
begin
  execute statement;
  raise sqlstate 'DONE0' using message = 'allowed';
exception
  when sqlstate 'DONE0' or sqlstate 'PT403' then
    return sqlerrm;
end;
$$;

create temporary table doors (door text, switch text, statement text);
insert into doors values
  ('sending', 'posting', $$ select chat.send_message(tests.room('Switched'), 'x') $$),
  ('a plain insert', 'posting', $$ insert into chat.messages (room_id, content) values (tests.room('Switched'), 'x') $$),
  ('forwarding', 'posting', $$ select chat.forward_message(tests.message('news'), tests.room('Switched')) $$),
  ('editing', 'posting', $$ select chat.edit_message(id, 'x') from chat.messages where sender_id = auth.uid() limit 1 $$),
  ('a plain update', 'posting', $$ update chat.messages set content = 'x' where sender_id = auth.uid() $$),
  ('announcing a file', 'posting', $$ select chat.begin_upload(tests.room('Switched'), 'a.txt', 'text/plain', 1) $$),
  ('reacting', 'locked', $$ select chat.react(tests.message('news'), '🎉') $$),
  ('pinning', 'pinning', $$ select chat.pin_message(tests.message('news')) $$),
  ('a plain pin', 'pinning', $$ insert into chat.pins (message_id) values (tests.message('news')) $$),
  ('unpinning', 'pinning', $$ select chat.unpin_message(tests.message('pinned')) $$),
  ('a plain deletion of a pin', 'pinning', $$ delete from chat.pins where room_id = tests.room('Switched') $$),
  ('adding people', 'inviting', $$ select chat.add_members(tests.room('Switched'), array[tests.user('sten')]) $$);
grant select on doors to authenticated;

-- Each door that a switch closes for the caller, with the error.
create function pg_temp.closed()
returns table (door text, error text)
language sql
as $$
  select door, verdict from doors, pg_temp.verdict(statement) as verdict where verdict <> 'allowed';
$$;

select pg_temp.switch('mira', 'null');
select results_eq('select * from pg_temp.closed()', $$ values ('adding people', 'role_required') $$,
  'by default everyone writes, reacts and pins, and admins add people');
select is(
  tests.changed($$ update chat.rooms set posting = 'admins', locked_at = now() $$), 0::bigint, 'a member changes no switches');
select throws_ok(
  $$ select chat.update_room(tests.room('Switched'), locked => true) $$, 'PT403', 'role_required', 'a member cannot lock a group');

-- One switch after the other.
select pg_temp.switch('mira', $$ posting => 'admins' $$);
select bag_eq('select door from pg_temp.closed()', $$ select door from doors where switch in ('posting', 'inviting') $$,
  'where admins write, members neither send, edit nor upload, but react and pin');
select is((select count(error) from pg_temp.closed() where error = 'role_required'), 7::bigint, 'the error says that a role is required');
select is(pg_temp.verdict($$ select chat.delete_message(tests.message('first')) $$), 'allowed',
  'where admins write, members delete what they wrote');
select lives_ok(
  $$ select chat.send_message(tests.room('Switched'), 'first', client_id => tests.user('first')) $$, 'a repeated message is not refused');
select pg_temp.switch('anton', 'null');
select is_empty('select * from pg_temp.closed()', 'where admins write, an admin does');

select pg_temp.switch('mira', $$ posting => 'everyone', inviting => 'everyone' $$);
select is_empty('select * from pg_temp.closed()', 'where everyone adds people, a member does');
select results_eq(
  $$ select role::text from chat.add_members(tests.room('Switched'), array[tests.user('tove')]) $$, array['member'],
  'who is added by a member is a member');
select throws_ok(
  $$ select chat.remove_member(tests.room('Switched'), tests.user('tove')) $$, 'PT403', 'role_required',
  'where everyone adds people, a member still removes nobody');

select pg_temp.switch('mira', $$ inviting => 'admins', pinning => 'admins' $$);
select bag_eq('select door from pg_temp.closed()', $$ select door from doors where switch in ('pinning', 'inviting') $$,
  'where admins pin, members neither pin nor unpin');
select from chat.send_message(tests.room('Switched'), 'to be deleted');
select tests.act_as('anton');
select is_empty('select * from pg_temp.closed()', 'where admins pin, an admin does');
select from chat.pin_message(tests.message('to be deleted'));
select tests.act_as('mira');
select lives_ok($$ select chat.delete_message(tests.message('to be deleted')) $$, 'a member deletes a message that an admin has pinned');
select is_empty(
  $$ select from chat.pins join chat.messages on messages.id = message_id where deleted_at is not null $$, 'which unpins it');

-- Locked.
select pg_temp.switch('mira', $$ pinning => 'everyone', locked => true, locked_reason => 'Until Monday.' $$);
select bag_eq(
  'select * from pg_temp.closed()',
  $$ select door, case switch when 'inviting' then 'role_required' else 'room_locked' end from doors $$,
  'in a locked room a member does nothing of this');
select throws_like(
  $$ select chat.send_message(tests.room('Switched'), 'x') $$, 'room_locked', 'the error of a locked room has a name');
create function pg_temp.sentence()
returns text
language plpgsql
as $$
declare
  sentence text;
begin
  perform chat.send_message(tests.room('Switched'), 'x');
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  return sentence;
end;
$$;
select is(pg_temp.sentence(), 'Only admins write here now: the room is locked. Until Monday.', 'the error says why the room is locked');
select is(pg_temp.verdict($$ select chat.unreact(tests.message('liked'), '🎉') $$), 'allowed', 'a reaction is taken back in a locked room');
select is(pg_temp.verdict($$ select chat.delete_message(tests.message('first')) $$), 'allowed',
  'a message is deleted by its sender in a locked room');
select isnt_empty($$ select from chat.messages where content = 'news' $$, 'members read a locked room');
select lives_ok($$ select chat.mark_read(tests.room('Switched')) $$, 'members mark a locked room as read');
select tests.act_as('anton');
select is_empty('select * from pg_temp.closed()', 'an admin does everything in a locked room');
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.messages (room_id, sender_id, content) values (tests.room('Switched'), tests.user('mira'), 'by an operator') $$,
  'an operator writes in a locked room');

-- When, and why.
select pg_temp.switch('anton', $$ locked => true, locked_reason => 'Until Friday.' $$);
select results_eq(
  $$ select locked_at, locked_reason from chat.rooms where name = 'Switched' $$, $$ values (now(), 'Until Friday.') $$,
  'a locked room gets another reason');
update chat.rooms set locked_at = '2001-01-01' where name = 'Switched';
select is(locked_at, now(), 'the time of a lock is that of its change') from chat.rooms where name = 'Switched';
create function pg_temp.last_change()
returns table (counted boolean, locked boolean, reason text, posting text, inviting text, pinning text)
language sql
as $$
  select changes.version = rooms.version, payload ->> 'locked_at' is not null, payload ->> 'locked_reason', payload ->> 'posting',
    payload ->> 'inviting', payload ->> 'pinning'
  from chat.room_changes as changes join chat.rooms on rooms.id = changes.room_id and rooms.name = 'Switched'
  order by changes.version desc limit 1;
$$;
select results_eq(
  'select * from pg_temp.last_change()', $$ values (true, true, 'Until Friday.', 'everyone', 'admins', 'everyone') $$,
  'a change of a switch is announced, and one that comes to nothing is not counted');
select is(
  (select locked_reason from chat.update_room(tests.room('Switched'), locked_reason => '')), null, 'an empty reason removes the reason');
select from chat.update_room(tests.room('Switched'), locked_reason => 'Until noon.');
select results_eq(
  $$ select locked_at, locked_reason from chat.update_room(tests.room('Switched'), locked => false) $$,
  'values (null::timestamptz, null)', 'a room that is unlocked has no reason');
select results_eq(
  'select * from pg_temp.last_change()', $$ values (true, false, null, 'everyone', 'admins', 'everyone') $$, 'which is announced');
select from chat.update_room(tests.room('Switched'), locked_reason => 'For nothing.');
select is(locked_reason, null, 'a room that is not locked has no reason') from chat.rooms where name = 'Switched';
select results_eq('select counted from pg_temp.last_change()', array[true], 'which is not counted');
select throws_ok(
  $$ select chat.update_room(tests.room('Switched'), locked => true, locked_reason => repeat('x', 501)) $$, '23514', null,
  'a reason has up to 500 characters');
select tests.act_as('mira');
select results_eq('select * from pg_temp.closed()', $$ values ('adding people', 'role_required') $$,
  'a room that is unlocked is as it was');

-- A direct room has no admins: only a backend could lock it.
select from chat.create_direct_room(tests.user('oona'));
select is(
  tests.changed($$ update chat.rooms set posting = 'admins', locked_at = now() where kind = 'direct' $$), 0::bigint,
  'nobody switches a direct room');
select tests.act_as_operator();
update chat.rooms set locked_at = now() where id = tests.direct_room('mira', 'oona');
select tests.act_as('mira');
select throws_ok(
  $$ select chat.send_message(tests.direct_room('mira', 'oona'), 'x') $$, 'PT403', 'room_locked',
  'nobody writes in a direct room that an operator has locked');
select results_eq(
  $$ select locked_at, posting::text from chat.room_list(only_room_id => tests.direct_room('mira', 'oona')) $$,
  $$ values (now(), 'everyone') $$, 'the list of rooms has the switches');

select * from finish();
rollback;
