import { afterAll } from "vitest";
import { closeDevices } from "./devices.ts";

afterAll(closeDevices);
