-- Moderators and administrators: who they are, and how an administrator appoints them. The role is in the app_metadata of the account;
-- this table follows it, since nothing finds an account by its metadata.
create table chat_private.operators (
  user_id uuid primary key references auth.users on delete cascade,
  role chat.operator_role not null,
  since timestamptz not null default now()
);
comment on table chat_private.operators is 'The accounts with a role in their app_metadata: a trigger writes it.';
alter table chat_private.operators enable row level security;
revoke all on chat_private.operators from anon, authenticated;

-- The operators of a project that adds Parley, or has an earlier release.
insert into chat_private.operators (user_id, role)
select users.id, (users.raw_app_meta_data ->> 'parley_role')::chat.operator_role
from auth.users as users
where users.raw_app_meta_data ->> 'parley_role' in ('moderator', 'administrator');

-- Definer: Auth's role writes accounts, and has no rights in chat.
create function chat_private.operator_appointed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  before constant chat.operator_role := (
    select operators.role from chat_private.operators as operators where operators.user_id = new.id
  );
  given constant text := new.raw_app_meta_data ->> 'parley_role';
  -- Any other word is no role.
  after constant chat.operator_role := case when given in ('moderator', 'administrator') then given end;
begin
  if before is not distinct from after then
    return null;
  elsif after is null then
    delete from chat_private.operators as operators where operators.user_id = new.id;
  else
    insert into chat_private.operators (user_id, role) values (new.id, after)
    on conflict on constraint operators_pkey do update set role = excluded.role, since = now();
  end if;
  perform chat_private.audit('operator_role_changed', new.id, details => jsonb_build_object('before', before, 'after', after));
  return null;
end;
$$;
comment on function chat_private.operator_appointed is
  'Notes the role of an account, with a row in the audit log, whatever has written it.';

create trigger parley_operator_appointed_on_insert
  after insert on auth.users
  for each row when ((new.raw_app_meta_data ->> 'parley_role') is not null)
  execute function chat_private.operator_appointed();

create trigger parley_operator_appointed_on_update
  after update of raw_app_meta_data on auth.users
  for each row when ((new.raw_app_meta_data ->> 'parley_role') is distinct from (old.raw_app_meta_data ->> 'parley_role'))
  execute function chat_private.operator_appointed();

create type chat.operator as (user_id uuid, username text, email text, role chat.operator_role, since timestamptz);

-- Definer: clients may read neither the table nor the addresses.
create function chat_private.operator_list()
returns setof chat.operator
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select operators.user_id, profiles.username, users.email::text, operators.role, operators.since
    from chat_private.operators as operators
    join auth.users as users on users.id = operators.user_id
    left join chat.profiles as profiles on profiles.id = operators.user_id
    order by operators.role desc, operators.since, operators.user_id
    limit 1000;
end;
$$;
grant execute on function chat_private.operator_list to authenticated;

create function chat.operator_list()
returns setof chat.operator
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  -- A filter of the Data API would run in the same statement, here and below.
  perform chat_private.require_modest_query();
  return query select * from chat_private.operator_list();
end;
$$;
comment on function chat.operator_list is
  'The administrators and the moderators, at most 1,000, for administrators. Raises administrator_required.';
grant execute on function chat.operator_list to authenticated;

create function chat_private.lock_administrators()
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform from chat_private.operators as operators
  where operators.role = 'administrator'
  order by operators.user_id
  for update;
end;
$$;
comment on function chat_private.lock_administrators is
  'Lets administrators resign one after the other, so that two do not leave together.';

create function chat_private.require_other_administrator(user_id uuid)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if not exists (
    select from chat_private.operators as operators
    where operators.role = 'administrator' and operators.user_id <> require_other_administrator.user_id
      and chat_private.refusal_of(operators.user_id, null) is null
  ) then
    raise sqlstate 'PT409' using message = 'last_administrator', detail = 'Make somebody else an administrator first.';
  end if;
end;
$$;
comment on function chat_private.require_other_administrator is
  'Raises last_administrator if nobody but a user is an administrator who may act.';

-- Definer: clients may not write accounts.
create function chat_private.set_operator_role(user_id uuid, role chat.operator_role)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- The wait may have taken the role of the caller.
  perform chat_private.lock_administrators();
  perform chat_private.require_administrator();
  perform chat_private.require_people(array[user_id]);
  if user_id = (select auth.uid()) and role is distinct from 'administrator' then
    perform chat_private.require_other_administrator(user_id);
  end if;
  update auth.users as users
  set raw_app_meta_data = case
    when set_operator_role.role is null then users.raw_app_meta_data - 'parley_role'
    else coalesce(users.raw_app_meta_data, '{}') || jsonb_build_object('parley_role', set_operator_role.role)
  end
  where users.id = set_operator_role.user_id;
end;
$$;
grant execute on function chat_private.set_operator_role to authenticated;

create function chat.set_operator_role(user_id uuid, role chat.operator_role default null)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_operator_role(user_id, role);
$$;
comment on function chat.set_operator_role is
  'Makes a person a moderator or an administrator, or neither with null, as an administrator. It counts from the next access token of '
  'the person on; a role that is taken away ends at once. Raises administrator_required, user_not_found, last_administrator.';
grant execute on function chat.set_operator_role to authenticated;
