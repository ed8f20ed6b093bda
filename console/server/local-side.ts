import type { CometState } from '../../local/comet/reference-comet.ts';

export interface LocalComet {
  readonly id: string;
  readonly state: CometState;
  readonly rooms: number;
  readonly connections: number;
}

/** What only the local set can say and do. */
export interface LocalSide {
  comets(): readonly LocalComet[];
}
