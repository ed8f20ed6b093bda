import type { Environments } from './configuration.ts';

/** Lambda takes so much of a function's variables, as JSON, and says so only when the stack is updated. */
const MAX_ENVIRONMENT_BYTES = 4096;

/** Which functions would get more variables than Lambda takes. */
export const sizeProblems = (environments: Environments): string[] =>
  Object.entries(environments).flatMap(([name, environment]) => {
    const bytes = Buffer.byteLength(JSON.stringify(environment));
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const what = `The variables of ${name} have ${bytes} bytes, and Lambda takes ${MAX_ENVIRONMENT_BYTES}`;
    return [`${what}: REGISTRY=table has room for a larger fleet`];
  });
