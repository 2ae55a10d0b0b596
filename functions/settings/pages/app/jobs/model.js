// The jobs as the API tells them, asked again politely: while the page is seen, sooner after something was asked for.
import { computed, signal } from "../html.js";
import { get, post } from "../api.js";
import { isAsking } from "../parts/dialog.js";

const CALM_MS = 5_000;
const EAGER_MS = 700;
const EAGER_FOR_MS = 12_000;
const FAILED_MS = 15_000;

export const jobs = signal(null);
export const problem = signal(null);
export const askedAt = signal(null);
export const held = computed(() => (jobs.value ?? []).filter((job) => job.hold));
export const waiting = computed(() => (jobs.value ?? []).reduce((sum, job) => sum + job.parked, 0));
// Called with (job before, job now) when a job's state changed.
let changed = () => {};
let timer = 0;
let eagerUntil = 0;

export async function load() {
    try {
        const { data } = await get("/api/jobs");
        const before = new Map((jobs.value ?? []).map((job) => [job.job, job]));
        jobs.value = data.jobs;
        problem.value = null;
        askedAt.value = Date.now();
        for (const job of data.jobs) {
            const was = before.get(job.job);
            if (was && was.state !== job.state) changed(was, job);
        }
    } catch (failed) {
        problem.value = failed;
    }
}

// Asks again and again until the answer is called.
export function watch(onChange) {
    changed = onChange;
    let stopped = false;
    let rounds = 0;
    const again = async () => {
        const round = (rounds += 1);
        // Nobody looks, or somebody reads a question: later.
        if (!document.hidden && !isAsking()) await load();
        // Someone who was in a hurry began a newer round meanwhile: that one goes on.
        if (!stopped && round === rounds) timer = setTimeout(again, pace());
    };
    const seen = () => { if (!document.hidden) hurry(again); };
    document.addEventListener("visibilitychange", seen);
    again();
    hurrying = () => hurry(again);
    return () => {
        stopped = true;
        clearTimeout(timer);
        document.removeEventListener("visibilitychange", seen);
    };
}

let hurrying = () => {};

function hurry(again) {
    clearTimeout(timer);
    timer = setTimeout(again, 50);
}

const pace = () => (problem.value ? FAILED_MS : Date.now() < eagerUntil ? EAGER_MS : CALM_MS);

const path = (job) => `/api/jobs/${encodeURIComponent(job.object)}`;

// Every request answers 202: what comes of it is seen by asking soon.
async function request(address, body) {
    await post(address, body);
    eagerUntil = Date.now() + EAGER_FOR_MS;
    hurrying();
}

export const resume = (job) => request(`${path(job)}/resume`);
export const resumeAll = () => request("/api/jobs/resume");
export const skip = (job) => request(`${path(job)}/skip`, { errorId: job.hold.errorId });
