// The jobs board: where each job stands; what is held, since when, why, how much waits behind it, and what to do.
import { html, signal } from "../html.js";
import { distance } from "../format.js";
import { ask } from "../parts/dialog.js";
import { Head } from "../parts/frame.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notice.js";
import { Empty, Loading, Trouble, wordsOf } from "../parts/trouble.js";
import { t } from "../words.js";
import { Card } from "./card.js";
import * as model from "./model.js";

// What is under way, so that a button is not pressed twice: a job's object, or "all".
const busy = signal(null);

export function enter() {
    return model.watch((before, now) => {
        const kind = now.state === "paused" || now.state === "suspended" ? "info" : "good";
        tell(t("jobs.changed", { job: now.name, before: t(`state.${before.state}`), now: t(`state.${now.state}`) }), kind);
    });
}

async function run(what, action, told) {
    busy.value = what;
    try {
        await action();
        tell(told, "info");
    } catch (problem) {
        tell(problem.status === 409 ? t("jobs.moved") : wordsOf(problem), "bad");
        await model.load();
    } finally {
        busy.value = null;
    }
}

const resume = (job) => run(job.object, () => model.resume(job), t("jobs.resuming", { job: job.name }));
const resumeAll = () => run("all", () => model.resumeAll(), t("jobs.resuming.all"));

async function skip(job) {
    const record = job.hold.externalId.value;
    const yes = await ask({
        title: t("skip.title", { record }), icon: "skip-forward", accept: t("skip.accept"), danger: true,
        body: html`<p>${t("skip.body", { record, job: job.name })}</p><p>${t("skip.body.later", { count: job.parked })}</p>`,
    });
    if (yes) await run(job.object, () => model.skip(job), t("skip.done", { record }));
}

const Summary = () => {
    const held = model.held.value.length;
    const all = model.jobs.value.length;
    return html`
        <p class="summary">
            ${held === 0 ? t("jobs.none.held", { count: all }) : t("jobs.held", { count: held, all })}
            ${model.waiting.value > 0 && html` <strong>${t("jobs.waiting", { count: model.waiting.value })}</strong>`}
            <span class="quiet refreshed"><${Icon} name="refresh-cw" />${t("refreshed", { when: distance(model.askedAt.value) })}</span>
        </p>`;
};

const RANK = { paused: 0, suspended: 1, draining: 2, running: 3 };

export function View() {
    const { jobs, problem, held } = model;
    const shown = [...(jobs.value ?? [])].sort((a, b) => RANK[a.state] - RANK[b.state]);
    const waiting = shown.filter((job) => job.parked > 0).map((job) => job.object);
    return html`
        <${Head} title=${t("jobs.title")} actions=${held.value.length > 1 && html`
            <button type="button" aria-busy=${busy.value === "all"} disabled=${busy.value !== null} onClick=${resumeAll}><${Icon} name="circle-play" />${t("jobs.resume.all")}</button>`}>
            ${t("jobs.lead")}
        <//>
        ${problem.value && html`<${Trouble} problem=${problem.value} again=${model.load} />`}
        ${jobs.value === null && !problem.value && html`<${Loading} />`}
        ${jobs.value?.length === 0 && html`<${Empty} icon="inbox" title=${t("jobs.empty")}>${t("jobs.empty.do")} <code>crm-export export FILE</code><//>`}
        ${shown.length > 0 && html`
            <${Summary} />
            <ul class="board">${shown.map((job) => html`
                <${Card} key=${job.job} job=${job} waiting=${waiting} busy=${busy.value} onResume=${() => resume(job)} onSkip=${() => skip(job)} />`)}
            </ul>`}`;
}
