import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Op } from '../../lib/domain/op.ts';
import { coordinatesOf } from '../../lib/domain/push-message.ts';
import type { EventRecord } from './content.ts';

const TYPE = { push: 0, room: 1, all: 2 } as const;

const writeTarget = (writer: BinaryWriter, comet: string, op: Op): void => {
  switch (op.type) {
    case 'push':
      writer.tag(4, WireType.LengthDelimited).string(comet);
      for (const key of op.keys) writer.tag(6, WireType.LengthDelimited).string(key);
      return;
    case 'room':
      writer.tag(5, WireType.LengthDelimited).string(op.room);
      return;
    case 'all':
      writer.tag(3, WireType.Varint).int32(op.speed);
  }
};

/** The record that `dispatch` makes this op of (proto/logic.proto). */
export const opRecord = (comet: string, op: Op): EventRecord => {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int32(TYPE[op.type]);
  writer.tag(2, WireType.Varint).int32(op.operation);
  writeTarget(writer, comet, op);
  writer.tag(7, WireType.LengthDelimited).bytes(Buffer.from(op.body, 'base64'));
  const value = Buffer.from(writer.finish()).toString('base64');
  return { ...coordinatesOf(op.id), timestamp: op.timestamp, timestampType: 'CREATE_TIME', value };
};
