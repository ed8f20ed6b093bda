/** Who works, and until when; `endsAt` is when the owner plans to end. Times in ms. */
export interface Lease {
  readonly name: string;
  /** Begins with the time its invocation started, so that who started later sorts behind. '' if it was given up. */
  readonly owner: string;
  /** Of the code and configuration that the owner runs. */
  readonly fingerprint: string;
  readonly until: number;
  readonly endsAt: number;
  /** Who started last of those that want it for another code or configuration. */
  readonly ask?: string | undefined;
}

/** Whether `owner` may take it: nobody can write any more, or it was given up for one that did not start later. */
export const mayTake = (lease: Lease, owner: string, ranOutBefore: number): boolean =>
  lease.owner === owner || lease.until < ranOutBefore || (lease.owner === '' && (lease.ask ?? '') <= owner);

/** Whether it is given up for `owner`: one way only, or two configurations would pass it back and forth. */
export const mayAsk = (lease: Lease, { owner, fingerprint }: Pick<Lease, 'owner' | 'fingerprint'>): boolean =>
  lease.owner !== '' && lease.owner < owner && lease.fingerprint !== fingerprint && (lease.ask ?? '') < owner;
