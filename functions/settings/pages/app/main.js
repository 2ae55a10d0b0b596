// Begins here: asks who is asking, opens the page of the address, and draws again whenever something that was read changes.
import { effect, html, render, signal, untracked } from "./html.js";
import { get, session, token, turnedAway } from "./api.js";
import * as error from "./errors/one.js";
import * as errors from "./errors/list.js";
import * as jobs from "./jobs/board.js";
import { Frame } from "./parts/frame.js";
import { failure, SignIn } from "./parts/signin.js";
import { Loading, Trouble } from "./parts/trouble.js";
import * as rejections from "./rejections/page.js";
import { listen, place, read } from "./router.js";
import * as settings from "./settings/page.js";
import { returned } from "./signin.js";
import { language, t } from "./words.js";

const pages = { error, errors, jobs, rejections, settings };
const unreachable = signal(null);
const needsSignIn = () => turnedAway.value || (session.value.auth === "jwt" && !token.value);

async function begin() {
    unreachable.value = null;
    try {
        session.value = (await get("/api/session")).data;
    } catch (problem) {
        unreachable.value = problem;
        return;
    }
    turnedAway.value = false;
    if (session.value.auth === "jwt") await comeBack();
    // Sign-in put the address back to where the person was.
    place.value = read();
}

// Back from the issuer, with a token or a reason. The session says whose account it is only to those who are signed in.
async function comeBack() {
    failure.value = await returned();
    if (!token.value) return;
    try {
        session.value = (await get("/api/session")).data;
    } catch (problem) {
        unreachable.value = problem;
    }
}

function Shown() {
    if (unreachable.value) return html`<${Trouble} problem=${unreachable.value} again=${begin} />`;
    if (!session.value) return html`<${Loading} />`;
    if (needsSignIn()) return html`<${SignIn} />`;
    const { View } = pages[place.value.page];
    return html`<${View} />`;
}

// Which page is open, and what to call when it is left. Filters change the query only: the page stays open.
let open = { key: null, leave: null };

function enter() {
    const { page, visit } = place.value;
    const key = session.value && !needsSignIn() ? `${page} ${visit}` : null;
    if (key === open.key) return;
    const first = open.key === null;
    untracked(() => {
        open.leave?.();
        open = { key, leave: key === null ? null : (pages[page].enter(place.value) ?? null) };
    });
    if (!first) requestAnimationFrame(() => document.querySelector("h1")?.focus({ preventScroll: true }));
}

listen();
effect(enter);
document.body.replaceChildren();
effect(() => {
    document.documentElement.lang = language.value;
    render(html`<${Frame}><${Shown} /><//>`, document.body);
});
effect(() => {
    const { page, id } = place.value;
    document.title = `${t(`${page}.title`, { id: id ?? "" })} · crm-export`;
});
begin();
