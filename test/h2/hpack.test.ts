import { describe, expect, test } from 'vitest';
import { Decoder } from '../../lib/h2/hpack/decoder.ts';
import { Encoder } from '../../lib/h2/hpack/encoder.ts';
import type { Field, Fields } from '../../lib/h2/hpack/field.ts';
import { HEADER_TABLE_BYTES, MAX_HEADERS_BYTES } from '../../lib/h2/limits.ts';
import { literal } from './frames.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const createDecoder = () => {
  const decoder = new Decoder((fields) => fields);
  const decode = (bytes: Buffer): Fields => decoder.decode(bytes, 0, bytes.length);
  return { decode, decodeHex: (hex: string) => decode(bytesOf(hex)) };
};
/** Of 256 bytes, as in the examples of responses. */
const TABLE_OF_256 = '3fe101';

const REQUESTS: readonly Fields[] = [
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ],
];
const PLAIN_REQUESTS = [
  '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
  '8286 84be 5808 6e6f 2d63 6163 6865',
  '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
];
const DATE = 'Mon, 21 Oct 2013 20:13:21 GMT';
const LOCATION: Field = ['location', 'https://www.example.com'];
const RESPONSES: readonly Fields[] = [
  [[':status', '302'], ['cache-control', 'private'], ['date', DATE], LOCATION],
  [[':status', '307'], ['cache-control', 'private'], ['date', DATE], LOCATION],
  [
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', DATE.replace(':21 ', ':22 ')],
    LOCATION,
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ],
];

describe('the examples of RFC 7541, appendix C', () => {
  test.each<[string, string, Field]>([
    [
      'C.2.1',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      ['custom-key', 'custom-header'],
    ],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', [':path', '/sample/path']],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', ['password', 'secret']],
    ['C.2.4', '82', [':method', 'GET']],
  ])('%s: one field', (_name, hex, field) => {
    expect(createDecoder().decodeHex(hex)).toEqual([field]);
  });

  test.each([
    ['C.3: requests', PLAIN_REQUESTS, REQUESTS],
    [
      'C.4: requests with Huffman',
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
      REQUESTS,
    ],
    [
      'C.5: responses, with a table that is too small for all',
      [
        `${TABLE_OF_256} 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
        '4803 3330 37c1 c0bf',
        '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
      ],
      RESPONSES,
    ],
    [
      'C.6: the same with Huffman',
      [
        `${TABLE_OF_256} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
        '4883 640e ffc1 c0bf',
        '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
      ],
      RESPONSES,
    ],
  ])('%s', (_name, blocks, lists) => {
    const { decodeHex } = createDecoder();
    expect(blocks.map(decodeHex)).toEqual(lists);
  });

  test('C.3 is what the encoder writes', () => {
    const encoder = new Encoder();
    expect(REQUESTS.map((fields) => encoder.encode(fields).toString('hex'))).toEqual(
      PLAIN_REQUESTS.map((hex) => hex.replaceAll(' ', '')),
    );
  });

  test('C.1: numbers, in the size of a table', () => {
    const { decodeHex } = createDecoder();
    expect(['2a', '3f 9a0a', '3f 00'].map(decodeHex)).toEqual([[], [], []]);
  });
});

describe('a header block that is not allowed', () => {
  test.each([
    ['points to no entry', '80'],
    ['points beyond the tables', 'be'],
    ['points far beyond', 'ff ffffff07'],
    ['ends within a number', 'ff'],
    ['has a number beyond all sense', 'ff ffffffff0f'],
    ['ends within a string', '00 05 61'],
    ['ends before a string', '00'],
    ['ends before a value', '00 01 61'],
    ['sizes the table after a field', '88 20'],
    ['sizes the table beyond what we allow', '3f e21f'],
    ['pads with zeros', '0f 10 81 00'],
    ['pads with a whole byte', '0f 10 82 1fff'],
    ['has the end of the string in a string', '0f 10 84 ffffffff'],
  ])('%s', (_name, hex) => {
    expect(() => createDecoder().decodeHex(hex)).toThrow(expect.objectContaining({ h2Code: 9 }));
  });

  test('names one large entry again and again', () => {
    const { decode } = createDecoder();
    const value = 'x'.repeat(100);
    decode(Buffer.from([0x40, ...literal('name', value).slice(1)]));
    const bomb = Buffer.alloc(Math.ceil(MAX_HEADERS_BYTES / (value.length + 36)) + 1, 0xbe);
    expect(() => decode(bomb)).toThrow(expect.objectContaining({ h2Code: 11 }));
    expect(createDecoder().decode(Buffer.alloc(MAX_HEADERS_BYTES / 64, 0x82)).length).toBeGreaterThan(1_000);
  });
});

describe('a block that only points into the tables', () => {
  const field = (name: string, value: string): Buffer =>
    Buffer.from([0x40, ...literal(name, value).slice(1)]);

  test('is decoded once, until the table changes', () => {
    const { decode, decodeHex } = createDecoder();
    decode(field('a', '1'));
    const first = decodeHex('88be');
    expect(first).toEqual([
      [':status', '200'],
      ['a', '1'],
    ]);
    expect(decodeHex('88be')).toBe(first);
    decode(field('a', '2'));
    expect(decodeHex('88be')).toEqual([
      [':status', '200'],
      ['a', '2'],
    ]);
  });

  test('means nothing any more once the table was emptied', () => {
    const { decode, decodeHex } = createDecoder();
    decode(field('a', '1'));
    decodeHex('be');
    decodeHex('20');
    expect(() => decodeHex('be')).toThrow(expect.objectContaining({ h2Code: 9 }));
  });
});

describe('the encoder', () => {
  const fields: Fields = [
    [':method', 'POST'],
    ['x-a', '1'],
    ['x-b', '2'],
  ];

  test('points to what it has sent: one byte a field', () => {
    const encoder = new Encoder();
    expect(encoder.encode(fields).length).toBe(1 + 7 + 7);
    expect(encoder.encode(fields).toString('hex')).toBe('83bfbe');
    expect(encoder.encode(fields)).toBe(encoder.encode(fields));
  });

  test('says that the table was emptied between two blocks, whatever its size is now', () => {
    const encoder = new Encoder();
    const { decode } = createDecoder();
    decode(encoder.encode(fields));
    encoder.resize(0);
    encoder.resize(HEADER_TABLE_BYTES);
    const block = encoder.encode(fields);
    expect(block.subarray(0, 4).toString('hex')).toBe('203fe11f');
    expect(decode(block)).toEqual(fields);
    expect(decode(encoder.encode(fields))).toEqual(fields);
  });

  test('uses no more of a table than we allow ourselves, and no table at all where there is none', () => {
    for (const bytes of [0, 40, 100, 2 ** 32 - 1]) {
      const encoder = new Encoder();
      const { decode } = createDecoder();
      encoder.resize(bytes);
      for (let time = 0; time < 3; time++) expect(decode(encoder.encode(fields))).toEqual(fields);
    }
  });
});
