/** What SIGINT and SIGTERM do. Until there is more to end than the process: that. */
let end = (): unknown => process.exit(0);

export const endWith = (next: () => Promise<void>): void => {
  end = next;
};

export const heedSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end());
};
