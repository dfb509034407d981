import postgres from "postgres";
import type { Sql, Statement } from "../../functions/_shared/db/db.ts";
import { messageList, sentMessage } from "../../functions/messenger/messages.sql.ts";
import type { Member } from "./people.ts";
import { anyMessage, type Content } from "./scenarios.ts";
import { Random } from "./world/random.ts";
import { sentence } from "./world/text.ts";

/** What a request does in Postgres: statements in one transaction, as a user. */
export interface Transaction {
  claims: string;
  statements: Written[];
}

interface Written {
  text: string;
  values: unknown[];
}

/** The statements of a route, as functions/messenger makes them. The bench reports when it executes others. */
type Make = (sql: Sql, random: Random, member: Member, content: Content) => Statement[];

/** The scenarios that are also measured without HTTP. */
export const transactions = {
  history: (sql, random, member) => [messageList(sql, { room: random.pick(member.rooms), limit: 50 })],
  around: (sql, random, member, content) => {
    const { id, room } = anyMessage(random, member, content);
    return [messageList(sql, { room, limit: 50, around: id })];
  },
  send: (sql, random, member) => [
    sentMessage(
      sql,
      sql`select * from chat.send_message(${random.pick(member.rooms)}, ${
        sentence(random)
      }, ${null}, ${null}, ${null})`,
    ),
  ],
} satisfies Record<string, Make>;

const TRANSACTIONS = 2048;

/** Writes down the transactions of random users, in random rooms of theirs. */
export async function makeTransactions(
  scenario: keyof typeof transactions,
  members: Member[],
  content: Content,
  databaseUrl: string,
): Promise<Transaction[]> {
  const random = new Random(6);
  const make: Make = transactions[scenario];
  let written: Written[] = [];
  const debug = (_: number, text: string, values: unknown[]) => void written.push({ text, values });
  const client = postgres(databaseUrl, { max: 1, debug });
  const sql = await client.reserve();
  const made: Transaction[] = [];
  while (made.length < TRANSACTIONS) {
    const member = random.pick(members);
    written = [];
    // Built as they would be sent, but only described.
    await Promise.all(make(sql, random, member, content).map((statement) => statement.describe()));
    made.push({ claims: member.claims, statements: written });
  }
  sql.release();
  await client.end();
  return made;
}
