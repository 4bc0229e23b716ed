// The page at /docs: shows the OpenAPI document by Swagger UI, with one key for all requests.

/** The item in which the console keeps keys, too: {"system": key, "projects": {id: key}}. */
const ITEM = 'portkv.keys';
const SHOWN = ['get', 'put', 'post', 'patch', 'delete'];

const form = document.querySelector('form.key');
const { key: input, keep } = form.elements;
const output = form.querySelector('output');
let keys = storedKeys();

function storedKeys() {
  try {
    const { system, projects } = JSON.parse(sessionStorage.getItem(ITEM)) ?? {};
    return { system, projects: projects ?? {} };
  } catch {
    return { system: undefined, projects: {} };
  }
}

function showKeys() {
  const ids = Object.keys(keys.projects);
  const known = [...(keys.system ? ['the system key'] : []), ...ids.map((id) => `a key of project ${id}`)];
  form.querySelector('.quiet').hidden = known.length === 0;
  return known.length === 0 ? '' : `Used for requests: ${known.join(', ')}.`;
}

/** The key for a request: of the project in its path, else the system key. */
function keyFor(url) {
  const [, id] = /\/api\/v1\/projects\/([^/?]+)/.exec(new URL(url, document.baseURI).pathname) ?? [];
  const own = id === undefined ? undefined : keys.projects[decodeURIComponent(id)];
  return own ?? keys.system ?? Object.values(keys.projects)[0];
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const key = input.value.trim();
  if (key === '') return;
  output.value = 'Checking the key …';
  try {
    const response = await fetch('api/v1/whoami', { headers: { Authorization: `Bearer ${key}` } });
    const { data, message } = await response.json();
    if (!response.ok) {
      output.value = `${message}. Nothing was changed.`;
      return;
    }
    if (data.project === null || data.project === undefined) keys.system = key;
    else keys.projects[data.project] = key;
    if (keep.checked) sessionStorage.setItem(ITEM, JSON.stringify(keys));
    input.value = '';
    output.value = showKeys();
  } catch {
    output.value = 'The server does not answer. Nothing was changed.';
  }
});

form.querySelector('.quiet').addEventListener('click', () => {
  sessionStorage.removeItem(ITEM);
  keys = storedKeys();
  showKeys();
  output.value = 'The keys were forgotten.';
});

/** The document as it is shown: this server only, errors in one line, and nothing that never ends. */
function shown(api, root) {
  api.servers = [{ url: root.replace(/\/$/, '') }];
  for (const item of Object.values(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (method === 'head' || method === 'options') delete item[method];
      if (!SHOWN.includes(method)) continue;
      delete operation.security;
      operation.responses = folded(operation.responses);
      for (const { content } of Object.values(operation.responses)) delete content?.['text/event-stream'];
      // What is tried out answers at once.
      for (const parameter of operation.parameters ?? []) if (parameter.name === 'wait') parameter.example = 0;
    }
  }
  delete api.security;
  delete api.components.securitySchemes;
  return api;
}

function folded(responses) {
  const isError = ([status]) => /^[45]/.test(status);
  const errors = Object.entries(responses).filter(isError);
  const others = Object.fromEntries(Object.entries(responses).filter((one) => !isError(one)));
  if (errors.length === 0) return responses;
  const list = errors.map(([status]) => status).join(', ');
  return { ...others, Errors: { description: `${list}: see [the list of errors](docs/errors).` } };
}

/** The colours that the console has, too: those of the system, unless others were chosen there. */
function chooseColours() {
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const colours = storedTheme() ?? system;
  for (const one of ['dark', 'light']) document.documentElement.classList.toggle(`${one}-mode`, one === colours);
}

function storedTheme() {
  try {
    return localStorage.getItem('portkv.theme') ?? undefined;
  } catch {
    return undefined;
  }
}

/** What Swagger UI leaves out for those who use a keyboard or a screen reader, for all that it shows from now on. */
function keepAccessible(docs) {
  const mend = () => {
    for (const field of docs.querySelectorAll('textarea.body-param__text')) field.ariaLabel = 'Body of the request';
    for (const field of docs.querySelectorAll('select:not([aria-label])')) field.ariaLabel = 'Choose one';
    // They are in a button, which does the same.
    for (const link of docs.querySelectorAll('.opblock-summary-control a')) link.removeAttribute('href');
    for (const text of docs.querySelectorAll('.microlight')) text.tabIndex = 0;
  };
  let waiting = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(mend);
  }).observe(docs, { childList: true, subtree: true });
}

async function start() {
  keepAccessible(document.querySelector('#docs'));
  output.value = showKeys();
  const root = new URL('.', location.href).href;
  const response = await fetch('openapi.json');
  const hidden = () => () => null;
  SwaggerUIBundle({
    spec: shown(await response.json(), root),
    dom_id: '#docs',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    defaultModelRendering: 'example',
    displayRequestDuration: true,
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      const key = keyFor(request.url);
      if (key !== undefined) request.headers.Authorization = `Bearer ${key}`;
      return request;
    },
    plugins: [{ wrapComponents: { authorizeBtn: hidden, authorizeOperationBtn: hidden } }],
  });
}

chooseColours();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', chooseColours);
start().catch(() => {
  output.value = 'The description of the API could not be loaded; reload the page.';
});
