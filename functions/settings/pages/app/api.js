// The way to the API: same origin, JSON, problem+json for every refusal. Knows the session; draws nothing.
import { signal } from "./html.js";

const TIMEOUT_MS = 20_000;

// What /api/session says, or null while nobody asked.
export const session = signal(null);
// The access token of a signed-in person: in memory only, so that it ends with the page.
export const token = signal(null);
// Whether the API turned the person away: the frame shows the sign-in then.
export const turnedAway = signal(false);

// A refusal of the API, or no answer at all (status 0).
export class Problem extends Error {
    constructor(status, body = {}) {
        super(body.detail || body.title || `HTTP ${status}`);
        this.status = status;
        this.type = body.type ?? "about:blank";
        this.title = body.title ?? "";
        this.detail = body.detail ?? "";
        this.body = body;
    }
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body = {}) => call("POST", path, { body });
export const put = (path, body, headers) => call("PUT", path, { body, headers });

// Answers {data, etag}. Every write carries X-Requested-With, which another site cannot send along.
async function call(method, path, { body, headers = {}, signal: cancelled } = {}) {
    const response = await send(method, path, { body, headers, cancelled });
    const data = await read(response);
    if (!response.ok) {
        if (response.status === 401) turnedAway.value = true;
        throw new Problem(response.status, data ?? {});
    }
    return { data, etag: response.headers.get("ETag") };
}

async function send(method, path, { body, headers, cancelled }) {
    const all = { Accept: "application/json", ...authorization(), ...headers };
    if (method !== "GET") all["X-Requested-With"] = "crm-export";
    if (body !== undefined) all["Content-Type"] = "application/json";
    const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(cancelled ? [cancelled] : [])];
    try {
        return await fetch(path, {
            method, headers: all, body: body === undefined ? undefined : JSON.stringify(body),
            credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.any(limits),
        });
    } catch (error) {
        if (cancelled?.aborted) throw error;
        throw new Problem(0);
    }
}

export const authorization = () => (token.value ? { Authorization: `Bearer ${token.value.accessToken}` } : {});

async function read(response) {
    if (response.status === 204 || !(response.headers.get("Content-Type") ?? "").includes("json")) return null;
    try {
        return await response.json();
    } catch {
        return null;
    }
}

// A file of the API. A link alone carries no token, so that a signed-in person's download is fetched first.
export async function download(path, name) {
    const link = document.createElement("a");
    link.download = name;
    if (token.value) {
        const response = await fetch(path, { headers: authorization(), cache: "no-store" });
        if (!response.ok) throw new Problem(response.status, (await read(response)) ?? {});
        link.href = URL.createObjectURL(await response.blob());
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } else {
        link.href = path;
    }
    link.click();
}
