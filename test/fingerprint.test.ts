import { expect, test } from 'vitest';
import { fingerprintOf } from '../lib/fingerprint.ts';

test('a fingerprint is the same for the same configuration, and another for any that differs', () => {
  const config = { COMETS: { a: ['http://a'] }, COMET_TOKEN: 'one' };
  const others = [
    { ...config, COMETS: { a: ['http://b'] } },
    { ...config, COMET_TOKEN: 'two' },
    { ...config, COMET_TOKEN_SECRET: 'arn:a' },
    {},
  ];
  expect(fingerprintOf(structuredClone(config))).toBe(fingerprintOf(config));
  expect(new Set([config, ...others].map(fingerprintOf)).size).toBe(5);
});
