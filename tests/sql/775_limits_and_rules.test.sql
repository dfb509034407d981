begin;
select plan(36);

-- lars moderates, and lina administers.
select tests.sign_up('lars', 'lina', 'lotte');
select tests.appoint('lars', 'moderator'), tests.appoint('lina', 'administrator');
delete from chat_private.word_rules where true;
update chat_private.limits set capacity = 200, per_second = 0.02, cost = 1 where action = 'report';
select tests.act_as('lars');
select throws_ok($$ select chat.limit_list() $$, 'PT403', 'administrator_required', 'a moderator reads no limits');
select throws_ok(
  $$ select chat.set_limit('report', 1) $$, 'PT403', 'administrator_required', 'a moderator changes no limit');
select throws_ok($$ select chat.word_rule_list() $$, 'PT403', 'administrator_required', 'a moderator reads no word rules');
select throws_ok($$ select chat.add_word_rule('x') $$, 'PT403', 'administrator_required', 'a moderator adds no word rule');
select throws_ok($$ select chat.remove_word_rule(0) $$, 'PT403', 'administrator_required', 'a moderator removes no word rule');

select tests.act_as('lina');
select results_eq(
  $$ select capacity, per_second, cost from chat.limit_list() where action = 'report' $$, $$ values (200, 0.02::float8, 1) $$,
  'an administrator reads the limits');
select ok(
  (select array_agg(action) = array_agg(action order by action) and count(*) > 15 from chat.limit_list()), 'all of them, by action');
select results_eq(
  $$ select action, capacity, per_second, cost from chat.set_limit('report', 300) $$, $$ values ('report', 300, 0.02::float8, 1) $$,
  'an administrator changes one value');
select results_eq(
  $$ select capacity, per_second, cost from chat.set_limit('report', per_second => 2.5, cost => 0) $$, $$ values (300, 2.5::float8, 0) $$,
  'an administrator changes the other values');
select lives_ok($$ select chat.set_limit('report', 300) $$, 'a retry changes nothing');
select results_eq(
  $$ select actor_id, details from chat.audit_log
     where action = 'limit_changed' and actor_id is not null and created_at = now()
     order by id $$,
  $$ values
    (tests.user('lina'), '{"action": "report", "before": {"capacity": 200, "per_second": 0.02, "cost": 1},
      "after": {"capacity": 300, "per_second": 0.02, "cost": 1}}'::jsonb),
    (tests.user('lina'), '{"action": "report", "before": {"capacity": 300, "per_second": 0.02, "cost": 1},
      "after": {"capacity": 300, "per_second": 2.5, "cost": 0}}') $$,
  'the audit log says what it was before');
select throws_ok($$ select chat.set_limit('nothing', 1) $$, 'PT400', 'invalid_limit', 'there is such a limit');
select throws_ok($$ select chat.set_limit('report', 0) $$, 'PT400', 'invalid_limit', 'a bucket holds something');
select throws_ok($$ select chat.set_limit('report', 1000000001) $$, 'PT400', 'invalid_limit', 'a bucket holds no more than it can');
select throws_ok($$ select chat.set_limit('report', per_second => 0) $$, 'PT400', 'invalid_limit', 'a bucket fills');
select throws_ok($$ select chat.set_limit('report', per_second => 'NaN') $$, 'PT400', 'invalid_limit', 'with a number');
select throws_ok($$ select chat.set_limit('report', per_second => 1000001) $$, 'PT400', 'invalid_limit', 'not too fast');
select throws_ok($$ select chat.set_limit('report', cost => -1) $$, 'PT400', 'invalid_limit', 'a cost is not negative');
select throws_ok($$ select chat.set_limit('report', 5, cost => 6) $$, 'PT400', 'invalid_limit', 'a full bucket is enough for one');

select results_eq(
  $$ select pattern, action from chat.add_word_rule('\mspam\M') $$, $$ values ('\mspam\M', 'flag') $$, 'an administrator adds a word rule');
select results_eq(
  $$ select pattern, action from chat.add_word_rule('\mspam\M', 'refuse') $$, $$ values ('\mspam\M', 'refuse') $$,
  'the same pattern changes what it does');
select lives_ok($$ select chat.add_word_rule('\mspam\M', 'refuse') $$, 'a retry changes nothing');
select results_eq(
  $$ select pattern, action from chat.word_rule_list() $$, $$ values ('\mspam\M', 'refuse') $$, 'an administrator reads the rules');
select throws_ok($$ select chat.add_word_rule('(') $$, 'PT400', 'invalid_word_rule', 'a pattern is a regular expression');
select throws_ok($$ select chat.add_word_rule('') $$, 'PT400', 'invalid_word_rule', 'a pattern is not empty');
select throws_ok($$ select chat.add_word_rule(repeat('x', 501)) $$, 'PT400', 'invalid_word_rule', 'a pattern has at most 500 characters');
select throws_ok($$ select chat.add_word_rule('a*') $$, 'PT400', 'invalid_word_rule', 'a pattern is not in every message');
select throws_ok($$ select chat.add_word_rule('a', 'hide') $$, 'PT400', 'invalid_word_rule', 'a rule flags, holds or refuses');
select lives_ok($$ select chat.remove_word_rule((select id from chat.word_rule_list())) $$, 'an administrator removes a rule');
select lives_ok($$ select chat.remove_word_rule(0) $$, 'one that is gone stays so');
select results_eq(
  $$ select action, details from chat.audit_log
     where action like 'word_rule_%' and created_at = now() and actor_id is not null
     order by id $$,
  $$ values
    ('word_rule_added', '{"pattern": "\\mspam\\M", "action": "flag"}'::jsonb),
    ('word_rule_changed', '{"before": {"pattern": "\\mspam\\M", "action": "flag"},
      "after": {"pattern": "\\mspam\\M", "action": "refuse"}}'),
    ('word_rule_removed', '{"pattern": "\\mspam\\M", "action": "refuse"}') $$,
  'the audit log has each change');
select results_eq($$ select action from chat.add_word_rule('held', 'hold') $$, array['hold'], 'a rule may hold messages');
select lives_ok($$ select chat.remove_word_rule(id) from chat.word_rule_list() $$, 'such a rule is removed like any other');
select tests.act_as_operator();
insert into chat_private.word_rules (pattern, action) select 'word ' || place, 'flag' from generate_series(1, 199) as place;
select tests.act_as('lina');
select lives_ok($$ select chat.add_word_rule('the last') $$, 'there are at most 200 rules');
select throws_ok($$ select chat.add_word_rule('one more') $$, 'PT400', 'invalid_word_rule', 'there is no rule more');

-- Who is suspended learns that, and not that a role is missing.
select tests.act_as_operator();
insert into chat.suspensions (user_id) values (tests.user('lina'));
select tests.act_as('lina');
select throws_ok($$ select chat.set_limit('report', 1) $$, 'PT403', 'suspended', 'an administrator who is suspended changes nothing');

select * from finish();
rollback;
