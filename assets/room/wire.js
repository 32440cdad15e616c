// What the pages of a room share: building elements from plain text, asking the server, asking again, the timer.
window.genlens = window.genlens || {};
(function (g) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const shade = () => document.body.classList.toggle('dark', dark.matches);
  dark.addEventListener('change', shade);
  shade();

  g.base = new URL(document.body.dataset.base || './', location.href).href.replace(/[#?].*$/, '');

  // make('p', {class: 'soft', text: 'words'}, child, ...); on: {click: f}. Text is only ever set as text.
  g.make = function (tag, {text, on, ...attributes} = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, '');
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    if (text !== undefined) node.textContent = text;
    for (const [name, act] of Object.entries(on || {})) node.addEventListener(name, act);
    node.append(...children.filter(child => child !== null && child !== undefined && child !== false));
    return node;
  };

  g.fill = (node, ...children) => node.replaceChildren(...children.filter(child => child !== null && child !== undefined && child !== false));

  g.call = async function (path, {send, token, secret} = {}) {
    const headers = {};
    if (send) headers['Content-Type'] = 'application/json';
    if (token) headers['X-Token'] = token;
    if (secret) headers.Authorization = 'Bearer ' + secret;
    const answer = await fetch(g.base + 'api/' + path, {method: send ? 'POST' : 'GET', headers, cache: 'no-store',
      body: send ? JSON.stringify(send) : undefined, signal: AbortSignal.timeout(10000)});
    if (answer.status === 204) return null;
    let found;
    try { found = await answer.json(); } catch { throw Object.assign(new Error('The server did not answer.'), {again: true}); }
    if (!answer.ok) throw Object.assign(new Error(found.error || 'The server did not answer.'),
                                        {kind: found.kind, again: answer.status >= 500 || answer.status === 429});
    if (found.now) g.offset = found.now - Date.now() / 1000;
    return found;
  };

  // Ask for ever: every `seconds`, later after failures, at once when the page is looked at again or is online again.
  g.poll = function (ask, seconds) {
    let wait = seconds, timer = 0, busy = false, stopped = false;
    async function turn() {
      clearTimeout(timer);
      if (busy || stopped) return;
      busy = true;
      try { await ask(); wait = seconds; } catch (error) { wait = Math.min(8, wait * 1.7); } finally { busy = false; }
      if (!stopped) timer = setTimeout(turn, 1000 * wait * (document.hidden ? 3 : .85 + .3 * Math.random()));
    }
    for (const name of ['online', 'focus']) addEventListener(name, turn);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) turn(); });
    turn();
    return {now: turn, stop() { stopped = true; clearTimeout(timer); }};
  };

  g.clock = function (timer) {  // "4:05", or "" without a timer
    if (!timer) return '';
    const left = timer.ends === null ? timer.left : timer.ends - (Date.now() / 1000 + (g.offset || 0));
    if (left <= 0) return 'Time is up';
    const seconds = Math.ceil(left);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };

  g.tail = function () {  // what stands behind the last slash of this page's address
    try { return decodeURIComponent(location.pathname.split('/').pop()); } catch { return ''; }
  };

  g.spaced = code => code ? code.slice(0, 3) + ' ' + code.slice(3) : '';
  g.hint = {alone: 'alone', pairs: 'in pairs', groups: 'in groups', all: 'all together'};

  g.keep = {  // what the browser keeps; some browsers refuse, then it lasts as long as the page
    held: {},
    get(name) { try { return localStorage.getItem(name) ?? this.held[name] ?? null; } catch { return this.held[name] ?? null; } },
    set(name, value) { this.held[name] = value; try { localStorage.setItem(name, value); } catch { /* held above */ } },
  };

  g.download = function ({name, type, text}) {
    const url = URL.createObjectURL(new Blob([text], {type}));
    g.make('a', {href: url, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };
})(window.genlens);
