-- report_answered, 1 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

alter type "chat"."notice_kind" add value 'report_answered' after 'suspension';
