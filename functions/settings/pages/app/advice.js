// What to do about a refusal, in the words of whoever must do it. The command line says the same (local/src/report/hints.rs).
import { list } from "./format.js";
import { t } from "./words.js";

const CLASSES = {
    permission: ["INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "MISSING_PERMISSION", "CANNOT_UPDATE_CONVERTED_LEAD", "INVALID_TYPE", "NOT_FOUND", "TRANSFER_REQUIRES_READ"],
    validation: ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION"],
    locked: ["ENTITY_IS_LOCKED"],
    automation: ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "FLOW_EXCEPTION", "SELF_REFERENCE_FROM_TRIGGER",
        "SELF_REFERENCE_FROM_FLOW", "MAX_DEPTH_IN_FLOW_EXECUTION", "MIXED_DML_OPERATION", "UNKNOWN_EXCEPTION"],
    duplicate: ["DUPLICATE_VALUE", "DUPLICATES_DETECTED", "DUPLICATE_EXTERNAL_ID"],
    picklist: ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"],
    required: ["REQUIRED_FIELD_MISSING"],
    large: ["STRING_TOO_LONG", "NUMBER_OUTSIDE_VALID_RANGE"],
};
const MISSING_PARENT = /^Foreign key external ID: (.+) not found for field .+ in entity (.+)$/;

// For a refused record: {crmCode, message, fields}. `waiting` are the objects whose jobs have records waiting.
export function toMend({ crmCode, message, fields = [] }, object, waiting = []) {
    const parent = MISSING_PARENT.exec(message ?? "");
    if (parent) {
        const [, value, of] = parent;
        const waits = waiting.some((name) => name.toLowerCase() === of.toLowerCase());
        const here = of.toLowerCase() === object.toLowerCase();
        return t(`mend.parent.${waits ? (here ? "here" : "waits") : "missing"}`, { parent: `${of} ${value}`, job: `CRMExport_${of}` });
    }
    const kind = Object.keys(CLASSES).find((name) => CLASSES[name].includes(crmCode)) ?? "data";
    return t(fields.length > 0 ? `mend.${kind}.fields` : `mend.${kind}`, { fields: list(fields) });
}

// For a suspended job: {class, code}.
export function toWait({ class: kind, code }) {
    if (code === "API_LIMIT_EXCEEDED") return t("wait.daily");
    if (code === "CONNECTION_FAILED") return t("wait.connection");
    return t(`wait.${["auth", "limit", "lock"].includes(kind) ? kind : "outage"}`);
}
