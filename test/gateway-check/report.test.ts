import { expect, test } from 'vitest';
import type { Check } from '../../gateway-check/check.ts';
import { junitOf } from '../../gateway-check/junit.ts';
import { linesOf, summaryOf } from '../../gateway-check/report.ts';
import type { Result } from '../../gateway-check/run.ts';

const check = (says: string): Check => ({ id: says, says, run: async () => undefined });

const results: Result[] = [
  { check: check('a request may have 4 MiB'), status: 'passed', ms: 1234.5 },
  { check: check('a push reaches <nobody> else'), status: 'skipped', ms: 0, why: 'needs --clients' },
  {
    check: check('the list is whole'),
    status: 'failed',
    ms: 2,
    finding: { sent: 'GET "/v1/rooms"', came: '200 a\u0000b & c\uD800', wanted: 'a list' },
  },
];

test('a report for people has a line a check, and what was sent, came and should have come', () => {
  expect(results.flatMap(linesOf)).toEqual([
    'ok    a request may have 4 MiB',
    'skip  a push reaches <nobody> else (needs --clients)',
    'FAIL  the list is whole',
    '        sent    GET "/v1/rooms"',
    '        came    200 a\u0000b & c\uD800',
    '        wanted  a list',
  ]);
  expect(summaryOf(results)).toBe('1 ok, 1 failed, 1 skipped');
});

test('a report for CI is JUnit’s, whatever a gateway answers', () => {
  expect(junitOf(results)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="gateway-check" tests="3" failures="1" skipped="1">
  <testcase classname="comet-api" name="a request may have 4 MiB" time="1.234"></testcase>
  <testcase classname="comet-api" name="a push reaches &lt;nobody&gt; else" time="0.000"><skipped message="needs --clients"/></testcase>
  <testcase classname="comet-api" name="the list is whole" time="0.002"><failure message="wanted a list">sent: GET &quot;/v1/rooms&quot;
came: 200 a\uFFFDb &amp; c\uFFFD
wanted: a list</failure></testcase>
</testsuite>
`);
});
