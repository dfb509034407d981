-- What the platform's extensions of Postgres do around commands.

-- supautils lets postgres manage policies and drop triggers on tables that Auth and Realtime own, and nothing else there.
-- Here postgres belongs to the owners for the length of such a command.
create function extensions.borrow_ownership() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  grant supabase_auth_admin, supabase_realtime_admin to postgres with inherit true, set false;
end
$$;

create function extensions.return_ownership() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  revoke supabase_auth_admin, supabase_realtime_admin from postgres;
end
$$;

create event trigger supautils_borrow_ownership on ddl_command_start
  when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER')
  execute function extensions.borrow_ownership();

create event trigger supautils_return_ownership on ddl_command_end
  when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER')
  execute function extensions.return_ownership();

-- The Data API learns of every change of the schema.
create function extensions.pgrst_ddl_watch() returns event_trigger
language plpgsql set search_path = '' as $$
begin
  notify pgrst, 'reload schema';
end
$$;

create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_ddl_watch();
