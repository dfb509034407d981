/**
 * Reads server-sent events from the answer to a request.
 * @param {Response} response
 * @returns {AsyncGenerator<{ event: string, data: any, id?: string }>}
 */
export async function* readEvents(response) {
  let text = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) yield* parse(block);
  }
}

function* parse(block) {
  const lines = block.split("\n").map((line) => /^(\w+): ?(.*)$/.exec(line)).filter(Boolean);
  const named = (name) => lines.filter(([, field]) => field === name).map(([, , value]) => value);
  const data = named("data").join("\n");
  if (data) yield { event: named("event")[0] ?? "message", data: JSON.parse(data), id: named("id")[0] };
}
