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
  title: 'Registration of points',
  verb: ['register'],
  about: 'Lay clouds of points on each other, two or more, and say which motions the data do not fix.',
  examples: [
    'register scan2.ply scan1.ply --out aligned.ply',
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
        'the cloud, moved, with its other columns; of three or more all in one, with a column scan: as .ply, .pcd, .xyz or .csv',
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
        'the pose, a 4 × 4 matrix by rows, to begin from another time; of three clouds or more a row each, with its name',
      type: 'text/plain',
      text: poseText,
      holds: [],
      json: 'poseFile',
    },
    svg: {
      file: 'registration.svg',
      about: 'the clouds and, of two, the motions that are not fixed, drawn',
      type: 'image/svg+xml',
      text: registrationSvg,
      holds: [],
      json: 'svg',
      pictures: true,
    },
  },
  resumes: false,
  interrupted: { kept: 'the pose so far is', none: 'was a pose' },
  // Something is missing from what was asked for.
  exit: (r) => (r.scans?.some(({ tied }) => !tied) ? 3 : undefined),
  job: registerJob,
  view: registerView,
});

export const geometry: Family = { id: 'geometry', title: 'Geometry', tasks: [register] };
