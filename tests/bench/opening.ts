// npm run bench:opening [-- --runs N] [--messages N]: how long the page takes, in a real browser, from a click on a chat until it
// shows the first of thousands of unread messages, and from a link to the first message of a long chat. See README.md beside this.
import process from "node:process";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page, type Request } from "playwright-core";
import postgres, { type Sql } from "postgres";
import { findChromium } from "../../scripts/chromium.ts";
import { startStack } from "../support/stack.ts";
import { median } from "./measure/median.ts";
import { type NewPerson, newPerson } from "./new_person.ts";
import { silently } from "./world/fill.ts";

const READ = 100;
const UNREAD = 6_340;

interface Opening {
  milliseconds: number;
  /** Requests to the Data API until the message is in place, without those of the inbox. */
  requests: number;
}

/** Makes a group with messages of its owner, as if they had been sent and `read` of them were read. */
async function makeRoom(
  sql: Sql,
  owner: string,
  reader: string,
  name: string,
  count: number,
  read: number,
): Promise<number> {
  const [room] = await sql<{ id: number }[]>`
    insert into chat.rooms (kind, name, created_by, member_count, members_version, last_seq, version)
    values ('group', ${name}, ${owner}, 2, 2, ${count}, ${count}) returning id::integer`;
  const { id } = room!;
  await silently(sql, async (sql) => {
    await sql`
      insert into chat.room_members (room_id, user_id, role, last_read_seq, last_delivered_seq)
      values (${id}, ${owner}, 'owner', ${count}, ${count}), (${id}, ${reader}, 'member', ${read}, ${read})`;
    await sql`set local session_replication_role = replica`;
    await sql`
      insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
      select ${id}, n, n, ${owner}, 'Message ' || n, now() - (${count}::integer - n) * interval '1 minute'
      from generate_series(1, ${count}::integer) as n`;
    await sql`
      update chat.rooms set last_message_id = (select id from chat.messages where room_id = ${id} and seq = ${count})
      where id = ${id}`;
  });
  return id;
}

/** A new browser profile of a person, with the list of chats. */
async function visit(browser: Browser, url: string, { email, password }: NewPerson): Promise<Page> {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(url);
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Small" }).waitFor();
  await page.waitForTimeout(2_000);
  return page;
}

/** Follows a link of the page, and waits until a message is in place. */
async function open(page: Page, path: string, seq: number): Promise<Opening> {
  let requests = 0;
  const onRequest = (request: Request) => {
    if (/\/rest\/v1\/(rooms|messages|pins|room_members|rpc\/system)/.test(request.url())) requests++;
  };
  page.on("request", onRequest);
  const milliseconds = await page.evaluate(async ([path, seq]) => {
    const found = `.messages[data-placed="true"] .message[data-seq="${seq}"]`;
    const started = performance.now();
    location.hash = path as string;
    while (!document.querySelector(found)) await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - started;
  }, [path, seq]);
  page.off("request", onRequest);
  return { milliseconds, requests };
}

function report(title: string, openings: Opening[]): void {
  const times = openings.map(({ milliseconds }) => milliseconds);
  const requests = Math.max(...openings.map((opening) => opening.requests));
  const [middle, least, most] = [median(times)!, Math.min(...times), Math.max(...times)].map(Math.round);
  console.log(`${title.padEnd(52)} ${middle} ms (${least} to ${most}), ${requests} requests`);
}

async function main(): Promise<void> {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    options: { runs: { ...option, default: "5" }, messages: { ...option, default: "1000000" } },
  });
  const path = findChromium();
  if (!path) throw new Error("There is no Chromium; install one, or name it by CHROMIUM=path.");
  const { status, stop } = await startStack();
  const browser = await chromium.launch({ executablePath: path, args: ["--disable-dev-shm-usage"] });
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  try {
    const [ann, bob] = [await newPerson(status, "ann"), await newPerson(status, "bob")];
    console.log(`Adding ${values.messages} messages …`);
    const large = await makeRoom(sql, ann.id, bob.id, "Large", Number(values.messages), Number(values.messages));
    const unread = await makeRoom(sql, ann.id, bob.id, "Unread", READ + UNREAD, READ);
    const small = await makeRoom(sql, ann.id, bob.id, "Small", 30, 30);
    await sql`vacuum (analyze) chat.messages, chat.rooms, chat.room_members`;
    const url = `${status.api_url}/`;
    const [first, later, jumps]: [Opening[], Opening[], Opening[]] = [[], [], []];
    for (let run = 0; run < Number(values.runs); run++) {
      await sql.begin(async (sql) => {
        await sql`set local session_replication_role = replica`;
        await sql`
          update chat.room_members set last_read_seq = ${READ}, own_after_read = 0
          where room_id = ${unread} and user_id = ${bob.id}`;
      });
      const page = await visit(browser, url, bob);
      first.push(await open(page, `#/chats/${unread}`, READ + 1));
      await open(page, `#/chats/${small}`, 30);
      later.push(await open(page, `#/chats/${unread}`, READ + 1));
      await page.goto(`${url}#/chats`);
      await page.locator(".messages").waitFor({ state: "detached" });
      jumps.push(await open(page, `#/chats/${large}/1`, 1));
      await page.context().close();
    }
    report(`${UNREAD} unread, the first chat of a visit`, first);
    report(`${UNREAD} unread, once another chat was open`, later);
    report(`message 1 of ${values.messages}`, jumps);
  } finally {
    await sql.end();
    await browser.close();
    await stop();
  }
}

await main();
process.exit();
