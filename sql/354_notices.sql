-- Notices: what moderation tells the person whom it concerns. Nobody is sanctioned without learning what happened, until when and why.
create table chat.notices (
  id bigint generated always as identity primary key,
  user_id uuid not null references chat.profiles on delete cascade,
  kind chat.notice_kind not null,
  reason text not null default '',
  until timestamptz,
  -- No foreign keys: a notice outlives its room and its message.
  room_id bigint,
  room_name text not null default '',
  message_id bigint,
  created_at timestamptz not null default now(),
  read_at timestamptz
);
comment on table chat.notices is 'The notices that moderation sends to a person.';
comment on column chat.notices.until is 'When a mute, a ban or a suspension ends; null if it does not end by itself.';
comment on column chat.notices.room_name is 'The name that the room had then: a person who is banned from it cannot read it.';
comment on column chat.notices.read_at is 'When the person has confirmed it.';

-- The notices of a person, newest first; the foreign key.
create index notices_user_id_idx on chat.notices (user_id, id desc);

alter table chat.notices enable row level security;
revoke all on chat.notices from anon, authenticated;
grant select, update (read_at) on chat.notices to authenticated;
-- No insert and no delete: moderation writes them, and they stay.

create policy "people can read their notices"
  on chat.notices for select to authenticated
  using ((select chat_private.require_modest_query()) and user_id = (select auth.uid()));

create policy "people can confirm their notices"
  on chat.notices for update to authenticated
  using ((select chat_private.require_access()) and user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

create function chat_private.notice_confirming()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.read_at := coalesce(old.read_at, now());
  return new;
end;
$$;

create trigger notice_confirming
  before update of read_at on chat.notices
  for each row execute function chat_private.notice_confirming();

create function chat_private.give_notice(
  user_id uuid, kind chat.notice_kind, reason text, until timestamptz default null, room_id bigint default null,
  message_id bigint default null
)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  notice chat.notices;
begin
  insert into chat.notices (user_id, kind, reason, until, room_id, room_name, message_id)
  select profiles.id, give_notice.kind, coalesce(give_notice.reason, ''), give_notice.until, give_notice.room_id,
    coalesce((select rooms.name from chat.rooms as rooms where rooms.id = give_notice.room_id), ''), give_notice.message_id
  from chat.profiles as profiles where profiles.id = give_notice.user_id
  returning * into notice;
  if found then
    perform chat_private.announce('user:' || notice.user_id, 'notice.added', to_jsonb(notice) - 'user_id' - 'read_at');
  end if;
end;
$$;
comment on function chat_private.give_notice is 'Tells a person what moderation has done, on each of their devices.';

create function chat_private.until_sentence(until timestamptz, reason text)
returns text
language sql stable security invoker set search_path = ''
as $$
  select case when until is null then '' else to_char(until at time zone 'UTC', '" until "YYYY-MM-DD HH24:MI "UTC"') end
    || case when reason <> '' then ': ' || reason else '.' end;
$$;
comment on function chat_private.until_sentence is 'The end of a sentence that says until when and why.';

create function chat_private.require_future(until timestamptz)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if until <= now() or not isfinite(until) then
    raise sqlstate 'PT400' using message = 'invalid_until', detail = 'Give a time in the future, or none.';
  end if;
end;
$$;
comment on function chat_private.require_future is 'Raises invalid_until for an end that has passed.';
