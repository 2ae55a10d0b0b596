// ExportErrors: filters, causes, pages, downloads, retry; what people put into fields stays text.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { settled, sound, Stage, until } from "./stage.mjs";

const NASTY = "<img src=x onerror=alert(1)><script>alert(1)</script>";
const MANY = 30;
let stage;
before(async () => {
    stage = await Stage.open();
    stage.run(["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"]);
    const contact = (at, fields) => ({ object: "Contact", externalId: { field: "Ext__c", value: `X-${String(at).padStart(3, "0")}` }, fields, source: "nasty.ndjson" });
    const records = Array.from({ length: MANY }, (_, at) => contact(at, { LastName: "Doe", Consent__c: true }));
    records.push(contact(900, { LastName: "Doe", Segment__c: NASTY }), contact(901, { FirstName: "=HYPERLINK(\"http://x\")" }));
    await stage.send(records);
    await until("the records are refused", () => stage.api("/api/errors?limit=500"), ({ errors }) => errors.length === records.length);
});
after(() => stage?.close());

const rows = (page) => page.getByRole("group", { name: "Errors" }).locator("tbody tr");
const count = (page, expected) => until(`${expected} rows`, () => rows(page).count(), (seen) => seen === expected);

test("errors are grouped by cause, and a click narrows the list", async () => {
    const page = await stage.page("/errors");
    await count(page, 25);
    const cause = page.getByRole("region", { name: "By cause" }).getByRole("button", { name: "RESTRICT_PICKLIST_VALUES_ENABLED" });
    await cause.click();
    await count(page, 1);
    assert.equal(await cause.getAttribute("aria-pressed"), "true");
    assert.equal(new URL(page.url()).search, "?state=open&object=Contact&code=RESTRICT_PICKLIST_VALUES_ENABLED");
    await page.reload();
    await settled(page);
    await count(page, 1);
    await sound(page, "a filtered list");
    await page.getByRole("button", { name: "Clear" }).click();
    await count(page, 25);
    await cause.click();
    await count(page, 1);
    await page.getByRole("link", { name: "ExportErrors", exact: true }).click();
    await count(page, 25);
});

test("the list is searched and paged", async () => {
    const page = await stage.page("/errors");
    await count(page, 25);
    await page.getByRole("button", { name: "Next" }).click();
    await count(page, MANY + 2 - 25);
    await page.getByRole("button", { name: "Back" }).click();
    await count(page, 25);
    await page.getByLabel("Search").fill("x-007");
    await count(page, 1);
    assert.ok((await rows(page).first().textContent()).includes("X-007"));
    await page.getByLabel("Search").fill("nothing like this");
    await page.getByText("No error fits this filter").waitFor();
    await page.getByLabel("Search").fill("");
    await count(page, 25);
    await page.getByLabel("State").selectOption("resolved");
    await page.getByText("No error").first().waitFor();
});

test("the chart has its numbers as a table", async () => {
    const page = await stage.page("/errors");
    const chart = page.getByRole("region", { name: "Errors a day, last 30 days" });
    assert.match(await chart.getByRole("img").getAttribute("aria-label"), /errors in 30 days/);
    await chart.getByText("The numbers as a table").click();
    const { days } = await stage.api("/api/figures?days=30");
    const sum = days.reduce((all, day) => all + (day.errors.MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS ?? 0), 0);
    assert.ok(sum >= MANY);
    const head = await chart.locator("thead th").allTextContents();
    const cells = await chart.locator("tbody tr").first().locator("td").allTextContents();
    assert.equal(cells[head.indexOf("MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS") - 1], String(sum));
    await sound(page, "the chart's table");
});

test("a download has what the filter shows", async () => {
    const page = await stage.page("/errors?text=X-00");
    const take = async (name) => {
        const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
        return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
    };
    const lines = await take("NDJSON");
    assert.match(lines.name, /\.ndjson$/);
    const told = lines.text.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(told.map((error) => error.externalId?.value ?? error.externalId).sort(), Array.from({ length: 10 }, (_, at) => `X-00${at}`));
    const csv = await take("CSV");
    assert.match(csv.name, /\.csv$/);
    assert.equal(csv.text.trim().split("\n").length, 11, csv.text);
    assert.ok(csv.text.includes("X-007") && !csv.text.includes("X-017"));
});

test("a script in a field is text, everywhere", async () => {
    const page = await stage.page("/errors?code=RESTRICT_PICKLIST_VALUES_ENABLED");
    await count(page, 1);
    await rows(page).first().getByRole("link").click();
    const row = page.getByRole("row", { name: "Segment__c" });
    await row.waitFor();
    assert.ok((await row.textContent()).includes(NASTY));
    await settled(page);
    assert.equal(await page.locator("main script, main img").count(), 0);
    await sound(page, "a record with a script in it");
});

test("chosen errors are tried again", async () => {
    const page = await stage.page("/errors?text=X-003");
    await count(page, 1);
    const [before] = (await stage.api("/api/errors?text=X-003")).errors;
    await page.getByRole("checkbox", { name: "Choose Contact X-003" }).check();
    await page.getByText("1 error chosen").waitFor();
    await page.getByRole("button", { name: "Retry chosen" }).click();
    await page.getByText("1 record is tried again now.").waitFor();
    await until("it was tried", () => stage.api(`/api/errors/${before.id}`), (error) => error.attempts > before.attempts);
    const others = (await stage.api("/api/errors?text=X-004")).errors;
    assert.equal(others[0].attempts, 1, "only what was chosen");
    await page.getByRole("button", { name: "Retry all open…" }).click();
    const dialog = page.getByRole("dialog", { name: "Retry all open…" });
    await dialog.getByRole("button", { name: "Retry all" }).click();
    await until("all were tried", () => stage.api(`/api/errors/${others[0].id}`), (error) => error.attempts > 1);
    await sound(page, "the list after a retry");
});

test("an error that is not there says so", async () => {
    const page = await stage.page("/errors/000000000000", { allowed: [/404/] });
    await page.getByText("There is nothing here any more.").waitFor();
    await sound(page, "no such error");
});
