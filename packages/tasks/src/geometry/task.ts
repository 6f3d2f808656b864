import { writeCsv, writePcd, writePly, writeXyz } from '@southwell/data';
import { defineTask, type Family } from '../declaration/task.ts';
import { registerJob } from './job.ts';
import { registerChecks, registerInputs, registerOptions } from './options.ts';
import { posesText } from './poses.ts';
import { ofMany, type RegisterResult, registerResult } from './result.ts';
import { registrationSvg } from './svg.ts';
import { registerView } from './view.ts';

const poseText = (r: RegisterResult): string =>
  ofMany(r) ? posesText(r) : [0, 1, 2, 3].map((i) => `${(r.pose ?? []).slice(4 * i, 4 * i + 4).join(' ')}\n`).join('');

const binary = 'application/octet-stream';

const register = defineTask({
  title: 'Point cloud registration',
  verb: ['register'],
  about: 'Register two or more point clouds, and report which motions the data do not constrain.',
  examples: [
    'register bundled:room-2 bundled:room-1 --out aligned.ply --pose pose.txt',
    'register scan2.pcd scan1.pcd --method generalised --voxel 0.25 --pose pose.txt',
    'register part.xyz whole.xyz --coarse always --svg registration.svg',
    'register scan1.ply scan2.ply scan3.ply scan4.ply --out merged.ply --pose poses.txt',
    'register corridor.ply',
  ],
  inputs: registerInputs,
  options: registerOptions,
  checks: registerChecks,
  result: registerResult,
  outputs: {
    out: {
      about:
        'the transformed cloud with its other columns; for three or more, all in one with a column scan: .ply, .pcd, .xyz or .csv',
      formats: {
        ply: { file: 'aligned.ply', type: binary, text: ({ aligned }) => writePly(aligned) },
        pcd: { file: 'aligned.pcd', type: binary, text: ({ aligned }) => writePcd(aligned) },
        xyz: { file: 'aligned.xyz', type: 'text/plain', text: ({ aligned }) => writeXyz(aligned) },
        csv: {
          file: 'aligned.csv',
          type: 'text/csv',
          text: ({ aligned }) =>
            writeCsv(Object.fromEntries(Object.entries(aligned).map(([k, v]) => [k, Array.from(v)]))),
        },
      },
      holds: ['aligned'],
      json: 'out',
    },
    pose: {
      file: 'pose.txt',
      about:
        'the pose, a row-major 4 × 4 matrix, usable as an initial pose; for three or more clouds one row each, with its name',
      type: 'text/plain',
      text: poseText,
      holds: [],
      json: 'poseFile',
    },
    svg: {
      file: 'registration.svg',
      about: 'picture of the clouds and, for two, of the motions that are not constrained',
      type: 'image/svg+xml',
      text: registrationSvg,
      holds: [],
      json: 'svg',
      pictures: true,
    },
  },
  resumes: false,
  interrupted: { kept: 'the pose so far is', none: 'was a pose' },
  // A part of the requested result is missing, or not known to be right.
  exit: (r) =>
    r.scans?.some(({ verdict }) => verdict !== 'agrees') || (r.agreement && r.agreement.verdict !== 'agrees')
      ? 3
      : undefined,
  job: registerJob,
  view: registerView,
});

export const geometry: Family = { id: 'geometry', title: 'Geometry', goal: 'Align point clouds', tasks: [register] };
