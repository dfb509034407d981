-- Administrators change how long rows are kept. Each change is in the audit log, whatever writes the row.

-- Definer: clients may not write the log.
create function chat_private.retention_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit('retention_changed', null, details => jsonb_build_object(
    'name', new.name,
    'before', jsonb_build_object('age', old.age, 'newest', old.newest), 'after', jsonb_build_object('age', new.age, 'newest', new.newest)
  ));
  return null;
end;
$$;

create trigger retention_changed
  after update on chat_private.retention
  for each row when (old is distinct from new)
  execute function chat_private.retention_changed();

create type chat.retention as (name text, age interval, newest integer, at_least interval, at_most interval, description text);

-- Definer, like the function below: clients may not read or write the table.
create function chat_private.retention_list()
returns setof chat.retention
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select kept.name, kept.age, kept.newest, kept.at_least, kept.at_most, kept.description
    from chat_private.retention as kept order by kept.name;
end;
$$;
grant execute on function chat_private.retention_list to authenticated;

create function chat.retention_list()
returns setof chat.retention
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.retention_list();
end;
$$;
comment on function chat.retention_list is
  'How long rows are kept that nobody needs forever, by name, for administrators. Raises administrator_required.';
grant execute on function chat.retention_list to authenticated;

create function chat_private.set_retention(name text, age interval, newest integer)
returns chat.retention
language plpgsql volatile security definer set search_path = ''
as $$
declare
  kept chat_private.retention;
begin
  perform chat_private.require_administrator();
  update chat_private.retention as retention set age = set_retention.age, newest = set_retention.newest
  where retention.name = set_retention.name and num_nulls(retention.newest, set_retention.newest) <> 1
  returning * into kept;
  if not found then
    raise sqlstate 'PT400' using message = 'invalid_retention', detail = 'Give a name of retention_list(), and what it is pruned by.';
  end if;
  return (kept.name, kept.age, kept.newest, kept.at_least, kept.at_most, kept.description)::chat.retention;
exception when check_violation then
  raise sqlstate 'PT400' using message = 'invalid_retention',
    detail = 'An age is between at_least and at_most, or none where there is no at_most; a number is between 1 and 100,000.';
end;
$$;
grant execute on function chat_private.set_retention to authenticated;

create function chat.set_retention(name text, age interval default null, newest integer default null)
returns chat.retention
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_retention(name, age, newest);
$$;
comment on function chat.set_retention is
  'Changes how long rows are kept, from the next run of the job on, as an administrator: by their age, where null is forever, or by '
  'their number. Raises administrator_required, invalid_retention.';
grant execute on function chat.set_retention to authenticated;
