// Rejections: messages that could not be read as records. They are kept whole; nothing of them was exported.
import { html, signal } from "../html.js";
import { get } from "../api.js";
import { Head } from "../parts/frame.js";
import { Empty, Loading, Trouble } from "../parts/trouble.js";
import { When } from "../parts/when.js";
import { t } from "../words.js";

const rejections = signal(null);
const problem = signal(null);

export function enter() {
    rejections.value = null;
    load();
}

async function load() {
    problem.value = null;
    try {
        rejections.value = (await get("/api/rejections")).data.rejections;
    } catch (failed) {
        problem.value = failed;
    }
}

// JSON is shown in lines; anything else as it came.
function pretty(body) {
    try {
        return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
        return body;
    }
}

const Rejected = ({ rejection }) => html`
    <li class="card rejection">
        <p class="reason"><strong>${rejection.reason}</strong></p>
        <p class="quiet"><${When} at=${rejection.at} /> · ${t("rejections.message")} <code>${rejection.messageId}</code></p>
        <details><summary>${t("rejections.body")}</summary><pre tabindex="0">${pretty(rejection.body)}</pre></details>
    </li>`;

export const View = () => html`
    <div class="narrow">
        <${Head} title=${t("rejections.title")}>${t("rejections.lead")}<//>
        ${problem.value && html`<${Trouble} problem=${problem.value} again=${load} />`}
        ${rejections.value === null && !problem.value && html`<${Loading} />`}
        ${rejections.value?.length === 0 && html`<${Empty} icon="circle-check" title=${t("rejections.none")}>${t("rejections.none.do")}<//>`}
        ${rejections.value?.length > 0 && html`<ul class="rejected">${rejections.value.map((rejection) => html`<${Rejected} key=${rejection.messageId + rejection.at} rejection=${rejection} />`)}</ul>`}
    </div>`;
