/** What a function counted or timed in one invocation. */
export interface Metric {
  readonly name: string;
  readonly values: readonly number[];
}

const NAMESPACE = 'GoimJob';

interface Emf {
  readonly _aws?: {
    readonly CloudWatchMetrics?: readonly {
      readonly Namespace?: string;
      readonly Metrics?: readonly { readonly Name: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

const parse = (line: string): Emf | undefined => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/**
 * The metrics of a line of CloudWatch's embedded metric format; undefined: it is another line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const readEmf = (line: string): Metric[] | undefined => {
  // Most lines are not: parsing is dear.
  if (!line.startsWith('{"_aws"')) return undefined;
  const emf = parse(line);
  const own = emf?._aws?.CloudWatchMetrics?.filter(({ Namespace }) => Namespace === NAMESPACE) ?? [];
  if (emf === undefined || own.length === 0) return undefined;
  const names = own.flatMap(({ Metrics = [] }) => Metrics.map(({ Name }) => Name));
  return names.map((name) => ({
    name,
    values: [emf[name]].flat().filter((value) => typeof value === 'number'),
  }));
};

/** Takes such lines out of what is written to the stream, as the functions' workers write them: whole lines at once. */
export const takeEmf = (
  stream: NodeJS.WriteStream,
  onMetrics: (metrics: readonly Metric[]) => void,
): void => {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  const rest = (text: string): string =>
    text
      .split(/(?<=\n)/)
      .filter((line) => {
        const metrics = readEmf(line);
        if (metrics !== undefined) onMetrics(metrics);
        return metrics === undefined;
      })
      .join('');
  stream.write = (chunk: unknown, ...more: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    return text.includes('{"_aws"') ? write(rest(text), ...more) : write(chunk, ...more);
  };
};
