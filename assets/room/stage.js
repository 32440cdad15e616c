// What the class sees on the wall: code, case, dots, bars, chains, the step and its timer. The same in the instructor's page.
window.genlens = window.genlens || {};
(function (g) {
  const CHOICES = {allowed: 'allowed', conditions: 'with conditions', not_allowed: 'not allowed'};
  const NS = 'http://www.w3.org/2000/svg';
  const counted = view => `${view.voted} of ${view.joined} have voted · ${view.open ? 'the vote is open' : 'the vote is closed'}`;

  function lobby(view) {
    const address = g.base + view.code, here = /^(localhost|127\.|\[::1\])/.test(location.host);
    return g.make('div', {class: 'lobby'},
      g.make('img', {class: 'qr', alt: `QR picture of ${address}`, src: `${g.base}qr/${view.code}?at=${encodeURIComponent(g.base)}`, width: 300, height: 300}),
      g.make('div', {},
        g.make('p', {class: 'lead', text: 'Join with your phone. No name, no account.'}),
        g.make('p', {class: 'address', text: g.base.replace(/^https?:\/\//, '')}),
        g.make('p', {class: 'code', text: g.spaced(view.code)}),
        g.make('p', {class: 'lead', text: view.joined === 1 ? '1 device is here' : `${view.joined} devices are here`}),
        here && g.make('p', {class: 'warn', text: 'This address works on this machine only. For phones, start the server with GRADIO_SERVER_NAME=0.0.0.0 and open this page by the machine’s own name or number.'})));
  }

  function words(view) {
    const parts = [g.make('h1', {text: view.case.title}), g.make('p', {class: 'story', text: view.case.text})];
    if (view.case.note) parts.push(g.make('p', {class: 'warn', text: `${view.case.note} Anyone may pass.`}));
    if (view.twist) parts.push(g.make('p', {class: 'twist'}, g.make('b', {text: 'And now: '}), view.twist));
    parts.push(g.make('p', {class: 'count', 'aria-live': 'polite',
      text: counted(view)}));
    if (view.cloud) parts.push(g.make('p', {class: 'said', text: view.cloud.words}));
    if (view.authors) parts.push(g.make('p', {class: 'said'}, g.make('b', {text: 'The authors’ view, a start for talk and no key: '}),
      `${view.authors.words}. ${view.authors.why}`));
    if (view.shown && view.case.ask && view.case.ask.length) parts.push(g.make('p', {class: 'soft', text: view.case.ask.join(' ')}));
    parts.push(g.make('p', {class: 'source', text: view.case.source}));
    return g.make('div', {class: 'words'}, ...parts);
  }

  function boardOf(view) {
    const root = g.make('div', {class: 'wallboard'}), cloud = view.cloud || {};
    g.board(root).set({dots: cloud.dots, arrows: cloud.arrows, middle: cloud.middle, authors: view.authors,
                       label: cloud.words || 'The board; the dots are shown when the vote is over'});
    if (cloud.dots) root.append(g.make('p', {class: 'key', text: 'Shapes are camps, hollow rings stand alone; the bars on the two lines hold the middle half.'
      + (cloud.arrows && cloud.arrows.length ? ' Arrows lead from the first vote to this one.' : '') + (view.authors ? ' Cross and ellipse: the authors.' : '')}));
    return root;
  }

  function reasonsOf(view) {  // the same words from several people stand once
    const times = new Map();
    for (const text of view.reasons || []) times.set(text, (times.get(text) || 0) + 1);
    return times.size ? g.make('ul', {class: 'reasons', 'aria-label': 'Reasons'},
      ...[...times].map(([text, n]) => g.make('li', {text: n > 1 ? `${text} (${n} times)` : text}))) : null;
  }

  function tasks(view) {
    const most = Math.max(1, ...Object.values(view.counts || {}).map(n => n.allowed + n.conditions + n.not_allowed));
    const rows = view.tasks.map(task => {
      const n = (view.counts || {})[task.id];
      return g.make('li', {}, g.make('span', {class: 'task', text: task.title}), n ? bars(n, most) : g.make('span', {class: 'soft', text: '…'}));
    });
    return g.make('div', {class: 'words'}, g.make('h1', {text: 'What should our policy say?'}),
      g.make('p', {class: 'count', 'aria-live': 'polite', text: counted(view)}),
      view.counts && g.make('p', {class: 'key'}, ...Object.entries(CHOICES).map(([name, text]) => g.make('span', {class: `swatch ${name}`, text}))),
      g.make('ul', {class: 'tasks'}, ...rows));
  }

  function bars(n, most) {
    const label = Object.entries(CHOICES).map(([name, text]) => `${n[name]} ${text}`).join(', ');
    const svg = document.createElementNS(NS, 'svg');
    for (const [name, value] of Object.entries({viewBox: '0 0 300 26', role: 'img', 'aria-label': label, class: 'bars', preserveAspectRatio: 'none'})) svg.setAttribute(name, value);
    let at = 0;
    for (const name of Object.keys(CHOICES)) {
      const width = 300 * n[name] / most, bar = svg.appendChild(document.createElementNS(NS, 'rect'));
      for (const [key, value] of Object.entries({x: at, y: 1, width: Math.max(0, width - 1), height: 24, class: name})) bar.setAttribute(key, value);
      at += width;
    }
    return g.make('span', {class: 'barline'}, svg, g.make('span', {class: 'counts', text: `${n.allowed} · ${n.conditions} · ${n.not_allowed}`}));
  }

  function talk(view) {
    const guide = view.guide;
    return g.make('div', {class: 'words talk'},
      g.make('h1', {text: guide.question}), g.make('p', {class: 'step', text: guide.do}),
      g.make('p', {class: 'lead', text: `${guide.minutes} minutes, ${g.hint[guide.mode] || guide.mode}`}),
      g.make('ul', {}, ...guide.sub_questions.map(text => g.make('li', {text}))),
      guide.numbers.length ? g.make('details', {}, g.make('summary', {text: 'Numbers with their sources'}),
        g.make('ul', {class: 'numbers'}, ...guide.numbers.map(text => g.make('li', {text})))) : null);
  }

  function whispers(view) {
    const found = view.whispers;
    if (!found) return g.make('div', {class: 'words'}, g.make('h1', {text: view.form === 'words' ? 'Say it in other words' : 'Draw what you saw'}),
      g.make('p', {class: 'count', 'aria-live': 'polite', text: `${view.voted} passed on by ${view.joined} devices · ${view.open ? 'under way' : 'over'}`}),
      g.make('p', {class: 'lead', text: 'Each of you sees only what the one before made. Nobody sees the chain until it is over.'}));
    const chains = Object.entries(found.chains).map(([chain, links]) => g.make('div', {class: 'chain'},
      g.make('h2', {text: `Chain ${chain}`}),
      g.make('ol', {class: found.form}, g.make('li', {value: 0, class: 'start', text: found.first}), ...links.map(link => {
        if (typeof link === 'string') return g.make('li', {text: link});
        const canvas = g.make('canvas', {role: 'img', 'aria-label': 'A drawing'});
        g.paintLines(canvas, link);
        return g.make('li', {}, canvas);
      }))));
    return g.make('div', {class: 'words whole'}, g.make('h1', {text: 'What is left of the first'}), curves(found),
      g.make('div', {class: 'chains'}, ...chains));
  }

  function curves(found) {
    const lines = Object.values(found.kept), longest = Math.max(1, ...lines.map(l => l.length - 1), found.model.length - 1);
    const W = 520, H = 210, px = k => 62 + k / longest * (W - 76), py = v => 12 + (1 - v) * (H - 50);
    const svg = document.createElementNS(NS, 'svg');
    const put = (tag, attributes, text) => {
      const node = svg.appendChild(document.createElementNS(NS, tag));
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      if (text !== undefined) node.textContent = text;
    };
    const last = lines.map(l => `${Math.round(100 * l.at(-1))}%`).join(', ');
    svg.setAttribute('viewBox', `0 0 ${W} ${H}`);
    svg.setAttribute('class', 'curve');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', `Share of the first that is left at the end of each chain: ${last}`);
    for (const v of [0, .5, 1]) {
      put('path', {class: 'board-axis', d: `M62 ${py(v)}H${W - 14}`});
      put('text', {class: 'board-end', x: 56, y: py(v) + 5, 'text-anchor': 'end'}, `${v * 100}%`);
    }
    put('text', {class: 'board-name', x: W / 2, y: H - 6}, 'passed on so many times');
    for (const k of new Set([0, Math.round(longest / 2), longest])) put('text', {class: 'board-end', x: px(k), y: H - 24, 'text-anchor': 'middle'}, k);
    lines.forEach((line, n) => put('path', {class: `kept board-camp-${n % 4 + 1}`, d: 'M' + line.map((v, k) => `${px(k)} ${py(v)}`).join('L')}));
    if (found.model.length) put('path', {class: 'model', d: 'M' + found.model.map((v, k) => `${px(k)} ${py(v)}`).join('L')});
    return g.make('figure', {}, svg, g.make('figcaption', {class: 'key', text: found.form === 'words'
      ? 'Lines: the share of the first sentence’s words that are still there. Dashed: what a model keeps that draws as many words from the shares of the draw before it, as in the collapse lab without new data (exact). People are no such model: what do they lose, and what do they keep?'
      : 'Lines: how much of the first drawing’s squares a later one shares.'}));
  }

  g.stage = function (root) {
    let shown = '';
    const strip = g.make('header', {class: 'strip'}), main = g.make('main', {class: 'wall'});
    root.classList.add('stage');
    root.append(strip, main);
    const timer = g.make('span', {class: 'timer', role: 'timer'});
    let current = null;
    setInterval(() => { timer.textContent = current ? g.clock(current.timer) : ''; }, 250);
    return function (view) {
      current = view;
      const {now, ...same} = view, text = JSON.stringify(same);
      if (text === shown) return;
      shown = text;
      timer.textContent = g.clock(view.timer);
      const guide = view.guide && view.kind !== 'talk' ? g.make('p', {class: 'guide', text: view.guide.do}) : null;
      strip.replaceChildren(g.make('span', {class: 'small-code', text: `${g.base.replace(/^https?:\/\//, '')}  ${g.spaced(view.code)}`}),
        ...(guide ? [guide] : []), timer);
      const parts = {lobby: () => [lobby(view)], board: () => [words(view), boardOf(view), reasonsOf(view)], tasks: () => [tasks(view)],
                     talk: () => [talk(view)], whispers: () => [whispers(view)]}[view.kind]();
      g.fill(main, ...parts);
      main.className = 'wall wall-' + view.kind;
    };
  };
})(window.genlens);
