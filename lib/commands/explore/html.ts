import type { PageData } from './page-data';
import { inWords, type Slider, slidersFor } from './sliders';

/** Bundles that stand in the page. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** The page as one file. It asks nothing of any network, and its own policy holds the browser to that. */
export function pageOf(data: PageData, { script, style }: PageParts): string {
  const { environment, region, phases } = data;
  const last = phases.at(-1)?.number ?? 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<title>${escapedText(environment)}: what it costs and carries</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#results">Skip the sliders</a>
<main aria-busy="true">
<h1>${escapedText(environment)}: what it costs, what it carries, what gives way first</h1>
<section id="summary" tabindex="-1" aria-labelledby="summary-title">
<h2 id="summary-title" class="hidden">Answer</h2>
<p class="answer"><span id="phase-name"></span><strong id="total"></strong><span>a month</span></p>
<p id="bottleneck"></p>
<p id="contradiction" class="warning" hidden></p>
</section>
<p id="announcement" class="hidden" role="status"></p>
<div class="columns">
<form id="controls" aria-label="Phase and traffic" autocomplete="off">
${phaseControl(data, last)}
<fieldset><legend>Traffic</legend>
${slidersFor(data.traffic).map(control).join('\n')}
</fieldset>
<button type="button" id="reset">Back to what config/${escapedText(environment)}.json expects</button>
</form>
<div id="results" tabindex="-1">
${section('picture', 'Architecture', '<p id="adds"></p><ul class="key" id="key"></ul><div id="lanes"></div><div id="step"></div>')}
${section('bill', 'Bill', '<figure id="phases-chart"></figure><div id="tiers"></div><h3>The dearest, and what would make them cheaper</h3><ol id="dearest"></ol><p id="sure" class="small"></p><ul id="notes" class="small"></ul><ul id="not-priced" class="small"></ul>')}
${section('headroom', 'Headroom of each tier', '<div id="headroom-table"></div><p id="relief"></p><details><summary>Every ceiling, and what is left when a zone or the cache is lost</summary><div id="ceilings"></div></details>')}
${section('months', 'The months ahead', '<p id="growth"></p><figure id="months-chart"></figure><figure id="bills-chart"></figure>')}
${section('size', 'The cheapest that carries it', '<div id="answer"></div>')}
${section('commands', 'The same by command', '<p>These commands print the figures above.</p><pre id="command-lines" tabindex="0" role="region" aria-label="Commands"></pre>')}
</div>
</div>
</main>
<footer><p class="small">Written on ${data.written} from the templates of every phase, in ${escapedText(region)}. Prices are AWS's list prices, compared with their sources on <span id="checked"></span>. Usage follows from the traffic and from assumptions (docs/cost.md, docs/capacity.md). Charts: Observable Plot and D3, ISC licence.</p></footer>
<script type="application/json" id="data">${asScriptText(data)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

function phaseControl({ phases, configured }: PageData, last: number): string {
  const ticks = phases.map(({ number }) => `<option value="${number}"></option>`).join('');
  return `<div class="control"><label for="phase">Phase</label><output id="phase-value" for="phase"></output>
<input type="range" id="phase" min="0" max="${last}" step="1" value="${configured.phase}" list="phase-ticks">
<datalist id="phase-ticks">${ticks}</datalist></div>`;
}

function control(slider: Slider): string {
  const { key, label, stops } = slider;
  const [least = 0, greatest = 0] = [stops[0], stops.at(-1)];
  const bounds = `${inWords(slider, least)} to ${inWords(slider, greatest)}`;
  return `<div class="control"><label for="${key}">${label}</label><output id="${key}-value" for="${key}"></output>
<input type="range" id="${key}" min="0" max="${stops.length - 1}" step="1" title="${bounds}"></div>`;
}

function section(id: string, title: string, content: string): string {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
}

function escapedText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** JSON in which no text ends the element that it stands in. */
function asScriptText(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
