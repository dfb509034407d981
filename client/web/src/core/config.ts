/** The project that the page belongs to, and who runs it. */
export interface Config {
  /** The URL of the project's API; may be relative to the page. */
  url: string;
  /** The publishable key. */
  key: string;
  /** Where people reach the operator: a mail address or the URL of a page. */
  contact?: string | undefined;
  /** The URL of the terms that new users agree to. */
  terms?: string | undefined;
}

/** What the configuration says of who runs the chat. */
export const operator: Pick<Config, "contact" | "terms"> = {};

/**
 * Reads `config.json` next to the page.
 * @throws Error if it is missing or incomplete
 */
export async function readConfig(): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-cache" });
  const { url, key, contact, terms } = await response.json() as Partial<Config>;
  if (!url || !key) throw new Error("config.json lacks url or key.");
  Object.assign(operator, { contact, terms });
  return { url: new URL(url, document.baseURI).href.replace(/\/$/, ""), key };
}
