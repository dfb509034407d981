/** Splits text into lines. What exceeds the limit of a line is dropped without being buffered. */
export class TextLineStream extends TransformStream<string, string> {
  constructor(limit = Infinity) {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = chunk.split("\n");
        lines[0] = rest + lines[0];
        rest = lines.pop()!.slice(0, limit);
        for (const line of lines) controller.enqueue(line.slice(0, limit));
      },
      flush(controller) {
        if (rest) controller.enqueue(rest);
      },
    });
  }
}
