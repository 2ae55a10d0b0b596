// One job on the board.
import { html } from "../html.js";
import { toMend, toWait } from "../advice.js";
import { number } from "../format.js";
import { Icon } from "../parts/icon.js";
import { Code, State } from "../parts/state.js";
import { Ago, When } from "../parts/when.js";
import { t } from "../words.js";

const Figure = ({ name, value, href }) => html`
    <div class="figure"><dt>${name}</dt><dd>${href ? html`<a href=${href}>${value}</a>` : value}</dd></div>`;

const Figures = ({ job }) => html`
    <dl class="figures">
        <${Figure} name=${t("jobs.parked")} value=${number(job.parked)} />
        <${Figure} name=${t("jobs.openErrors")} value=${number(job.openErrors)}
            href=${job.openErrors > 0 ? `/errors?state=open&object=${encodeURIComponent(job.object)}` : null} />
    </dl>`;

const Refused = ({ job, waiting }) => {
    const { hold } = job;
    return html`
        <div class="hold">
            <p class="at">${t("hold.at")} <strong>${hold.externalId.value}</strong>
                <span class="quiet"> ${hold.externalId.field}${hold.source ? ` · ${hold.source}` : ""}</span></p>
            <p class="since"><${Icon} name="clock" /><span>${t("hold.since")} <${When} at=${hold.since} /> · ${t("tried", { count: hold.attempts })}</span></p>
            <blockquote class="said"><${Code} code=${hold.code} crmCode=${hold.crmCode} /><p>${hold.message}</p></blockquote>
            ${hold.foretoldBy && html`<p class="aside"><${Icon} name="info" /><span>${t("foretold", { rule: hold.foretoldBy })}</span></p>`}
            <p class="todo"><${Icon} name="wrench" /><span><strong>${t("todo")}</strong> ${toMend(hold, job.object, waiting)} ${t("todo.then")}</span></p>
        </div>`;
};

const Unavailable = ({ hold }) => html`
    <div class="hold">
        <p class="at"><strong>${t("hold.crm")}</strong></p>
        <p class="since"><${Icon} name="clock" /><span>${t("hold.since")} <${When} at=${hold.since} /> · ${t("tried", { count: hold.attempts })} · ${t("hold.until")} <${Ago} at=${hold.until} /></span></p>
        <blockquote class="said"><${Code} code=${hold.code} /><p>${hold.message}</p></blockquote>
        <p class="todo"><${Icon} name="wrench" /><span><strong>${t("todo")}</strong> ${toWait(hold)}</span></p>
    </div>`;

const Actions = ({ job, busy, onResume, onSkip }) => {
    const refused = job.hold.kind === "recordRefused";
    const label = (words) => `${words}: ${job.name}`;
    return html`
        <div class="actions">
            <button type="button" aria-label=${label(t("resume"))} aria-busy=${busy === job.object} disabled=${busy !== null} onClick=${onResume}><${Icon} name="circle-play" />${t("resume")}</button>
            ${refused && html`
                <a class="button" href="/errors/${encodeURIComponent(job.hold.errorId)}" aria-label=${label(t("why"))}><${Icon} name="search" />${t("why")}</a>
                <button type="button" class="secondary" aria-label=${label(t("skip"))} disabled=${busy !== null} onClick=${onSkip}><${Icon} name="skip-forward" />${t("skip")}</button>`}
        </div>`;
};

export function Card({ job, waiting, busy, onResume, onSkip }) {
    const { hold } = job;
    return html`
        <li class="card job ${job.state}">
            <div class="job-head">
                <h2>${job.name}</h2><${State} state=${job.state} /><${Figures} job=${job} />
            </div>
            ${hold?.kind === "recordRefused" && html`<${Refused} job=${job} waiting=${waiting} />`}
            ${hold?.kind === "crmUnavailable" && html`<${Unavailable} hold=${hold} />`}
            ${!hold && job.state === "suspended" && html`<p class="quiet">${t("jobs.exportOff")} <a href="/settings/crm">${t("settings.nav")}</a></p>`}
            ${hold && html`<${Actions} job=${job} busy=${busy} onResume=${onResume} onSkip=${onSkip} />`}
        </li>`;
}
