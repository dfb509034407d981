// Closes a chat that waits to retry, and prints after how many ms the program ended. It reads no table: supabase-js
// retries those reads for some seconds.
import { createClient } from "@supabase/supabase-js";
import process from "node:process";
import { createChat } from "../../client/sdk/src/index.ts";
import { setTimeout as sleep } from "node:timers/promises";

const token = ["{}", JSON.stringify({ sub: crypto.randomUUID() }), ""].map(btoa).join(".");
const supabase = createClient("http://127.0.0.1:9", "key", { accessToken: () => Promise.resolve(token) });
const chat = createChat(supabase, { storage: null, retryMs: 20_000 });
chat.rooms.subscribe(() => {});
chat.status.start();
chat.rooms.open(1);
chat.outbox.add({ room_id: 1, content: "Hello!" });
await sleep(1_500);
chat.close();
const closedAt = performance.now();
process.on("exit", () => console.log(Math.round(performance.now() - closedAt)));
