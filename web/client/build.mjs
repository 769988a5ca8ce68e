// Makes `dist/`, the package as other teams get it (`npm pack ./dist`): one ES module, its types, a
// package.json that points at them. Inside this repository the sources are imported as they are.

import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');

const options = {
  entryPoints: [path.join(here, 'src/index.ts')], bundle: true, format: 'esm', target: ['es2022'], legalComments: 'none',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await build({ ...options, outfile: path.join(dist, 'index.js'), sourcemap: 'external', sourcesContent: true });
const tsc = path.join(here, '../node_modules/.bin/tsc');
execFileSync(tsc, ['-p', path.join(here, 'tsconfig.build.json')], { stdio: 'inherit' });

const { name, version, description, license, type, engines } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
const made = {
  name, version, description, license, type, engines, sideEffects: false,
  exports: { '.': { types: './types/index.d.ts', default: './index.js' } },
};
writeFileSync(path.join(dist, 'package.json'), `${JSON.stringify(made, null, 2)}\n`);
cpSync(path.join(here, 'README.md'), path.join(dist, 'README.md'));

const { outputFiles } = await build({ ...options, minify: true, write: false });
const minified = outputFiles[0].contents;
console.log(`dist/index.js: ${minified.length} bytes minified, ${gzipSync(minified, { level: 9 }).length} with gzip`);
