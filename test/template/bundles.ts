import { readFileSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';

export interface Bundle {
  readonly bytes: number;
  /** The npm packages inside, sorted. */
  readonly packages: readonly string[];
  readonly code: string;
}

const { custom, functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });

export const FUNCTIONS: readonly string[] = Object.keys(functions);

const packageOf = (file: string): string[] =>
  file.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.slice(1) ?? [];

/** A function's code as serverless.yml has it bundled; `unminified` for a reader. */
export const bundle = async (name: string, unminified = false): Promise<Bundle> => {
  const { outputFileExtension, exclude: _bundlesAll, ...options } = custom.esbuild;
  const { outputFiles, metafile } = await build({
    ...(options as BuildOptions),
    ...(unminified ? { minify: false } : {}),
    entryPoints: [String(functions[name].handler).replace(/\.handler$/, '.ts')],
    outfile: `${name}${outputFileExtension}`,
    platform: 'node',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const inside = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    bytes: output?.bytes ?? 0,
    packages: [...new Set(inside.flatMap(([file]) => packageOf(file)))].sort(),
    code: outputFiles?.[0]?.text ?? '',
  };
};
