import { setTimeout as pause } from 'node:timers/promises';
import type { Op } from '../../lib/domain/op.ts';
import type { Fault } from '../../local/comet/faults.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';

export type Wire = 'http' | 'grpc';

/** A comet over its restarts. */
export interface ChaosComet {
  readonly id: string;
  readonly wire: Wire;
  /** As the registry names it. */
  address(): string;
  clientUrl(): string;
  setFault(fault?: Fault): void;
  /** Its API refuses connections; its clients stay. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** All is lost for so long: the connections too. */
  restart(downMs: number): Promise<void>;
  /** The same, at another address. */
  move(downMs: number): Promise<void>;
  /** Whether something was done to it in the last `ms`, or is now. */
  isIll(ms: number): boolean;
  /** Brackets a time of illness. */
  fallIll(): () => void;
  close(): Promise<void>;
}

/** What is in the body of an op that a comet fails on, each time. */
export const FAILING = 'fails-500';
export const MAX_BODY_BYTES = 2_048;

const HOST = '127.0.0.1';

const portOf = (url: string | undefined): number => Number(new URL(url ?? 'http://x:0').port);

const failsOn = ({ body }: Op): boolean => Buffer.from(body, 'base64').includes(FAILING);

export const startComet = async (id: string, wire: Wire, onOp: (op: Op) => void): Promise<ChaosComet> => {
  const open = (ports: { clientPort: number; apiPort: number; grpcPort?: number | undefined }) =>
    startReferenceComet({
      id,
      host: HOST,
      ...ports,
      maxBodyBytes: MAX_BODY_BYTES,
      onOp,
      failsOn,
    });
  const anyPorts = { clientPort: 0, apiPort: 0, grpcPort: wire === 'grpc' ? 0 : undefined };
  let comet: ReferenceComet = await open(anyPorts);
  let illnesses = 0;
  let wellSince = Number.NEGATIVE_INFINITY;

  const reopen = async (downMs: number, ports: Parameters<typeof open>[0]): Promise<void> => {
    await comet.close();
    await pause(downMs);
    comet = await open(ports);
  };
  return {
    id,
    wire,
    address: () => (wire === 'grpc' ? (comet.grpcUrl ?? '') : comet.apiUrl),
    clientUrl: () => comet.clientUrl,
    setFault: (fault) => comet.setFault(fault),
    stop: () => comet.stop(),
    start: () => comet.start(),
    restart: (downMs) =>
      reopen(downMs, {
        clientPort: portOf(comet.clientUrl),
        apiPort: portOf(comet.apiUrl),
        grpcPort: wire === 'grpc' ? portOf(comet.grpcUrl) : undefined,
      }),
    move: (downMs) => reopen(downMs, anyPorts),
    isIll: (ms) => illnesses > 0 || performance.now() - wellSince < ms,
    fallIll: () => {
      illnesses += 1;
      return () => {
        illnesses -= 1;
        wellSince = performance.now();
      };
    },
    close: () => comet.close(),
  };
};
