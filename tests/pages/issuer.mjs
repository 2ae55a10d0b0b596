// A real OpenID Connect issuer for the sign-in test: oidc-provider (certified), with its own login pages, on this machine.
// The account that a token is for is the part of the login name behind the @.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.NODE_CLIENT}/`);
export const AUDIENCE = "https://crm-export.example";
export const CLIENT = "pages";

// Listens; answers {url, admit(pages' origin), close()}. It must be known to the server of the pages, and their origin to it.
export async function issuer() {
    const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
    const server = createServer();
    await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
    const url = `http://127.0.0.1:${server.address().port}`;
    const admit = (pages) => server.on("request", new Provider(url, settings(pages)).callback());
    const close = () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); });
    return { url, admit, close };
}

const settings = (pages) => ({
    clients: [{
        client_id: CLIENT, token_endpoint_auth_method: "none", grant_types: ["authorization_code"], response_types: ["code"],
        redirect_uris: [`${pages}/settings/crm`],
    }],
    clientBasedCORS: (_, origin) => origin === pages,
    scopes: ["openid", "crm-export/read", "crm-export/write"],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_, token) => ({ crm_export_account: token.accountId.split("@")[1] }),
    features: {
        devInteractions: { enabled: true },
        resourceIndicators: {
            enabled: true, defaultResource: () => AUDIENCE, useGrantedResource: () => true,
            getResourceServerInfo: () => ({ scope: "crm-export/read crm-export/write", audience: AUDIENCE, accessTokenFormat: "jwt", accessTokenTTL: 600 }),
        },
    },
});
