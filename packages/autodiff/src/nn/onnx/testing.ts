import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// Cases that scripts of Python make with onnxruntime.

interface Numbers {
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: ReadonlyArray<number | boolean | null>;
}
export interface Case {
  readonly name: string;
  readonly skipped?: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly outputs: Readonly<Record<string, Numbers>>;
}

/** What a script of peers/ writes; undefined if Python or one of its packages is missing. */
export function casesOf(name: string, seed = Number(process.env.ONNX_SEED ?? 1)): readonly Case[] | undefined {
  const script = fileURLToPath(new URL(`./peers/${name}.py`, import.meta.url));
  const made = spawnSync('/usr/bin/python3', [script, String(seed)], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (made.error || made.status === 3) return undefined;
  if (made.status !== 0) throw new Error(made.stderr.slice(-2000));
  return JSON.parse(made.stdout);
}
export const tensorOf = ({ type, shape, values }: Numbers): ad.Tensor =>
  ad.tensor(Float64Array.from(values, Number), { shape, dtype: type.startsWith('float') ? 'f32' : 'i32' });

/** Holds a network to onnxruntime's outputs: eagerly, compiled, after JSON and after a file of ours. */
export function compare({ model, inputs, outputs }: Case): void {
  const read = nn.read(Buffer.from(model, 'base64'));
  expect(read.missing).toEqual([]);
  const given = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, tensorOf(x)]));
  const agree = (made: Readonly<Record<string, ad.Tensor>>): void => {
    for (const [name, theirs] of Object.entries(outputs)) {
      const ours = made[name];
      expect(ours.shape).toEqual(theirs.shape);
      const largest = Math.max(1, ...theirs.values.map((v) => Math.abs(Number(v))));
      const data = ours.data();
      theirs.values.forEach((v, i) => {
        if (v === null) expect(Number.isFinite(data[i])).toBe(false);
        else expect(Math.abs(data[i] - Number(v))).toBeLessThanOrEqual(1e-5 * largest);
      });
    }
  };
  agree(nn.applyGraph(read.model, read.parameters, given, { state: read.state }));
  // The same after a compiled program, after JSON, and after an ONNX file of ours.
  const compiled = ad.compile((p: nn.Parameters, x: Readonly<Record<string, ad.Tensor>>) =>
    nn.applyGraph(read.model, p, x, { state: read.state }),
  );
  if (Object.keys(given).length > 0 && read.inputs.every(({ type }) => type === 'f32'))
    agree(compiled(read.parameters, given));
  const again = nn.checkArchitecture(JSON.parse(nn.architectureJson(read.model)));
  agree(nn.applyGraph(again, read.parameters, given, { state: read.state }));
  const back = nn.read(nn.toOnnx(read.model, read.parameters, { state: read.state }));
  agree(nn.applyGraph(back.model, back.parameters, given, { state: back.state }));
  expect(Object.keys(back.parameters)).toEqual(Object.keys(read.parameters));
  expect(Object.keys(back.state)).toEqual(Object.keys(read.state));
}
