// The server's routes. The token, where one is needed, goes with every request.

const kPatienceMs = 30000;
const kTokenKey = 'tutti.token';

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;  // 0: no answer
  }
}

export const token = {
  get: () => sessionStorage.getItem(kTokenKey) ?? '',
  set: value => value ? sessionStorage.setItem(kTokenKey, value) : sessionStorage.removeItem(kTokenKey),
};

// `detail` is text, or the findings of a schema.
function detailOf(body, status) {
  const detail = body?.detail ?? body?.message;
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) return detail.map(one => `${(one.loc ?? []).join('.')}: ${one.msg}`).join('; ');
  return `the server answered with status ${status}`;
}

async function ask(method, path, body) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  let answer;
  try {
    answer = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(kPatienceMs)});
  } catch (error) {
    throw new ApiError(0, error.name === 'TimeoutError' ? 'the server did not answer within 30 s' : 'the server cannot be reached');
  }
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, detailOf(json, answer.status));
  return json;
}

export const get = path => ask('GET', path);
export const post = (path, body) => ask('POST', path, body);

// A socket cannot have headers: the token goes as the subprotocol, or, where its characters do not allow that, as a
// cookie for this path only.
export function openSocket() {
  const url = new URL('/ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const secret = token.get();
  if (!secret) return new WebSocket(url);
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(secret)) return new WebSocket(url, [`bearer.${secret}`]);
  document.cookie = `tutti_token=${secret}; path=/ws; SameSite=Strict${location.protocol === 'https:' ? '; Secure' : ''}`;
  return new WebSocket(url);
}
