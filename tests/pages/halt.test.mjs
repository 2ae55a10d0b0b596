// The way of a halt: seen on the board, its error opened, explained, skipped or mended, resumed, drained.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settled, shot, sound, Stage, until } from "./stage.mjs";

let stage;
before(async () => { stage = await Stage.open(["1-accounts.ndjson", "2-contacts.ndjson", "3-touchpoints.ndjson"]); });
after(() => stage?.close());

const card = (page, job) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: job }) });
const jobs = async () => Object.fromEntries((await stage.api("/api/jobs")).jobs.map((job) => [job.object, job]));

test("the board tells what is held, since when, why, and how much waits", async () => {
    const { Contact, Touchpoint__c: touchpoint } = await jobs();
    assert.equal(Contact.hold.externalId.value, "C-0805");
    const page = await stage.page("/jobs");
    const contact = card(page, "CRMExport_Contact");
    const text = await contact.textContent();
    for (const part of ["Paused", "Held at C-0805", "2-contacts.ndjson:805", "MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS", "INVALID_FIELD_FOR_INSERT_UPDATE",
        Contact.hold.message, "grant access to Consent__c", String(Contact.parked)]) {
        assert.ok(text.includes(part), `${part} is missing in ${text}`);
    }
    assert.ok((await card(page, "CRMExport_Touchpoint__c").textContent()).includes(new Intl.NumberFormat("en-GB").format(touchpoint.parked)));
    assert.ok((await card(page, "CRMExport_Account").textContent()).includes("Running"));
    const since = await contact.locator("time").first().getAttribute("datetime");
    assert.equal(since, Contact.hold.since);
});

test("a halt is explained down to the rule, its line and the values", async () => {
    const page = await stage.page("/jobs");
    await page.getByRole("link", { name: "Why?: CRMExport_Touchpoint__c" }).click();
    const why = page.getByRole("region", { name: "Why it is refused" });
    await why.getByText("Touchpoint__c.Refunds_For_Gold", { exact: true }).waitFor();
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "a new page takes the focus");
    const text = await why.textContent();
    for (const part of ["Reproduced", "Validation rule", "Refunds_For_Gold.validationRule-meta.xml:6", "Cost__c < 0", "-21.25", "Contact__r.Account.Tier__c", "\"Bronze\"", "\"Web Direct\""]) {
        assert.ok(text.includes(part), `${part} is missing in ${text}`);
    }
    const first = why.locator("summary").first();
    await first.focus();
    await page.keyboard.press("Enter");
    assert.equal(await why.getByText("-21.25").isVisible(), false, "the tree closes by keyboard");
    await page.keyboard.press("Enter");
    assert.equal(await why.getByText("-21.25").isVisible(), true);
    await sound(page, "the explanation");
});

test("a permission is explained by what nobody grants", async () => {
    const { Contact } = await jobs();
    const page = await stage.page(`/errors/${Contact.hold.errorId}`);
    await page.getByText("nothing that the user has makes it editable").waitFor();
    assert.ok((await page.getByRole("row", { name: "Consent__c" }).textContent()).includes("true"));
});

test("a skip is asked for twice, and the record stays an open error", async () => {
    const held = (await jobs()).Contact.hold;
    const page = await stage.page("/jobs");
    const skip = page.getByRole("button", { name: "Skip…: CRMExport_Contact" });
    await skip.click();
    const dialog = page.getByRole("dialog", { name: `Let ${held.externalId.value} pass?` });
    assert.ok((await dialog.textContent()).includes("stays an open export error"));
    await sound(page, "the question before a skip");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await jobs()).Contact.hold.errorId, held.errorId);
    await skip.click();
    await dialog.getByRole("button", { name: "Skip this record" }).click();
    await until("the job passes its head", async () => (await jobs()).Contact, (job) => job.hold?.errorId !== held.errorId);
    assert.equal((await stage.api(`/api/errors/${held.errorId}`)).state, "open");
});

test("mended, resumed, tried again, drained", async () => {
    const [skipped] = (await stage.api("/api/errors?state=open&text=C-0805")).errors;
    const board = await stage.page("/jobs");
    await shot(board, "jobs-before-mending");
    stage.mend();
    await board.getByRole("button", { name: "Resume all" }).click();
    // The change is told to screen readers.
    await board.getByRole("status").getByText(/CRMExport_Contact: Paused → (Draining|Running)/).waitFor();
    // A touchpoint names the contact that was skipped as its parent.
    const touchpoints = card(board, "CRMExport_Touchpoint__c");
    await touchpoints.getByText("its parent Contact C-0805 is not in the CRM").waitFor();

    const one = await stage.page(`/errors/${skipped.id}`);
    await one.getByRole("button", { name: "Retry now" }).click();
    await one.getByText("Exported").waitFor();
    assert.equal((await stage.api(`/api/errors/${skipped.id}`)).state, "resolved");
    assert.equal(await one.getByRole("button", { name: "Retry now" }).count(), 0);
    await sound(one, "a resolved error");

    // Its next run goes on, whoever asks for it: a person, or the program after the retry.
    const resume = touchpoints.getByRole("button", { name: "Resume: CRMExport_Touchpoint__c" });
    const pressed = () => resume.click({ timeout: 2_000 }).catch(() => null);
    await until("the touchpoints go on", async () => { await pressed(); return (await jobs()).Touchpoint__c; }, (job) => job.state === "running");
    await board.getByText("None of the 3 jobs is held.").waitFor();
    await until("every job drains", jobs, (all) => Object.values(all).every((job) => job.state === "running" && job.parked === 0 && job.hold === null));
    assert.deepEqual((await stage.api("/api/errors?state=open")).errors, []);
    await settled(board);
    await sound(board, "the board, drained");
});
