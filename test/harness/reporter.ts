import Mocha from 'mocha';

/** Mocha's usual report, which ends with a line for each failure and a line for scripts: `N passed, N failed`. */
export default class Reporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    for (const test of this.failures) console.log(`FAILED ${test.titlePath().join(': ')}: ${firstLine(test.err)}`);
    console.log(`${this.stats.passes} passed, ${this.stats.failures} failed`);
  }
}

function firstLine(error: Error | undefined): string {
  return `${error?.message}`.split('\n')[0] ?? '';
}
