-- Who is online: seen in the last 60 seconds and not signed out since.
create table chat.user_status (
  user_id uuid primary key references chat.profiles on delete cascade,
  last_seen_at timestamptz not null default now(),
  signed_out_at timestamptz,
  -- What their rooms were sent last: whoever begins to be online also ends it, however they went.
  announced_online boolean not null default false
)
with (fillfactor = 70);
comment on table chat.user_status is 'When a person was last seen.';

-- Who was seen lately, to whom a list of those online narrows itself down.
create index user_status_last_seen_at_idx on chat.user_status (last_seen_at desc);
-- Who was announced as online, the longest unseen first: job_end_status().
create index user_status_announced_idx on chat.user_status (last_seen_at) where announced_online;

alter table chat.user_status enable row level security;
revoke all on chat.user_status from anon, authenticated;
grant select on chat.user_status to authenticated;
-- No writes: touch_status() throttles them.

create policy "people can read who is online"
  on chat.user_status for select to authenticated
  using ((select chat_private.require_modest_query()) and not (select chat_private.is_anonymous()));

create function chat.is_online(status chat.user_status)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select coalesce(
    status.last_seen_at > now() - interval '60 seconds'
    and (status.signed_out_at is null or status.signed_out_at < status.last_seen_at),
    false
  );
$$;
comment on function chat.is_online is 'Whether the person is online. A computed column of user_status.';
grant execute on function chat.is_online to authenticated, service_role;

-- Definer: clients may not write their status but through here. At most one write in 20 seconds, but for a change of mind.
create function chat_private.touch_status(signed_out boolean)
returns chat.user_status
language plpgsql volatile security definer set search_path = ''
as $$
declare
  status chat.user_status;
begin
  perform chat_private.require_caller();
  select * into status from chat.user_status where user_id = (select auth.uid());
  if found and (status.signed_out_at is not null) = signed_out
    and (signed_out or status.last_seen_at > now() - interval '20 seconds')
  then
    return status;
  end if;

  insert into chat.user_status (user_id, signed_out_at)
  values ((select auth.uid()), case when signed_out then now() end)
  on conflict (user_id) do update set last_seen_at = now(), signed_out_at = excluded.signed_out_at
  returning * into status;
  return status;
end;
$$;
grant execute on function chat_private.touch_status to authenticated;

create function chat.touch_status(signed_out boolean default false)
returns chat.user_status
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.touch_status(signed_out);
$$;
comment on function chat.touch_status is 'Says that the caller is here, or has signed out. Raises caller_required.';
grant execute on function chat.touch_status to authenticated;
