-- Mutes: who may not write messages in any room, until when and why. They go on reading, and react.
create table chat.mutes (
  user_id uuid primary key references chat.profiles on delete cascade,
  until timestamptz check (isfinite(until)),
  reason text not null default '' check (char_length(reason) <= 500),
  created_at timestamptz not null default now()
);
comment on table chat.mutes is 'Who may not write messages. A mute that has ended refuses nothing.';
comment on column chat.mutes.until is 'When it ends; null if it does not end by itself.';

alter table chat.mutes enable row level security;
revoke all on chat.mutes from anon, authenticated;
grant select on chat.mutes to authenticated;
-- No writes: mute_user() and unmute_user(). The audit log says who made it.

create policy "people can read their mute, and moderators all"
  on chat.mutes for select to authenticated
  using (
    (select chat_private.require_modest_query()) and (user_id = (select auth.uid()) or (select chat_private.is_moderator()))
  );

create function chat_private.require_unmuted(user_id uuid)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  mute chat.mutes;
begin
  select * into mute from chat.mutes as mutes
  where mutes.user_id = require_unmuted.user_id and (mutes.until is null or mutes.until > now());
  if found then
    raise sqlstate 'PT403' using message = 'muted',
      detail = 'You are muted' || chat_private.until_sentence(mute.until, mute.reason),
      hint = jsonb_build_object('until', mute.until, 'reason', mute.reason);
  end if;
end;
$$;
comment on function chat_private.require_unmuted is 'Raises muted for a person who is, with {until, reason} in the hint.';

-- For mute_user(), operators and backends. Definer: clients may not write notices and the log.
create function chat_private.muted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit('mute', new.user_id, reason => new.reason, until => new.until);
  perform chat_private.give_notice(new.user_id, 'mute', new.reason, new.until);
  return null;
end;
$$;

create trigger muted
  after insert or update on chat.mutes
  for each row execute function chat_private.muted();

-- Definer: as above.
create function chat_private.unmuted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Not when the account is deleted.
  if exists (select from chat.profiles where id = old.user_id) then
    perform chat_private.audit('unmute', old.user_id);
  end if;
  return null;
end;
$$;

create trigger unmuted
  after delete on chat.mutes
  for each row execute function chat_private.unmuted();

-- Definer: only functions write mutes, and this one checks the role.
create function chat_private.mute_user(user_id uuid, until timestamptz, reason text)
returns chat.mutes
language plpgsql volatile security definer set search_path = ''
as $$
declare
  mute chat.mutes;
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_future(until);
  perform chat_private.require_people(array[user_id]);
  select * into mute from chat.mutes as mutes where mutes.user_id = mute_user.user_id for update;
  if found and (mute.until, mute.reason) is not distinct from (mute_user.until, coalesce(mute_user.reason, ''))
    and nullif(current_setting('chat.report', true), '') is null
  then
    return mute; -- a retry
  end if;
  insert into chat.mutes as mutes (user_id, until, reason)
  values (mute_user.user_id, mute_user.until, coalesce(mute_user.reason, ''))
  on conflict on constraint mutes_pkey do update set until = excluded.until, reason = excluded.reason, created_at = now()
  returning mutes.* into mute;
  return mute;
end;
$$;
grant execute on function chat_private.mute_user to authenticated;

create function chat.mute_user(user_id uuid, until timestamptz default null, reason text default '')
returns chat.mutes
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.mute_user(user_id, until, reason);
$$;
comment on function chat.mute_user is
  'Refuses the messages of a person in every room until a time, or until unmute_user(), as a moderator. Repeated, it changes the time '
  'and the reason. Raises moderator_required, invalid_until, user_not_found.';
grant execute on function chat.mute_user to authenticated;

-- Definer: as above.
create function chat_private.unmute_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_moderator(user_id);
  delete from chat.mutes as mutes where mutes.user_id = unmute_user.user_id;
end;
$$;
grant execute on function chat_private.unmute_user to authenticated;

create function chat.unmute_user(user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.unmute_user(user_id);
$$;
comment on function chat.unmute_user is
  'Lifts a mute, as a moderator; does nothing for a person who is not muted. Raises moderator_required.';
grant execute on function chat.unmute_user to authenticated;
