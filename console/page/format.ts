const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

const SECOND_MS = 1000;
const TENTHS_BELOW_MS = 10_000;

/** `0.4 s`, `12 s`, `7 min`, `3 d`. */
export const duration = (ms: number): string => {
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= size) ?? ['s', SECOND_MS];
  if (unit !== 's') return `${Math.floor(ms / unitMs)} ${unit}`;
  return `${(Math.max(0, ms) / SECOND_MS).toFixed(ms < TENTHS_BELOW_MS ? 1 : 0)} s`;
};

/** `1,234`. */
export const count = (number: number): string => number.toLocaleString('en');

/** `1 room`, `1,234 rooms`. */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

/** `2026-11-26 02:14:05`, of this machine's clock. */
export const dateTime = (ms: number): string => {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * UNITS[2][1]);
  return date.toISOString().slice(0, 19).replace('T', ' ');
};
