// What is kept in the browser: a person's choices for good (`kept`), a page's state over a sign-in (`carried`).
// A browser that forbids storage forgets it; nothing breaks. Never a token.

export const kept = storage(() => localStorage);
export const carried = storage(() => sessionStorage);

function storage(area) {
    return {
        get(name) {
            try {
                return area().getItem(`crm-export.${name}`);
            } catch {
                return null;
            }
        },
        // `null` forgets it.
        set(name, value) {
            try {
                if (value === null) area().removeItem(`crm-export.${name}`);
                else area().setItem(`crm-export.${name}`, value);
            } catch {
                // Not kept then.
            }
        },
    };
}
