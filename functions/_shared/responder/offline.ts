import type { Turn } from "./context.sql.ts";
import type { Responder } from "./responder.ts";

const EXCERPT_LENGTH = 60;

/** Answers where no endpoint is set: it says so, and what to do. */
export const offline: Responder = {
  name: "offline",
  async *respond(turns) {
    yield* sentence(turns).match(/\S+\s*/g)!;
  },
};

function sentence(turns: Turn[]): string {
  const asked = turns.at(-1)!.content.replace(/\s+/g, " ").trim();
  const points = [...asked];
  const excerpt = points.length > EXCERPT_LENGTH ? `${points.slice(0, EXCERPT_LENGTH).join("")}…` : asked;
  return `I cannot answer “${excerpt}” yet: this is the offline responder, as no AI endpoint is set up. ` +
    "Your message is kept. Once RESPONDER_URL and RESPONDER_MODEL are set, ask for this reply again.";
}
