-- Short public texts of a person.
create table chat.posts (
  id bigint generated always as identity primary key,
  author_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  title text not null check (chat_private.shows(title) and char_length(title) <= 255),
  content text not null check (chat_private.shows(content) and char_length(content) <= 10000),
  client_id uuid,
  created_at timestamptz not null default now(),
  -- A post that is published again is found.
  unique (author_id, client_id)
);
comment on table chat.posts is 'A post on a profile, readable by everyone signed in.';
comment on column chat.posts.client_id is 'Given by the author, so that publishing can be repeated without harm.';

-- The posts of a person, newest first; the foreign key.
create index posts_author_id_idx on chat.posts (author_id, id desc);

alter table chat.posts enable row level security;
revoke all on chat.posts from anon, authenticated;
grant select, insert (title, content, client_id), update (title, content), delete on chat.posts to authenticated;

create policy "people can read posts"
  on chat.posts for select to authenticated
  using ((select chat_private.require_modest_query()) and not (select chat_private.is_anonymous()));

create policy "people can write posts of their own"
  on chat.posts for insert to authenticated
  with check (author_id = (select auth.uid()));

create policy "authors can change their posts"
  on chat.posts for update to authenticated
  using (author_id = (select auth.uid()))
  with check (author_id = (select auth.uid()));

create policy "authors can delete their posts"
  on chat.posts for delete to authenticated
  using (author_id = (select auth.uid()));
