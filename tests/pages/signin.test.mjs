// Sign-in by OpenID Connect: back to where the person was, the token only in memory, another account's token no use.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AUDIENCE, CLIENT, issuer } from "./issuer.mjs";
import { settled, shot, sound, Stage } from "./stage.mjs";

let stage;
let at;
before(async () => {
    at = await issuer();
    stage = await Stage.open([], ["--account", "acme", "--jwt-issuer", at.url, "--jwt-audience", AUDIENCE, "--jwt-client", CLIENT]);
    at.admit(stage.url);
});
after(async () => {
    await stage?.close();
    await at?.close();
});

// A refused request is told on the console too.
const open = (path) => stage.page(path, { origins: [at.url], allowed: [/status of 40[13]/] });

async function signIn(page, person) {
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("input[name=login]").fill(person);
    await page.locator("input[name=password]").fill("secret");
    await page.locator("button[type=submit]").click();
    const back = page.waitForURL(`${stage.url}/**`);
    await page.getByRole("button", { name: "Continue" }).click();
    await back;
    await settled(page);
}

const account = (page) => page.locator(".account");

test("a person signs in, comes back to where they were, and changes a setting", async () => {
    const page = await open("/errors?state=resolved");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await shot(page, "signin-light");
    await sound(page, "the sign-in");
    await signIn(page, "anna@acme");
    await page.getByRole("heading", { level: 1, name: "ExportErrors" }).waitFor();
    assert.equal(page.url(), `${stage.url}/errors?state=resolved`, "no code stays in the address");
    assert.match(await account(page).textContent(), /acme/);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
    assert.equal(kept, "[{},{},\"\"]", "nothing of the sign-in is kept");
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await page.getByLabel("Batch size").selectOption("50");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings are saved.").first().waitFor();
    await sound(page, "settings, signed in");

    await page.getByRole("link", { name: "ExportErrors", exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV", exact: true }).click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);

    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    assert.equal(await account(page).count(), 0);
});

test("another account's token is no use, and another person can sign in", async () => {
    const page = await open("/jobs");
    await signIn(page, "mallory@other");
    await page.getByText("Your sign-in does not allow this.").waitFor();
    assert.equal(await account(page).count(), 0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, "anna@acme");
    await page.getByText("No job has run yet").waitFor();
    assert.match(await account(page).textContent(), /acme/);
});

test("a person who says no at the issuer is told so", async () => {
    const page = await open("/jobs");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByText("That did not work:").waitFor();
    assert.equal(page.url(), `${stage.url}/jobs`);
    await sound(page, "a sign-in that was refused");
});

test("an answer that nobody asked for is not taken", async () => {
    const page = await open("/settings/crm?code=stolen&state=forged");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    assert.equal(await account(page).count(), 0);
});
