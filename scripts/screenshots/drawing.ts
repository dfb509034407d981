import type { Page } from "playwright-core";

/** Draws hills below the sky at some time of the day. @param hue the colour of the hills, in degrees */
export function drawHills(page: Page, hue: number, [width, height]: [number, number]): Promise<Blob> {
  return drawn(page, { hue, width, height }, ({ hue, width, height }) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    const sky = context.createLinearGradient(0, 0, 0, height * 0.75);
    sky.addColorStop(0, `hsl(${hue + 130}, 55%, 52%)`);
    sky.addColorStop(0.6, `hsl(${hue + 150}, 65%, 78%)`);
    sky.addColorStop(1, `hsl(${hue - 60}, 85%, 86%)`);
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    const [x, y] = [width * (0.25 + (hue % 50) / 100), height * 0.3];
    const glow = context.createRadialGradient(x, y, 0, x, y, height * 0.5);
    glow.addColorStop(0, "#fffbe8");
    glow.addColorStop(0.1, "#fff3c4");
    glow.addColorStop(0.14, "#ffe9a055");
    glow.addColorStop(1, "#ffffff00");
    context.fillStyle = glow;
    context.fillRect(0, 0, width, height);
    for (let ridge = 0; ridge < 6; ridge++) {
      const base = height * (0.46 + ridge * 0.1);
      context.fillStyle = `hsl(${hue + 40 - ridge * 8}, ${26 + ridge * 5}%, ${66 - ridge * 10}%)`;
      context.beginPath();
      context.moveTo(0, height);
      for (let at = 0; at <= width; at += 4) {
        const t = at / width * 6 + ridge * 1.7 + hue;
        const wave = Math.sin(t) * 0.055 + Math.sin(t * 2.3) * 0.03 + Math.sin(t * 7.1) * 0.008 +
          Math.sin(t * 19) * 0.003;
        context.lineTo(at, base - wave * height * (1.5 - ridge * 0.15));
      }
      context.lineTo(width, height);
      context.fill();
    }
    return canvas.toDataURL("image/jpeg", 0.9);
  });
}

/** Draws a person on a plain ground. @param hue the colour of the ground, in degrees */
export function drawPerson(page: Page, hue: number): Promise<Blob> {
  return drawn(page, { hue }, ({ hue }) => {
    const size = 192;
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = canvas.getContext("2d")!;
    const disc = (x: number, y: number, radius: number, colour: string, ratio = 1) => {
      context.fillStyle = colour;
      context.beginPath();
      context.ellipse(x, y, radius, radius * ratio, 0, 0, Math.PI * 2);
      context.fill();
    };
    const ground = context.createLinearGradient(0, 0, size, size);
    ground.addColorStop(0, `hsl(${hue}, 70%, 78%)`);
    ground.addColorStop(1, `hsl(${hue + 40}, 60%, 62%)`);
    context.fillStyle = ground;
    context.fillRect(0, 0, size, size);
    const [skin, hair, shirt] = [
      `hsl(${20 + hue % 14}, ${38 + hue % 20}%, ${46 + hue * 7 % 32}%)`,
      `hsl(${hue * 3 % 40}, 35%, ${14 + hue % 30}%)`,
      `hsl(${hue + 190}, 42%, 42%)`,
    ];
    disc(96, 88, 47, hair, 1.12);
    if (hue % 2) context.fillRect(49, 88, 94, 52);
    disc(96, 204, 72, shirt, 0.86);
    context.fillStyle = skin;
    context.fillRect(82, 118, 28, 36);
    disc(96, 96, 36, skin, 1.16);
    disc(96, 66, 40, hair, 0.5);
    return canvas.toDataURL("image/jpeg", 0.92);
  });
}

async function drawn<T>(page: Page, input: T, draw: (input: T) => string): Promise<Blob> {
  // deno-lint-ignore no-explicit-any
  const url = await page.evaluate(draw as any, input as any) as string;
  return new Blob([Buffer.from(url.split(",")[1]!, "base64")], { type: "image/jpeg" });
}
