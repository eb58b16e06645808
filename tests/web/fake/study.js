/** The fake module of studies: the same fake engine. */

export * from "./cpu.js";
export { default } from "./cpu.js";
