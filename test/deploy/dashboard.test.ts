import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardResource } from '../../deploy/dashboard.ts';
import { queryResources } from '../../deploy/queries.ts';

type Metric = readonly [namespace: string, name: string, ...rest: unknown[]];
interface Widget {
  readonly x: number;
  readonly y: number;
  readonly properties: { readonly title: string; readonly metrics: readonly Metric[] };
}

const { DashboardName, DashboardBody } = dashboardResource('goim-job-prod').Properties as {
  DashboardName: string;
  DashboardBody: { 'Fn::Sub': string };
};
const widgets: Widget[] = JSON.parse(DashboardBody['Fn::Sub']).widgets;
const metrics = widgets.flatMap(({ properties }) => properties.metrics);
const service = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });

const sources = ['lib', 'functions'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8')),
);

const namesOf = (namespace: string, at: number): string[] => [
  ...new Set(metrics.filter(([of]) => of === namespace).map((metric) => String(metric[at]))),
];

test('the dashboard of a stage has its name, and graphs that do not overlap', () => {
  expect(DashboardName).toBe('goim-job-prod');
  expect(new Set(widgets.map(({ x, y }) => `${x} ${y}`)).size).toBe(widgets.length);
});

test('every metric that the functions write has a graph', () => {
  const [, names = ''] = /export type MetricName =([^;]+);/.exec(readFileSync('lib/log.ts', 'utf8')) ?? [];
  expect(namesOf('GoimJob', 1).sort()).toEqual(names.match(/\w+/g)?.sort());
});

test('every function and table of the template has its graphs', () => {
  const functions = Object.keys(service.functions).map((name) => `goim-job-prod-${name}`);
  expect(namesOf('AWS/Lambda', 3)).toEqual(functions);
  const tables = Object.values<{ Type: string; Properties: { TableName?: string } }>(
    service.resources.Resources,
  )
    .filter(({ Type }) => Type === 'AWS::DynamoDB::Table')
    .map(({ Properties }) => String(Properties.TableName).replace(/^.*\}-/, 'goim-job-prod-'));
  expect(namesOf('AWS/DynamoDB', 3).sort()).toEqual(tables.sort());
});

test('a query looks for words that the functions write, in logs that are there', () => {
  const queries = Object.values(queryResources('goim-job-prod')).map(({ Properties }) => Properties);
  const names = queries.map(({ Name }) => String(Name));
  expect(new Set(names).size).toBe(names.length);
  const words = queries.flatMap(({ QueryString }) => [
    ...String(QueryString).matchAll(/message = "([^"]+)"/g),
  ]);
  expect(words.length).toBeGreaterThan(0);
  for (const [, word] of words) expect(sources.some((source) => source.includes(`'${word}'`))).toBe(true);
  const groups = queries.flatMap(({ LogGroupNames }) => LogGroupNames as string[]);
  const functions = Object.keys(service.functions).map((name) => `/aws/lambda/goim-job-prod-${name}`);
  expect([...new Set(groups)].sort()).toEqual(functions.sort());
});
