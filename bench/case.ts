import type { Peers } from './peers.ts';

/** One row's work. */
export interface Case {
  readonly id: string;
  readonly title: string;
  /** What the CPU time is counted for. */
  readonly unit: string;
  /** How many of them one run does. */
  readonly units: number;
  run(): Promise<void> | void;
}

export type MakeCases = (peers: Peers) => Case[] | Promise<Case[]>;

/** A row that does less than it says would be a fast one. */
export const expectCount = (what: string, actual: number, expected: number): void => {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`);
};

/** A Lambda context with all of `dispatch`'s time left. */
export const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
