// The policy builder on screen: one draft, kept by the browser; the server reads it and says what it gives.
(function (g) {
  const h = g.h;
  const PAUSE_MS = 250, MOST_BYTES = 1000000, MOST_UNDO = 60, STORE = 'genlens-policy';
  const VIEWS = [['policy', 'Policy'], ['findings', 'Findings'], ['open', 'Still open'], ['syllabus', 'Syllabus paragraph'],
    ['slide', 'One slide'], ['disclosure', 'Disclosure form'], ['compare', 'Compare'], ['seen', 'What we saw']];
  const FILES = [['md', 'Markdown'], ['html', 'Web page'], ['docx', 'Word'], ['pdf', 'PDF'], ['json', 'Answers (JSON)']];
  const HANDOUTS = ['syllabus', 'slide', 'disclosure'];

  g.policyDesk = async function (element, props, server, trigger, watch) {
    // Switching tabs takes the page's elements away; what was typed must outlast that.
    const kept = g.policyKept = g.policyKept || {draft: null, past: [], view: 'policy', compared: null, seen: null, field: ''};
    const root = element.querySelector('.pb');
    let timer = 0, asked = 0, form = null, preset = null, weighed = null;
    const status = h('p', {class: 'pb-status', role: 'status', id: 'pb-status'});
    const wrong = h('p', {class: 'pb-wrong', role: 'alert', id: 'pb-wrong', hidden: true});
    const side = h('div', {class: 'pb-side-body', id: 'pb-side'});

    async function ask(name, given) {
      try {
        const answer = await server[name](given);
        if (answer && answer.error) { tell(answer.error); return null; }
        return answer;
      } catch (error) { tell(kept.book ? kept.book.texts.broken : 'The server did not answer. Your answers are kept; try again.'); return null; }
    }
    function tell(sentence) { wrong.textContent = sentence; wrong.hidden = !sentence; }

    function weigh(said) { return weighed = judge(said); }
    async function judge(said) {
      clearTimeout(timer);
      const number = ++asked;
      const shown = await ask('policy_weigh', {draft: kept.draft, view: kept.view});
      if (!shown || number !== asked) return;
      tell('');
      kept.shown = shown;
      try { sessionStorage.setItem(STORE, JSON.stringify(kept.draft)); } catch (error) { /* a full or closed store: the page itself still holds it */ }
      paint(said);
    }
    function later() { clearTimeout(timer); timer = setTimeout(weigh, PAUSE_MS); }

    // field: typing on in one field is one step back.
    function remember(field) {
      if (field && field === kept.field) return;
      kept.field = field || '';
      kept.past.push(JSON.stringify(kept.draft));
      kept.past.splice(0, kept.past.length - MOST_UNDO);
    }
    function undo() {
      const past = kept.past.pop();
      if (!past) return;
      [kept.draft, kept.field] = [JSON.parse(past), ''];
      form.fill(kept.draft);
      weigh('Undone.');
    }
    function replace(draft, said) {
      remember();
      kept.draft = draft;
      form.fill(draft);
      return weigh(said);
    }

    function told(name, value, typing) {
      remember(typing ? name : '');
      if (name.startsWith('tasks.')) kept.draft.answers.tasks = {...kept.draft.answers.tasks, [name.slice(6)]: value};
      else kept.draft.answers[name] = value;
      if (typing) later(); else weigh();
    }
    function switched(section, on) {
      remember();
      const level = kept.shown.levels[section], rest = kept.draft.sections.filter(name => name.replace('-', '') !== section);
      kept.draft.sections = level === 'optional' ? (on ? [...rest, section] : rest) : (on ? rest : [...rest, '-' + section]);
      weigh();
    }

    const act = {
      copy,
      go: (question, section) => form.go(question, section),
      unedit: places => replace({...kept.draft, edits: kept.draft.edits.filter(edit => !places.includes(edit.at))}, 'The builder’s words stand again.'),
      async fix(lint, step) {
        const done = await ask('policy_fix', {draft: kept.draft, lint, step});
        if (done) { await replace(done.draft, done.said); root.querySelector('#pb-views [aria-pressed=true]').focus(); }
      },
      dismiss(lint, reason) {
        const dismissed = {...kept.draft.dismissed};
        if (reason === null) delete dismissed[lint]; else if (!reason.trim()) { tell('Give a reason, so that others can judge it.'); return; } else dismissed[lint] = reason;
        replace({...kept.draft, dismissed});
      },
      words() {
        kept.writing = true;   // what is being written outlasts a new look at the answers
        const area = h('textarea', {id: 'pb-own', rows: 24, dir: 'auto', spellcheck: 'true', 'aria-label': 'The policy in Markdown'});
        area.value = kept.shown.markdown;
        side.replaceChildren(h('p', {class: 'pb-quiet'}, kept.book.texts.own), area, h('p', {class: 'pb-tools'},
          h('button', {type: 'button', class: 'pb-main', onclick: async () => {
            const done = await ask('policy_words', {draft: kept.draft, text: area.value});
            if (done) { kept.writing = false; replace(done.draft, done.said); }
          }}, 'Keep my words'), h('button', {type: 'button', onclick: () => { kept.writing = false; paint(); }}, 'Leave as it was')));
        area.focus();
      },
      async compare(other) {
        const found = await ask('policy_compare', {draft: kept.draft, ...other});
        if (found) { tell(''); kept.compared = found; paint(); }
      },
      compareFile: input => take(input, text => act.compare({text})),
      cite: (section, text, link) => replace({...kept.draft, cites: [...(kept.draft.cites || []), {section, text, link: link ? location.origin + location.pathname + link : ''}]}, 'Cited.'),
      uncite: n => replace({...kept.draft, cites: kept.draft.cites.filter((_, k) => k !== n)}, 'Taken out.'),
    };

    function take(input, then) {
      const file = input.files[0];
      if (!file) return;
      if (file.size > 4 * MOST_BYTES) tell(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB; a policy has at most 1 million characters. Nothing was changed.`);
      else file.text().then(then);
      input.value = '';
    }
    const open = text => ask('policy_open', {draft: kept.draft, text}).then(done => done && replace(done.draft, done.said));

    async function save(format, button) {
      if (button.getAttribute('aria-busy') === 'true') return;
      const view = HANDOUTS.includes(kept.view) && format !== 'json' ? kept.view : 'policy';
      button.setAttribute('aria-busy', 'true');
      const file = await ask('policy_file', {draft: kept.draft, format, view});
      button.removeAttribute('aria-busy');
      if (!file) return;
      tell('');
      const bytes = Uint8Array.from(atob(file.base64), sign => sign.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], {type: file.type}));
      Object.assign(document.createElement('a'), {href: url, download: file.name}).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
      status.textContent = `${file.name} is ready.` + (['md', 'json'].includes(format) && view === 'policy' ? ' “Open a file” brings it back, with all your answers.' : '');
    }
    // The text as it stands on the paper: with its headings where the program pastes those, as plain lines elsewhere.
    async function copy() {
      await weighed;   // a view just chosen is still on its way
      const paper = root.querySelector('#pb-paper'), range = document.createRange(), chosen = getSelection();
      const bare = paper.cloneNode(true);
      for (const note of bare.querySelectorAll('.pb-hand-note')) note.remove();
      root.append(bare);
      range.selectNodeContents(bare);
      chosen.removeAllRanges();
      chosen.addRange(range);
      const done = document.execCommand('copy');   // also where the page is not served over https
      chosen.removeAllRanges();
      bare.remove();
      status.textContent = done ? 'Copied: paste it into your syllabus or course page.' : 'Your browser did not let the page copy; select the text and copy it yourself.';
    }

    function paint(said) {
      const shown = kept.shown, book = kept.book;
      form.show(shown);
      const counts = shown.counts, count = {findings: counts.error + counts.warning + counts.info, open: shown.open.length};
      for (const button of root.querySelectorAll('#pb-views button')) {
        const on = button.dataset.view === kept.view, name = VIEWS.find(([view]) => view === button.dataset.view)[1];
        button.setAttribute('aria-pressed', on);
        button.textContent = count[button.dataset.view] ? `${name} (${count[button.dataset.view]})` : name;
      }
      const handout = HANDOUTS.includes(kept.view) && VIEWS.find(([view]) => view === kept.view)[1].toLowerCase();
      root.querySelector('#pb-what').textContent = handout ? `Save the ${handout.replace('one slide', 'slide')} as` : 'Save the policy as';
      const target = shown.target, words = shown.size.words, fits = words >= target.words[0] && words <= target.words[1];
      root.querySelector('#pb-meters').replaceChildren(
        meter('Words', words, `target ${target.words[0]} to ${target.words[1]}`, fits),
        meter('Reading grade', shown.size.grade === null ? 'none yet' : shown.size.grade, `target at most ${target.grade}`, shown.size.grade <= target.grade),
        meter('Findings', shown.summary, '', !counts.error, 'pb-bad', 'findings'),
        meter('Still open', shown.open.length ? `${shown.open.length} question${shown.open.length > 1 ? 's' : ''}` : 'nothing', '', !shown.open.some(row => row.required), '', 'open'));
      status.replaceChildren(said || '', h('span', {class: 'pb-heard'}, ` ${words} words; ${shown.summary}; ${shown.open.length} open.`));
      const same = book.presets.find(one => one.id === shown.preset);
      root.querySelector('#pb-from').textContent = same ? `: “${same.name}” is open` : '';
      for (const card of preset.querySelectorAll('[data-preset]')) {
        card.hidden = card.dataset.audience !== shown.audience;
        card.setAttribute('aria-pressed', String(card.dataset.preset === shown.preset));
      }
      for (const input of root.querySelectorAll('input[name=pb-audience]')) input.checked = input.value === shown.audience;
      root.querySelector('#pb-undo').disabled = !kept.past.length;
      if (!kept.writing) side.replaceChildren(...[pane(shown, book)].flat(9).filter(Boolean));
    }
    // view: what a press on the number shows.
    function meter(name, value, target, good, worse, view) {
      const number = view && value !== 'nothing' && value !== 'nothing found' ? h('button', {type: 'button', class: 'pb-link', onclick: () => { look(view); root.querySelector(`#pb-views [data-view=${view}]`).focus(); }}, String(value)) : String(value);
      return h('div', {class: 'pb-meter' + (good ? '' : ' ' + (worse || 'pb-over'))}, h('dt', {}, name), h('dd', {}, h('b', {}, number), target ? h('span', {}, target) : null));
    }
    function pane(shown, book) {
      if (kept.view === 'findings') return g.policyFindings(shown, book.texts, book.as_of, act);
      if (kept.view === 'open') return g.policyOpen(shown, book.texts, act);
      if (kept.view === 'compare') return g.policyCompare(book, kept, book.texts, act);
      if (kept.view === 'seen') return g.policySeen(book, kept, book.texts, act);
      if (HANDOUTS.includes(kept.view)) return g.policyHandout(shown, book.texts, kept.view, act);
      return g.policyText(shown, act);
    }
    function look(view) {
      kept.view = view;
      kept.writing = false;
      if (view === 'seen') { kept.seen = null; trigger('ledger'); }
      if (HANDOUTS.includes(view)) kept.shown.handout = '';   // it comes with the next answer
      paint();
      weigh();
    }

    function lay(book) {
      form = g.policyForm(book, told, switched);
      preset = h('div', {class: 'pb-presets'}, book.presets.map(one => h('button', {type: 'button', class: 'pb-preset', 'data-preset': one.id,
        'data-audience': one.audience, title: `Good for: ${one.best_for.join('; ')}. Mind: ${one.watch_out.join('; ')}.`,
        onclick: async () => { const done = await ask('policy_preset', {preset: one.id, draft: kept.draft}); if (!done) return;
          choose.open = false;
          choose.querySelector('summary').focus();
          replace(done.draft, done.said);
        }},
      h('b', {}, one.name), h('span', {}, one.one_line))));
      const choose = h('details', {class: 'pb-choose', open: !kept.shown && innerWidth > 640}, h('summary', {}, 'Start from a preset', h('span', {id: 'pb-from'})), preset);
      root.replaceChildren(
        h('div', {class: 'pb-start'},
          h('fieldset', {class: 'pb-field', id: 'pb-audience'}, h('legend', {}, 'Who is it for?'), h('div', {class: 'pb-pills'},
            book.audiences.map(one => h('label', {}, h('input', {type: 'radio', name: 'pb-audience', value: one.id, onchange: async () => {
              const done = await ask('policy_new', {audience: one.id}); if (done) replace(done.draft, done.said); }}), h('span', {}, one.title))))),
          choose),
        wrong,
        h('div', {class: 'pb-bar', role: 'toolbar', 'aria-label': 'File'},
          h('label', {class: 'pb-file'}, 'Open a file', h('input', {type: 'file', id: 'pb-open', accept: '.md,.markdown,.json,.txt', onchange: event => take(event.target, open)})),
          h('button', {type: 'button', id: 'pb-undo', onclick: undo}, 'Undo'),
          h('button', {type: 'button', class: 'pb-jump', onclick: () => root.querySelector('#pb-views button').focus()}, 'To the text'),
          h('span', {class: 'pb-save'}, h('span', {id: 'pb-what'}, 'Save the policy as'), FILES.map(([format, name]) =>
            h('button', {type: 'button', 'data-save': format, onclick: event => save(format, event.currentTarget)}, name)))),
        h('dl', {class: 'pb-meters', id: 'pb-meters'}), status,
        h('div', {class: 'pb-desk'}, form.element, h('aside', {class: 'pb-side', 'aria-label': 'The policy'},
          h('div', {class: 'pb-views', id: 'pb-views', role: 'group', 'aria-label': 'Show'}, VIEWS.map(([view, name]) =>
            h('button', {type: 'button', 'data-view': view, 'aria-pressed': 'false', onclick: () => look(view)}, name))), side)),
        h('p', {class: 'pb-quiet pb-legal'}, book.legal));
      form.fill(kept.draft);
    }

    watch('value', () => { if (props.value && kept.book) { kept.seen = JSON.parse(props.value).seen; if (kept.view === 'seen') paint(); } });
    kept.book = kept.book || await ask('policy_start', {});
    if (!kept.book) { root.replaceChildren(wrong); return; }
    // A reload takes the page away; what was written comes back, unless a new program cannot read it.
    let back = null;
    if (!kept.draft) {
      try { back = JSON.parse(sessionStorage.getItem(STORE)); } catch (error) { /* nothing readable is kept */ }
      if (back && JSON.stringify(back) !== JSON.stringify(kept.book.draft)) {
        const read = await server.policy_weigh({draft: back}).catch(() => null);
        back = read && !read.error ? back : null;
      } else back = null;
      if (back) kept.past.push(JSON.stringify(kept.book.draft));
    }
    kept.draft = kept.draft || back || kept.book.draft;
    lay(kept.book);
    weigh(back ? 'What you wrote before is back; Undo gives the page as it first was.' : '');
  };
})(window.genlens = window.genlens || {});
