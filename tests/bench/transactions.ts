import type { Member } from "./people.ts";
import { Random } from "./world/random.ts";
import { sentence } from "./world/text.ts";

/** What a request does in Postgres: statements in one transaction, as somebody. */
export interface Transaction {
  claims: string;
  statements: { text: string; values: (string | number | null)[] }[];
}

// The statements of functions/messenger. The bench says when those are no longer the same.
const messages = (page: string) => `
  select page.id, page.room_id, page.seq, page.version, page.content, page.forwarded_from_id,
    page.forwarded_username, page.client_id, page.created_at, page.edited_at, page.deleted_at,
    page.created_at = now() as created, senders.number as sender, senders.username as sender_username
  from (${page}) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  order by page.seq`;

const history = messages("select * from chat.messages where room_id = $1 order by seq desc limit $2");

const send = messages("select * from chat.send_message($1, $2, $3, forwarded_from_id => $4)");

const marks = `
  select rooms.id as room_id, people.number as user, people.username, marks.last_delivered_seq, marks.last_read_seq
  from (select $1::bigint) as rooms (id)
  cross join lateral (
    select * from chat.room_members as members where members.room_id = rooms.id limit $2
  ) as marks
  join chat.profiles as people on people.id = marks.user_id
  order by people.number`;

const marksOf = (room: number) => ({ text: marks, values: [room, 21] });

type Make = (random: Random, member: Member) => Transaction["statements"];

/** The scenarios that are measured without HTTP, too. */
export const transactions = {
  history: (random, member) => {
    const room = random.pick(member.rooms);
    return [{ text: history, values: [room, 50] }, marksOf(room)];
  },
  send: (random, member) => {
    const room = random.pick(member.rooms);
    return [{ text: send, values: [room, sentence(random), null, null] }, marksOf(room)];
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
