-- Short public texts of a user.
create table chat.posts (
  id bigint generated always as identity primary key,
  author_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  title text not null check (chat_private.shows(title) and char_length(title) <= 255),
  content text not null check (chat_private.shows(content) and char_length(content) <= 10000),
  client_id uuid,
  created_at timestamptz not null default now(),
  -- A repeated create_post() finds the first post.
  unique (author_id, client_id)
);
comment on table chat.posts is 'A post on a profile, readable by all signed-in users.';
comment on column chat.posts.client_id is 'Set by the author, so that publishing can be retried safely.';

-- The posts of a user, newest first; the foreign key.
create index posts_author_id_idx on chat.posts (author_id, id desc);

alter table chat.posts enable row level security;
revoke all on chat.posts from anon, authenticated;
grant select, insert (title, content, client_id), update (title, content), delete on chat.posts to authenticated;

create policy "people can read posts"
  on chat.posts for select to authenticated
  using ((select chat_private.require_modest_query()) and not (select chat_private.is_anonymous()));

create policy "people can write posts of their own"
  on chat.posts for insert to authenticated
  with check ((select chat_private.require_access()) and author_id = (select auth.uid()));

create policy "authors can change their posts"
  on chat.posts for update to authenticated
  using ((select chat_private.require_access()) and author_id = (select auth.uid()))
  with check (author_id = (select auth.uid()));

create policy "authors can delete their posts"
  on chat.posts for delete to authenticated
  using ((select chat_private.require_access()) and author_id = (select auth.uid()));

-- Definer: clients cannot write client_keys.
create function chat_private.post_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if new.client_id is not null then
    perform chat_private.made_with_key(
      new.author_id, 'post', new.client_id, jsonb_build_array(new.title, new.content)
    );
    -- A repetition, which adds nothing.
    if exists (select from chat.posts as posts where (posts.author_id, posts.client_id) = (new.author_id, new.client_id)) then
      return new;
    end if;
  end if;
  perform chat_private.take_tokens('write_post');
  return new;
end;
$$;

create trigger post_adding
  before insert on chat.posts
  for each row execute function chat_private.post_adding();

create function chat.create_post(title text, content text, client_id uuid default null)
returns chat.posts
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  post chat.posts;
begin
  perform chat_private.require_caller();
  insert into chat.posts (title, content, client_id)
  values (create_post.title, create_post.content, create_post.client_id)
  on conflict on constraint posts_author_id_client_id_key do nothing
  returning * into post;

  perform set_config('chat.repeated', (post.id is null)::text, true);
  if post.id is null then
    select * into post from chat.posts as posts
    where posts.author_id = (select auth.uid()) and posts.client_id = create_post.client_id;
  end if;
  return post;
end;
$$;
comment on function chat.create_post is
  'Publishes a post of the caller. A retry with the same client_id returns the first post as it is now. Raises '
  'client_id_reused, rate_limited, caller_required.';
grant execute on function chat.create_post to authenticated;
