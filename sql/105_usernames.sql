-- Definer: under the policy of profiles no index of usernames is used, as lower() might tell of rows that the caller may
-- not read; every lookup would read all of them. The id alone tells no more than that the username is taken.
create function chat_private.person_named(username text)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select id from chat.profiles as profiles where lower(profiles.username) = lower(person_named.username));
end;
$$;
comment on function chat_private.person_named is 'The id of the person who has a username now; null when nobody has.';
grant execute on function chat_private.person_named to authenticated, service_role;

create function chat.username_available(username text)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select username_available.username ~ '^[\w.@+-]{1,150}$'
    and chat_private.person_named(username_available.username) is null;
$$;
comment on function chat.username_available is 'Whether a username is well formed and free.';
grant execute on function chat.username_available to authenticated, service_role;
