-- A backend acts as a person: it calls a function of chat with the secret key, and everything is as if that person had called it,
-- with the person's rooms, roles, limits, blocks, mutes and suspensions. The audit log says so. What the person is allowed as a
-- moderator or an administrator is left out: a backend may do that in its own name.

-- Definer: nobody writes the audit log.
create function chat_private.begin_call_as(user_id uuid, function_name text, arguments jsonb)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend acts as somebody else.';
  end if;
  perform chat_private.require_people(array[user_id]);
  perform chat_private.audit(
    'called_as', user_id,
    case when jsonb_typeof(arguments -> 'room_id') = 'number' then (arguments ->> 'room_id')::bigint end,
    details => jsonb_build_object('function', function_name)
  );
end;
$$;
grant execute on function chat_private.begin_call_as to service_role;

create function chat_private.call_of(function_name text, arguments jsonb)
returns text
language plpgsql stable security invoker set search_path = ''
as $$
declare
  called pg_catalog.pg_proc;
  names text[];
  given text[];
  typed text;
begin
  -- What people may call, and nothing else.
  select * into called from pg_catalog.pg_proc
  where pronamespace = 'chat'::regnamespace and proname = function_name
    and has_function_privilege('authenticated', pg_proc.oid, 'execute');
  names := coalesce(called.proargnames[1:called.pronargs], '{}');
  given := array(select jsonb_object_keys(arguments));
  if called.oid is null or not given <@ names or not names[1:called.pronargs - called.pronargdefaults] <@ given then
    raise sqlstate 'PT400' using message = 'invalid_call',
      detail = format('There is no function %s of people with these arguments.', function_name);
  end if;
  typed := (
    select string_agg(format('%I %s', name, format_type(called.proargtypes[place - 1], null)), ', ')
    from unnest(names) with ordinality as all_names (name, place)
    where name = any (given)
  );
  return format(
    'select %s from %schat.%I(%s) as answer',
    case
      when called.prorettype = 'void'::regtype then 'null::jsonb'
      when called.proretset then 'coalesce(jsonb_agg(to_jsonb(answer)), ''[]'')'
      else 'to_jsonb(answer)'
    end,
    coalesce('jsonb_to_record($1) as given (' || typed || ') cross join lateral ', ''),
    function_name,
    (select string_agg(format('%I => given.%I', name, name), ', ') from unnest(given) as name)
  );
end;
$$;
comment on function chat_private.call_of is
  'The statement that calls a function of chat with the arguments in $1. Raises invalid_call.';
grant execute on function chat_private.call_of to service_role;

create function chat.call_as(user_id uuid, function_name text, arguments jsonb default '{}')
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  own_role constant text := current_setting('role');
  own_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  call text;
  answer jsonb;
begin
  perform chat_private.begin_call_as(user_id, function_name, arguments);
  call := chat_private.call_of(function_name, arguments);
  perform set_config('request.jwt.claims', jsonb_build_object('sub', user_id, 'role', 'authenticated')::text, true);
  perform set_config('role', 'authenticated', true);
  perform chat_private.require_access();
  execute call into answer using arguments;
  perform set_config('role', own_role, true);
  perform set_config('request.jwt.claims', own_claims, true);
  return answer;
end;
$$;
comment on function chat.call_as is
  'For backends: calls a function of chat as a person, with arguments by their names, and returns its answer; a list as an array. Every '
  'rule for that person applies, and the audit log says so. Raises backend_required, user_not_found, invalid_call, suspended, and '
  'what the function raises.';
-- Granted to backends only, by 900_grants.
