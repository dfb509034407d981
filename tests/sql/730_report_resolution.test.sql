begin;
select plan(42);

-- vera reports what vito writes; mod3 and mod4 moderate, adm3 administers.
select tests.sign_up('vera', 'vito', 'vlad', 'mod3', 'mod4', 'adm3');
select tests.appoint('mod3', 'moderator'), tests.appoint('mod4', 'moderator'), tests.appoint('adm3', 'administrator');
select tests.act_as('vito');
select from chat.create_group_room('Resolved', array[tests.user('vera'), tests.user('vlad')]);
select from chat.create_group_room('Resolved and gone', is_public => true, slug => 'resolved-and-gone');
select from chat.create_direct_room(tests.user('vera'));
select from unnest(array['one', 'two', 'three', 'four']) as word, chat.send_message(tests.room('Resolved'), word);
create temporary table made (word text, id bigint);
grant select, insert on made to authenticated;
select tests.act_as('vera');
insert into made
select word, (chat.report('spam', tests.message(word))).id from unnest(array['one', 'two', 'three', 'four']) as word
union all select 'group', (chat.report('spam', room_id => tests.room('Resolved and gone'))).id
union all select 'direct', (chat.report('spam', room_id => tests.direct_room('vera', 'vito'))).id
union all select 'person', (chat.report('spam', user_id => tests.user('vito'))).id
union all select 'moderator', (chat.report('spam', user_id => tests.user('mod4'))).id;
create function pg_temp.resolve(word text, action chat.moderation_action, note text default 'Rule 1', until timestamptz default null)
returns chat.reports
language sql
as $$
  select * from chat.resolve_report((select id from made where made.word = resolve.word), action, note, until);
$$;
-- The audit log of a report, as the operator reads it.
create function pg_temp.audited(word text)
returns table (actor uuid, action text, about uuid, reason text)
language sql security definer
as $$
  select actor_id, action, user_id, reason from chat.audit_log
  where report_id = (select id from made where made.word = audited.word) order by audit_log.id;
$$;
grant execute on function pg_temp.audited to authenticated;

select throws_ok($$ select pg_temp.resolve('one', 'dismiss') $$, 'PT403', 'moderator_required', 'others answer no report');
select tests.act_as('mod3');
select throws_ok($$ select chat.resolve_report(0, 'dismiss') $$, 'PT404', 'report_not_found', 'a report that is answered exists');
select throws_ok($$ select pg_temp.resolve('one', null) $$, 'PT400', 'invalid_resolution', 'an answer is an action');
select throws_ok($$ select pg_temp.resolve('one', 'warn', repeat('x', 501)) $$, 'PT400', 'invalid_resolution', 'a note is short');
select throws_ok($$ select pg_temp.resolve('person', 'delete') $$, 'PT400', 'invalid_resolution', 'a person is not deleted');
select throws_ok($$ select pg_temp.resolve('person', 'ban_from_room') $$, 'PT400', 'invalid_resolution', 'a ban from a room needs a room');
select throws_ok($$ select pg_temp.resolve('group', 'warn') $$, 'PT400', 'invalid_resolution', 'a group is not warned');
select throws_ok($$ select pg_temp.resolve('direct', 'delete') $$, 'PT400', 'direct_room_fixed', 'a direct chat is not deleted');
select throws_ok(
  $$ select pg_temp.resolve('moderator', 'warn') $$, 'PT403', 'moderator_required', 'a moderator does not act against another');
select throws_ok($$ select pg_temp.resolve('one', 'mute', 'x', now()) $$, 'PT400', 'invalid_until', 'a mute ends in the future');

-- Dismissed.
select tests.hush();
select is((pg_temp.resolve('one', 'dismiss')).state::text, 'dismissed', 'a moderator dismisses a report');
select results_eq(
  $$ select topic, event, payload ->> 'kind', payload ->> 'reason' from tests.heard() $$,
  $$ values ('user:' || tests.user('vera'), 'notice.added', 'report_answered', '') $$,
  'only the reporter is notified of a report that was dismissed, and does not read the note');
select results_eq(
  $$ select * from pg_temp.audited('one') $$, $$ values (tests.user('mod3'), 'dismissed', tests.user('vito'), 'Rule 1') $$,
  'a dismissal is in the audit log once');
select tests.act_as('mod4');
select throws_ok($$ select pg_temp.resolve('one', 'delete') $$, 'PT409', 'report_resolved', 'a report is answered once');
create function pg_temp.who_has_handled(word text)
returns text
language plpgsql
as $$
declare
  hint text;
begin
  perform pg_temp.resolve(word, 'delete');
  return null;
exception when others then
  get stacked diagnostics hint = pg_exception_hint;
  return hint::jsonb ->> 'username';
end;
$$;
select is(pg_temp.who_has_handled('one'), 'mod3', 'the error says who has answered it');

-- Deleted, with the other reports of the same message.
select tests.act_as('vlad');
insert into made select 'two again', (chat.report('hate', tests.message('two'))).id;
select tests.act_as('mod3');
select tests.hush();
select is((pg_temp.resolve('two', 'delete')).state::text, 'resolved', 'a moderator deletes a message');
select bag_eq(
  $$ select event from tests.heard() $$, array['message.deleted', 'notice.added', 'notice.added', 'notice.added'],
  'the room, the sender and both reporters are notified');
select is(
  (select count(*) from chat.report_list('resolved') where id in (select id from made where word like 'two%')), 2::bigint,
  'all reports of the message are answered');
select results_eq(
  $$ select * from pg_temp.audited('two') $$, $$ values (tests.user('mod3'), 'message_deleted', tests.user('vito'), 'Rule 1') $$,
  'a deletion is in the audit log once');
select is_empty($$ select from pg_temp.audited('two again') $$, 'the other report adds nothing to the log');

-- Warned, muted, and banned from the room: each once in the log.
select lives_ok($$ select pg_temp.resolve('person', 'warn') $$, 'a moderator warns a person');
select results_eq(
  $$ select * from pg_temp.audited('person') $$, $$ values (tests.user('mod3'), 'warning', tests.user('vito'), 'Rule 1') $$,
  'a warning is in the audit log once');
select is(
  (pg_temp.resolve('three', 'mute', 'Rule 2', now() + interval '1 day')).until, now() + interval '1 day', 'a moderator mutes a person');
select results_eq(
  $$ select * from pg_temp.audited('three') $$, $$ values (tests.user('mod3'), 'mute', tests.user('vito'), 'Rule 2') $$,
  'a mute is in the audit log once');
select lives_ok($$ select pg_temp.resolve('four', 'ban_from_room', 'Rule 3') $$, 'a moderator bans even the owner of a group');
select results_eq(
  $$ select * from pg_temp.audited('four') $$, $$ values (tests.user('mod3'), 'room_ban', tests.user('vito'), 'Rule 3') $$,
  'a ban is in the audit log once, although somebody else owns the group now');
select tests.act_as('vito');
select throws_ok($$ select chat.send_message(tests.direct_room('vera', 'vito'), 'x') $$, 'PT403', 'muted', 'the mute holds');
select is_empty($$ select from chat.rooms where name = 'Resolved' $$, 'the ban holds');
select bag_eq(
  $$ select kind::text, reason from chat.notices $$,
  $$ values ('message_deleted', 'Rule 1'), ('warning', 'Rule 1'), ('mute', 'Rule 2'), ('room_ban', 'Rule 3') $$,
  'the person reads what was done and why');

-- A mute that is there already still answers a report.
select tests.act_as('vlad');
insert into made select 'again', (chat.report('spam', user_id => tests.user('vito'))).id;
select tests.act_as('mod3');
select lives_ok($$ select pg_temp.resolve('again', 'mute', 'Rule 2', now() + interval '1 day') $$, 'a moderator gives the same mute again');
select is((select action from pg_temp.audited('again')), 'mute', 'it is in the audit log of the second report, too');

insert into made select 'own', (chat.report('spam', user_id => tests.user('vlad'))).id;
select tests.hush();
select from pg_temp.resolve('own', 'dismiss');
select is_empty('select from tests.heard()', 'who answers a report of their own is not notified');

-- A group, and a moderator.
select tests.act_as('mod3');
select lives_ok($$ select pg_temp.resolve('group', 'delete') $$, 'a moderator deletes a group');
select results_eq(
  $$ select action from pg_temp.audited('group') $$, array['room_deleted'], 'a deleted group is in the audit log once');
select is_empty($$ select from chat.rooms where name = 'Resolved and gone' $$, 'the group is gone');
select tests.act_as('adm3');
select lives_ok($$ select pg_temp.resolve('moderator', 'warn') $$, 'an administrator warns a moderator');

-- The reporter.
select tests.act_as('vera');
select results_eq(
  $$ select made.word, reports.state::text from chat.reports join made using (id)
     where made.word in ('one', 'two', 'direct') order by id $$,
  $$ values ('one', 'dismissed'), ('two', 'resolved'), ('direct', 'open') $$, 'the reporter reads what became of the reports');
select is(
  (select count(*) from chat.notices where kind = 'report_answered'), 7::bigint,
  'the reporter reads that each was answered, and only by others');
select results_eq(
  $$ select message_id from chat.notices where kind = 'report_answered' order by id limit 2 $$,
  $$ select message_id from chat.reports join made using (id) where made.word in ('one', 'two') order by id $$,
  'the notice says about what');
select lives_ok($$ select chat.report('spam', tests.message('one')) $$, 'what was dismissed can be reported again');

-- A person who is gone.
select tests.act_as_operator();
delete from auth.users where id = tests.user('vito');
select tests.act_as('mod3');
select throws_ok(
  $$ select chat.resolve_report((select max(id) from chat.report_list()), 'warn') $$, 'PT404', 'user_not_found',
  'nobody warns an account that is gone');
select lives_ok(
  $$ select chat.resolve_report((select max(id) from chat.report_list()), 'delete') $$, 'the message can still be deleted');

select * from finish();
rollback;
