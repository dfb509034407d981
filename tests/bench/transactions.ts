import type { Member } from "./people.ts";
import { Random } from "./world/random.ts";
import { sentence } from "./world/text.ts";

/** What a request does in Postgres: statements in one transaction, as somebody. */
export interface Transaction {
  claims: string;
  statements: { text: string; values: (string | number | boolean | null)[] }[];
}

// The statements of functions/messenger. The bench says when those are no longer the same.
const messages = (page: string, extra = "") => `
  select page.id, page.room_id, page.seq, page.version, page.content, page.forwarded_from_id,
    page.forwarded_username, page.client_id, page.created_at, page.edited_at, page.deleted_at,
    page.created_at = now() as created, senders.number as sender, senders.username as sender_username ${extra}
  from (${page}) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  order by page.seq`;

const senderLeft = `, (
  select own.user_id from chat.room_members as own where own.room_id = page.room_id and own.user_id = page.sender_id
) is null as sender_left`;

const history = messages("select * from chat.messages where room_id = $1 order by seq desc limit $2", senderLeft);

const send = messages("select * from chat.send_message($1, $2, $3, forwarded_from_id => $4)");

const marks = `
  select rooms.id as room_id, marks.*
  from chat.rooms as rooms
  cross join lateral (
    select people.number as user, people.username, listed.last_delivered_seq, listed.last_read_seq, 1 as members
    from chat.room_members as listed
    join chat.profiles as people on people.id = listed.user_id
    where listed.room_id = rooms.id and rooms.member_count <= $1
    union all
    select null, null, counted.last_delivered_seq, counted.last_read_seq, count(*)::integer
    from chat.room_members as counted
    where counted.room_id = rooms.id and rooms.member_count > $2 and $3
    group by counted.last_delivered_seq, counted.last_read_seq
  ) as marks
  where rooms.id in (select $4::bigint)
  order by marks.user`;

const LISTED_MEMBERS = 20;
const marksOf = (room: number, count: boolean) => ({
  text: marks,
  values: [LISTED_MEMBERS, LISTED_MEMBERS, count, room],
});

type Make = (random: Random, member: Member) => Transaction["statements"];

/** The scenarios that are measured without HTTP, too. */
export const transactions = {
  history: (random, member) => {
    const room = random.pick(member.rooms);
    return [{ text: history, values: [room, 50] }, marksOf(room, true)];
  },
  send: (random, member) => {
    const room = random.pick(member.rooms);
    return [{ text: send, values: [room, sentence(random), null, null] }, marksOf(room, false)];
  },
} satisfies Record<string, Make>;

const TRANSACTIONS = 2048;

export function makeTransactions(scenario: keyof typeof transactions, members: Member[]): Transaction[] {
  const random = new Random(6);
  const make: Make = transactions[scenario];
  return Array.from({ length: TRANSACTIONS }, () => {
    const member = random.pick(members);
    return { claims: member.claims, statements: make(random, member) };
  });
}
