// A rule in JavaScript: a lead from a campaign needs a description of at least 20 characters. It stands in for an Apex
// trigger of the kind
//
//     if (lead.LeadSource == 'Campaign' && (lead.Description == null || lead.Description.length() < 20)) lead.addError(...)
//
// The contract is ../../wit/v1/rules.wit.

const fields = ["LeadSource", "Description"];
const least = 20;

export function describe() {
  const triggers = ["create", "update"].map((event) => ({ phase: "before-save", event }));
  return { name: "require-campaign-note", objects: ["Lead"], fields, triggers };
}

export function evaluate(context, rows) {
  return rows.map((row) => judge(named(row.values)));
}

function judge({ LeadSource, Description }) {
  if (LeadSource.tag === "unknown") return { tag: "unknown", val: "LeadSource is not known" };
  if (LeadSource.val !== "Campaign") return { tag: "accept" };
  if (Description.tag === "unknown") return { tag: "unknown", val: "Description is not known" };
  if ((Description.val ?? "").length >= least) return { tag: "accept" };
  const message = `Say in at least ${least} characters what came of the campaign.`;
  return {
    tag: "refuse",
    val: [{ code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields: ["Description"] }],
  };
}

// Values come in the order of `fields`.
function named(values) {
  return Object.fromEntries(fields.map((name, at) => [name, values[at]]));
}
