export { readStatus, type Stack, startStack, type Status } from "../../local/stack_process.ts";
