/** Who works, and until when; `endsAt` is when the owner plans to end. Times in ms. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly until: number;
  readonly endsAt: number;
}
