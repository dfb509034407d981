// Finds the browser for its tests. Without one they are skipped, with a warning.
import type { TestProject } from "vitest/node";
import { findChromium, installHeadlessShell } from "../../scripts/chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of Chromium; empty without one. */
    chromium: string;
  }
}

export default function setup(project: TestProject): void {
  installHeadlessShell();
  const path = findChromium();
  if (!path) {
    console.warn("\nNO CHROMIUM: THE TESTS IN A BROWSER ARE SKIPPED. Install it, or name one by CHROMIUM=path.\n");
  }
  project.provide("chromium", path ?? "");
}
