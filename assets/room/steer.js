// The instructor's page: steps on the left, on the right what the class sees. The secret stands behind # in the link.
(function (g) {
  const secret = location.hash.slice(1), panel = document.querySelector('#panel'), line = document.querySelector('.line');
  const paint = g.stage(document.querySelector('#stage'));
  let view = null, library = null, shown = '', poll = null;

  function note(text, bad) {
    line.hidden = !text;
    line.textContent = text || '';
    line.classList.toggle('bad', Boolean(bad));
  }

  async function step(what) {
    try { take(await g.call('steer', {send: what, secret})); note(''); }
    catch (error) { note(error.kind ? error.message : 'No connection just now. Nothing was changed; try again.', true); }
  }

  function take(found) {
    view = found;
    paint(view);
    const {now, voted, joined, cloud, counts, reasons: some, all_reasons, asked, whispers: links, ...rest} = view;
    const text = JSON.stringify({...rest, few: cloud && cloud.hidden});  // what changes with each vote is filled in below
    if (text !== shown) { shown = text; steps(); }
    for (const [id, make, from] of [['reasons-box', reasons, all_reasons], ['asked-box', widest, asked]]) {
      const box = document.getElementById(id), made = JSON.stringify(from);
      if (box && box.dataset.made !== made) { box.dataset.made = made; g.fill(box, make()); }
    }
    const counted = document.querySelector('#voted');
    if (counted) counted.textContent = `${view.joined} here` + (view.voted === undefined ? '' : `, ${view.voted} voted`);
  }

  // -- small pieces ----------------------------------------------------------------------------------------------------
  const button = (text, act, more = {}) => g.make('button', {type: 'button', text, ...more, on: {click: typeof act === 'function' ? act : () => step(act)}});
  const option = (value, text) => g.make('option', {value, text});
  const field = (id, label, tag = 'input', more = {}) => [g.make('label', {for: id, text: label}), g.make(tag, {id, autocomplete: 'off', ...more})];
  const value = id => document.getElementById(id).value;
  function part(id, title, ...children) {  // a fold that stays as the instructor left it
    const fold = g.make('details', {id}, g.make('summary', {text: title}), ...children);
    fold.open = folds[id] ?? false;
    fold.addEventListener('toggle', () => { folds[id] = fold.open; });
    return fold;
  }
  const folds = {'part-case': true};
  const caseId = () => view.item.slice(5);
  const twists = id => (library.cases.find(each => each.id === id) || {twists: []}).twists;

  const save = kind => async () => {
    try { g.download(await g.call(`record.${kind}`, {secret})); note(''); } catch (error) { note(error.message, true); }
  };

  // -- the panel -------------------------------------------------------------------------------------------------------
  function steps() {
    const typed = Object.fromEntries([...panel.querySelectorAll('input[id], textarea, select')].map(each => [each.id, each.type === 'checkbox' ? each.checked : each.value]));
    const focus = document.activeElement && panel.contains(document.activeElement) ? document.activeElement.id || document.activeElement.textContent : '';
    g.fill(panel,
      g.make('h1', {text: `Room ${g.spaced(view.code)}`}),
      g.make('p', {class: 'soft'}, g.make('span', {id: 'voted'}), ` · until ${new Date(view.ends * 1000).toLocaleString([], {weekday: 'short', hour: '2-digit', minute: '2-digit'})}`),
      g.make('div', {class: 'row'}, g.make('a', {class: 'button', href: `${g.base}show/${view.code}`, target: '_blank', rel: 'noopener', text: 'Open the projector window'}),
        button('Show the code', {do: 'lobby'}, {class: view.kind === 'lobby' ? 'on' : ''})),
      now(), cases(), guided(), policy(), whispers(), g.make('div', {id: 'reasons-box'}), g.make('div', {id: 'asked-box'}), room());
    if (view.guide) delete typed.plan;
    for (const [id, was] of Object.entries(typed)) {
      const each = document.getElementById(id);
      if (each && each.type === 'checkbox') each.checked = was;
      else if (each && (each.tagName !== 'SELECT' || [...each.options].some(o => o.value === was))) each.value = was;
    }
    if (focus) ([...panel.querySelectorAll('button, input, select, textarea')].find(each => each.id === focus || each.textContent === focus) || panel).focus();
  }

  function now() {
    if (view.kind === 'lobby' || view.kind === 'talk') return null;
    const gate = (text, change, more) => button(text, {do: 'gate', ...change}, more), rows = [];
    const titles = {board: view.case && view.case.title, tasks: 'Vote on the policy', whispers: 'Whispers'};
    rows.push(g.make('div', {class: 'row'},
      view.open ? gate('Close the vote', {open: false}, {class: 'main'}) : gate('Open the vote again', {open: true}),
      view.shown ? gate('Hide the result', {shown: false}) : gate('Show the result', {shown: true}, {class: view.open ? '' : 'main'})));
    if (view.kind === 'board') {
      const few = view.cloud && view.cloud.hidden;
      if (few) rows.push(g.make('p', {class: 'warn', text: 'Fewer than five votes: the dots stay hidden, so that nobody is picked out.'}),
        gate('Show them all the same', {few: true}));
      if (view.shown) rows.push(g.make('div', {class: 'row'},
        gate(view.reasons ? 'Hide the reasons' : 'Show the reasons', {reasons: !view.reasons}),
        view.case.id.startsWith('own-') ? null : gate(view.authors ? 'Hide the authors’ view' : 'Show the authors’ view', {authors: !view.authors})));
      const id = caseId(), own = [...twists(id)];
      rows.push(g.make('h3', {text: 'Then, a second vote'}), ...own.map((text, k) => button(`Twist ${k + 1}: ${text}`, {do: 'twist', case: id, number: k + 1},
        {class: 'long' + (view.round === k + 2 ? ' on' : '')})));
      if (view.case.id.startsWith('own-')) rows.push(button('Its twist', {do: 'twist', case: id, number: 1}));
      rows.push(...field('own-twist', 'Or a twist of your own, such as “for the workers?”', 'input', {maxlength: 300, list: 'lenses'}),
        g.make('datalist', {id: 'lenses'}, ...library.lenses.map(text => option(text, text))),
        button('Ask again with this', () => step({do: 'twist', case: id, number: Math.max(view.round, own.length + 1), text: value('own-twist')})));
    }
    return g.make('section', {class: 'now'}, g.make('h2', {text: titles[view.kind]}), ...rows);
  }

  function cases() {
    const chosen = g.make('select', {id: 'case'}), group = (label, list) => list.length && chosen.append(g.make('optgroup', {label},
      ...list.map(each => option(each.id, each.title + (each.note ? ' (content note)' : '')))));
    group('Of this class', view.own);
    const guide = view.guide && library.prompts[view.guide.prompt].cases || [];
    group('For this prompt', library.cases.filter(each => guide.includes(each.id)));
    group('Contested', library.cases.filter(each => each.contested));
    group('Plainer', library.cases.filter(each => !each.contested));
    return part('part-case', 'A case on the board', g.make('label', {for: 'case', text: 'Case'}), chosen,
      button('Ask the class', () => step({do: 'ask', case: value('case')}), {class: 'main'}),
      part('part-own', 'A case of your own', ...field('own-title', 'Title', 'input', {maxlength: 80}), ...field('own-text', 'What happened, two sentences', 'textarea', {maxlength: 600, rows: 3}),
        ...field('own-case-twist', 'A twist, if you like', 'input', {maxlength: 300}),
        button('Add to this room', async () => {
          const before = view.own.length;
          await step({do: 'case', title: value('own-title'), text: value('own-text'), twist: value('own-case-twist')});
          if (view.own.length > before) for (const id of ['own-title', 'own-text', 'own-case-twist']) document.getElementById(id).value = '';
        })));
  }

  function guided() {
    const plan = g.make('select', {id: 'plan', on: {change() { lesson(); }}}, option('', 'Single prompts'),
      ...library.plans.map(each => option(each.id, `${each.title} (${each.minutes} min)`)));
    const list = g.make('div', {id: 'lesson'});
    function lesson() {
      const found = library.plans.find(each => each.id === plan.value), ids = found ? found.prompts : Object.keys(library.prompts);
      list.replaceChildren(...ids.map(id => {
        const prompt = library.prompts[id], fold = g.make('details', {}, g.make('summary', {text: `${prompt.title} (${prompt.minutes} min)`}),
          g.make('ol', {class: 'steps'}, ...prompt.steps.map((each, k) => g.make('li', {}, button(`${each.do} (${each.minutes} min, ${g.hint[each.mode] || each.mode})`,
            () => step({do: 'guide', plan: plan.value, prompt: id, number: k}),
            {class: 'long' + (view.guide && view.guide.prompt === id && view.guide.step === k ? ' on' : '')})))));
        fold.open = Boolean(view.guide && view.guide.prompt === id);
        return fold;
      }));
    }
    if (view.guide) plan.value = view.guide.plan;
    lesson();
    const timer = view.timer, left = () => Math.max(0, timer.ends === null ? timer.left : timer.ends - (Date.now() / 1000 + (g.offset || 0)));
    const clock = !timer ? [] : [g.make('div', {class: 'row'},
      timer.ends === null ? button('Go on', () => step({do: 'timer', left: left(), running: true})) : button('Pause', () => step({do: 'timer', left: left(), running: false})),
      button('One minute more', () => step({do: 'timer', left: left() + 60, running: timer.ends !== null})), button('No timer', {do: 'timer', left: null}))];
    const next = view.guide && library.prompts[view.guide.prompt].steps[view.guide.step + 1];
    const here = view.guide ? [g.make('p', {class: 'step', text: view.guide.do}), ...clock, g.make('div', {class: 'row'},
      next ? button('Next step', {do: 'guide', plan: view.guide.plan, prompt: view.guide.prompt, number: view.guide.step + 1}, {class: 'main'}) : null,
      button('Step on the whole screen', {do: 'talk'}), button('End the guided part', {do: 'guide', prompt: ''}))] : [];
    return part('part-guide', 'A guided session', ...here, notes(), g.make('label', {for: 'plan', text: 'Lesson plan'}), plan, list,
      g.make('div', {}, g.make('h3', {text: 'Ground rules'}), g.make('ul', {}, ...library.rules.map(text => g.make('li', {text})))));
  }

  function notes() {
    if (!view.notes) return null;
    const found = view.notes;
    return g.make('section', {class: 'notes', 'aria-label': 'Notes for you only'}, g.make('h3', {text: 'For you only'}),
      ...Object.entries(found.notes).flatMap(([title, lines]) => [g.make('h4', {text: title}), g.make('ul', {}, ...lines.map(text => g.make('li', {text})))]),
      found.materials.length ? g.make('p', {text: `Bring: ${found.materials.join(', ')}.`}) : null,
      g.make('p', {class: 'source', text: (found.sources.length ? `Sources: ${found.sources.join('; ')}. ` : '') + `As of ${found.as_of}. ${found.old}`}));
  }

  function policy() {
    return part('part-policy', 'A vote on the policy', g.make('p', {class: 'soft', text: 'Up to twelve tasks of the task table; ticked are the ones on which our presets disagree most. Open the votes as a file in the policy builder, and they fill its table.'}),
      g.make('div', {class: 'checks'}, ...library.tasks.map(task => g.make('label', {}, g.make('input', {type: 'checkbox', id: `task-${task.id}`, checked: task.contested}), task.title))),
      button('Start this vote', () => step({do: 'tasks', tasks: library.tasks.map(t => t.id).filter(id => document.getElementById(`task-${id}`).checked)}), {class: 'main'}),
      button('Votes for the builder (JSON)', save('json')));
  }

  function whispers() {
    return part('part-whispers', 'Whispers', g.make('p', {class: 'soft', text: 'Each one rewords or redraws the one before; at the end the class sees what is left of the first.'}),
      g.make('label', {for: 'form', text: 'Passed on in'}), g.make('select', {id: 'form'}, option('words', 'words'), option('drawing', 'drawings, from memory')),
      ...field('first', 'The first sentence (for drawings: what the first one draws)', 'input', {maxlength: 200}),
      g.make('label', {for: 'chains', text: 'Chains side by side; ten students each is a good length'}),
      g.make('select', {id: 'chains'}, ...[1, 2, 3, 4, 5, 6, 7, 8].map(n => option(n, n))),
      button('Start the whispers', () => step({do: 'whispers', game: view.kind === 'whispers' && view.open ? view.game : (view.games || 0) + 1, form: value('form'),
        first: value('first'), chains: Number(value('chains'))}), {class: 'main'}));
  }

  function reasons() {
    if (!view.all_reasons.length) return null;
    return part('part-reasons', `Reasons (${view.all_reasons.length})`, g.make('ul', {class: 'plain'}, ...view.all_reasons.map(each => g.make('li', {class: each.hidden ? 'gone' : ''},
      g.make('span', {text: each.text}), button(each.hidden ? 'Bring back' : 'Take off', {do: 'hide', reason: each.reason, on: !each.hidden}, {class: 'small'})))));
  }

  function widest() {
    if (!view.asked.length) return null;
    const rows = [...view.asked].sort((a, b) => (b.width ?? -1) - (a.width ?? -1));
    return part('part-asked', 'What was asked, widest cloud first', g.make('ul', {class: 'plain'}, ...rows.map(each => g.make('li', {}, g.make('span', {
      text: `${each.title}${each.round > 1 ? `, vote ${each.round}` : ''}: ${each.votes} votes${each.width === null ? '' : `, middle half ${each.width.toFixed(1)} wide`}`})))));
  }

  function room() {
    return part('part-room', 'This room', g.make('div', {class: 'row'}, button('Record (Markdown)', save('md')), button('Votes (CSV)', save('csv'))),
      g.make('div', {class: 'row'}, button(view.locked ? 'Let people in again' : 'Let nobody in any more', {do: 'lock', on: !view.locked}),
        button('End and delete the room', async () => {
          if (!confirm('End this room and delete all votes? Take the record first if you want it.')) return;
          try { await g.call('end', {send: {}, secret}); ended('The room has ended, and what was in it is deleted.'); } catch (error) { note(error.message, true); }
        }, {class: 'danger'})),
      g.make('p', {class: 'soft', text: 'Whoever has the address of this page steers the room: keep it to yourself.'}));
  }

  function ended(text) {
    if (poll) poll.stop();
    panel.replaceChildren(g.make('h1', {text: 'GenLens'}), g.make('p', {text}));
    document.querySelector('#stage').replaceChildren();
  }

  async function begin() {
    if (!secret) return ended('This page needs the whole instructor link: the part behind # is the key to the room.');
    poll = g.poll(async () => {
      try {
        if (!library) library = await g.call('library', {secret});
        take(await g.call('steer', {secret}));
        if (line.textContent.startsWith('No connection')) note('');
      } catch (error) {
        if (['NotYours', 'NoRoom', 'RoomEnded'].includes(error.kind)) ended(error.message);
        else note('No connection just now: the class’s votes are kept. Trying again.', true);
        throw error;
      }
    }, 1);
  }
  begin();
})(window.genlens);
