(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const list = document.getElementById('list');
  if (list === null) return;

  const TASKS = { asr: 'speech', asc: 'scene', at: 'events' };
  const SIGNS = { hit: '✓', missed: '✗', unanswered: '!' };
  const CONDITIONS = { '+inf': 'speech alone (+inf)', '-inf': 'background alone (-inf)' };
  const STATUSES = {
    json: 'read from JSON', labelled: 'read behind a label', prose: 'read from a sentence', plain: 'read as it stands',
    capped: 'read in part, since it is too long', empty: 'nothing is named', refused: 'refused', unparsed: 'nothing could be read',
    missing: 'no response', classifier: 'scores of a classifier',
  };
  const nameOf = (condition) => CONDITIONS[condition] || `${condition} dB`;

  // Every text goes through textContent: nothing that a model wrote becomes markup.
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const hidden = (text) => make('span', { class: 'hidden' }, text);
  const said = (text) => make('bdi', { class: 'said' }, text);

  const filters = {};
  for (const name of ['condition', 'scene', 'event', 'system', 'mode', 'task', 'outcome', 'text'])
    filters[name] = document.getElementById(`filter-${name}`);
  const fill = (name, pairs) => {
    filters[name].append(make('option', { value: '' }, 'any'));
    for (const [value, label] of pairs) filters[name].append(make('option', { value }, label));
  };
  const plain = (values) => [...new Set(values)].map((value) => [value, value]);
  const answers = data.clips.flatMap((clip) => clip.answers);
  const snrOf = (condition) => Number(condition.replace('inf', 'Infinity'));
  const conditions = [...new Set(data.clips.map((clip) => clip.condition))].sort((a, b) => (snrOf(a) < snrOf(b) ? 1 : -1));
  fill('condition', conditions.map((name) => [name, nameOf(name)]));
  fill('scene', plain(data.clips.map((clip) => clip.scene).filter((scene) => scene).sort()));
  fill('event', plain(data.clips.flatMap((clip) => clip.events).sort()));
  fill('system', plain(data.systems));
  fill('mode', plain(answers.map((answer) => answer.mode)));
  fill('task', Object.entries(TASKS));
  fill('outcome', plain(Object.keys(SIGNS)));

  const controls = new Set(data.controls);
  // Whether every word occurs somewhere in the texts.
  const holds = (words, ...texts) => {
    const whole = texts.join('\n').toLowerCase();
    return words.every((word) => whole.includes(word));
  };

  // The tasks of an answer that the filters let through.
  const tasksOf = (answer, chosen) => {
    if (chosen.system !== '' && data.systems[answer.system] !== chosen.system) return [];
    if (chosen.mode !== '' && answer.mode !== chosen.mode) return [];
    return answer.tasks.filter((task) =>
      (chosen.task === '' || task.task === chosen.task) && (chosen.outcome === '' || task.outcome === chosen.outcome));
  };
  const fits = (clip, chosen) => {
    if (chosen.condition !== '' && clip.condition !== chosen.condition) return false;
    if (chosen.scene !== '' && clip.scene !== chosen.scene) return false;
    if (chosen.event !== '' && !clip.events.includes(chosen.event)) return false;
    const words = chosen.text.toLowerCase().split(/\s+/).filter((word) => word);
    const about = [clip.id, nameOf(clip.condition), clip.scene, clip.transcript, clip.source, ...clip.events];
    const asks = ['system', 'mode', 'task', 'outcome'].some((name) => chosen[name] !== '');
    if (!asks && holds(words, ...about)) return true;
    return clip.answers.some((answer) => tasksOf(answer, chosen).length > 0 && holds(words, ...about, ...answer.raw.map((raw) => raw.text)));
  };

  const outcomeOf = (task) => make('span', { class: `outcome ${task.outcome}` }, `${SIGNS[task.outcome]} `, hidden(`${task.outcome} `));
  const wordOf = ([kind, reference, answer]) => {
    if (kind === 'equal') return document.createTextNode(answer);
    const node = make('span', { class: `word ${kind}` }, hidden(`${kind}: `));
    if (kind === 'substituted') node.append(make('s', {}, reference), hidden(' by'), ' ', answer);
    else if (kind === 'deleted') node.append(make('del', {}, reference));
    else node.append(make('ins', {}, answer));
    return node;
  };
  const CONTEXT = 1;
  // The steps of an alignment; in short, a run of right words is an ellipsis but for those next to a difference.
  const alignmentOf = (task, inShort) => {
    const line = make('span', { class: 'alignment said', dir: 'auto' });
    const differs = task.alignment.map(([kind]) => kind !== 'equal');
    const near = (place) => differs.slice(Math.max(0, place - CONTEXT), place + CONTEXT + 1).some((one) => one);
    if (inShort && !differs.includes(true)) return line;
    let cut = false;
    task.alignment.forEach((step, place) => {
      if (!inShort || near(place)) line.append(wordOf(step), ' ');
      else if (!cut) line.append('… ');
      cut = inShort && !near(place);
    });
    if (task.cut_words) line.append(`… and ${task.cut_words} more words`);
    return line;
  };
  const rankingOf = (task) => {
    const items = make('ul', { class: 'labels', 'aria-label': 'Labels by confidence' });
    for (const item of task.ranking) {
      const mark = item.true ? '✓ annotated' : '✗ not annotated';
      items.append(make('li', {}, `${item.rank}. ${item.label} ${item.confidence.toFixed(2)} ${mark}`));
    }
    return items;
  };
  const wer = (task) => task.said.join('').split(':')[0];
  const saidOf = (task) => {
    if (task.said.length) return task.said.flatMap((name, number) => [number ? '; ' : '', said(name)]);
    if (task.outcome === 'unanswered') return ['no answer'];
    const first = task.ranking.filter((item) => item.rank === 1).map((item) => item.label);  // of a classifier
    return [first.length ? first.join('; ') : 'names nothing'];
  };
  // What a cell of the grid says about a task.
  const taskInShort = (task) => {
    const line = make('p', { class: task.task });
    line.append(outcomeOf(task), hidden(`${TASKS[task.task]}: `));
    if (task.task !== 'asr') line.append(...saidOf(task));
    else if (task.outcome === 'unanswered') line.append('no transcript');
    else line.append(make('strong', {}, wer(task)), ' ', alignmentOf(task, true));
    return line;
  };
  const readOf = (task) => {
    const status = STATUSES[task.status] || task.status;
    const runs = task.runs > 1 ? `; ${task.hits} of ${task.runs} runs hit` : '';
    return ` (${status}${task.rule ? `, rule “${task.rule}”: ${data.rules[task.rule] || ''}` : ''}${runs})`;
  };
  const taskOf = (task) => {
    const line = make('p', {}, outcomeOf(task), make('strong', {}, `${TASKS[task.task]}: `));
    if (task.task === 'asr') return [make('p', {}, ...line.childNodes, task.said.join(''), readOf(task)), make('p', {}, alignmentOf(task, false))];
    line.append(...saidOf(task), readOf(task));
    return task.ranking.length ? [line, rankingOf(task)] : [line];
  };
  const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const whyOf = (raw, mode) => raw.characters > raw.text.length ? [] : [make('p', { class: 'small' }, 'Why it is read so: ',
    make('code', {}, `sseu metric read --mode ${raw.task === 'all' ? mode : raw.task} -- ${shellQuoted(raw.text)}`))];
  const rawOf = (raw, name, mode) => {
    const cut = raw.characters > raw.text.length ? `, the first ${raw.text.length} of ${raw.characters} characters` : '';
    const asked = TASKS[raw.task] || 'all tasks';
    return make('details', {},
      make('summary', {}, `raw answer (${asked}${cut})`, hidden(` of ${name}`)),
      make('pre', { dir: 'auto', tabindex: '0' }, raw.text), ...whyOf(raw, mode));
  };
  const answerOf = (answer, tasks) => {
    const name = `${data.systems[answer.system]}, ${answer.mode}`;
    const node = make('article', { class: 'answer' }, make('h3', {}, said(name)));
    for (const task of tasks) node.append(...taskOf(task));
    const asked = new Set(tasks.map((task) => task.task));
    for (const raw of answer.raw) if (raw.task === 'all' || asked.has(raw.task)) node.append(rawOf(raw, name, answer.mode));
    return node;
  };
  // The grid: a row for each system, those with most misses first and controls last, a column for each mode.
  const gridOf = (clip, chosen) => {
    const shownTasks = clip.answers.map((answer) => [answer, tasksOf(answer, chosen)]).filter(([, tasks]) => tasks.length);
    const modes = [...new Set(shownTasks.map(([answer]) => answer.mode))];
    const rows = new Map();
    for (const [answer, tasks] of shownTasks) {
      const row = rows.get(answer.system) || { system: answer.system, cells: new Map(), missed: 0, asked: 0 };
      row.cells.set(answer.mode, [answer, tasks]);
      row.missed += tasks.filter((task) => task.outcome !== 'hit').length;
      row.asked += tasks.length;
      rows.set(answer.system, row);
    }
    const ordered = [...rows.values()].sort((one, other) => controls.has(one.system) - controls.has(other.system)
      || other.missed / other.asked - one.missed / one.asked || one.system - other.system);
    const body = make('tbody', {});
    for (const row of ordered) {
      const name = data.systems[row.system];
      const button = make('button', { 'aria-expanded': 'false' }, 'all of it', hidden(` of ${name}`));
      const tr = make('tr', controls.has(row.system) ? { class: 'control' } : {}, make('th', { scope: 'row' }, said(name), ' ', button));
      for (const mode of modes) {
        const [, tasks] = row.cells.get(mode) || [null, []];
        tr.append(make('td', {}, ...tasks.map(taskInShort)));
      }
      const more = make('tr', { class: 'whole' }, make('td', { colspan: String(modes.length + 1) }));
      more.hidden = true;
      button.addEventListener('click', () => {
        more.hidden = !more.hidden;
        button.setAttribute('aria-expanded', String(!more.hidden));
        if (more.cells[0].childNodes.length === 0)
          more.cells[0].append(make('div', { class: 'answers' }, ...[...row.cells.values()].map(([answer, tasks]) => answerOf(answer, tasks))));
      });
      body.append(tr, more);
    }
    const head = make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'System'), ...modes.map((mode) => make('th', { scope: 'col' }, mode))));
    return make('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `Answers about ${clip.id}` },
      make('table', { class: 'grid' }, make('caption', { class: 'hidden' }, `Answers about ${clip.id}`), head, body));
  };

  const percent = (seconds) => `${Math.min(100, Math.max(0, 10 * seconds))}%`;
  const spansOf = (clip) => {
    const items = make('ul', { class: 'spans', 'aria-label': 'When each sound is heard' });
    for (const name of new Set(clip.spans.map((span) => span.name))) {
      const track = make('div', { class: 'track', 'aria-hidden': 'true' });
      const times = [];
      for (const span of clip.spans.filter((one) => one.name === name)) {
        const bar = make('span', { class: 'bar' });
        bar.style.left = percent(span.onset_s);
        bar.style.width = percent(span.offset_s - span.onset_s);
        track.append(bar);
        times.push(`${span.onset_s.toFixed(1)} to ${span.offset_s.toFixed(1)} s`);
      }
      items.append(make('li', {}, `${name}: ${times.join(', ')}`, track));
    }
    return items;
  };
  const soundOf = (clip) => {
    const node = make('div', { class: 'sound' });
    if (clip.audio === null) {
      node.append(make('p', { class: 'small' }, 'The audio is not in this report.'));
      return node;
    }
    const audio = make('audio', { controls: '', preload: 'metadata', src: clip.audio, 'aria-label': `Clip ${clip.id}` });
    const playhead = make('span', { class: 'playhead' });
    playhead.style.left = '0';
    audio.addEventListener('timeupdate', () => { playhead.style.left = percent(audio.currentTime); });
    audio.addEventListener('play', () => {
      for (const other of document.querySelectorAll('audio')) if (other !== audio) other.pause();
    });
    node.append(audio,
      make('div', { class: 'picture' },
        make('img', { src: clip.spectrogram, alt: `Spectrogram of ${clip.id}, 0 to 12 kHz on the mel scale` }), playhead),
      make('div', { class: 'axis', 'aria-hidden': 'true' }, make('span', {}, '0 s'), make('span', {}, 'up: 12 kHz (mel)'), make('span', {}, '10 s')),
      spansOf(clip));
    return node;
  };
  const referenceOf = (clip) => make('dl', {},
    make('dt', {}, 'Spoken'), make('dd', {}, clip.transcript || 'nothing'),
    make('dt', {}, 'Scene'), make('dd', {}, clip.scene || 'none'),
    make('dt', {}, 'Events'), make('dd', {}, clip.events.join(', ') || 'none'),
    make('dt', {}, 'From'), make('dd', {}, clip.source),
    make('dt', {}, 'Shown because'), make('dd', {}, clip.reason),
    ...(clip.mostly_wrong.length ? [make('dt', {}, 'What most got wrong'), make('dd', {}, ...clip.mostly_wrong.map((one) => make('p', {}, one)))] : []));

  const cards = data.clips.map((clip) => {
    const counts = make('span', { class: 'counts' });
    const title = [clip.id, nameOf(clip.condition), clip.scene, clip.events.join(', ')].filter((text) => text).join(' · ');
    const details = make('details', { class: 'clip', id: `clip-${clip.id}` },
      make('summary', {}, make('span', { class: 'title' }, title), ' ', counts));
    const item = make('li', {}, details);
    const answersBox = make('div', {});
    let built = false;
    let chosen = null;
    const fillAnswers = () => answersBox.replaceChildren(gridOf(clip, chosen));
    details.addEventListener('toggle', () => {
      const anchor = details.id;
      if (!details.open) {
        if (view.anchor() === anchor) view.write({}, 'clips');
        return;
      }
      if (!built) details.append(make('div', { class: 'body' }, make('div', { class: 'about' }, soundOf(clip), referenceOf(clip)), answersBox));
      built = true;
      fillAnswers();
      if (view.anchor() !== anchor) view.write({}, anchor);
      else details.scrollIntoView(); // its content has just made the page long enough
    });
    const show = (now) => {
      chosen = now;
      item.hidden = !fits(clip, chosen);
      const parts = Object.entries(TASKS).map(([task, name]) => {
        const asked = clip.answers.filter((answer) => !controls.has(answer.system))
          .flatMap((answer) => tasksOf(answer, { ...chosen, outcome: '' })).filter((one) => one.task === task);
        return asked.length ? `${name} ${asked.filter((one) => one.outcome === 'hit').length} of ${asked.length}` : '';
      }).filter((text) => text);
      counts.textContent = parts.length ? `answers that hit: ${parts.join(', ')}` : '';
      if (item.hidden) for (const audio of item.querySelectorAll('audio')) audio.pause();
      if (built && details.open && !item.hidden) fillAnswers();
    };
    list.append(item);
    return { clip, item, show };
  });

  const shown = document.getElementById('shown');
  const chosenNow = () => Object.fromEntries(Object.entries(filters).map(([name, field]) => [name, field.value]));
  const update = (unknown = []) => {
    for (const card of cards) card.show(chosenNow());
    const count = cards.filter((card) => !card.item.hidden).length;
    const left = unknown.length ? `. The address asks for what is not on this page, which is ignored: ${unknown.join(', ')}.` : '';
    shown.textContent = `${count} of ${cards.length} clips shown${left}`;
  };
  const changed = () => {
    update();
    view.write(chosenNow(), view.anchor() || 'clips');
  };
  const form = document.getElementById('filters');
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(changed));
  view.onChange((params, anchor) => {
    const unknown = [];
    for (const [name, field] of Object.entries(filters)) {
      const value = params.get(name) || '';
      field.value = value;
      if (field.value === value) continue;
      field.value = '';
      unknown.push(`${name} “${value}”`);
    }
    for (const name of params.keys()) if (!(name in filters) && !name.startsWith('sort-')) unknown.push(`“${name}”`);
    if (anchor.startsWith('clip-') && document.getElementById(anchor) === null) unknown.push(`clip “${anchor.slice(5)}”`);
    update(unknown);
  });
  // What leads to no clip of this page is no link.
  const leads = (link) => {
    const [anchor, query] = link.hash.slice(1).split('?');
    if (anchor !== 'clips') return document.getElementById(decodeURIComponent(anchor)) !== null;
    const params = new URLSearchParams(query || '');
    const chosen = Object.fromEntries(Object.keys(filters).map((name) => [name, params.get(name) || '']));
    return data.clips.some((clip) => fits(clip, chosen));
  };
  for (const link of document.querySelectorAll('td a[href^="#clip"], th a[href^="#clip"]'))
    if (!leads(link)) link.replaceWith(...link.childNodes);
})();
view.goTo();
