-- file_bytes_grant: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

revoke all on function "chat_private"."file_bytes"() from "authenticated";
