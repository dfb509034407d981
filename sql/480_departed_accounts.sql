-- A deleted account leaves its rooms at once. Its messages stay, and a job removes their sender in batches, or they are erased
-- (482_account_deletion). Its reactions go.
create table chat_private.departed_senders (
  user_id uuid primary key,
  departed_at timestamptz not null default now(),
  is_erased boolean not null default false,
  next_room_id bigint not null default 0,
  next_version bigint not null default 0
);
comment on table chat_private.departed_senders is 'Deleted accounts that still have messages, reactions or files.';
comment on column chat_private.departed_senders.is_erased is 'Whether what they wrote goes, too.';
comment on column chat_private.departed_senders.next_version is
  'With next_room_id: the change of a room at which the job goes on to look for the name of an erased person.';
alter table chat_private.departed_senders enable row level security;
revoke all on chat_private.departed_senders from anon, authenticated;

-- Definer: Auth's role deletes from auth.users, and has no rights in chat. Also for profiles, which an operator may delete
-- alone.
create function chat_private.account_leaving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Locks all affected rooms in ascending order, before the deletion locks rows one by one.
  perform from chat.profiles where id = old.id for no key update;
  perform from chat.rooms
  where id in (
    select room_id from chat.room_members where user_id = old.id union select id from chat.rooms where created_by = old.id
  )
  order by id
  for no key update;
  -- A cached list has the name until it is made again.
  delete from chat_private.rosters where room_id in (select room_id from chat.room_members where user_id = old.id);
  return old;
end;
$$;

create trigger parley_account_leaving
  before delete on auth.users
  for each row execute function chat_private.account_leaving();

create trigger profile_leaving
  before delete on chat.profiles
  for each row execute function chat_private.account_leaving();

-- Leaves the rooms that somebody else has locked, as waiting for them could be a deadlock, and those that job_remove_rooms()
-- empties.
create function chat_private.remove_reactions_of(departed uuid, max_rows integer)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  locked bigint[];
begin
  locked := array(
    select rooms.id from chat.rooms as rooms
    where rooms.id in (
      select page.room_id
      from (select reactions.room_id from chat.reactions as reactions where reactions.user_id = departed limit max_rows) as page
    )
      and rooms.deleted_at is null
    order by rooms.id
    for no key update skip locked
  );
  delete from chat.reactions where (message_id, user_id, emoji) in (
    select reactions.message_id, reactions.user_id, reactions.emoji from chat.reactions as reactions
    where reactions.user_id = departed and reactions.room_id = any (locked)
    limit max_rows
  );
  return found;
end;
$$;
comment on function chat_private.remove_reactions_of is
  'Removes up to max_rows reactions of a deleted account. Returns whether it removed any.';

-- Definer: Auth's role deletes accounts.
create function chat_private.profile_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Everyone can see the pictures of people.
  insert into chat_private.files_to_remove (bucket, path)
  select 'avatars', objects.name from storage.objects as objects
  where objects.bucket_id = 'avatars' and objects.name like old.id || '/%'
  on conflict on constraint files_to_remove_pkey do update set due_at = now(), is_last = false;
  if exists (select from chat_private.departed_senders where user_id = old.id and is_erased) then
    return null;
  end if;
  -- A few messages and reactions at once, the others by a job.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  perform chat_private.remove_reactions_of(old.id, 200);
  insert into chat_private.departed_senders (user_id)
  select old.id
  where exists (select from chat.messages where sender_id = old.id) or exists (select from chat.reactions where user_id = old.id)
    or exists (select from chat.attachments where uploader_id = old.id)
  on conflict do nothing;
  return null;
end;
$$;

create trigger profile_left
  after delete on chat.profiles
  for each row execute function chat_private.profile_left();

create function chat_private.job_forget_senders()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
  is_erased boolean;
  is_first boolean := true;
begin
  loop
    select senders.user_id, senders.is_erased into departed, is_erased from chat_private.departed_senders as senders
    order by senders.departed_at, senders.user_id
    limit 1;
    if not found then
      return false;
    elsif is_erased then
      -- Waits for a room, so it is the first in its transaction.
      return not is_first or chat_private.erase_more_of(departed);
    end if;
    is_first := false;
    update chat.attachments set uploader_id = null where id in (
      select attachments.id from chat.attachments as attachments where attachments.uploader_id = departed
      limit 100
      for no key update skip locked
    );
    -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not chat_private.remove_reactions_of(departed, 100)
      and not exists (select from chat.messages where sender_id = departed)
      and not exists (select from chat.reactions where user_id = departed)
      and not exists (select from chat.attachments where uploader_id = departed)
    then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_forget_senders is
  'Removes the ids of deleted accounts from their files and messages, then their reactions; or erases what they wrote.';

insert into chat_private.jobs (name, every) values ('forget_senders', interval '10 seconds');
