// My Account > Settings > CRM > General: the pause with its warning, what hides, conflicts, unsaved changes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settled, sound, Stage } from "./stage.mjs";

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

const pause = (page) => page.getByRole("switch", { name: "Pause on Export Errors" });
const save = async (page) => {
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings are saved.").first().waitFor();
};

test("the pause goes off only with the warning accepted, and on again without", async () => {
    const { warning } = await stage.api("/api/session");
    const page = await stage.page("/");
    assert.equal(new URL(page.url()).pathname, "/settings/crm");
    assert.deepEqual(await page.getByRole("navigation", { name: "Where you are" }).getByRole("listitem").allTextContents(), ["My Account", "Settings", "CRM", "General"]);
    assert.equal(await pause(page).isChecked(), true);

    await pause(page).click();
    const dialog = page.getByRole("dialog", { name: "Data may become inconsistent" });
    await dialog.waitFor();
    assert.ok((await dialog.textContent()).includes(warning), "the warning's own words");
    assert.equal(await dialog.getByRole("button", { name: "Keep it on" }).evaluate((button) => button === document.activeElement), true);
    await sound(page, "the dialog");
    await dialog.getByRole("button", { name: "Keep it on" }).click();
    assert.equal(await pause(page).isChecked(), true);
    assert.equal(await pause(page).evaluate((input) => input === document.activeElement), true, "focus returns to the switch");
    assert.equal(await page.getByRole("button", { name: "Save" }).isDisabled(), true);

    await pause(page).press("Space");
    await page.keyboard.press("Escape");
    assert.equal(await pause(page).isChecked(), true, "Escape keeps it on");

    await pause(page).click();
    await dialog.getByRole("button", { name: "Accept and turn off" }).click();
    assert.equal(await pause(page).isChecked(), false);
    await save(page);
    assert.equal((await stage.api("/api/settings")).pauseOnExportErrors, false);
    await sound(page, "settings with the pause off");

    await pause(page).click();
    assert.equal(await dialog.isVisible(), false, "on needs no warning");
    await save(page);
    assert.equal((await stage.api("/api/settings")).pauseOnExportErrors, true);
});

test("every setting is saved, and the pause hides while export is off", async () => {
    const page = await stage.page("/settings/crm");
    await page.getByLabel("Batch size").selectOption("50");
    await page.getByLabel("Daily CRM API limit").fill("120000");
    await page.getByRole("radio", { name: "Report" }).check();
    await page.getByLabel("Hour").selectOption("5");
    await page.getByLabel("Time zone").selectOption("Europe/Paris");
    await page.getByRole("switch", { name: "Export to CRM" }).click();
    assert.equal(await pause(page).count(), 0);
    await save(page);
    const { warnings, ...saved } = await stage.api("/api/settings");
    assert.deepEqual(saved, { exportToCrm: false, batchSize: 50, dailyCrmApiLimit: 120000, preflight: "report", retryHour: 5, timeZone: "Europe/Paris" });
    assert.deepEqual(warnings, []);
    await sound(page, "settings with export off");
    await page.reload();
    await settled(page);
    assert.equal(await pause(page).count(), 0);
    await page.getByRole("switch", { name: "Export to CRM" }).click();
    await save(page);
    assert.equal(await pause(page).isChecked(), true);
});

test("someone else's change is not overwritten", async () => {
    const page = await stage.page("/settings/crm", { allowed: [/412/] });
    stage.run(["settings", "set", "batchSize=25"]);
    await page.getByLabel("Batch size").selectOption("100");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Changed by someone else meanwhile").waitFor();
    assert.equal((await stage.api("/api/settings")).batchSize, 25);
    await sound(page, "settings in conflict");
    await page.getByRole("button", { name: "Reload" }).click();
    await page.waitForFunction(() => document.querySelector("select[aria-describedby=batchSize-help]")?.value === "25");
});

test("unsaved changes are not lost by a click", async () => {
    const page = await stage.page("/settings/crm");
    await page.getByRole("radio", { name: "Off" }).check();
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    await dialog.getByRole("button", { name: "Stay" }).click();
    assert.equal(new URL(page.url()).pathname, "/settings/crm");
    assert.equal(await page.getByRole("radio", { name: "Off" }).isChecked(), true);
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await dialog.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    assert.equal((await stage.api("/api/settings")).preflight, "report");
});
