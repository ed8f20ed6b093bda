import type { Template } from './template.ts';

const isTable = ({ Type }: { readonly Type: string }): boolean => Type === 'AWS::DynamoDB::Table';

const arnOf = (name: string): string =>
  `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${name}`;

/** Takes the tables out of the template, in place: they are there, and who refers to one does so by its name. */
export const useKeptTables = ({ Resources }: Template): void => {
  const tables = Object.entries(Resources).filter(([, resource]) => isTable(resource));
  const arns = new Map(tables.map(([id, { Properties }]) => [id, arnOf(String(Properties['TableName']))]));
  const byName = (_key: string, value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replaceAll(/\$\{(\w+)\.Arn\}/g, (whole, id: string) => arns.get(id) ?? whole);
    const [id = '', attribute] = (value as { 'Fn::GetAtt'?: string[] } | null)?.['Fn::GetAtt'] ?? [];
    return attribute === 'Arn' && arns.has(id) ? { 'Fn::Sub': arns.get(id) } : value;
  };
  for (const [id, resource] of Object.entries(Resources)) {
    if (arns.has(id)) delete Resources[id];
    else Object.assign(resource.Properties, JSON.parse(JSON.stringify(resource.Properties), byName));
  }
};
