-- A list of rooms shows the members of each room. Their JSON is cached, and rebuilt after a change.
create table chat_private.rosters (
  -- No foreign key: a list of rooms must not fail because one of the rooms is being deleted.
  room_id bigint primary key,
  members_version bigint not null,
  members json not null
);
comment on table chat_private.rosters is 'The members of a room as [{id, username}], at its members_version.';

alter table chat_private.rosters enable row level security;
revoke all on chat_private.rosters from anon, authenticated;

-- Definer: clients cannot write the cache.
create function chat_private.roster(room_id bigint, members_version bigint)
returns json
language plpgsql volatile security definer set search_path = ''
as $$
declare
  kept chat_private.rosters;
begin
  if not exists (
    select from chat.room_members as members
    where members.room_id = roster.room_id and members.user_id = (select auth.uid())
  ) then
    return '[]'::json;
  end if;

  select * into kept from chat_private.rosters as rosters
  where rosters.room_id = roster.room_id and rosters.members_version = roster.members_version;
  if found then
    return kept.members;
  end if;

  -- One statement, so that the members match the version.
  insert into chat_private.rosters as older (room_id, members_version, members)
  select rooms.id, rooms.members_version, coalesce(
    (
      select json_agg(
        json_build_object('id', profiles.number, 'username', profiles.username) order by profiles.number
      )
      from chat.room_members as members
      join chat.profiles as profiles on profiles.id = members.user_id
      where members.room_id = rooms.id
    ),
    '[]'
  )
  from chat.rooms as rooms
  where rooms.id = roster.room_id
  on conflict on constraint rosters_pkey do update
    set members_version = excluded.members_version, members = excluded.members
    where older.members_version <= excluded.members_version
  returning * into kept;
  if not found then
    -- Another transaction has stored a later version.
    select * into kept from chat_private.rosters as rosters where rosters.room_id = roster.room_id;
  end if;
  return coalesce(kept.members, '[]'::json);
end;
$$;
comment on function chat_private.roster is 'The members of a room of the caller as [{id, username}].';
grant execute on function chat_private.roster to authenticated;
