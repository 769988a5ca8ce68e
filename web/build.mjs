// Builds the pages that the binary carries: `board` and `console`, each bundled from its `src/main`
// with its `static/` files beside it, into `dist/`. `--watch` builds again at every change.

import { build, context } from 'esbuild';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const pages = ['board', 'console'];
const entry = (page) => ['ts', 'tsx', 'js'].map((end) => path.join(root, page, 'src', `main.${end}`)).find(existsSync);

const options = (page) => ({
  entryPoints: [entry(page)],
  outdir: path.join(root, 'dist', page),
  bundle: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
for (const page of pages.filter(entry)) {
  const out = path.join(root, 'dist', page);
  mkdirSync(out, { recursive: true });
  cpSync(path.join(root, page, 'static'), out, { recursive: true });
  if (process.argv.includes('--watch')) await (await context(options(page))).watch();
  else await build(options(page));
}
