(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const list = document.getElementById('list');
  if (list === null) return;

  const TASKS = { asr: 'speech', asc: 'scene', at: 'events' };
  const MARKS = { hit: '✓ hit', missed: '✗ missed', failed: '! failed' };
  const CONDITIONS = { '+inf': 'speech alone (+inf)', '-inf': 'background alone (-inf)' };
  const NO_STATUS = ['answered', 'plain'];
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
  fill('system', data.systems.map((name, number) => [String(number), name]));
  fill('mode', plain(answers.map((answer) => answer.mode)));
  fill('task', Object.entries(TASKS));
  fill('outcome', Object.keys(MARKS).map((name) => [name, name]));

  const searched = (...texts) => texts.join('\n').toLowerCase();
  for (const clip of data.clips) {
    clip.search = searched(clip.id, nameOf(clip.condition), clip.scene, clip.transcript, clip.source, ...clip.events);
    for (const answer of clip.answers) answer.search = searched(...answer.raw.map((raw) => raw.text));
  }

  // The tasks of an answer that the filters let through.
  const tasksOf = (answer, chosen) => {
    if (chosen.system !== '' && answer.system !== Number(chosen.system)) return [];
    if (chosen.mode !== '' && answer.mode !== chosen.mode) return [];
    return answer.tasks.filter((task) =>
      (chosen.task === '' || task.task === chosen.task) && (chosen.outcome === '' || task.outcome === chosen.outcome));
  };
  const fits = (clip, chosen) => {
    if (chosen.condition !== '' && clip.condition !== chosen.condition) return false;
    if (chosen.scene !== '' && clip.scene !== chosen.scene) return false;
    if (chosen.event !== '' && !clip.events.includes(chosen.event)) return false;
    const words = chosen.text.trim().toLowerCase();
    const inClip = clip.search.includes(words);
    const asks = ['system', 'mode', 'task', 'outcome'].some((name) => chosen[name] !== '');
    if (!asks && inClip) return true;
    return clip.answers.some((answer) => tasksOf(answer, chosen).length > 0 && (inClip || answer.search.includes(words)));
  };

  const outcomeOf = (task) => {
    const node = make('span', { class: `outcome ${task.outcome}` }, MARKS[task.outcome]);
    const notes = [];
    if (!NO_STATUS.includes(task.status)) notes.push(task.rule ? `${task.status}: ${task.rule}` : task.status);
    if (task.runs > 1) notes.push(`${task.hits} of ${task.runs} runs hit`);
    return notes.length ? [node, ` (${notes.join('; ')})`] : [node];
  };
  const wordOf = ([kind, reference, answer]) => {
    if (kind === 'equal') return document.createTextNode(answer);
    const node = make('span', { class: `word ${kind}` }, hidden(`${kind}: `));
    if (kind === 'substituted') node.append(make('s', {}, reference), hidden(' by'), ' ', answer);
    else if (kind === 'deleted') node.append(make('del', {}, reference));
    else node.append(make('ins', {}, answer));
    return node;
  };
  const alignmentOf = (task) => {
    const line = make('p', { class: 'alignment said', dir: 'auto' });
    for (const step of task.alignment) line.append(wordOf(step), ' ');
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
  const taskOf = (task) => {
    const line = make('p', {}, make('strong', {}, `${TASKS[task.task]}: `), ...outcomeOf(task));
    if (task.task === 'asr') {
      line.append(`, ${task.said.join('')}`);
      return [line, alignmentOf(task)];
    }
    task.said.forEach((name, number) => line.append(number ? '; ' : ', said: ', said(name)));
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
    make('dt', {}, 'Shown because'), make('dd', {}, clip.reason));

  const cards = data.clips.map((clip) => {
    const counts = make('span', { class: 'counts' });
    const title = [clip.id, nameOf(clip.condition), clip.scene, clip.events.join(', ')].filter((text) => text).join(' · ');
    const details = make('details', { class: 'clip' }, make('summary', {}, make('span', { class: 'title' }, title), ' ', counts));
    const item = make('li', {}, details);
    const answersBox = make('div', { class: 'answers' });
    let built = false;
    let chosen = null;
    const fillAnswers = () => {
      answersBox.replaceChildren();
      for (const answer of clip.answers) {
        const tasks = tasksOf(answer, chosen);
        if (tasks.length) answersBox.append(answerOf(answer, tasks));
      }
    };
    details.addEventListener('toggle', () => {
      if (!details.open) return;
      if (!built) details.append(make('div', { class: 'body' }, soundOf(clip), referenceOf(clip), answersBox));
      built = true;
      fillAnswers();
    });
    const show = (now) => {
      chosen = now;
      item.hidden = !fits(clip, chosen);
      const parts = Object.entries(TASKS).map(([task, name]) => {
        const asked = clip.answers.flatMap((answer) => tasksOf(answer, { ...chosen, outcome: '' }))
          .filter((one) => one.task === task);
        return asked.length ? `${name}: ${asked.filter((one) => one.outcome === 'hit').length} of ${asked.length} hit` : '';
      });
      counts.textContent = parts.filter((text) => text).join(', ');
      if (item.hidden) for (const audio of item.querySelectorAll('audio')) audio.pause();
      if (built && details.open && !item.hidden) fillAnswers();
    };
    list.append(item);
    return { item, show };
  });

  const shown = document.getElementById('shown');
  const update = () => {
    const chosen = Object.fromEntries(Object.entries(filters).map(([name, field]) => [name, field.value]));
    for (const card of cards) card.show(chosen);
    const count = cards.filter((card) => !card.item.hidden).length;
    shown.textContent = `${count} of ${cards.length} clips shown`;
  };
  const form = document.getElementById('filters');
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(update));
  update();
})();
view.goTo();
