//! The org's fields as formulas see them: types, paths, near names, and values between JSON and formulas.

use formula::{Blanks, Context, Options, Schema, Type, Value, compile};
use metadata::{Org, OrgSchema, Resolved, field_type, stored_value, to_json};
use serde_json::json;

use crate::folder::{org, xml};

fn field(name: &str, kind: &str, rest: &str) -> String {
    format!("<fields><fullName>{name}</fullName><type>{kind}</type>{rest}</fields>")
}

/// `Order__c` with a field of every type, its details `Item__c`, and a part of `ns__Away__c`.
fn sample() -> Org {
    let sum = |name: &str, operation: &str, field: &str| {
        let inner = format!(
            "<summarizedField>Item__c.{field}</summarizedField><summaryForeignKey>Item__c.Order__c</summaryForeignKey>\
             <summaryOperation>{operation}</summaryOperation>"
        );
        self::field(name, "Summary", &inner)
    };
    let order = [
        "<label>Order</label><nameField><type>AutoNumber</type></nameField>".to_string(),
        field("Amount__c", "Currency", "<precision>18</precision><scale>2</scale>"),
        field("Share__c", "Percent", "<precision>5</precision><scale>1</scale>"),
        field("On__c", "Checkbox", ""),
        field("Due__c", "Date", ""),
        field("At__c", "DateTime", ""),
        field("Hour__c", "Time", ""),
        field("State__c", "Picklist", ""),
        field("Tags__c", "MultiselectPicklist", ""),
        field("Account__c", "Lookup", "<referenceTo>Account</referenceTo>"),
        field("Away__c", "Lookup", "<referenceTo>ns__Away__c</referenceTo>"),
        field("Note__c", "LongTextArea", ""),
        field("Place__c", "Location", "<scale>5</scale>"),
        field("Twice__c", "Percent", "<formula>Share__c * 2</formula>"),
        sum("Latest__c", "max", "Due__c"),
        sum("Total__c", "sum", "Gone__c"),
        sum("First__c", "min", "Gone__c"),
        sum("Count__c", "count", "Due__c"),
        sum("Circle__c", "max", "Circle__c"),
    ];
    let item = [
        "<label>Item</label>".to_string(),
        field("Order__c", "MasterDetail", "<referenceTo>Order__c</referenceTo>"),
        field("Due__c", "Date", ""),
    ];
    let circle = field(
        "Circle__c",
        "Summary",
        "<summarizedField>Item__c.Circle__c</summarizedField>\
        <summaryForeignKey>Item__c.Order__c</summaryForeignKey><summaryOperation>max</summaryOperation>",
    );
    let rule = "<label>Rule</label>".to_string()
        + &field("On__c", "Checkbox", "")
        + &field("For__c", "MetadataRelationship", "<referenceTo>EntityDefinition</referenceTo>");
    org(&[
        ("objects/Order__c.object", &xml("CustomObject", &order.concat())),
        ("objects/Item__c.object", &xml("CustomObject", &(item.concat() + &circle))),
        ("objects/Rule__mdt.object", &xml("CustomObject", &rule)),
        ("objects/ns__Away__c/fields/Ours__c.field-meta.xml", &xml("CustomField", "<type>Date</type>")),
        ("objects/User/fields/Level__c.field-meta.xml", &xml("CustomField", "<type>Checkbox</type>")),
    ])
}

fn shown(org: &Org, path: &str) -> String {
    OrgSchema::new(org, "Order__c").field(path).map_or("none".to_string(), |given| given.to_string())
}

#[test]
fn every_type() {
    let org = sample();
    let check = |path: &str, expected: &str| assert_eq!(shown(&org, path), expected, "{path}");
    check("Id", "Id");
    check("Name", "Text");
    check("amount__C", "Currency");
    check("Share__c", "Percent");
    check("On__c", "Boolean");
    check("Due__c", "Date");
    check("At__c", "DateTime");
    check("Hour__c", "Time");
    check("State__c", "Picklist");
    check("Tags__c", "Multi-Select Picklist");
    check("Account__c", "Id");
    check("Note__c", "Text");
    check("Place__c", "Location");
    check("Twice__c", "Percent");
    check("Latest__c", "Date");
    check("Total__c", "Number");
    check("First__c", "Any");
    check("Count__c", "Number");
    check("Circle__c", "Number");
}

#[test]
fn paths_lead_as_far_as_the_folder_goes() {
    let org = sample();
    let check = |path: &str, expected: &str| assert_eq!(shown(&org, path), expected, "{path}");
    check("Account__r.Owner.Profile.Name", "Text");
    check("account__R.parent.annualrevenue", "Currency");
    check("Owner.Name", "Text");
    check("Owner:User.IsActive", "Boolean");
    check("Owner:Queue.DeveloperName", "Text");
    check("Owner:Queue.QueueName", "Any");
    check("Account__r.Unheard__c", "Any");
    check("Account__r.Unheard__r.X__c", "Any");
    check("Away__r.Ours__c", "Date");
    check("Away__r.Theirs__c", "Any");
    check("Away__r.Id", "Id");
    check("RecordType.DeveloperName", "Text");
    check("CurrencyIsoCode", "Any");
    check("ns__Theirs__c", "Any");
    check("Unheard__c", "none");
    check("Account.Name", "none");
    check("Account__c.Name", "none");
    let schema = OrgSchema::new(&org, "Nowhere__c");
    assert_eq!(schema.field("X__c"), Some(Type::Any));
    let Resolved::Missing { object, steps } = org.resolve("Item__c", "Order__r.Gone__c") else { panic!() };
    assert_eq!((object.api_name.as_str(), steps), ("Order__c", 1));
}

#[test]
fn globals_have_types() {
    let org = sample();
    let check = |path: &str, expected: &str| assert_eq!(shown(&org, path), expected, "{path}");
    check("$User.Email", "Text");
    check("$User.Level__c", "Boolean");
    check("$User.Unheard__c", "Any");
    check("$User.ProfileId", "Id");
    check("$Profile.Name", "Text");
    check("$UserRole.DeveloperName", "Text");
    check("$Organization.IsSandbox", "Boolean");
    check("$RecordType.DeveloperName", "Text");
    check("$Permission.Bypass", "Boolean");
    check("$Label.Hello", "Text");
    check("$CustomMetadata.Rule__mdt.First.On__c", "Boolean");
    check("$CustomMetadata.Rule__mdt.First.For__c", "Text");
    check("$CustomMetadata.Rule__mdt.First.Gone__c", "none");
    check("$CustomMetadata.Other__mdt.First.On__c", "Any");
    check("$Setup.Order__c.On__c", "Boolean");
    check("$Setup.Order__c.Gone__c", "none");
    check("$Setup.Unheard__c.On__c", "Any");
    check("$System.OriginDateTime", "DateTime");
    check("$Api.Session_ID", "Id");
    check("$Nonsense.X", "none");
}

#[test]
fn near_names_are_proposed() {
    let org = sample();
    let check = |path: &str, expected: Option<&str>| {
        assert_eq!(OrgSchema::new(&org, "Item__c").similar(path).as_deref(), expected, "{path}");
    };
    check("Dew__c", Some("Due__c"));
    check("Ordre__r.Amount__c", Some("Order__r.Amount__c"));
    check("Order__r.Amuont__c", Some("Order__r.Amount__c"));
    check("Order__r.Acount__r.Name", Some("Order__r.Account__r.Name"));
    check("$Setup.Order__c.Om__c", Some("$Setup.Order__c.On__c"));
    check("$CustomMetadata.Rule__mdt.First.Om__c", Some("$CustomMetadata.Rule__mdt.First.On__c"));
    check("Utterly_Different__c", None);
    check("$Nonsense.X", None);
}

#[test]
fn formulas_compile_against_it() {
    let org = sample();
    let errors = |source: &str| {
        let schema = OrgSchema::new(&org, "Order__c");
        let found = compile(source, &schema, &Options::new(Context::Rule, Blanks::AsBlank)).err();
        let found = found.unwrap_or_default();
        found.iter().map(|found| format!("{found} ({:?})", found.hint)).collect::<Vec<_>>()
    };
    assert_eq!(errors("AND(ISPICKVAL(State__c, 'New'), $Permission.X, Away__r.Theirs__c > 3)"), [""; 0]);
    assert_eq!(
        errors("Amont__c > 1"),
        ["F202: there is no field Amont__c (Some(\"did you mean Amount__c?\"))"]
    );
}

#[test]
fn values_come_from_json_and_go_back() {
    let org = sample();
    let order = org.object("Order__c").unwrap();
    let check = |name: &str, stored: serde_json::Value, value: &str, back: serde_json::Value| {
        let field = order.field(name).unwrap();
        let read = stored_value(field, &stored);
        assert_eq!((format!("{read}"), to_json(field, &read)), (value.to_string(), back), "{name}");
    };
    check("Share__c", json!(50), "0.5", json!(50));
    check("Share__c", json!(null), "", json!(null));
    check("Amount__c", json!(12.345), "12.345", json!(12.35));
    check("On__c", json!(null), "false", json!(false));
    check("On__c", json!("true"), "true", json!(true));
    check("Due__c", json!("2026-11-23"), "2026-11-23", json!("2026-11-23"));
    check(
        "At__c",
        json!("2026-11-23T10:00:00.000+0000"),
        "2026-11-23T10:00:00Z",
        json!("2026-11-23T10:00:00.000+0000"),
    );
    check("Hour__c", json!("10:40:00.000Z"), "10:40:00.000", json!("10:40:00.000Z"));
    check("Tags__c", json!("a;b"), "a;b", json!("a;b"));
    check("Note__c", json!(""), "", json!(null));
    check("Account__c", json!("001D000000IRFmaIAH"), "001D000000IRFma", json!("001D000000IRFma"));
    check("Due__c", json!("soon"), "soon", json!("soon"));
    check("Latest__c", json!("2026-11-23"), "2026-11-23", json!("2026-11-23"));
    check("Count__c", json!(3), "3", json!(3));
    let place = json!({ "latitude": 59.5, "longitude": 10.25 });
    check("Place__c", place.clone(), "59.5, 10.25", place);
    let number = Value::whole(7);
    assert_eq!(to_json(order.field("Note__c").unwrap(), &number), json!("7"));
    assert_eq!(field_type(&org, order, order.field("Latest__c").unwrap()), Type::Date);
}
