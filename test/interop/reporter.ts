import type { SerializedError, TestCase, TestModule } from 'vitest/node';
import { DefaultReporter } from 'vitest/node';

/** Vitest's usual report, which ends with a line for each failure and a line for scripts: `N passed, N failed`. */
export default class Reporter extends DefaultReporter {
  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: 'passed' | 'interrupted' | 'failed',
  ): void {
    super.onTestRunEnd(modules, errors, reason);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const failed = tests.filter((test) => test.result().state === 'failed');
    const broken = modules.filter((module) => module.errors().length > 0);
    for (const test of failed)
      console.log(`FAILED ${test.module.relativeModuleId}: ${test.fullName}: ${reasonOf(test)}`);
    for (const module of broken) console.log(`FAILED ${module.relativeModuleId}: ${firstLine(module.errors()[0])}`);
    for (const error of errors) console.log(`FAILED outside a test: ${firstLine(error)}`);
    const passed = tests.filter((test) => test.result().state === 'passed');
    console.log(`${passed.length} passed, ${failed.length + broken.length + errors.length} failed`);
  }
}

function reasonOf(test: TestCase): string {
  const { errors } = test.result();
  return firstLine(errors?.[0]);
}

function firstLine(error: { readonly message?: string } | undefined): string {
  return `${error?.message}`.split('\n')[0] ?? '';
}
