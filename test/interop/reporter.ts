import type { SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';
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
    // A module or a suite has errors of its own if it cannot be loaded, or if one of its hooks fails.
    const broken = modules.flatMap((module) => [module, ...module.children.allSuites()].filter(hasErrors));
    for (const test of failed)
      console.log(`FAILED ${test.module.relativeModuleId}: ${test.fullName}: ${reasonOf(test)}`);
    for (const one of broken) console.log(`FAILED ${nameOf(one)}: ${firstLine(one.errors()[0])}`);
    for (const error of errors) console.log(`FAILED outside a test: ${firstLine(error)}`);
    const passed = tests.filter((test) => test.result().state === 'passed');
    console.log(`${passed.length} passed, ${failed.length + broken.length + errors.length} failed`);
  }
}

function hasErrors(one: TestModule | TestSuite): boolean {
  return one.errors().length > 0;
}

function nameOf(one: TestModule | TestSuite): string {
  return one.type === 'module' ? one.relativeModuleId : `${one.module.relativeModuleId}: ${one.fullName}`;
}

function reasonOf(test: TestCase): string {
  const { errors } = test.result();
  return firstLine(errors?.[0]);
}

function firstLine(error: { readonly message?: string } | undefined): string {
  return `${error?.message}`.split('\n')[0] ?? '';
}
