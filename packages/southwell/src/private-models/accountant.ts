import { fail, keysOf, knownKeys, type OptionsNeeding, otherOption } from '@southwell/numerics/core';
import { checkPrivacy, type Privacy, privacyRecords } from './grids.ts';

/** The privacy spent by a person, as decimals that are summed exactly. */
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
/** Decimal places of the sums: the shortest decimal form of every double has fewer. */
const PLACES = 400;
const UNIT = 10n ** BigInt(PLACES);

interface Account {
  epsilon: bigint;
  delta: bigint;
  reports: number;
}

/** The decimal number in units of 10⁻⁴⁰⁰. */
function unitsOf(decimal: string): bigint {
  const [, whole, part = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(decimal)!;
  return BigInt(whole + part) * 10n ** BigInt(PLACES + Number(exponent) - part.length);
}

function decimalOf(units: bigint): string {
  const part = (units % UNIT).toString().padStart(PLACES, '0').replace(/0+$/, '');
  return `${units / UNIT}${part && `.${part}`}`;
}

/**
 * Limits every person to one budget over all their reports, from any mechanisms. Reports compose by basic composition:
 * their ε and δ add up, also if later mechanisms were chosen after seeing earlier reports (Dwork & Roth 2014, theorem
 * 3.16). The sums are exact in decimal arithmetic, so that three times 0.1 is 0.3.
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

  /** The privacy spent by a person's reports. */
  spent(person: string): Spent {
    const { epsilon, delta, reports } = this.of(person);
    return { epsilon: Number(decimalOf(epsilon)), delta: Number(decimalOf(delta)), reports };
  }

  /** Whether a person's budget is sufficient for a further report. */
  allows(person: string, report: Privacy): boolean {
    const { epsilon, delta } = this.of(person);
    return (
      epsilon + unitsOf(String(report.epsilon)) <= unitsOf(String(this.budget.epsilon)) &&
      delta + unitsOf(String(report.delta)) <= unitsOf(String(this.budget.delta))
    );
  }

  /**
   * Charges a report to a person's budget. Call it before the noise is drawn: if something fails afterwards, the budget
   * is still spent.
   * @throws INVALID_PARAMETER if the budget is insufficient; then nothing is charged.
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

  /** Plain data for a file, with sums as decimal strings. It reveals who has reported and must not be published. */
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
   * Restores the privacy spent earlier.
   * @throws INVALID_FORMAT; then nothing is restored.
   */
  restore(plain: unknown): void {
    const bad = (why: string): never => fail('INVALID_FORMAT', `This is not a ledger of privacy budgets: ${why}.`);
    const { format, version, people } = (plain ?? {}) as Partial<ReturnType<PrivacyAccountant['toPlain']>>;
    if (format !== FORMAT) bad(`its format is not ${FORMAT}`);
    if (version !== 1) bad(`its version is ${version}, but must be 1`);
    if (!Array.isArray(people)) bad('it has no list of people');
    const read = new Map<string, Account>();
    for (const [i, entry] of people!.entries()) {
      const { person, epsilon, delta, reports } = (entry ?? {}) as Partial<typeof entry>;
      const decimal = (text: unknown) => typeof text === 'string' && /^\d{1,400}(\.\d{1,400})?$/.test(text);
      if (typeof person !== 'string' || read.has(person)) bad(`the person of entry ${i + 1} is missing or a duplicate`);
      if (!decimal(epsilon) || !decimal(delta)) bad(`epsilon or delta of entry ${i + 1} is not a decimal number`);
      if (!Number.isSafeInteger(reports) || reports! < 0) bad(`the number of reports of entry ${i + 1} is invalid`);
      read.set(person!, { epsilon: unitsOf(epsilon!), delta: unitsOf(delta!), reports: reports! });
    }
    for (const [person, account] of read) this.accounts.set(person, account);
  }
}

/**
 * An accountant with the same budget for each person.
 * @throws INVALID_PARAMETER, INVALID_FORMAT.
 */
export function privacyAccountant(options: AccountantOptions): PrivacyAccountant {
  knownKeys('privacyAccountant', options, keysOf(accountantRecords));
  const { epsilon, delta, ledger } = options;
  const accountant = new PrivacyAccountant({ epsilon, delta });
  if (ledger !== undefined) accountant.restore(ledger);
  return accountant;
}
