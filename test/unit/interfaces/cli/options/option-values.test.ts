import { expect } from 'chai';
import { apiKeyProblem, serverUrlProblem } from '../../../../../src/interfaces/cli/options/option-values.js';

const WRONG_URLS: Readonly<Record<string, RegExp>> = {
  '': /empty/,
  '  \t': /empty/,
  '127.0.0.1:8080': /http:\/\/ or https:\/\/ is missing; write http:\/\/127\.0\.0\.1:8080$/,
  'localhost:8080': /is missing; write http:\/\/localhost:8080$/,
  localhost: /is missing/,
  '[::1]:8080': /is missing/,
  '//localhost:8080': /is missing; write http:\/\/localhost:8080$/,
  'user:word@host:8080': /is missing/,
  'http:/localhost': /no host/,
  'http://': /no host/,
  'https:///path': /no host/,
  'ftp://localhost': /begins with ftp:\/\//,
  'ws://localhost:1': /begins with ws:\/\//,
  'httpx://localhost': /begins with httpx:\/\//,
  ' http://localhost:1': /white space/,
  'http://localhost:1\n': /white space or a line feed/,
  'http://local host:1': /white space/,
  'http://localhost:0': /port/,
  'http://localhost:65536': /port/,
  'http://[::1]:99999/kv': /port/,
  'http://localhost:80a': /no address/,
  'http://[::1': /no address/,
  'http://a:b@localhost:1': /user name/,
  'http://a@localhost:1': /user name/,
  'http://localhost:1/?x=1': /\?/,
  'http://localhost:1?': /\?/,
  'http://localhost:1/#x': /#/,
};

describe('serverUrlProblem', () => {
  for (const [url, problem] of Object.entries(WRONG_URLS)) {
    it(`says what is wrong with ${JSON.stringify(url)}`, () => {
      expect(serverUrlProblem(url)).to.match(problem);
    });
  }

  for (const url of ['http://localhost', 'HTTPS://h:1', 'http://[::1]:65535/kv/', 'http://h:08080', 'http://h//a/b']) {
    it(`finds nothing wrong with ${url}`, () => {
      expect(serverUrlProblem(url)).to.equal(undefined);
    });
  }
});

describe('apiKeyProblem', () => {
  it('finds what no header can carry', () => {
    expect(apiKeyProblem('')).to.match(/empty/);
    expect(apiKeyProblem(' \n')).to.match(/empty/);
    expect(apiKeyProblem('key\n')).to.match(/line feed/);
    expect(apiKeyProblem('key\r\n')).to.match(/line feed/);
    expect(apiKeyProblem(' key')).to.match(/white space/);
    expect(apiKeyProblem('a\nb')).to.match(/control character/);
    expect(apiKeyProblem('schlüssel€')).to.match(/no HTTP header/);
    expect(apiKeyProblem('schlüssel mit raum')).to.equal(undefined);
    expect(apiKeyProblem('pkv_k3mehodl_Qo-y_B')).to.equal(undefined);
  });
});
