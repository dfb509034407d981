/** The project that the page belongs to. */
export interface Config {
  /** The URL of the project's API; may be relative to the page. */
  url: string;
  /** The publishable key. */
  key: string;
}

/**
 * Reads `config.json` next to the page.
 * @throws Error if it is missing or incomplete
 */
export async function readConfig(): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-cache" });
  const { url, key } = await response.json() as Partial<Config>;
  if (!url || !key) throw new Error("config.json lacks url or key.");
  return { url: new URL(url, document.baseURI).href.replace(/\/$/, ""), key };
}
