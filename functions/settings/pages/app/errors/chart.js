// Errors per day by code: stacked bars by uPlot for the eye, the same numbers as a table for everyone.
import { html, signal } from "../html.js";
import { day, number } from "../format.js";
import { Icon } from "../parts/icon.js";
import { t } from "../words.js";
import * as model from "./model.js";

const CODES_SHOWN = 5;
const HEIGHT_PX = 240;
const library = signal(null);
const brush = signal(0);
let plot = null;
let drawn = "";

// A classic script, loaded when the first chart is wanted.
function want() {
    if (library.peek() !== null || document.querySelector("script[data-uplot]")) return;
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/assets/vendor/uplot.css" });
    const script = Object.assign(document.createElement("script"), { src: "/assets/vendor/uplot.js", onload: () => { library.value = window.uPlot; } });
    script.dataset.uplot = "";
    document.head.append(style, script);
}

// The days without a gap, oldest first; the codes by how often, the rarer ones together.
export function series(days, count, today = new Date()) {
    const byDay = new Map((days ?? []).map((figures) => [figures.day, figures]));
    const dates = Array.from({ length: count }, (_, at) => new Date(today.getTime() - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10));
    const sums = new Map();
    for (const date of dates) for (const [code, times] of Object.entries(byDay.get(date)?.errors ?? {})) sums.set(code, (sums.get(code) ?? 0) + times);
    const codes = [...sums].sort((a, b) => b[1] - a[1]).map(([code]) => code);
    const shown = codes.length > CODES_SHOWN ? codes.slice(0, CODES_SHOWN - 1) : codes;
    const rest = codes.slice(shown.length);
    const of = (date, code) => byDay.get(date)?.errors?.[code] ?? 0;
    const rows = shown.map((code) => ({ code, total: sums.get(code), values: dates.map((date) => of(date, code)) }));
    if (rest.length > 0) {
        const total = rest.reduce((sum, code) => sum + sums.get(code), 0);
        rows.push({ code: null, total, values: dates.map((date) => rest.reduce((sum, code) => sum + of(date, code), 0)) });
    }
    return { dates, rows };
}

// The colour of a row, as CSS has it now: read off a swatch of its class.
function colour(at) {
    const swatch = document.body.appendChild(Object.assign(document.createElement("span"), { className: `swatch series-${at}` }));
    const { backgroundColor } = getComputedStyle(swatch);
    swatch.remove();
    return backgroundColor;
}

function draw(box, { dates, rows }) {
    const uPlot = library.value;
    const { color: ink, borderTopColor: line } = getComputedStyle(box);
    const key = JSON.stringify([rows, box.clientWidth, ink, document.documentElement.lang]);
    if (key === drawn && plot?.root.isConnected) return;
    drawn = key;
    plot?.destroy();
    // Each row on top of the ones before it; the tallest is drawn first, the others over it.
    const tops = rows.map((_, at) => dates.map((__, column) => rows.slice(0, at + 1).reduce((sum, row) => sum + row.values[column], 0)));
    const bars = uPlot.paths.bars({ size: [0.72, 26], radius: 0.12 });
    const order = rows.map((_, at) => at).reverse();
    const axis = { stroke: ink, font: "12px system-ui, sans-serif", ticks: { show: false } };
    const whole = (_, splits) => splits.map((split) => (Number.isInteger(split) ? number(split) : ""));
    plot = new uPlot({
        width: box.clientWidth, height: HEIGHT_PX, legend: { show: false }, cursor: { show: false }, padding: [8, 8, 0, 0],
        scales: { x: { time: false, range: [-0.6, dates.length - 0.4] }, y: { range: (_, __, most) => [0, Math.max(4, Math.ceil(most * 1.1))] } },
        axes: [
            { ...axis, grid: { show: false }, space: 64, size: 30, values: (_, splits) => splits.map((split) => (dates[split] ? day(dates[split]) : "")) },
            { ...axis, grid: { stroke: line, width: 1 }, size: 42, values: whole },
        ],
        series: [{}, ...order.map((at) => ({ paths: bars, fill: colour(at), width: 0, points: { show: false } }))],
    }, [dates.map((_, at) => at), ...order.map((at) => tops[at])], box);
}

// Colours come from CSS: another scheme or width draws anew.
const redraw = () => { brush.value += 1; };
addEventListener("repaint", redraw);
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

const Legend = ({ rows }) => html`
    <ul class="legend">${rows.map(({ code, total }, at) => html`
        <li><span class="swatch series-${at}" aria-hidden="true"></span><code>${code ?? t("chart.others")}</code> <span class="quiet">${number(total)}</span></li>`)}
    </ul>`;

// Days without an error say nothing and are left out.
const Table = ({ dates, rows }) => html`
    <details class="numbers">
        <summary>${t("chart.table")}</summary>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("chart.title", { days: model.DAYS })}>
            <table>
                <thead><tr><th scope="col">${t("chart.day")}</th>${rows.map(({ code }) => html`<th scope="col" class="number">${code ?? t("chart.others")}</th>`)}</tr></thead>
                <tbody>${dates.map((date, at) => rows.some((row) => row.values[at] > 0) && html`
                    <tr><th scope="row">${day(date)}</th>${rows.map((row) => html`<td class="number">${number(row.values[at])}</td>`)}</tr>`)}
                </tbody>
            </table>
        </div>
    </details>`;

export function Chart() {
    want();
    brush.value;
    const data = series(model.figures.value, model.DAYS);
    const total = data.rows.reduce((sum, row) => sum + row.total, 0);
    const box = (element) => { if (element && library.peek()) draw(element, data); };
    return html`
        <section class="card chart" aria-labelledby="chart">
            <h2 id="chart">${t("chart.title", { days: model.DAYS })}</h2>
            ${total === 0
                ? html`<p class="quiet">${t("chart.none")}</p>`
                : html`
                    <div key="plot" class="plot" role="img" aria-label=${t("chart.says", { count: total, days: model.DAYS })} data-ready=${library.value !== null} ref=${box}></div>
                    <${Legend} rows=${data.rows} />
                    <${Table} ...${data} />`}
        </section>`;
}
