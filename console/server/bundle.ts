import path from 'node:path';
import { build } from 'esbuild';

/** The page's files, minified. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
  /** What is in it, as paths from the repository. */
  readonly inputs: readonly string[];
}

const ROOT = path.join(import.meta.dirname, '../..');

/** A tenth of a second; nothing is written. */
export const bundlePage = async (): Promise<PageBundle> => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { page: 'console/page/main.tsx' },
    outdir: 'console',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2024',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // The page checks the types; its own tsconfig.json says so to the compiler alone.
    tsconfigRaw: '{}',
  });
  const text = (extension: string): string =>
    outputFiles.find((file) => file.path.endsWith(extension))?.text ?? '';
  return { script: text('.js'), style: text('.css'), inputs: Object.keys(metafile.inputs) };
};
