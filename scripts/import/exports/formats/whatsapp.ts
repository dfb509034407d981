import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { basename } from "node:path";
import { Refusal } from "../../refusal.ts";
import type { FormatOptions } from "../formats.ts";
import { besideOf, type Input } from "../input.ts";
import type { ExportRecord } from "../records.ts";
import { inZone, requireZone } from "../zones.ts";

// Such as `[31.12.23, 21:45:12] Ann: Hello` of iOS, and `12/31/23, 9:45 PM - Ann: Hello` of Android. White space may be a
// narrow one, and marks of direction may stand anywhere.
const DATE = String.raw`(\d{1,4})[./-]\s?(\d{1,2})[./-]\s?(\d{1,4})\.?,?\s(?:[a-z.]+\s)?`;
const TIME = String.raw`(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:\s?([ap])\.?\s?m\.?)?`;
const STARTS = [new RegExp(`^\\[${DATE}${TIME}\\]\\s`, "i"), new RegExp(`^${DATE}${TIME}\\s[-–]\\s`, "i")];
const MARKS = /[\u200e\u202a-\u202e\u2066-\u2069\ufeff]/g;
const ORDERS = ["dmy", "mdy", "ymd"];

/** A line with what follows it, as far as it could be read. */
interface Entry {
  line: number;
  numbers: [number, number, number];
  hour: number;
  minute: number;
  second: number;
  text: string;
}

/** Reads the text of a chat of WhatsApp: the .txt, or the zip or folder that has it. */
export async function* readWhatsapp(input: Input, options: FormatOptions): AsyncGenerator<ExportRecord> {
  const { zone, dates } = options;
  const names = chatsOf(input.names);
  if (names.length !== 1) throw new Refusal("An export of WhatsApp is one chat: a .txt, or a zip with one.");
  const [name = ""] = names;
  if (zone === undefined) {
    throw new Refusal("The times of WhatsApp have no time zone: say that of the phone, such as --zone Europe/Berlin.");
  }
  requireZone(zone);
  if (dates !== undefined && !ORDERS.includes(dates)) throw new Refusal(`--dates is one of ${ORDERS.join(", ")}.`);
  const room = options.room ?? titleOf(input, name);
  const order = dates ?? await orderOf(input, name);
  const authors = new Set<string>();
  for await (const entry of entriesOf(input, name)) {
    const sentAt = timeOf(entry, order, zone);
    if (sentAt === undefined) {
      const detail = entry.numbers.join("/");
      yield {
        type: "unread",
        kind: "message",
        id: `${name}:${entry.line}`,
        reason: `a date that there is not, as ${order}`,
        detail,
      };
      continue;
    }
    const { sender, ...said } = saidBy(entry.text, room);
    const person = sender && `${room}/${sender}`;
    if (sender && person && !authors.has(sender)) {
      authors.add(sender);
      yield { type: "person", id: person, name: sender };
    }
    const hash = createHash("sha1").update(entry.text).digest("hex").slice(0, 12);
    yield {
      type: "message",
      room,
      id: `${sentAt}/${hash}`,
      id_may_repeat: true,
      sender: person,
      sent_at: sentAt,
      ...said,
      ...stateOf(said.text, sentAt, name),
    };
  }
  // A chat of two is called like the other of them.
  const kind = authors.size <= 2 && authors.has(room) ? "direct" : "group";
  yield { type: "room", id: room, kind, name: room, authors_are_members: true };
}

/** The texts of chats: a text that was sent is beside that of the chat. */
function chatsOf(names: string[]): string[] {
  const texts = names.filter((name) => /\.txt$/i.test(name));
  const chats = texts.filter((name) => /(^|\/)(_chat|[^/]*WhatsApp[^/]*)\.txt$/i.test(name));
  return texts.length > 1 && chats.length > 0 ? chats : texts;
}

function titleOf(input: Input, name: string): string {
  const file = basename(name, ".txt");
  const title = file === "_chat" ? input.names.length > 1 || input.title !== "_chat.txt" ? input.title : "" : file;
  const known = /WhatsApp.*?\s(?:with|mit|con|com|avec|med|met|med|-|–)\s(.+)$/i.exec(title.normalize("NFC"))?.[1] ??
    title;
  if (known === "" || known === "_chat") {
    throw new Refusal("The file does not say what the chat is called: say --room and its name.");
  }
  return known.replace(MARKS, "").trim();
}

async function* entriesOf(input: Input, name: string): AsyncGenerator<Entry> {
  let entry: Entry | undefined;
  let line = 0;
  for await (const whole of createInterface({ input: await input.open(name), crlfDelay: Infinity })) {
    line++;
    const text = whole.replace(MARKS, "");
    const start = STARTS.map((pattern) => pattern.exec(text)).find((found) => found !== null);
    if (!start) {
      if (entry) entry.text += `\n${text}`;
      else if (text.trim() !== "") {
        throw new Refusal(`${name} does not begin as a chat of WhatsApp does: "${text.slice(0, 40)}".`);
      }
      continue;
    }
    if (entry) yield entry;
    const [all, a, b, c, hour, minute, second = "0", half] = start;
    entry = {
      line,
      numbers: [Number(a), Number(b), Number(c)],
      hour: half ? Number(hour) % 12 + (half.toLowerCase() === "p" ? 12 : 0) : Number(hour),
      minute: Number(minute),
      second: Number(second),
      text: text.slice(all.length),
    };
  }
  if (entry) yield entry;
}

/** Which of the numbers is the day, if one of them can be nothing else. */
async function orderOf(input: Input, name: string): Promise<string> {
  let isDayFirst = false;
  let isMonthFirst = false;
  for await (const { numbers: [first, second] } of entriesOf(input, name)) {
    if (first > 31) return "ymd";
    isDayFirst ||= first > 12;
    isMonthFirst ||= second > 12;
  }
  if (isDayFirst !== isMonthFirst) return isDayFirst ? "dmy" : "mdy";
  throw new Refusal(
    `${name} does not reveal whether the day or the month comes first in its dates: say --dates dmy, --dates mdy or --dates ymd.`,
  );
}

function timeOf({ numbers, hour, minute, second }: Entry, order: string, zone: string): string | undefined {
  const part = (letter: string) => numbers[order.indexOf(letter)]!;
  const year = part("y") < 100 ? 2000 + part("y") : part("y");
  const local = Date.UTC(year, part("m") - 1, part("d"), hour, minute, second);
  const date = new Date(local);
  if (date.getUTCDate() !== part("d") || date.getUTCMonth() !== part("m") - 1 || hour > 23 || minute > 59) return;
  return inZone(local, zone);
}

/** Who says it, or that the chat itself does. */
function saidBy(text: string, room: string): { sender: string | null; text: string; system?: string } {
  const [, name = "", said = ""] = /^([^:\n]{1,100}): ([^]*)$/.exec(text) ?? [];
  // A new subject may have a colon. The phone notes what happens in a group as said by the group.
  const isSystem = name === "" || /["“”]/.test(name) ||
    name === room && /end-to-end|^.+ (added|left|created|changed|removed|joined)\b/.test(said);
  return isSystem
    ? { sender: null, text: name === room && said ? said : text, system: "whatsapp" }
    : { sender: name.replace(/^~\s?/, ""), text: said };
}

function stateOf(text: string, sentAt: string, chat: string) {
  if (/^(This message was deleted|You deleted this message)\.?$/.test(text)) return { deleted_at: sentAt, text: "" };
  const edited = text.replace(/\s?<This message was edited>$/, "");
  const [, android, ios, caption = ""] = /^(?:(\S.*) \(file attached\)|<attached: (.+)>)(?:\n([^]*))?$/.exec(edited) ??
    [];
  const file = android ?? ios;
  return {
    text: file ? caption : edited,
    files: file ? [{ name: file, path: besideOf(chat, file) }] : null,
    edited_at: edited === text ? null : sentAt,
  };
}
