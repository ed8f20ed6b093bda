import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Allocate } from '../domain/batch.ts';

/** A body's bytes, block by block, in the order they are sent. */
type Blocks = (allocate: Allocate) => Iterable<Buffer>;

/** The same memory each time, so that blocks leave no garbage: 64 KB each, they would wait for a collection by the hundred. */
const reuse = (): Allocate => {
  let block = Buffer.alloc(0);
  return (bytes) => {
    if (bytes > block.length) block = Buffer.allocUnsafe(bytes);
    return block;
  };
};

/** To Node's HTTP client and the SDK it is a stream; a block is made once the one before has been written, and over it. */
class Body extends Readable {
  readonly #blocks: Iterator<Buffer>;

  constructor(blocks: Iterable<Buffer>) {
    super();
    this.#blocks = blocks[Symbol.iterator]();
  }

  override pipe<T extends NodeJS.WritableStream>(request: T): T {
    const writeNext = (error?: Error | null): void => {
      if (error) return;
      const { done, value } = this.#blocks.next();
      if (done) request.end();
      else request.write(value, writeNext);
    };
    writeNext();
    return request;
  }
}

/** The command's body is made while it is sent, and once before for its signature: no more of it than a block is in memory. */
export const streamBody = (command: InvokeCommand, blocks: Blocks): void => {
  const allocate = reuse();
  const hash = createHash('sha256');
  let bytes = 0;
  for (const block of blocks(allocate)) {
    hash.update(block);
    bytes += block.length;
  }
  const headers = { 'content-length': `${bytes}`, 'x-amz-content-sha256': hash.digest('hex') };
  const { middlewareStack } = command;
  middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, headers);
      return next(args);
    },
    { step: 'build' },
  );
  // Behind the SDK's retries, which are off: of a stream they would still say, at each error, that it is not sent again.
  middlewareStack.add(
    (next) => (args) =>
      next({ ...args, request: { ...(args.request as object), body: new Body(blocks(allocate)) } }),
    { step: 'finalizeRequest', priority: 'low' },
  );
};
