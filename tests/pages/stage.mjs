// What every browser test stands on: a folder of its own with the sample org, the real `crm-export serve` in it, and Chromium.
// Processes are ended by their own handle; ports are free ones; every wait is bounded.
//
// Environment: CRM_EXPORT (the program), NODE_CLIENT (where npm put playwright-core and axe-core), CHROMIUM (default
// /usr/bin/chromium), CRM_EXPORT_SCREENSHOTS (a folder; no screenshots without it).
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(`${process.env.NODE_CLIENT}/`);
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SAMPLE = join(dirname(fileURLToPath(import.meta.url)), "../sample");
const START_MS = 60_000;
export const WAIT_MS = 30_000;

export class Stage {
    // A folder with a copy of the sample; `files` of it are exported before the pages are served.
    // `options` are for `serve`.
    static async open(files = [], options = []) {
        const stage = new Stage();
        stage.folder = mkdtempSync(join(tmpdir(), "crm-export-pages-"));
        stage.org = join(stage.folder, "tests/sample/org");
        cpSync(join(SAMPLE, "org"), stage.org, { recursive: true });
        if (files.length > 0) stage.run(["export", ...files.map((name) => join(SAMPLE, name)), "--org", stage.org], [0, 10]);
        await stage.serve(options);
        stage.browser = await launch();
        return stage;
    }

    // A command to its end; its exit status must be one of these.
    run(words, statuses = [0]) {
        const ran = spawnSync(process.env.CRM_EXPORT, words, { cwd: this.folder, encoding: "utf8", timeout: 120_000, env: { ...process.env, NO_COLOR: "1" } });
        assert.ok(statuses.includes(ran.status), `crm-export ${words.join(" ")}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
        return ran.stdout;
    }

    async serve(options) {
        // Held jobs are tried again by a person here, not by the clock.
        const words = ["serve", "--org", this.org, "--listen", "127.0.0.1:0", "--resume-minutes", "1440", ...options];
        this.server = spawn(process.env.CRM_EXPORT, words, { cwd: this.folder, env: { ...process.env, NO_COLOR: "1" } });
        let said = "";
        this.url = await new Promise((found, failed) => {
            const late = setTimeout(() => failed(new Error(`serve printed no URL:\n${said}`)), START_MS);
            const hear = (bytes) => {
                said += bytes;
                const url = /http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+/.exec(said);
                if (url) { clearTimeout(late); found(url[0]); }
            };
            this.server.stdout.on("data", hear);
            this.server.stderr.on("data", hear);
            this.server.once("exit", (status) => { clearTimeout(late); failed(new Error(`serve ended with ${status}:\n${said}`)); });
        });
    }

    // The org as a person mends it: mend.patch applied to the copy.
    mend() {
        const env = { ...process.env, GIT_CEILING_DIRECTORIES: this.folder };
        execFileSync("git", ["apply", join(SAMPLE, "mend.patch")], { cwd: this.folder, env, timeout: 30_000 });
    }

    async api(path) {
        const answer = await fetch(this.url + path, { signal: AbortSignal.timeout(WAIT_MS) });
        assert.equal(answer.status, 200, path);
        return answer.json();
    }

    // Puts records into the queue, as a program would.
    async send(records) {
        const answer = await fetch(`${this.url}/api/records`, {
            method: "POST", body: records.map((record) => JSON.stringify(record)).join("\n"), signal: AbortSignal.timeout(WAIT_MS),
            headers: { "Content-Type": "application/x-ndjson", "X-Requested-With": "crm-export" },
        });
        assert.ok(answer.ok, `POST /api/records: ${answer.status} ${await answer.text()}`);
    }

    // A page in a context of its own. What the browser complains of fails the test, unless `allowed` says it belongs there.
    async page(path, { allowed = [], origins = [], ...options } = {}) {
        const context = await this.browser.newContext({ locale: "en-GB", timezoneId: "UTC", viewport: { width: 1280, height: 900 }, ...options });
        context.setDefaultTimeout(WAIT_MS);
        const page = await context.newPage();
        page.complaints = [];
        // An issuer's own pages are not ours to judge.
        const ours = () => page.url().startsWith(this.url) || page.url() === "about:blank";
        const note = (text) => { if (ours() && !allowed.some((pattern) => pattern.test(text))) page.complaints.push(text); };
        page.on("console", (message) => { if (["error", "warning"].includes(message.type())) note(message.text()); });
        page.on("pageerror", (error) => note(String(error)));
        page.on("dialog", (dialog) => { note(`an alert: ${dialog.message()}`); dialog.dismiss(); });
        // Nothing leaves this machine; a page of ours that tries fails the test.
        const foreign = (url) => /^https?:$/.test(url.protocol) && ![this.url, ...origins].includes(url.origin);
        await context.route(foreign, (route) => { note(`another origin: ${route.request().url()}`); return route.abort(); });
        await page.goto(this.url + path);
        await settled(page);
        return page;
    }

    async close() {
        await this.browser?.close();
        if (this.server && this.server.exitCode === null) {
            const ended = new Promise((end) => this.server.once("close", end));
            this.server.kill("SIGTERM");
            const late = setTimeout(() => this.server.kill("SIGKILL"), 10_000);
            await ended;
            clearTimeout(late);
        }
        if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    }
}

const launch = () => chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"], timeout: START_MS,
});

// The page has drawn what it asked for.
export async function settled(page) {
    await page.locator("h1, .trouble").first().waitFor();
    await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
    await page.waitForFunction(() => document.querySelector(".plot") === null || document.querySelector(".plot canvas") !== null);
}

// No complaint of the browser, no violation of axe-core, nothing wider than the window.
export async function sound(page, name) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n  ")}`);
    assert.deepEqual(told, [], `axe-core on ${name}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${name} is ${wider} px wider than its window`);
    assert.deepEqual(page.complaints, [], `the browser's console on ${name}`);
}

export async function shot(page, name) {
    const folder = process.env.CRM_EXPORT_SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

// Until it holds, bounded; says what was seen last.
export async function until(what, look, holds) {
    const end = Date.now() + WAIT_MS;
    for (;;) {
        const seen = await look();
        if (holds(seen)) return seen;
        assert.ok(Date.now() < end, `${what}: ${JSON.stringify(seen)}`);
        await new Promise((later) => setTimeout(later, 200));
    }
}
