import type { Page } from "playwright-core";

/** Draws a picture: red on the left, blue on the right. */
export async function drawPicture(page: Page, width: number, height: number, type = "image/png"): Promise<Buffer> {
  const base64 = await page.evaluate(({ width, height, type }) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#e02020";
    context.fillRect(0, 0, width / 2, height);
    context.fillStyle = "#2040e0";
    context.fillRect(width / 2, 0, width, height);
    return canvas.toDataURL(type).split(",")[1]!;
  }, { width, height, type });
  return Buffer.from(base64, "base64");
}
