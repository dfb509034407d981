import { needed, settings } from "../settings/settings.ts";
import type { Turn } from "./context.sql.ts";
import { endpoint } from "./endpoint.ts";
import { offline } from "./offline.ts";

/** What answers the user. */
export interface Responder {
  /** Its name in the metadata of its replies. */
  readonly name: string;
  /**
   * The parts of a reply to the last turn, as they come.
   * @param onUsage is given what the endpoint says of the tokens used.
   * @throws CutShort at the end of a reply that is not whole; another error when it fails, takes too long, or `signal`
   * aborts.
   */
  respond(turns: Turn[], signal: AbortSignal, onUsage?: (usage: unknown) => void): AsyncIterable<string>;
}

/** The endpoint that the settings name, or the offline responder. Throws when a setting is missing or wrong. */
export function chooseResponder(): Responder {
  const url = settings.responderUrl()?.href.replace(/(\/chat\/completions)?\/*$/, "");
  if (!url) return offline;
  return endpoint({
    url,
    key: settings.responderKey(),
    model: needed(settings.responderModel),
    timeout: settings.responderTimeout() * 1000,
    maxTokens: settings.responderMaxTokens(),
  });
}
