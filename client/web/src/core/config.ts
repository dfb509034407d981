/** Which project the page belongs to. */
export interface Config {
  /** Where the project's API is; may be relative to the page. */
  url: string;
  /** The publishable key. */
  key: string;
}

/**
 * Reads `config.json` beside the page.
 * @throws when it is not there, or lacks something.
 */
export async function readConfig(): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-cache" });
  const { url, key } = await response.json() as Partial<Config>;
  if (!url || !key) throw new Error("config.json lacks url or key.");
  return { url: new URL(url, document.baseURI).href.replace(/\/$/, ""), key };
}
