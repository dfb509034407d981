export { readStatus, type Stack, startStack, startStackWith, type Status } from "../../scripts/stack.ts";
