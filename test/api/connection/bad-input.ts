/** Input that must be refused, with its status, and whether the connection must close. */
export interface BadInput {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly status: number;
  readonly closes: boolean;
}

const HOST = 'Host: localhost\r\n';
const PROJECT = '/api/v1/projects/first_project';
const STORE = `${PROJECT}/store`;
const DEEP = 100_000;

/** All bad inputs, with an API key of the project and the system key. */
export function badInputs(key: string, systemKey: string): readonly BadInput[] {
  const own = `X-API-Key: ${key}\r\n`;
  const system = `X-API-Key: ${systemKey}\r\n`;
  return [
    ...noHttp(),
    ...badTargets(),
    ...badFraming(own),
    ...tooMuch(own),
    ...badPaths(own),
    ...badKeys(),
    ...badQueries(own),
    ...badHeaders(own),
    ...badMethods(own),
    ...badBodies(own, system),
  ];
}

function closing(status: number, inputs: Readonly<Record<string, string | Buffer>>): BadInput[] {
  return Object.entries(inputs).map(([name, bytes]) => ({ name, bytes, status, closes: true }));
}

function staying(status: number, inputs: readonly (readonly [string, string])[]): BadInput[] {
  return inputs.map(([name, bytes]) => ({ name, bytes, status, closes: false }));
}

function get(target: string, headers = ''): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
}

function awaitedBody(request: string, headers: string, length: number): string {
  return `${request} HTTP/1.1\r\n${HOST}${headers}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
}

function withBody(method: string, target: string, headers: string, body: string): string {
  const length = Buffer.byteLength(body, 'latin1');
  return `${method} ${target} HTTP/1.1\r\n${HOST}${headers}Content-Length: ${length}\r\n\r\n${body}`;
}

function noHttp(): BadInput[] {
  return closing(400, {
    'random bytes': Buffer.from([0x80, 0xfe, 0, 1, 2, 3, 0x0d, 0x0a, 0x0d, 0x0a]),
    'NUL alone': Buffer.from([0]),
    'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
    'a SOCKS hello': Buffer.from([5, 1, 0]),
    'an SSH banner': 'SSH-2.0-OpenSSH_9.6\r\n',
    'a mail greeting': 'EHLO example.org\r\n\r\n',
    'a Redis command': '*1\r\n$4\r\nPING\r\n',
    'a PROXY header': 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/0.9': 'GET /livez\r\n\r\n',
    'a method alone': 'GET\r\n\r\n',
    words: 'hello there, server\r\n\r\n',
    'an unknown method': `FETCH /livez HTTP/1.1\r\n${HOST}\r\n`,
    'a method in small letters': `get /livez HTTP/1.1\r\n${HOST}\r\n`,
    'a malformed version': `GET /livez HTTP/x.y\r\n${HOST}\r\n`,
    'HTTP/9.9': `GET /livez HTTP/9.9\r\n${HOST}\r\n`,
    'no target': `GET HTTP/1.1\r\n${HOST}\r\n`,
    'a space in the target': `GET /li vez HTTP/1.1\r\n${HOST}\r\n`,
    'NUL in the target': `GET /liv\0ez HTTP/1.1\r\n${HOST}\r\n`,
    'a bell in the target': `GET /liv\x07ez HTTP/1.1\r\n${HOST}\r\n`,
    'NUL in a header': get('/livez', 'X-A: a\0b\r\n'),
    'NUL in a header name': get('/livez', 'X-\0A: b\r\n'),
    'a control character in a header': get('/livez', 'X-A: a\x01b\r\n'),
    'DEL in a header': get('/livez', 'X-A: a\x7fb\r\n'),
    'a carriage return in a header': get('/livez', 'X-A: a\rb\r\n'),
    'a header without a colon': get('/livez', 'X-A\r\n'),
    'a header without a name': get('/livez', ': b\r\n'),
    'a space in a header name': get('/livez', 'X A: b\r\n'),
    'a space before the colon': get('/livez', 'X-A : b\r\n'),
    'a header folded with a space': get('/livez', 'X-A: a\r\n b\r\n'),
    'a header folded with a tab': get('/livez', 'X-A: a\r\n\tb\r\n'),
    'a folded first header': 'GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n',
    'an umlaut in a header name': get('/livez', 'X-\xe4: b\r\n'),
  });
}

function badTargets(): BadInput[] {
  return closing(400, {
    'an absolute target without a host': get('http:///livez'),
    'an absolute target with a user': get('http://user:secret@localhost/livez'),
    'an absolute target with an empty user': get('http://@localhost/livez'),
    'an absolute target with a port that is no number': get('http://localhost:http/livez'),
    'an absolute target with a port beyond 65535': get('http://localhost:65536/livez'),
    'an absolute target with a long port': get('http://localhost:000080/livez'),
    'an absolute target with two ports': get('http://localhost:80:80/livez'),
    'an absolute target with a port alone': get('http://:80/livez'),
    'an absolute target with an open bracket': get('http://[::1/livez'),
    'an absolute target with a name in brackets': get('http://[localhost]/livez'),
    'an absolute target with an address without brackets': get('http://::1/livez'),
    'an absolute target with bad percent signs': get('http://local%zzhost/livez'),
    'an absolute target with bytes beyond ASCII': get('http://l\xf6calhost/livez'),
    'an absolute target with quotes': get('http://"localhost"/livez'),
    'an absolute target with a backslash': get('http:\\\\localhost/livez'),
    'an absolute target with one slash': get('http:/localhost/livez'),
    'an absolute target without Host': 'GET http://localhost/livez HTTP/1.1\r\n\r\n',
    'an absolute target with a fragment': get('http://localhost/livez#a'),
    'an absolute target of another scheme': get('ftp://localhost/livez'),
    'an absolute target of a WebSocket': get('ws://localhost/livez'),
    'an authority alone': get('localhost:80'),
    'a file target': get('file:///etc/passwd'),
    'a target that is no path': get('livez'),
    'a fragment': get('/livez#a'),
    'a fragment after a key': get(`${STORE}/k#a`),
    'a fragment in the query': get('/livez?a#b'),
    'a query alone': get('?key=a'),
    'an asterisk': get('*'),
    CONNECT: 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n',
    'CONNECT with a path': `CONNECT /livez HTTP/1.1\r\n${HOST}\r\n`,
    'HTTP/0.9 with headers': `GET /livez\r\n${HOST}\r\n`,
    'HTTP/2.0 in the clothes of 1.1': `GET /livez HTTP/2.0\r\n${HOST}\r\n`,
    'no Host': 'GET /livez HTTP/1.1\r\n\r\n',
    'two Hosts': get('/livez', 'Host: example.org\r\n'),
    'the same Host twice': get('/livez', HOST),
    'two Hosts in other letters': get('/livez', 'hOsT: localhost\r\n'),
    'a target that is no UTF-8': get('/api/v1/projects/\xff'),
    'a key that is no UTF-8': get(`${STORE}/\xc3\x28`),
  });
}

function badFraming(own: string): BadInput[] {
  const put = (headers: string, body = '') => `PUT ${STORE}/k HTTP/1.1\r\n${HOST}${own}${headers}\r\n${body}`;
  const chunked = (body: string) => put('Transfer-Encoding: chunked\r\n', body);
  return closing(400, {
    'two lengths that differ': put('Content-Length: 3\r\nContent-Length: 5\r\n', 'abcde'),
    'the same length twice': put('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'),
    'a list of lengths': put('Content-Length: 3, 3\r\n', 'abc'),
    'a negative length': put('Content-Length: -1\r\n'),
    'a length with a plus': put('Content-Length: +3\r\n', 'abc'),
    'a hexadecimal length': put('Content-Length: 0x3\r\n', 'abc'),
    'a length with an exponent': put('Content-Length: 1e3\r\n', 'abc'),
    'a length that is no number': put('Content-Length: many\r\n', 'abc'),
    'an empty length': put('Content-Length:\r\n', 'abc'),
    'a length beyond 64 bits': put('Content-Length: 99999999999999999999999\r\n', 'abc'),
    'a length and chunked': put('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'chunked and a length': put('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'an unknown transfer coding': put('Transfer-Encoding: gzip\r\n', 'abc'),
    'two transfer codings': put('Transfer-Encoding: gzip, chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'chunked twice': put('Transfer-Encoding: chunked, chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'chunked not last': put('Transfer-Encoding: chunked, gzip\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'chunked in HTTP/1.0': put('Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n').replace(
      'HTTP/1.1',
      'HTTP/1.0',
    ),
    'identity as transfer coding': put('Transfer-Encoding: identity\r\n', 'abc'),
    'a transfer coding with rubbish': put('Transfer-Encoding: xchunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    'a chunk size that is no number': chunked('g\r\nabc\r\n0\r\n\r\n'),
    'a negative chunk size': chunked('-1\r\nabc\r\n0\r\n\r\n'),
    'a chunk size with 0x': chunked('0x3\r\nabc\r\n0\r\n\r\n'),
    'a chunk size with a space before': chunked(' 3\r\nabc\r\n0\r\n\r\n'),
    'an empty chunk size': chunked('\r\nabc\r\n0\r\n\r\n'),
    'a chunk size beyond 64 bits': chunked('fffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
    'a chunk longer than it says': chunked('3\r\nabcdef\r\n0\r\n\r\n'),
    'a chunk without its line end': chunked('3\r\nabc0\r\n\r\n'),
    'a bare line feed after a chunk size': chunked('3\nabc\r\n0\r\n\r\n'),
    'a bad trailer': chunked('3\r\nabc\r\n0\r\nX A: b\r\n\r\n'),
  });
}

function tooMuch(own: string): BadInput[] {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: b\r\n`).join('');
  return [
    ...closing(431, {
      'a header of 20 KB': get('/livez', `X-A: ${'a'.repeat(20_000)}\r\n`),
      'a header of 1 MB': get('/livez', `X-A: ${'a'.repeat(1_000_000)}\r\n`),
      'a header name of 20 KB': get('/livez', `${'a'.repeat(20_000)}: b\r\n`),
      '100 headers beside Host': get('/livez', many(100)),
      '1,000 headers': get('/livez', many(1000)),
      '20 KB in many headers': get('/livez', `X-A: ${'a'.repeat(400)}\r\n`.repeat(50)),
      'a cookie of 20 KB': get('/livez', `Cookie: ${'a=b; '.repeat(4000)}\r\n`),
    }),
    ...closing(414, {
      'a URL of 8,193 bytes': get(`/${'a'.repeat(8192)}`),
      'a URL of 15 KB': get(`/${'a'.repeat(15_000)}`),
      'a URL of 20 KB': get(`/${'a'.repeat(20_000)}`),
      'a URL of 1 MB': get(`/${'a'.repeat(1_000_000)}`),
      'an absolute URL of 8,193 bytes after its host': get(`http://localhost/${'a'.repeat(8192)}`),
      'a query of 10 KB': get(`${STORE}?prefix=${'a'.repeat(10_000)}`, own),
    }),
    ...closing(413, {
      'a value of 17 MB announced': `PUT ${STORE}/k HTTP/1.1\r\n${HOST}${own}Content-Length: 17000000\r\n\r\n`,
      'a value of 1 TB announced': `PUT ${STORE}/k HTTP/1.1\r\n${HOST}${own}Content-Length: 1000000000000\r\n\r\nabc`,
      'a control body of 2 MB': `POST ${STORE}/k/increment HTTP/1.1\r\n${HOST}${own}Content-Length: 2000000\r\n\r\n{`,
      'a form of 9 MB': `POST ${STORE} HTTP/1.1\r\n${HOST}Content-Length: 9000000\r\n\r\na=`,
      'a value of 17 MB announced and awaited': awaitedBody(`PUT ${STORE}/k`, own, 17_000_000),
    }),
  ];
}

function badPaths(own: string): BadInput[] {
  const bad = ['%', '%2', '%zz', '%ff', '%c0%80', '%c3%28', '%ed%a0%80', '%f8%88%80%80%80', 'a%', '%u0041'];
  const ids = ['a%20b', 'a.b', '%2e%2e%2fx', 'x'.repeat(65), '%00', 'a%2Fb', '%C3%A4', 'a:b', '$id'];
  return [
    ...staying(400, [
      ...bad.flatMap((part) =>
        [
          `${STORE}/${part}`,
          `${PROJECT}/values/${part}`,
          `/api/v1/projects/${part}/store/k`,
          `${STORE}?prefix=${part}`,
        ].map((target) => [target, get(target, own)] as const),
      ),
      ...ids.map((id) => [`project ${id.slice(0, 20)}`, get(`/api/v1/projects/${id}/store/k`, own)] as const),
      ['an empty key', get(`${STORE}/`, own)],
      ['an empty raw key', get(`${PROJECT}/values/`, own)],
      ['an empty key of a value', get(`${STORE}//value`, own)],
      ['a key of 513 bytes', get(`${STORE}/${'k'.repeat(513)}`, own)],
      ['a key of 513 bytes in UTF-8', get(`${STORE}/${'%C3%A4'.repeat(257)}`, own)],
    ]),
    ...staying(404, [
      ['another path', get('/nothing/here')],
      ['a path with two slashes', get('//livez')],
      ['a path in capitals', get('/LIVEZ')],
      ['a path with a slash at its end', get('/livez/')],
      ['a way out of the root', get('/../../../../etc/passwd')],
      ['an encoded way out of the root', get('/%2e%2e/%2e%2e/etc/passwd')],
      ['a script in the path', get('/<script>alert(1)</script>')],
      ['a project that is not there', get('/api/v1/projects/nothing/store/k', own)],
      ['a key that is not there', get(`${STORE}/nothing`, own)],
      ['__proto__ as a project', get('/api/v1/projects/__proto__/store/k', own)],
      ['constructor as a project', get('/api/v1/projects/constructor/store/k', own)],
      ['__proto__ as a key', get(`${STORE}/__proto__`, own)],
      ['constructor as a raw key', get(`${PROJECT}/values/constructor`, own)],
    ]),
  ];
}

function badKeys(): BadInput[] {
  const headers = {
    'no key': '',
    'an empty key': 'X-API-Key:\r\n',
    Basic: 'Authorization: Basic YTpi\r\n',
    'Bearer alone': 'Authorization: Bearer\r\n',
    'Bearer and spaces': 'Authorization: Bearer    \r\n',
    garbage: 'Authorization: Bearer abc\r\n',
    'a prefix alone': 'X-API-Key: pkv_\r\n',
    'a bad checksum': `X-API-Key: pkv_AAAAAAAA_${'A'.repeat(49)}\r\n`,
    'a long key': `X-API-Key: ${'k'.repeat(5000)}\r\n`,
    'bytes beyond ASCII': 'X-API-Key: \xff\xfe\r\n',
    'a key in another header': 'Api-Key: __proto__\r\n',
    'a key and a comma': 'X-API-Key: a, b\r\n',
    'two keys': 'X-API-Key: a\r\nX-API-Key: b\r\n',
  };
  return staying(
    401,
    Object.entries(headers).map(([name, header]) => [`key: ${name}`, get(`${STORE}/k`, header)] as const),
  );
}

function badQueries(own: string): BadInput[] {
  const put = [
    'ttl=-1',
    'ttl=0',
    'ttl=abc',
    'ttl=1e3',
    'ttl=Infinity',
    'ttl=',
    'ttl=1&ttl=2',
    'ttl=1&expires_at=99999999999',
  ];
  const more = ['expires_at=0', 'expires_at=9999999999999', 'keep_ttl=maybe', 'unknown=1', 'ttl=0x10', 'ttl=+'];
  const list = [
    'limit=0',
    'limit=1001',
    'limit=-1',
    'limit=1.5',
    'limit=abc',
    'limit=',
    'cursor=garbage',
    'cursor=',
    'count=all',
  ];
  const names = [
    '__proto__=1',
    'constructor=1',
    'hasOwnProperty=1',
    'toString',
    'prefix[]=a',
    'keys_only=2',
    'prefix=a&prefix=b',
  ];
  return staying(400, [
    ...[...put, ...more].map((query) => [query, withBody('PUT', `${STORE}/k?${query}`, own, 'v')] as const),
    ...[...list, ...names].map((query) => [query, get(`${STORE}?${query}`, own)] as const),
    ['a parameter of a route without parameters', get('/livez?a=b')],
    ['an empty prefix to delete', `DELETE ${STORE}?prefix= HTTP/1.1\r\n${HOST}${own}\r\n`],
    ['latest of nothing', get(`${PROJECT}/latest`, own)],
    ['latest of both', get(`${PROJECT}/latest?key=a&prefix=b`, own)],
    ['no key in the query', get(`${PROJECT}/values`, own)],
  ]);
}

function badHeaders(own: string): BadInput[] {
  const tags = ['abc', '"abc', 'abc"', '"a" "b"', 'W/abc', '*, "a"', ',', '""x'];
  return [
    ...staying(
      400,
      tags.map((tag) => [`If-Match: ${tag}`, get(`${STORE}/k`, `${own}If-Match: ${tag}\r\n`)] as const),
    ),
    ...closing(417, {
      'an unknown expectation': get('/livez', 'Expect: 200-maybe\r\n'),
    }),
    ...['gzip', 'br', 'deflate', 'GZIP', 'gzip, gzip'].flatMap((coding) =>
      closing(415, {
        [`a body in ${coding}`]: withBody('PUT', `${STORE}/k`, `${own}Content-Encoding: ${coding}\r\n`, 'abc'),
      }),
    ),
  ];
}

function badMethods(own: string): BadInput[] {
  const lines = [
    'DELETE /livez',
    'PATCH /livez',
    'TRACE /livez',
    'PROPFIND /livez',
    'POST /livez',
    'LOCK /readyz',
    'MKCOL /status',
  ];
  const more = [
    `POST ${STORE}/k/value`,
    `TRACE ${STORE}/k`,
    `SEARCH ${STORE}`,
    `POST ${PROJECT}/latest`,
    `GET ${PROJECT}/transactions`,
  ];
  return staying(
    405,
    [...lines, ...more].map((line) => [line, `${line} HTTP/1.1\r\n${HOST}${own}\r\n`] as const),
  );
}

function badBodies(own: string, system: string): BadInput[] {
  const noJson = [
    'abc',
    '{',
    '{"by":1',
    '{"by":1}}',
    "{'by':1}",
    '{"by":NaN}',
    '\xef\xbb\xbf{"by":1}',
    '{"by":"\xff"}',
    '[1',
    '{"a":01}',
    '\0',
  ];
  const wrong = [
    '[]',
    '1',
    '"by"',
    'null',
    'true',
    '{"by":"x"}',
    '{"by":1.5}',
    '{"by":1,"more":2}',
    '{"by":{}}',
    '{"__proto__":{"by":1}}',
    '{"constructor":1}',
  ];
  const deep = [
    '['.repeat(65) + ']'.repeat(65),
    '['.repeat(DEEP) + ']'.repeat(DEEP),
    `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  ];
  const projects = [
    '{}',
    '[]',
    '{"id":1}',
    '{"id":null}',
    '{"id":"../x"}',
    '{"id":"a b"}',
    '{"id":""}',
    '{"id":"__proto__ "}',
    '{"id":"p","storage":1}',
  ];
  const settings = [
    '{"id":"p","storage":{"engine":"no"}}',
    '{"id":"p","storage":[]}',
    '{"id":"p","unknown":1}',
    '{"id":"p","__proto__":{"a":1}}',
    '{"id":"first_project"}',
  ];
  const control = (body: string) => withBody('POST', `${STORE}/number/increment`, own, body);
  return [
    ...staying(400, [
      ...[...noJson, ...wrong].map((body) => [`increment by ${body}`, control(body)] as const),
      ...deep.map((body, i) => [`a control body nested deep, ${i}`, control(body)] as const),
      ...[...projects, ...settings].map(
        (body) => [`project ${body}`, withBody('POST', '/api/v1/projects', system, body)] as const,
      ),
      ['an empty value', withBody('PUT', `${STORE}/k`, own, '')],
      ['a transaction of nothing', withBody('POST', `${PROJECT}/transactions`, own, '{"operations":[{"none":{}}]}')],
      ['a long content type', withBody('PUT', `${STORE}/k`, `${own}Content-Type: ${'t'.repeat(1100)}\r\n`, 'v')],
      [
        'a form that is no UTF-8',
        withBody('POST', STORE, `${own}Content-Type: application/x-www-form-urlencoded\r\n`, 'a=%ff'),
      ],
    ]),
    ...staying(415, [
      ['a patch of another type', withBody('PATCH', `${STORE}/k`, `${own}Content-Type: text/plain\r\n`, '{}')],
    ]),
  ];
}
