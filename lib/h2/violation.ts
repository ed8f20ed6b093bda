import { CODE } from './code.ts';

const NAMES = new Map<number, string>([
  [CODE.protocol, 'PROTOCOL_ERROR'],
  [CODE.flowControl, 'FLOW_CONTROL_ERROR'],
  [CODE.frameSize, 'FRAME_SIZE_ERROR'],
  [CODE.compression, 'COMPRESSION_ERROR'],
  [CODE.enhanceYourCalm, 'ENHANCE_YOUR_CALM'],
]);

/** Thrown within a connection, which it ends; `h2Code` goes to the peer in a GOAWAY. */
export const violation = (h2Code: number, problem: string): Error =>
  Object.assign(new Error(`The peer broke HTTP/2: ${problem}`), {
    h2Code,
    code: `H2_${NAMES.get(h2Code) ?? h2Code}`,
  });

/** What a GOAWAY says of this error; an error that is no violation is a defect of our own. */
export const h2CodeOf = (error: unknown): number => {
  const { h2Code } = error as { h2Code?: unknown };
  return typeof h2Code === 'number' ? h2Code : CODE.internal;
};
