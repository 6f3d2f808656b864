import { fail, keysOf, knownKeys, type OptionsNeeding, otherOption } from '@southwell/numerics/core';
import { checkPrivacy, type Privacy, privacyRecords } from './grids.ts';

/** What a person has spent, in decimals that add up exactly. */
export interface Spent extends Privacy {
  readonly reports: number;
}

const accountantRecords = {
  ...privacyRecords,
  /** A ledger from {@link PrivacyAccountant.toPlain}, to continue. */
  ledger: otherOption<unknown>('a ledger'),
};

export interface AccountantOptions extends OptionsNeeding<typeof accountantRecords, 'epsilon' | 'delta'> {}

const FORMAT = 'southwell-privacy-ledger';
/** Decimal places of the sums: every double has fewer in its shortest form. */
const PLACES = 400;
const UNIT = 10n ** BigInt(PLACES);

interface Account {
  epsilon: bigint;
  delta: bigint;
  reports: number;
}

/** The decimal number that a double is written as, 0.1 for a tenth, in units of 10⁻⁴⁰⁰. */
function unitsOf(decimal: string): bigint {
  const [, whole, part = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(decimal)!;
  return BigInt(whole + part) * 10n ** BigInt(PLACES + Number(exponent) - part.length);
}

function decimalOf(units: bigint): string {
  const part = (units % UNIT).toString().padStart(PLACES, '0').replace(/0+$/, '');
  return `${units / UNIT}${part && `.${part}`}`;
}

/**
 * Holds every person to one budget over all their reports, whatever mechanisms these came from. Reports compose by basic
 * composition: their ε add up, and so do their δ, also where later mechanisms were chosen after seeing earlier reports
 * (Dwork & Roth 2014, theorem 3.16). Sums are of the decimals as they are written, so that three times 0.1 is 0.3.
 */
export class PrivacyAccountant {
  private readonly accounts = new Map<string, Account>();

  /** @throws INVALID_PARAMETER. */
  constructor(readonly budget: Privacy) {
    checkPrivacy(budget);
  }

  private of(person: string): Account {
    return this.accounts.get(person) ?? { epsilon: 0n, delta: 0n, reports: 0 };
  }

  /** What a person's reports have spent. */
  spent(person: string): Spent {
    const { epsilon, delta, reports } = this.of(person);
    return { epsilon: Number(decimalOf(epsilon)), delta: Number(decimalOf(delta)), reports };
  }

  /** Whether a person's budget is enough for a further report. */
  allows(person: string, report: Privacy): boolean {
    const { epsilon, delta } = this.of(person);
    return (
      epsilon + unitsOf(String(report.epsilon)) <= unitsOf(String(this.budget.epsilon)) &&
      delta + unitsOf(String(report.delta)) <= unitsOf(String(this.budget.delta))
    );
  }

  /**
   * Takes a report from a person's budget. To be called before the noise is drawn: what fails afterwards has been spent.
   * @throws INVALID_PARAMETER where the budget is not enough; then nothing is spent.
   */
  charge(person: string, report: Privacy): void {
    checkPrivacy(report);
    if (!this.allows(person, report)) {
      const { epsilon, delta, reports } = this.spent(person);
      const asked = `(${report.epsilon}, ${report.delta})`;
      fail(
        'INVALID_PARAMETER',
        `The budget of person '${person}' does not allow this report: (epsilon, delta) = (${epsilon}, ${delta}) of (${this.budget.epsilon}, ${this.budget.delta}) are spent by ${reports} ${reports === 1 ? 'report' : 'reports'}, and it takes ${asked}. No report was made.`,
      );
    }
    const { epsilon, delta, reports } = this.of(person);
    this.accounts.set(person, {
      epsilon: epsilon + unitsOf(String(report.epsilon)),
      delta: delta + unitsOf(String(report.delta)),
      reports: reports + 1,
    });
  }

  /** Plain data for a file; sums are decimal texts. It tells who has reported, and is not to be published. */
  toPlain() {
    const people = Array.from(this.accounts, ([person, { epsilon, delta, reports }]) => ({
      person,
      epsilon: decimalOf(epsilon),
      delta: decimalOf(delta),
      reports,
    }));
    return { format: FORMAT, version: 1, people } as const;
  }

  /**
   * Takes over what was spent before.
   * @throws INVALID_FORMAT, after which nothing has been taken over.
   */
  restore(plain: unknown): void {
    const bad = (why: string): never => fail('INVALID_FORMAT', `This is no ledger of privacy budgets: ${why}.`);
    const { format, version, people } = (plain ?? {}) as Partial<ReturnType<PrivacyAccountant['toPlain']>>;
    if (format !== FORMAT) bad(`its format is not ${FORMAT}`);
    if (version !== 1) bad(`its version is ${version}, and version 1 is known`);
    if (!Array.isArray(people)) bad('it has no list of people');
    const read = new Map<string, Account>();
    for (const [i, entry] of people!.entries()) {
      const { person, epsilon, delta, reports } = (entry ?? {}) as Partial<typeof entry>;
      const decimal = (text: unknown) => typeof text === 'string' && /^\d{1,400}(\.\d{1,400})?$/.test(text);
      if (typeof person !== 'string' || read.has(person)) bad(`entry ${i + 1} names nobody, or somebody twice`);
      if (!decimal(epsilon) || !decimal(delta)) bad(`what entry ${i + 1} has spent is no decimal number`);
      if (!Number.isSafeInteger(reports) || reports! < 0) bad(`entry ${i + 1} does not count reports`);
      read.set(person!, { epsilon: unitsOf(epsilon!), delta: unitsOf(delta!), reports: reports! });
    }
    for (const [person, account] of read) this.accounts.set(person, account);
  }
}

/**
 * An accountant for one budget a person.
 * @throws INVALID_PARAMETER, INVALID_FORMAT.
 */
export function privacyAccountant(options: AccountantOptions): PrivacyAccountant {
  knownKeys('privacyAccountant', options, keysOf(accountantRecords));
  const { epsilon, delta, ledger } = options;
  const accountant = new PrivacyAccountant({ epsilon, delta });
  if (ledger !== undefined) accountant.restore(ledger);
  return accountant;
}
