import type { Push } from '../../local/commands/push-record.ts';
import type { CometFault } from '../../local/topic/server.ts';
import type { FlowSecond, ListenerAnswer, LocalComet, PathAnswer } from '../answers.ts';

export interface ListenRequest {
  readonly comet: string;
  /** Empty: the comet makes one up. */
  readonly key: string;
  /** Empty: none. */
  readonly room: string;
  readonly accepts: readonly number[];
}

export type PushFormat = 'v1' | 'v2';

/** What only the local set can say and do. What cannot be done is answered as a sentence. */
export interface LocalSide {
  readonly canPush: boolean;
  comets(): readonly LocalComet[];
  /** The seconds after this one that are over. */
  flow(after: number): readonly FlowSecond[];
  listeners(): readonly ListenerAnswer[];
  listen(request: ListenRequest): Promise<string | undefined>;
  leave(id: string): void;
  push(push: Push, format: PushFormat): Promise<string | undefined>;
  fault(comet: string, fault: CometFault): Promise<string | undefined>;
  /** Rejects with the store's errors: it looks for what is parked. */
  paths(): Promise<readonly PathAnswer[]>;
}
