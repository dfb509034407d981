// Loaded before each file of tests. Node 20 has no WebSocket; and supabase start takes requests without a key,
// where the platform and npm start want one, except in Storage.
const { API_URL, PUBLISHABLE_KEY } = process.env;
const { fetch } = globalThis;

globalThis.WebSocket ??= require("ws");
globalThis.fetch = (input, init) => {
  const { url, headers } = new Request(input, init);
  const isOpen = !url.startsWith(`${API_URL}/`) || url.startsWith(`${API_URL}/storage/`);
  if (isOpen || headers.has("apikey")) return fetch(input, init);
  const withKey = new Headers(headers);
  withKey.set("apikey", PUBLISHABLE_KEY);
  return fetch(input, { ...init, headers: withKey });
};
