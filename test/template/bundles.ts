import { readFileSync } from 'node:fs';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { parse } from 'yaml';

export interface Bundle {
  readonly bytes: number;
  /** The npm packages inside, sorted. */
  readonly packages: readonly string[];
  /** Those of them that run as the bundle is loaded, before any call. */
  readonly packagesAtStart: readonly string[];
  readonly code: string;
}

const { custom, functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });

export const FUNCTIONS: readonly string[] = Object.keys(functions);

const packageOf = (file: string): string[] =>
  file.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.slice(1) ?? [];

/** The files that are loaded with the entry: all that is not behind an `import()`. */
const filesAtStart = ({ inputs }: Metafile, entry: string): ReadonlySet<string> => {
  const files = new Set<string>([entry]);
  for (const file of files) {
    for (const { path, kind } of inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') files.add(path);
  }
  return files;
};

const packagesOf = (files: Iterable<string>): string[] => [...new Set([...files].flatMap(packageOf))].sort();

/** A function's code as serverless.yml has it bundled. */
export const bundle = async (name: string): Promise<Bundle> => {
  const { outputFileExtension, exclude: _bundlesAll, ...options } = custom.esbuild;
  const entry = String(functions[name].handler).replace(/\.handler$/, '.ts');
  const { outputFiles, metafile } = await build({
    ...(options as BuildOptions),
    entryPoints: [entry],
    outfile: `${name}${outputFileExtension}`,
    platform: 'node',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const inside = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    bytes: output?.bytes ?? 0,
    packages: packagesOf(inside.map(([file]) => file)),
    packagesAtStart: packagesOf(filesAtStart(metafile, entry)),
    code: outputFiles?.[0]?.text ?? '',
  };
};
