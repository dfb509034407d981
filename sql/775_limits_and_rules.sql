-- Administrators change the limits and the word rules. Each change is in the audit log, whatever writes the row.

-- Definer: clients may not write the log.
create function chat_private.limit_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit('limit_changed', null, details => jsonb_build_object(
    'action', new.action, 'before', to_jsonb(old) - 'action', 'after', to_jsonb(new) - 'action'
  ));
  return null;
end;
$$;

create trigger limit_changed
  after update on chat_private.limits
  for each row when (old is distinct from new)
  execute function chat_private.limit_changed();

create type chat.rate_limit as (action text, capacity integer, per_second double precision, cost integer);

-- Definer, like the functions below: clients may not read or write the tables.
create function chat_private.limit_list()
returns setof chat.rate_limit
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select limits.action, limits.capacity, limits.per_second, limits.cost from chat_private.limits as limits order by limits.action;
end;
$$;
grant execute on function chat_private.limit_list to authenticated;

create function chat.limit_list()
returns setof chat.rate_limit
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.limit_list();
end;
$$;
comment on function chat.limit_list is
  'How often a person may do something, by action, for administrators. Raises administrator_required.';
grant execute on function chat.limit_list to authenticated;

create function chat_private.set_limit(action text, capacity integer, per_second double precision, cost integer)
returns chat.rate_limit
language plpgsql volatile security definer set search_path = ''
as $$
declare
  rate chat_private.limits;
begin
  perform chat_private.require_administrator();
  select * into rate from chat_private.limits as limits where limits.action = set_limit.action for update;
  if not found then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'There is no such limit.';
  end if;
  rate.capacity := coalesce(set_limit.capacity, rate.capacity);
  rate.per_second := coalesce(set_limit.per_second, rate.per_second);
  rate.cost := coalesce(set_limit.cost, rate.cost);
  if rate.capacity not between 1 and 1000000000 then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'The capacity is between 1 and 1,000,000,000.';
  elsif not (rate.per_second > 0 and rate.per_second <= 1000000) then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'A second adds more than 0 and at most 1,000,000 tokens.';
  elsif rate.cost not between 0 and rate.capacity then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'The cost is between 0, which is no limit, and the capacity.';
  end if;
  update chat_private.limits as limits set capacity = rate.capacity, per_second = rate.per_second, cost = rate.cost
  where limits.action = set_limit.action;
  return (rate.action, rate.capacity, rate.per_second, rate.cost)::chat.rate_limit;
end;
$$;
grant execute on function chat_private.set_limit to authenticated;

create function chat.set_limit(
  action text, capacity integer default null, per_second double precision default null, cost integer default null
)
returns chat.rate_limit
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_limit(action, capacity, per_second, cost);
$$;
comment on function chat.set_limit is
  'Changes how often a person may do something, from the next call on, as an administrator; null leaves a value as it is, and cost 0 is '
  'no limit. Raises administrator_required, invalid_limit.';
grant execute on function chat.set_limit to authenticated;

-- Definer: clients may not write the log.
create function chat_private.word_rule_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  case tg_op
    when 'INSERT' then
      perform chat_private.audit('word_rule_added', null, details => jsonb_build_object('pattern', new.pattern, 'action', new.action));
    when 'DELETE' then
      perform chat_private.audit('word_rule_removed', null, details => jsonb_build_object('pattern', old.pattern, 'action', old.action));
    else
      perform chat_private.audit('word_rule_changed', null, details => jsonb_build_object(
        'before', jsonb_build_object('pattern', old.pattern, 'action', old.action),
        'after', jsonb_build_object('pattern', new.pattern, 'action', new.action)
      ));
  end case;
  return null;
end;
$$;

create trigger word_rule_changed
  after insert or update or delete on chat_private.word_rules
  for each row execute function chat_private.word_rule_changed();

create type chat.word_rule as (id bigint, pattern text, action text, created_at timestamptz);

-- Definer: as above.
create function chat_private.word_rule_list()
returns setof chat.word_rule
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select rules.id, rules.pattern, rules.action, rules.created_at from chat_private.word_rules as rules order by rules.id limit 1000;
end;
$$;
grant execute on function chat_private.word_rule_list to authenticated;

create function chat.word_rule_list()
returns setof chat.word_rule
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.word_rule_list();
end;
$$;
comment on function chat.word_rule_list is
  'The rules of what messages may not say, the oldest first, for administrators. Raises administrator_required.';
grant execute on function chat.word_rule_list to authenticated;

create function chat_private.require_word_rule(pattern text, action text)
returns void
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  if coalesce(action, '') not in ('flag', 'refuse', 'hold') then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'A rule flags a message, holds it, or refuses it.';
  elsif coalesce(char_length(pattern), 0) not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'Give a pattern of 1 to 500 characters.';
  elsif '' ~* pattern then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'This pattern would be found in every message.';
  end if;
exception when invalid_regular_expression then
  raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = format('This is no regular expression: %s.', sqlerrm);
end;
$$;
comment on function chat_private.require_word_rule is 'Raises invalid_word_rule for what cannot be a rule.';

create function chat_private.add_word_rule(pattern text, action text)
returns chat.word_rule
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- Every message is tried on every rule.
  most constant integer := 200;
  rule chat_private.word_rules;
begin
  perform chat_private.require_administrator();
  perform chat_private.require_word_rule(pattern, action);
  select * into rule from chat_private.word_rules as rules where rules.pattern = add_word_rule.pattern for update;
  if not found then
    if (select count(*) from chat_private.word_rules) >= most then
      raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = format('There are %s rules. Remove one first.', most);
    end if;
    insert into chat_private.word_rules as rules (pattern, action) values (add_word_rule.pattern, add_word_rule.action)
    on conflict on constraint word_rules_pattern_key do update set action = excluded.action
    returning rules.* into rule;
  elsif rule.action <> add_word_rule.action then
    update chat_private.word_rules as rules set action = add_word_rule.action where rules.id = rule.id
    returning rules.* into rule;
  end if;
  return (rule.id, rule.pattern, rule.action, rule.created_at)::chat.word_rule;
end;
$$;
grant execute on function chat_private.add_word_rule to authenticated;

create function chat.add_word_rule(pattern text, action text default 'flag')
returns chat.word_rule
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.add_word_rule(pattern, action);
$$;
comment on function chat.add_word_rule is
  'Adds a rule of what messages may not say, as an administrator: a regular expression of Postgres, in any case, that flags a message, '
  'holds it until a moderator approves, or refuses it. The same pattern again changes what it does. Raises '
  'administrator_required, invalid_word_rule.';
grant execute on function chat.add_word_rule to authenticated;

create function chat_private.remove_word_rule(rule_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  delete from chat_private.word_rules as rules where rules.id = rule_id;
end;
$$;
grant execute on function chat_private.remove_word_rule to authenticated;

create function chat.remove_word_rule(rule_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.remove_word_rule(rule_id);
$$;
comment on function chat.remove_word_rule is
  'Removes a rule, as an administrator; does nothing for one that is gone. Raises administrator_required.';
grant execute on function chat.remove_word_rule to authenticated;
