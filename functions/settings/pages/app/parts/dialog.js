// A question that must be answered: a modal <dialog>, so that focus stays inside and returns to where it was.
//
//   if (await ask({ title, body: html`...`, accept: "Skip it", danger: true })) ...
import { html, signal } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const asked = signal(null);

export function ask(question) {
    return new Promise((answer) => { asked.value = { ...question, answer }; });
}

export const isAsking = () => asked.value !== null;

// The cancel button has the focus first: Enter by mistake changes nothing.
export function Dialog() {
    const question = asked.value;
    if (!question) return null;
    const open = (element) => {
        if (!element || element.open) return;
        element.showModal();
        element.querySelector("[data-first]")?.focus();
    };
    const closed = (event) => {
        asked.value = null;
        question.answer(event.currentTarget.returnValue === "accept");
    };
    const close = (event, answer) => event.currentTarget.closest("dialog").close(answer);
    return html`
        <dialog ref=${open} onClose=${closed} aria-labelledby="question" aria-describedby="question-body">
            <article>
                <header><h2 id="question">${question.icon && html`<${Icon} name=${question.icon} />`}${question.title}</h2></header>
                <div id="question-body">${question.body}</div>
                <footer>
                    <button type="button" class="secondary" data-first onClick=${(event) => close(event, "cancel")}>${question.cancel ?? t("cancel")}</button>
                    <button type="button" class=${question.danger ? "danger" : ""} onClick=${(event) => close(event, "accept")}>${question.accept}</button>
                </footer>
            </article>
        </dialog>`;
}
