// A student's phone. What is typed or placed is kept in the browser until the server has said yes to it.
(function (g) {
  const main = document.querySelector('#main'), line = document.querySelector('.line'), timer = document.querySelector('.timer');
  const CHOICES = [['allowed', 'allowed'], ['conditions', 'with conditions'], ['not_allowed', 'not allowed']];
  let code = g.tail().toUpperCase(), token = '', view = null;
  let mine = {}, poll = null, turns = null, drafts = {}, flushing = false, result = null;

  const name = what => `genlens-${what}-${code}`;
  const key = (item, round) => `${item}#${round}`;
  function note(text, bad) {
    line.hidden = !text;
    line.textContent = text || '';
    line.classList.toggle('bad', Boolean(bad));
  }

  // -- coming in -----------------------------------------------------------------------------------------------------
  function door(said) {
    if (poll) poll.stop();
    if (turns) turns.stop();
    poll = turns = view = null;
    document.querySelector('#room').textContent = 'GenLens';
    const field = g.make('input', {id: 'code', value: code, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 12,
                                   'aria-describedby': 'help', required: true});
    const form = g.make('form', {class: 'door', on: {submit(event) { event.preventDefault(); enter(field.value); }}},
      g.make('h1', {text: 'Join your class'}), g.make('label', {for: 'code', text: 'Code on the screen'}), field,
      g.make('button', {class: 'main', text: 'Join'}),
      g.make('p', {class: 'soft', id: 'help', text: 'You are not asked for a name, and none is kept. Your phone gets a random number for this room, so that each vote counts once.'}));
    main.replaceChildren(form);
    note(said, true);
    field.focus();
  }

  async function enter(typed) {
    code = typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
    if (!code) return door('Type the code that is on the screen.');
    token = g.keep.get(name('token'));
    if (!token) {
      const bytes = crypto.getRandomValues(new Uint8Array(18));
      token = btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_');
      g.keep.set(name('token'), token);
    }
    drafts = JSON.parse(g.keep.get(name('drafts')) || '{}');
    note('');
    try {
      take(await g.call('enter', {send: {code, token}}));
      history.replaceState(null, '', g.base + code);
      document.querySelector('#room').textContent = `Room ${g.spaced(code)}`;
      poll = g.poll(look, 2);
      flush();
    } catch (error) {
      if (error.kind) return door(error.message);
      note('No connection just now. Trying again.', true);
      setTimeout(() => { if (!poll) enter(code); }, 2500);
    }
  }

  async function look() {
    try {
      const found = await g.call(`room/${code}?v=${view ? view.version : 0}`, {token});
      note('');
      if (found) take(found);
      flush();
      if (view.kind === 'board' && view.shown) await clouds();
    } catch (error) {
      if (['NoRoom', 'RoomEnded'].includes(error.kind)) return door(error.message);
      note('No connection just now: what you do is kept and sent later.', true);
      throw error;
    }
  }

  async function clouds() {
    const seen = await g.call(`show/${code}`);
    if (view && seen.version === view.version && seen.cloud) { result = seen; refresh(); }
  }

  function take(found) {
    mine = Object.fromEntries((found.mine || []).map(vote => [key(vote.item, vote.round), vote]));
    const before = view;
    view = found;
    if (before && before.version === view.version) return;
    result = null;
    paint();
  }

  // -- sending -------------------------------------------------------------------------------------------------------
  const waiting = () => JSON.parse(g.keep.get(name('waiting')) || '[]');
  function send(ballots) {
    const kept = waiting().filter(old => !ballots.some(ballot => key(ballot.item, ballot.round) === key(old.item, old.round)));
    g.keep.set(name('waiting'), JSON.stringify([...kept, ...ballots]));
    return flush();
  }

  async function flush() {
    const ballots = waiting();
    if (!ballots.length || flushing) return;
    flushing = true;
    state('Sending …');
    try {
      await g.call('vote', {send: {code, token, ballots}});
      for (const ballot of ballots) mine[key(ballot.item, ballot.round)] = ballot;
      forget(ballots);
      state('Sent. You may change it while the vote is open.', 'good');
      refresh();
    } catch (error) {
      if (error.kind && !error.again) { forget(ballots); state(error.message, 'bad'); }
      else state('Not sent yet: there is no connection. It is kept and sent by itself.', 'bad');
    } finally { flushing = false; }
  }

  function forget(sent) {  // what was changed while it was under way stays to be sent
    const texts = new Set(sent.map(ballot => JSON.stringify(ballot)));
    g.keep.set(name('waiting'), JSON.stringify(waiting().filter(ballot => !texts.has(JSON.stringify(ballot)))));
  }

  function state(text, kind) {
    const place = document.querySelector('#state');
    if (place) { place.textContent = text; place.className = 'state ' + (kind || ''); }
  }

  function draft(id, change) {
    drafts[id] = {...drafts[id], ...change};
    g.keep.set(name('drafts'), JSON.stringify(drafts));
    return drafts[id];
  }

  // -- screens -------------------------------------------------------------------------------------------------------
  let refresh = () => {};
  function paint() {
    refresh = () => {};
    if (turns && view.kind !== 'whispers') { turns.stop(); turns = null; }
    timer.textContent = g.clock(view.timer);
    const guide = view.guide ? g.make('section', {class: 'guide'}, g.make('p', {text: view.guide.do}),
      g.make('p', {class: 'soft', text: `${g.hint[view.guide.mode] || view.guide.mode}, ${view.guide.minutes} minutes`})) : null;
    const screen = {lobby: lobby, talk: talk, board: board, tasks: tasks, whispers: whispers}[view.kind]();
    g.fill(main, view.kind !== 'talk' && guide, screen);
    refresh();
  }

  function lobby() {
    return g.make('section', {}, g.make('h1', {text: 'You are in'}), g.make('p', {text: 'Look at the screen. What there is to do appears here by itself; you can lock your phone meanwhile.'}));
  }

  function talk() {
    const guide = view.guide;
    return g.make('section', {}, g.make('h1', {text: guide.question}), g.make('p', {class: 'step', text: guide.do}),
      g.make('p', {class: 'soft', text: `${g.hint[guide.mode] || guide.mode}, ${guide.minutes} minutes`}),
      g.make('ul', {}, ...guide.sub_questions.map(text => g.make('li', {text}))));
  }

  function slider(label, low, high, start, change) {
    const id = `at-${label}`, said = g.make('output', {for: id}), range = g.make('input', {type: 'range', id, min: -1, max: 1, step: .05, value: start || 0,
      disabled: !view.open, on: {input() { change(Number(range.value)); }}});
    const show = value => {
      if (value !== null) range.value = value;
      said.textContent = value === null ? 'not placed yet' : g.where(value, low, high);
      range.setAttribute('aria-valuetext', said.textContent);
    };
    return {show, node: g.make('div', {class: 'slider'}, g.make('label', {for: id, text: label}), said, range,
      g.make('span', {class: 'soft', text: low}), g.make('span', {class: 'soft right', text: high}))};
  }

  function board() {
    const id = key(view.item, view.round), sent = mine[id], first = view.round > 1 ? mine[key(view.item, 1)] : null;
    const start = drafts[id] || (sent ? {intent: sent.intent, impact: sent.impact, why: sent.why} : {});
    if (!drafts[id] && sent) draft(id, start);
    const field = g.make('div', {class: 'field'});
    const place = (intent, impact) => { if (view.open) { draft(id, {intent, impact}); state(''); refresh(); } };
    const plane = g.board(field, {place: view.open ? place : null});
    const now = () => drafts[id] || {};
    const intent = slider('Intent', 'malicious', 'innocent', start.intent, v => place(v, now().impact ?? 0));
    const impact = slider('Impact', 'harmful', 'helpful', start.impact, v => place(now().intent ?? 0, v));
    const why = g.make('input', {id: 'why', maxlength: 140, value: start.why || '', autocomplete: 'off', disabled: !view.open,
                                 on: {input() { draft(id, {why: why.value}); }}});
    const words = g.make('p', {class: 'said', 'aria-live': 'polite'});
    refresh = () => {
      const at = now(), placed = at.intent !== undefined && at.intent !== null;
      const cloud = result && result.cloud || {};
      plane.set({mine: placed ? [at.intent, at.impact] : null, first: first ? [first.intent, first.impact] : null, dots: cloud.dots,
                 middle: cloud.middle, authors: result && result.authors,
                 label: placed ? `You placed it: ${g.where(at.intent, 'malicious', 'innocent')}, ${g.where(at.impact, 'harmful', 'helpful')}` : 'The board; you have not placed the case yet'});
      intent.show(placed ? at.intent : null);
      impact.show(placed ? at.impact : null);
      words.textContent = cloud.words ? cloud.words + (result.authors ? ` The authors’ view: ${result.authors.words}.` : '') : '';
    };
    const form = g.make('form', {on: {submit(event) {
      event.preventDefault();
      const at = now();
      if (at.intent === undefined || at.intent === null) return state('Place the case first: tap the board or move a slider.', 'bad');
      send([{item: view.item, round: view.round, intent: at.intent, impact: at.impact, why: why.value}]);
    }}}, intent.node, impact.node, g.make('label', {for: 'why', text: 'Why? One line, if you like; no names'}), why,
      g.make('button', {class: 'main', disabled: !view.open, text: view.open ? 'Send' : 'The vote is closed'}),
      g.make('p', {id: 'state', class: 'state', role: 'status', text: sent && view.open ? 'Sent. You may change it while the vote is open.' : view.open ? '' : sent ? 'Your vote was counted.' : 'You did not vote this time, and that is fine.'}));
    return g.make('section', {}, g.make('h1', {text: view.case.title}), g.make('p', {class: 'story', text: view.case.text}),
      view.case.note ? g.make('p', {class: 'warn', text: `${view.case.note} You may pass: then simply do not vote.`}) : null,
      view.twist ? g.make('p', {class: 'twist'}, g.make('b', {text: 'And now: '}), view.twist, g.make('b', {text: ' Where is it now?'})) : null,
      field, words, form);
  }

  function tasks() {
    const rows = view.tasks.map(task => {
      const id = key(task.item, 1), chosen = (drafts[id] || mine[id] || {}).choice;
      return g.make('fieldset', {disabled: !view.open}, g.make('legend', {text: task.title}), ...CHOICES.map(([value, text]) =>
        g.make('label', {class: 'choice'}, g.make('input', {type: 'radio', name: task.item, value, checked: chosen === value,
          on: {change() { draft(id, {choice: value}); state(''); }}}), text)));
    });
    return g.make('section', {}, g.make('h1', {text: 'What should our policy say?'}),
      g.make('p', {text: 'For work that counts in this course: may AI be used for this?'}),
      g.make('form', {on: {submit(event) {
        event.preventDefault();
        const ballots = view.tasks.map(task => ({item: task.item, round: 1, choice: (drafts[key(task.item, 1)] || mine[key(task.item, 1)] || {}).choice})).filter(b => b.choice);
        if (!ballots.length) return state('Choose at least one answer; you may leave others out.', 'bad');
        send(ballots);
      }}}, ...rows, g.make('button', {class: 'main', disabled: !view.open, text: view.open ? 'Send' : 'The vote is closed'}),
        g.make('p', {id: 'state', class: 'state', role: 'status'})));
  }

  function whispers() {
    const place = g.make('section', {}), wait = text => place.replaceChildren(g.make('h1', {text: 'Whispers'}), g.make('p', {'aria-live': 'polite', text}));
    if (turns) turns.stop();
    turns = null;
    if (!view.open) { wait('The chains are closed. Look at the screen.'); return place; }
    wait('Your turn comes by itself. Keep this page open.');
    let busy = false;
    turns = g.poll(async () => {
      if (busy) return;
      const {turn} = await g.call('turn', {send: {code, token}});
      if (!turn) return;
      busy = true;
      play(place, turn, text => { busy = false; wait(text); });
    }, 2);
    return place;
  }

  function play(place, turn, done) {
    const left = g.make('p', {class: 'soft'}), ends = Date.now() + 1000 * turn.left;
    const count = setInterval(() => {
      left.textContent = `${Math.max(0, Math.ceil((ends - Date.now()) / 1000))} s left`;
      if (!place.isConnected) clearInterval(count);
    }, 300);
    const finish = text => { clearInterval(count); done(text); };
    async function pass(body) {
      try {
        await g.call('pass', {send: {code, token, chain: turn.chain, body}});
        finish('Passed on. Thank you: now wait for the chain to be shown.');
      } catch (error) {
        if (error.kind === 'Late') finish(error.message);
        else state(error.kind ? error.message : 'No connection just now: press Pass it on again.', 'bad');
      }
    }
    const send = body => g.make('button', {class: 'main', type: 'button', text: 'Pass it on', on: {click() { pass(body()); }}});
    const status = g.make('p', {id: 'state', class: 'state', role: 'status'});
    if (view.form === 'words') {
      const field = g.make('textarea', {id: 'whisper', rows: 3, maxlength: 200});
      place.replaceChildren(g.make('h1', {text: 'Say it in other words'}), g.make('blockquote', {text: turn.before}),
        g.make('label', {for: 'whisper', text: 'The same meaning, your words'}), field, left, send(() => field.value), status);
      field.focus();
      return;
    }
    const draw = () => {
      const root = g.make('div', {}), sheet = g.sheet(root);
      g.fill(place, g.make('h1', {text: typeof turn.before === 'string' ? 'Draw this' : 'Draw it from memory'}),
        typeof turn.before === 'string' ? g.make('blockquote', {text: turn.before}) : null, root, left,
        g.make('div', {class: 'row'}, g.make('button', {type: 'button', text: 'Start again', on: {click: () => sheet.clear()}}), send(() => sheet.lines)), status);
    };
    if (typeof turn.before === 'string') return draw();
    const canvas = g.make('canvas', {class: 'sheet', role: 'img', 'aria-label': 'The drawing before yours'});
    g.paintLines(canvas, turn.before);
    place.replaceChildren(g.make('h1', {text: 'Look at it'}), canvas, g.make('p', {text: `It goes away in ${view.look_s} seconds; then you draw it from memory.`}),
      g.make('button', {type: 'button', text: 'I have seen it', on: {click: draw}}));
    setTimeout(() => { if (canvas.isConnected) draw(); }, 1000 * view.look_s);
  }

  setInterval(() => { timer.textContent = view ? g.clock(view.timer) : ''; }, 500);
  if (code) enter(code); else door('');
})(window.genlens);
