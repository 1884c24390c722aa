//! The editor of kubeconfigs: the fast reader agrees with the parser, edits mean what was wanted or are refused, nothing
//! panics.
#![no_main]

use eksso::domain::kubeconfig::{Document, Edit, List, meaning};
use libfuzzer_sys::fuzz_target;
use serde_yaml::Value;

/// A name that no entry has.
const NEW: &str = "a new entry";

fuzz_target!(|text: &str| {
    if text.contains(NEW) {
        return;
    }
    let Ok(document) = Document::parse(text.to_owned()) else { return };
    // Equal keys, merge keys and YAML 1.1's booleans included: both readers mean what kubectl means.
    let whole = Document::parse_all(text.to_owned()).expect("what the fast reader takes the parsers take");
    agree(&document, &whole);
    let put = |list, name: &str| Edit::Put(list, name.to_owned(), body("{a: b, c: [d, {e: 'yes'}]}"));
    let mut all = vec![vec![Edit::CurrentContext("new".to_owned())], List::ALL.map(|list| put(list, NEW)).into()];
    for list in List::ALL {
        let names = document.names(list);
        let (Some(first), Some(last)) = (names.first(), names.last()) else { continue };
        let Ok(more) = document.body(list, first) else { continue };
        let mut more = more.unwrap_or_default();
        if let Value::Mapping(more) = &mut more {
            more.insert("namespace".into(), "team".into());
        }
        all.push(vec![Edit::Put(list, (*first).to_owned(), more)]);
        // Of several edits of one entry the last counts, so they are of different ones here.
        all.push(vec![put(list, last), put(list, NEW)]);
        all.push(vec![Edit::Remove(list, (*first).to_owned()), put(list, NEW)]);
        all.push(names.iter().map(|name| Edit::Remove(list, (*name).to_owned())).collect());
        if !names.contains(&NEW) && names.iter().filter(|name| *name == first).count() == 1 {
            all.push(vec![Edit::Rename(list, (*first).to_owned(), NEW.to_owned())]);
        }
    }
    for edits in all {
        let mut edited = Document::parse(text.to_owned()).expect("parsed once already");
        match edited.edit(&edits) {
            // A text that only one parser reads is not edited, so both can read this one.
            Ok(_) => prove(text, edited.text(), &edits),
            Err(_) => assert_eq!(edited.text(), text),
        }
    }
});

fn body(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// What the editor's own reader makes of a text, which `tests/real/judge.rs` holds against kubectl.
fn value(text: &str) -> Value {
    meaning(text).expect("readable")
}

fn agree(fast: &Document, whole: &Document) {
    assert_eq!(fast.current_context(), whole.current_context());
    for list in List::ALL {
        assert_eq!(fast.names(list), whole.names(list));
        for name in whole.names(list) {
            assert_eq!(fast.body(list, name), whole.body(list, name));
        }
    }
}

/// Computes what the edits are to mean without the editor.
fn prove(before: &str, after: &str, edits: &[Edit]) {
    let mut wanted = value(before);
    if wanted.is_null() {
        wanted = body("{apiVersion: v1, kind: Config}");
    }
    for edit in edits {
        let (list, name, new) = match edit {
            Edit::Near(_) => continue,
            Edit::CurrentContext(name) => {
                wanted["current-context"] = name.as_str().into();
                continue;
            }
            Edit::Put(list, name, new) => (*list, name, Some(new)),
            Edit::Remove(list, name) => (*list, name, None),
            Edit::Rename(list, name, becomes) => {
                let entries = wanted[list.key()].as_sequence_mut().expect("a list");
                let is = |entry: &&mut Value| entry.get("name").and_then(Value::as_str) == Some(name);
                entries.iter_mut().find(is).expect("an entry")["name"] = becomes.as_str().into();
                continue;
            }
        };
        if !wanted.get(list.key()).is_some_and(Value::is_sequence) {
            wanted[list.key()] = Value::Sequence(Vec::new());
        }
        let entries = wanted[list.key()].as_sequence_mut().expect("a list");
        let place = entries.iter().position(|entry| entry.get("name").and_then(Value::as_str) == Some(name));
        match (place, new) {
            (Some(place), Some(new)) => entries[place][list.body_key()] = new.clone(),
            (Some(place), None) => _ = entries.remove(place),
            (None, Some(new)) => {
                let mut entry = body("{}");
                entry["name"] = name.as_str().into();
                entry[list.body_key()] = new.clone();
                entries.push(entry);
            }
            (None, None) => {}
        }
    }
    assert_eq!(value(after), wanted, "{after}");
}
