begin;
select plan(31);

-- sina and sten write in a private group and in a public one; mods moderates, and adms administers.
select tests.sign_up('sina', 'sten', 'sune', 'mods', 'adms');
select tests.appoint('mods', 'moderator'), tests.appoint('adms', 'administrator');
create function pg_temp.report(kind chat.report_kind) returns bigint language sql security definer
as $$ select max(id) from chat.reports as reports where reports.kind = report.kind and reporter_id = tests.user('sten') $$;
select tests.act_as('sina');
select from chat.create_group_room('Private sina', array[tests.user('sten')]);
select from chat.create_group_room('Public sina', array[tests.user('sten')], is_public => true);
select from chat.create_group_room('Other sina', array[tests.user('sten')]);
select from generate_series(1, 9) as place, chat.send_message(tests.room('Private sina'), 'sina ' || place);
select from chat.send_message(tests.room('Public sina'), 'For all');
select tests.act_as('sten');
select from chat.send_message(tests.room('Private sina'), 'sten 10');
select from chat.report('spam', message_id => tests.message('sina 5'));
select from chat.report('spam', user_id => tests.user('sina'));
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Public sina')) $$, 'PT403', 'moderator_required', 'others read no messages as moderators');

select tests.act_as('mods');
select throws_ok($$ select chat.moderated_messages(0) $$, 'PT404', 'room_not_found', 'the room exists');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), around_id => tests.message('For all')) $$, 'PT404', 'message_not_found',
  'the message is in the room');
select results_eq(
  $$ select content, username from chat.moderated_messages(tests.room('Public sina')) $$, $$ values ('For all', 'sina') $$,
  'a moderator reads a public group');
select is_empty(
  $$ select from chat.audit_log where action = 'messages_read' and created_at = now() $$, 'what everyone can read is not in the log');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), reason => 'Curious') $$, 'PT403', 'administrator_required',
  'a moderator does not read a private group without a report');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Other sina'), report_id => pg_temp.report('message')) $$, 'PT403', 'administrator_required',
  'a report about another room is none');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), tests.user('sten'), report_id => pg_temp.report('user')) $$, 'PT403',
  'administrator_required', 'with a report about a person a moderator reads nobody else');
select is_empty(
  $$ select from chat.audit_log where action = 'messages_read' and created_at = now() $$, 'what is refused is not in the log');
select results_eq(
  $$ select seq, content from chat.moderated_messages(
       tests.room('Private sina'), around_id => tests.message('sina 5'), report_id => pg_temp.report('message'), max_rows => 3
     ) $$,
  $$ values (4::bigint, 'sina 4'), (5, 'sina 5'), (6, 'sina 6') $$, 'a moderator reads what is around a message that was reported');
select results_eq(
  $$ select actor_id, room_id, user_id, message_id, report_id, reason from chat.audit_log
     where action = 'messages_read' and created_at = now() $$,
  $$ values (tests.user('mods'), tests.room('Private sina'), null::uuid, tests.message('sina 5'), pg_temp.report('message'), '') $$,
  'the audit log says so');
select is(nullif(current_setting('chat.report', true), ''), null, 'a later row of the log names no report');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), around_id => tests.message('sina 1'), report_id => pg_temp.report('message'), max_rows => 2
     ) $$,
  $$ values ('sina 1'), ('sina 2') $$, 'the page is full at the beginning');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), around_id => tests.message('sten 10'), report_id => pg_temp.report('message'), max_rows => 2
     ) $$,
  $$ values ('sina 9'), ('sten 10') $$, 'the page is full at the end');
select results_eq(
  $$ select content from chat.moderated_messages(tests.room('Private sina'), report_id => pg_temp.report('message'), max_rows => 2) $$,
  $$ values ('sina 9'), ('sten 10') $$, 'without a place these are the newest');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), before => 9, report_id => pg_temp.report('message'), max_rows => 2
     ) $$,
  $$ values ('sina 7'), ('sina 8') $$, 'before a seq these are the last before it');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), after => 2, report_id => pg_temp.report('message'), max_rows => 2
     ) $$,
  $$ values ('sina 3'), ('sina 4') $$, 'after a seq these are the first after it');
select is(
  (
    select count(*) from chat.moderated_messages(tests.room('Private sina'), tests.user('sina'), report_id => pg_temp.report('user'))
  ), 9::bigint, 'with a report about a person a moderator reads what the person wrote');
select is(
  (select user_id from chat.audit_log where action = 'messages_read' order by id desc limit 1), tests.user('sina'),
  'the audit log says whose messages');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), tests.user('sina'), around_id => tests.message('sina 3'), report_id => pg_temp.report('user'),
       max_rows => 2
     ) $$,
  $$ values ('sina 2'), ('sina 3') $$, 'of a person those up to a message');
select results_eq(
  $$ select content from chat.moderated_messages(
       tests.room('Private sina'), tests.user('sten'), after => 1, report_id => pg_temp.report('message'), max_rows => 2
     ) $$,
  $$ values ('sten 10') $$, 'with a report about the room anybody in it');

-- A report is a reason for a time.
select tests.act_as_operator();
update chat.reports set state = 'dismissed', action = 'dismiss', resolved_at = now() - interval '29 days'
where id = pg_temp.report('message');
select tests.act_as('mods');
select lives_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), report_id => pg_temp.report('message')) $$,
  'a report that was answered lately is enough');
select tests.act_as_operator();
update chat.reports set resolved_at = now() - interval '31 days' where id = pg_temp.report('message');
delete from chat.room_members where user_id = tests.user('sina') and room_id = tests.room('Other sina');
select tests.act_as('mods');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), report_id => pg_temp.report('message')) $$, 'PT403',
  'administrator_required', 'one that was answered a month ago is not');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Other sina'), tests.user('sina'), report_id => pg_temp.report('user')) $$, 'PT403',
  'administrator_required', 'the person whom a report is about is in the room');

select tests.act_as('adms');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Private sina')) $$, 'PT400', 'reason_required',
  'an administrator reads no private group without a report or a reason');
select lives_ok(
  $$ select chat.moderated_messages(tests.room('Private sina'), reason => 'A court asks') $$, 'an administrator gives a reason');
select results_eq(
  $$ select actor_id, reason, report_id from chat.audit_log where action = 'messages_read' order by id desc limit 1 $$,
  $$ values (tests.user('adms'), 'A court asks', null::bigint) $$, 'the reason is in the audit log');
select tests.act_as_operator();
update chat.rooms set joining = 'request' where id = tests.room('Public sina');
select tests.act_as('mods');
select throws_ok(
  $$ select chat.moderated_messages(tests.room('Public sina')) $$, 'PT403', 'administrator_required',
  'a public group that people ask to join is private');

-- Long messages make short pages.
select tests.act_as('sina');
select from generate_series(1, 60) as place, chat.send_message(tests.room('Public sina'), repeat('語', 9000) || place);
select tests.act_as('adms');
select ok(
  (select min(seq) > 12 and max(seq) = 61 from chat.moderated_messages(tests.room('Public sina'), reason => 'x', max_rows => 100)),
  'of too long messages the newest are on the page');
select ok(
  (
    select min(seq) = 2 and max(seq) < 50
    from chat.moderated_messages(tests.room('Public sina'), after => 1, reason => 'x', max_rows => 100)
  ),
  'after a seq the first');
select ok(
  (
    select min(seq) > 10 and max(seq) < 61 and bool_or(content like '%29') from chat.moderated_messages(
      tests.room('Public sina'), around_id => tests.message(repeat('語', 9000) || 29), reason => 'x', max_rows => 100
    )
  ), 'around a message those nearest to it');

select * from finish();
rollback;
