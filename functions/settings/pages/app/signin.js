// Sign-in by OpenID Connect: authorization code with PKCE, at the issuer that the session names. The token stays in memory
// (api.js); where the person was, and what they had typed, comes back through sessionStorage.
import { generateCodeVerifier, OAuth2Client } from "../vendor/oauth2-client.js";
import { session, token, turnedAway } from "./api.js";
import { guardWith } from "./router.js";
import { carried } from "./store.js";

const SCOPES = ["openid", "crm-export/read", "crm-export/write"];
// One address for every page: it is the one to register at the issuer.
const redirectUri = () => `${location.origin}/settings/crm`;
let client = null;
let renewal = 0;
let signedOut = false;

async function connect() {
    const { clientId } = session.value;
    const { authorizationEndpoint, tokenEndpoint } = session.value.tokenEndpoint ? session.value : await discovered();
    // A public client: the id goes into the body, no secret is known here.
    client = new OAuth2Client({ clientId, authorizationEndpoint, tokenEndpoint, authenticationMethod: "client_secret_post" });
    return client;
}

// The API reads the issuer's metadata itself; when it could not, the page asks.
async function discovered() {
    const { issuer } = session.value;
    const answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    if (!answer.ok) throw new Error(`${issuer}: HTTP ${answer.status}`);
    const metadata = await answer.json();
    return { authorizationEndpoint: metadata.authorization_endpoint, tokenEndpoint: metadata.token_endpoint };
}

// Leaves for the issuer's page.
export async function signIn() {
    const oauth = client ?? (await connect());
    const codeVerifier = await generateCodeVerifier();
    const state = await generateCodeVerifier();
    // What was typed is carried over (settings/model.js): the browser must not ask whether to leave.
    guardWith(null);
    carried.set("signin", JSON.stringify({ codeVerifier, state, back: location.pathname + location.search }));
    // Some issuers give a token for an API only to those who name it.
    const extraParams = session.value.audience ? { audience: session.value.audience } : {};
    // Who signed out may be somebody else next time: the issuer must ask.
    if (signedOut) extraParams.prompt = "login";
    location.assign(await oauth.authorizationCode.getAuthorizeUri({ redirectUri: redirectUri(), state, codeVerifier, scope: SCOPES, extraParams }));
}

// Takes the issuer's answer out of the address, when there is one; answers what went wrong, or null.
export async function returned() {
    const answer = new URL(location.href);
    const kept = carried.get("signin");
    if (!kept || !answer.searchParams.has("state")) return null;
    carried.set("signin", null);
    const { codeVerifier, state, back } = JSON.parse(kept);
    // The code must not stay in the address bar or the history, whatever comes.
    history.replaceState(null, "", back.startsWith("/") && !back.startsWith("//") ? back : "/settings/crm");
    try {
        const oauth = await connect();
        take(await oauth.authorizationCode.getTokenFromCodeRedirect(answer, { redirectUri: redirectUri(), state, codeVerifier }));
        return null;
    } catch (error) {
        return error.message;
    }
}

export function signOut() {
    clearTimeout(renewal);
    signedOut = true;
    token.value = null;
    turnedAway.value = true;
}

// Keeps the token, and renews it a minute before it ends when the issuer gave a refresh token.
function take(given) {
    token.value = given;
    turnedAway.value = false;
    clearTimeout(renewal);
    if (!given.refreshToken || !given.expiresAt) return;
    renewal = setTimeout(async () => {
        try {
            take(await client.refreshToken(given));
        } catch {
            turnedAway.value = true;
        }
    }, Math.max(given.expiresAt - Date.now() - 60_000, 5_000));
}
