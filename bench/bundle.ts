import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Template {
  readonly functions: Readonly<Record<string, { readonly handler: string }>>;
  readonly custom: {
    readonly esbuild: BuildOptions & {
      readonly outputFileExtension: string;
      readonly exclude: readonly string[];
    };
  };
}

/** CloudFormation's tags stay unresolved; nothing here needs one. */
const template = (): Template => parse(readFileSync(`${ROOT}/serverless.yml`, 'utf8'), { logLevel: 'error' });

/** The source file of each function that is deployed. */
export const entries = (): [name: string, entry: string][] =>
  Object.entries(template().functions).map(([name, { handler }]) => [
    name,
    `${ROOT}/${handler.replace(/\.\w+$/, '.ts')}`,
  ]);

/** Bundles an entry into a folder with the options of serverless.yml; answers its file and size. */
export const bundle = async (
  entry: string,
  folder: string,
  more: BuildOptions = {},
): Promise<{ file: string; bytes: number }> => {
  // As serverless-esbuild: the platform is its default, and its own options are not esbuild's.
  const { outputFileExtension, exclude, ...options } = template().custom.esbuild;
  const { metafile } = await build({
    platform: 'node',
    ...options,
    ...more,
    external: [...exclude],
    outExtension: { '.js': outputFileExtension },
    entryPoints: [entry],
    outdir: folder,
    absWorkingDir: ROOT,
    metafile: true,
  });
  const [built] = Object.entries(metafile.outputs);
  if (built === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  const [file, { bytes }] = built;
  return { file: `${ROOT}/${file}`, bytes };
};
