-- A deleted account leaves its rooms at once. Its messages stay, and a job removes their sender in batches.
create table chat_private.departed_senders (
  user_id uuid primary key,
  departed_at timestamptz not null default now()
);
comment on table chat_private.departed_senders is 'Deleted accounts that are still the sender of messages.';
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
  return old;
end;
$$;

create trigger parley_account_leaving
  before delete on auth.users
  for each row execute function chat_private.account_leaving();

create trigger profile_leaving
  before delete on chat.profiles
  for each row execute function chat_private.account_leaving();

-- Definer: Auth's role deletes accounts.
create function chat_private.profile_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- A few messages at once, the others by a job.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  insert into chat_private.departed_senders (user_id)
  select old.id where exists (select from chat.messages where sender_id = old.id)
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
begin
  loop
    select user_id into departed from chat_private.departed_senders order by departed_at, user_id limit 1;
    if not found then
      return false;
    end if;
    -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not exists (select from chat.messages where sender_id = departed) then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_forget_senders is 'Removes the ids of deleted accounts from their messages.';

insert into chat_private.jobs (name, every) values ('forget_senders', interval '10 seconds');
