import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, { paper: [], ours: [], rivalsLeftOut: [] });
