// The checklist on screen: one sheet, kept by the browser; the server tells the list, opens files and writes them.
(function (g) {
  const ck = g.ck, h = ck.h, STORE = 'genlens-checklist', MOST_BYTES = 4000000;
  const VIEWS = [['list', 'The list'], ['missing', 'What is missing'], ['map', 'Frameworks map']];
  const SHOW = [['due', 'All that applies'], ['gaps', 'Only what is open'], ['gates', 'Only gates']];

  g.checklistDesk = async function (element, server) {
    const root = h('div', {class: 'ck'});
    // The component may draw its template again, which would take our part of the page away: it is put back as it is.
    function settle() {
      const place = element.querySelector('.ck');
      if (place && !root.isConnected) place.replaceWith(root);
    }
    // Switching tabs takes the page's elements away, and a reload everything: what was typed outlasts both.
    const kept = g.checklistKept = g.checklistKept || {sheet: null, book: null, view: 'list', show: 'due', before: null, taken: []};
    const status = h('p', {class: 'ck-status', role: 'status'});
    const wrong = h('p', {class: 'ck-wrong', role: 'alert', hidden: true});
    let timer = 0;

    async function ask(name, given) {
      try {
        const answer = await server[name](given);
        if (answer && answer.error) { complain(answer.error); return null; }
        complain('');
        return answer;
      } catch (error) { complain(kept.book ? kept.book.words.broken : 'The server did not answer. Reload the page.'); return null; }
    }
    function complain(sentence) { wrong.textContent = sentence; wrong.hidden = !sentence; }
    function tell(sentence, undo) {
      status.replaceChildren(sentence, undo ? ' ' : '', undo ? h('button', {type: 'button', class: 'ck-link', id: 'ck-undo', onclick: takeBack}, 'Undo') : '');
    }
    function save() {
      clearTimeout(timer);
      timer = setTimeout(() => { try { sessionStorage.setItem(STORE, JSON.stringify(kept.sheet)); } catch (error) { /* a full or closed store: the page itself still holds it */ } }, 200);
    }
    function takeBack() {
      [kept.sheet, kept.taken] = kept.before;
      kept.before = null;
      save();
      draw();
      tell('Taken back.');
    }

    if (!kept.book) kept.book = await ask('checklist_start', {});
    settle();
    new MutationObserver(settle).observe(element, {childList: true, subtree: true});
    if (!kept.book) { root.replaceChildren(wrong); return; }
    const book = kept.book, rules = ck.rules(book), find = id => book.items.find(item => item.id === id);
    const profile = id => book.profiles.find(one => one.id === id);
    const fresh = id => ({profile: id, tags: profile(id).tags, roles: profile(id).roles, project: '', about: '', version: '', date: '', answers: {}, own: {}});
    const isSheet = one => one && profile(one.profile) && Array.isArray(one.tags) && Array.isArray(one.roles) && one.answers && one.own;
    const empty = sheet => !Object.keys(sheet.answers).length && !sheet.project && !sheet.about && !Object.keys(sheet.own).length;

    function start() {
      const query = new URLSearchParams(location.search), linked = query.get('tab') === 'checklist' && profile(query.get('profile'));
      let stored = null;
      try { stored = JSON.parse(sessionStorage.getItem(STORE)); } catch (error) { /* nothing readable is kept */ }
      kept.sheet = isSheet(stored) ? stored : fresh(linked ? linked.id : book.profiles[0].id);
      if (linked && kept.sheet.profile !== linked.id) { Object.assign(kept.sheet, {profile: linked.id, tags: linked.tags, roles: linked.roles}); }
      if (isSheet(stored) && !empty(stored)) tell(book.words.restored);
    }
    function change(fields) { Object.assign(kept.sheet, fields); save(); summary(); }
    function replace(sheet, said, taken = []) {
      kept.before = [kept.sheet, kept.taken];
      [kept.sheet, kept.taken] = [sheet, taken];
      save();
      draw();
      tell(said, true);
    }
    function answer(id, value, note) {
      const answers = {...kept.sheet.answers};
      if (value || note.trim()) answers[id] = {value, note}; else delete answers[id];
      change({answers});
    }
    function dropOwn(piece) {
      const own = {...kept.sheet.own};
      delete own[piece];
      change({own});
    }

    // -- about and what applies ------------------------------------------------------------------------------------
    const line = (name, title, more = {}) => h('div', {class: 'ck-field'}, h('label', {for: `ck-${name}`}, title),
      h('input', {type: 'text', id: `ck-${name}`, dir: 'auto', value: kept.sheet[name], oninput: event => change({[name]: event.target.value}), ...more}));
    const boxes = (name, title, options) => h('fieldset', {class: 'ck-boxes'}, h('legend', {}, title), Object.entries(options).map(([id, text]) =>
      h('label', {}, h('input', {type: 'checkbox', value: id, checked: kept.sheet[name].includes(id), onchange: event => {
        const others = kept.sheet[name].filter(one => one !== id);
        change({[name]: Object.keys(options).filter(one => one === id ? event.target.checked : others.includes(one))});
        drawView();
      }}), h('span', {}, text))));

    function top() {
      const choose = h('select', {id: 'ck-profile', onchange: () => {
        const found = profile(choose.value);
        replace({...kept.sheet, profile: found.id, tags: found.tags, roles: found.roles}, 'The profile was changed; no answer was lost.', kept.taken);
        root.querySelector('#ck-profile').focus();
      }}, book.profiles.map(one => h('option', {value: one.id}, one.title)));
      choose.value = kept.sheet.profile;
      const about = h('textarea', {id: 'ck-about', rows: 3, dir: 'auto', value: kept.sheet.about, oninput: () => change({about: about.value})});
      return h('section', {class: 'ck-start', 'aria-label': 'Project'}, h('div', {class: 'ck-two'}, line('project', 'Name of the project'),
        h('div', {class: 'ck-field'}, h('label', {for: 'ck-profile'}, 'Profile'), choose)), h('p', {class: 'ck-quiet'}, book.words.start),
      h('details', {}, h('summary', {}, 'Description, version and date'), h('div', {class: 'ck-field'}, h('label', {for: 'ck-about'}, 'Description'), about),
        h('div', {class: 'ck-two'}, line('version', 'Version'), line('date', 'Date', {placeholder: '2027-01-31'}))),
      h('details', {id: 'ck-applies'}, h('summary', {}, 'What applies here'), boxes('tags', 'What applies', book.tags), boxes('roles', 'Who answers', book.roles)));
    }

    // -- files -----------------------------------------------------------------------------------------------------
    async function take(kind) {
      const file = await ask('checklist_take', {sheet: kept.sheet, kind});
      if (!file) return;
      const url = URL.createObjectURL(new Blob([file.text], {type: `${file.type};charset=utf-8`}));
      h('a', {href: url, download: file.name}).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
      tell(`${file.name} was handed to your browser.`);
    }
    async function open(file) {
      if (!file) return;
      if (file.size > MOST_BYTES) { complain(book.words.large); return; }
      const found = await ask('checklist_open', {text: await file.text()});
      if (found) replace(found.sheet, `${file.name} is open.`, found.taken);
    }
    function bar() {
      const field = h('input', {type: 'file', id: 'ck-file', accept: '.md,text/markdown', onchange: () => { open(field.files[0]).finally(() => { field.value = ''; }); }});
      return h('div', {class: 'ck-bar'}, h('label', {class: 'ck-open'}, field, 'Open a checklist…'),
        h('button', {type: 'button', id: 'ck-markdown', onclick: () => take('markdown')}, 'Take it home (Markdown)'),
        h('button', {type: 'button', id: 'ck-csv', onclick: () => take('csv')}, 'Table (CSV)'),
        h('button', {type: 'button', id: 'ck-clear', onclick: () => replace(fresh(kept.sheet.profile), 'An empty checklist.')}, 'Start again'), status);
    }

    // -- summary ---------------------------------------------------------------------------------------------------
    const side = h('div', {class: 'ck-summary'}), view = h('div', {class: 'ck-view', id: 'ck-view'}), heads = {};
    function summary() {
      const sheet = kept.sheet, now = rules.standing(sheet), state = item => rules.state(rules.answer(sheet, item));
      const cell = {shown: 'done', aside: 'aside', partly: 'half', 'evidence missing': 'half', 'reason missing': 'half'};
      side.replaceChildren(h('p', {class: 'ck-verdict', id: 'ck-verdict', 'data-ready': String(!now.open.length)}, rules.verdict(now)),
        now.gates.length ? h('ul', {class: 'ck-gates'}, now.gates.map(item => h('li', {}, h('button', {type: 'button', class: 'ck-gate-go',
          'data-open': String(now.open.includes(item)), onclick: () => go(item.id)}, h('span', {'aria-hidden': 'true'}, now.open.includes(item) ? '○' : '●'),
        ` ${item.title}`, h('span', {class: 'ck-hide'}, now.open.includes(item) ? ', gate, open' : ', gate, passed'))))) : '',
        now.left.length ? h('p', {class: 'ck-small'}, `Gates that do not apply here: ${now.left.map(item => item.title).join(', ')}.`) : '',
        h('ul', {class: 'ck-stages'}, book.stages.map(stage => {
          const here = now.due.filter(item => item.stage === stage.id), states = here.map(state), count = what => states.filter(one => one === what).length;
          const text = here.length ? `${count('shown')} of ${here.length} shown${count('aside') ? `, ${count('aside')} set aside` : ''}` : 'nothing applies';
          if (heads[stage.id]) heads[stage.id].textContent = text;
          return h('li', {}, h('button', {type: 'button', class: 'ck-link', disabled: !here.length, onclick: () => goStage(stage.id)}, stage.title),
            h('span', {class: 'ck-strip', 'aria-hidden': 'true'}, states.map(one => h('i', {class: 'ck-bit', 'data-is': cell[one] || 'gap'}))),
            h('span', {class: 'ck-small'}, text, count('aside') > here.length / 3 ? '. More than a third is set aside.' : ''));
        })), h('p', {class: 'ck-small'}, `${now.gaps.length} open of ${now.due.length} that apply. `, book.note, ' ', book.as_of));
    }

    // -- views -----------------------------------------------------------------------------------------------------
    const pressed = (options, key, name) => h('div', {class: 'ck-choice', role: 'group', 'aria-label': name}, options.map(([id, title]) =>
      h('button', {type: 'button', 'aria-pressed': String(kept[key] === id), 'data-go': id, onclick: () => { kept[key] = id; drawView(); root.querySelector(`[data-go="${id}"]`).focus(); }}, title)));
    function drawView() {
      for (const id of Object.keys(heads)) delete heads[id];
      views.replaceChildren(pressed(VIEWS, 'view', 'View'), kept.view === 'list' ? pressed(SHOW, 'show', 'Show') : '');
      view.replaceChildren(kept.view === 'map' ? ck.map(book) : kept.view === 'missing' ? ck.missing(book, rules, kept.sheet, go) : list());
      root.querySelector('.ck-desk').classList.toggle('ck-wide', kept.view === 'map');
      summary();
    }
    function list() {
      const sheet = kept.sheet, now = rules.standing(sheet), wanted = {due: now.due, gaps: now.gaps, gates: now.gates}[kept.show];
      const stages = book.stages.map(stage => {
        const here = now.due.filter(item => item.stage === stage.id && wanted.includes(item));
        if (!here.length) return '';
        heads[stage.id] = h('span', {class: 'ck-small'});
        return h('section', {class: 'ck-stage', id: `ck-stage-${stage.id}`, tabindex: '-1', 'aria-label': stage.title}, h('h3', {}, stage.title, heads[stage.id]),
          h('p', {class: 'ck-quiet'}, stage.what), sheet.own[stage.id] ? ck.own(book, sheet.own[stage.id], stage.title, () => dropOwn(stage.id)) : '',
          here.map(item => ck.item(book, item, rules.answer(sheet, item), rules.state, sheet.own[item.id], (value, note) => answer(item.id, value, note), () => dropOwn(item.id))));
      });
      const shown = new Set([...book.stages.map(stage => stage.id), ...wanted.map(item => item.id), 'notes']);
      const others = Object.entries(sheet.own).filter(([piece]) => !shown.has(piece));
      const notes = h('textarea', {id: 'ck-notes', rows: 4, dir: 'auto', value: sheet.own.notes || '', oninput: () => change({own: {...kept.sheet.own, notes: notes.value}})});
      return h('div', {}, wanted.length ? stages : h('p', {class: 'ck-quiet'}, book.words['nothing missing']),
        others.map(([piece, text]) => ck.own(book, text, find(piece) ? find(piece).title : piece, () => dropOwn(piece))),
        h('div', {class: 'ck-field ck-notes'}, h('label', {for: 'ck-notes'}, 'Notes (Markdown)'), notes), h('p', {class: 'ck-quiet'}, book.words.keep));
    }
    function go(id) {
      if (kept.view !== 'list' || !root.querySelector(`#ck-${id}`)) { kept.view = 'list'; kept.show = 'due'; drawView(); }
      land(root.querySelector(`#ck-${id}`), root.querySelector(`#ck-${id} input`));
    }
    function goStage(id) {
      if (kept.view !== 'list' || !root.querySelector(`#ck-stage-${id}`)) { kept.view = 'list'; kept.show = 'due'; drawView(); }
      land(root.querySelector(`#ck-stage-${id}`), root.querySelector(`#ck-stage-${id}`));
    }
    function land(place, focus) {
      place.scrollIntoView({block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
      focus.focus({preventScroll: true});
    }

    const views = h('div', {class: 'ck-views'});
    function draw() {
      const taken = kept.taken.length ? h('div', {class: 'ck-taken', role: 'status'}, h('p', {}, h('b', {}, book.words.taken)), h('ul', {}, kept.taken.map(one => h('li', {}, one)))) : '';
      root.replaceChildren(top(), bar(), wrong, taken, h('div', {class: 'ck-desk'}, h('div', {class: 'ck-main'}, views, view), h('aside', {'aria-label': 'Where you stand'}, side)));
      drawView();
    }
    if (!kept.sheet) start();
    draw();
  };
})(window.genlens);
