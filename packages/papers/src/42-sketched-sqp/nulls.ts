import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

export default nulls(record, []);
