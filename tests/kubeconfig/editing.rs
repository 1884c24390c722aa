//! The editor of kubeconfigs, on shapes that real tools and people write, and on generated ones: the meaning is as
//! wanted, the rest of the text as it was. The real kubectl is asked about both in `real/kubectl.rs`.

use eksso::domain::kubeconfig::{Document, Edit, List};
use eksso::domain::text::digest_of;
use proptest::prelude::*;
use serde_yaml::Value;

pub fn body(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// What a parser that is not the editor's makes of a text: its first document, with merge keys obeyed.
pub fn value(text: &str) -> Value {
    use serde::Deserialize;
    let document = serde_yaml::Deserializer::from_str(text.trim_start_matches('\u{feff}')).next();
    let mut value = document.map_or(Value::Null, |document| Value::deserialize(document).expect("YAML"));
    value.apply_merge().expect("merge keys");
    value
}

/// The text of a document with edits made.
fn edited(document: Document, edits: &[Edit]) -> Result<String, String> {
    let mut document = document;
    let before = document.text().to_owned();
    match document.edit(edits) {
        Ok(replaced) => {
            assert_eq!(replaced.is_some(), document.text() != before, "{before}");
            if let Some(replaced) = replaced {
                let digests = [&before, document.text()].map(|text| digest_of(text.as_bytes()));
                assert_eq!(<[String; 2]>::from(replaced.digests(document.text())), digests, "{before}");
            }
            Ok(document.text().to_owned())
        }
        Err(problem) => {
            assert_eq!(document.text(), before, "an edit that failed left something behind");
            Err(problem.to_string())
        }
    }
}

/// The kubeconfigs of `tests/shapes`, by name.
pub fn shapes() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let mut shapes: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect();
    shapes.sort();
    assert!(shapes.len() >= 40, "{} shapes", shapes.len());
    shapes
}

/// A name that no entry has: of several edits of one entry only the last counts.
pub const NEW: &str = "a new entry";

/// Edits of every kind for a document.
pub fn edits_of_every_kind(document: &Document) -> Vec<Vec<Edit>> {
    let mut all = vec![
        vec![Edit::CurrentContext("the new one".into())],
        vec![Edit::Put(List::Users, NEW.into(), body("{token: abc, exec: {args: [a, 'yes', '1'], env: null}}"))],
        List::ALL.iter().map(|list| Edit::Put(*list, NEW.into(), body("{x: [1, {y: z}]}"))).collect(),
    ];
    for list in List::ALL {
        let names: Vec<String> = document.names(list).into_iter().map(str::to_owned).collect();
        let Some(first) = names.first() else { continue };
        let last = &names[names.len() - 1];
        let Ok(mut more) = document.body(list, first).map(|body| body.expect("there")) else { continue };
        if let Value::Mapping(more) = &mut more {
            more.insert("namespace".into(), "team".into());
        }
        all.push(vec![Edit::Put(list, first.clone(), more)]);
        all.push(vec![Edit::Put(list, last.clone(), body("{server: 'https://other'}"))]);
        all.push(vec![Edit::Remove(list, first.clone())]);
        all.push(vec![Edit::Remove(list, last.clone()), Edit::Put(list, NEW.into(), body("{a: b}"))]);
        all.push(names.iter().map(|name| Edit::Remove(list, name.clone())).collect());
        // Of entries with one name the first is meant, and the other would show.
        if names.iter().filter(|name| *name == first).count() == 1 {
            all.push(vec![Edit::Rename(list, first.clone(), NEW.into())]);
        }
    }
    all
}

/// The parser of these tests obeys YAML's own tags, which the editor's keeps to write them again.
fn untagged(value: &Value) -> Value {
    match value {
        Value::Tagged(tagged) if ["bool", "int", "float", "null"].iter().any(|tag| tagged.tag == *tag) => {
            serde_yaml::from_str(tagged.value.as_str().expect("text")).expect("YAML")
        }
        Value::Mapping(entries) => {
            Value::Mapping(entries.iter().map(|(key, value)| (key.clone(), untagged(value))).collect())
        }
        Value::Sequence(items) => Value::Sequence(items.iter().map(untagged).collect()),
        other => other.clone(),
    }
}

/// What a document must mean after edits, computed without the editor.
pub fn intended(text: &str, edits: &[Edit]) -> Value {
    let mut value = value(text);
    if value.is_null() {
        value = body("{apiVersion: v1, kind: Config}");
    }
    for edit in edits {
        let (list, name, new) = match edit {
            Edit::Near(_) => continue,
            Edit::CurrentContext(name) => {
                value["current-context"] = name.as_str().into();
                continue;
            }
            Edit::Put(list, name, new) => (*list, name, Some(new)),
            Edit::Remove(list, name) => (*list, name, None),
            Edit::Rename(list, name, becomes) => {
                let entries = value[list.key()].as_sequence_mut();
                let entry = entries.and_then(|entries| entries.iter_mut().find(|entry| entry["name"] == name.as_str()));
                if let Some(entry) = entry {
                    match &mut entry["name"] {
                        Value::Tagged(tagged) => tagged.value = becomes.as_str().into(),
                        name => *name = becomes.as_str().into(),
                    }
                }
                continue;
            }
        };
        if !value.get(list.key()).is_some_and(Value::is_sequence) {
            value[list.key()] = Value::Sequence(Vec::new());
        }
        let entries = value[list.key()].as_sequence_mut().expect("a list");
        let place = entries.iter().position(|entry| entry["name"] == name.as_str());
        match (place, new) {
            (Some(place), Some(new)) => entries[place][list.body_key()] = untagged(new),
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
    value
}

#[test]
fn every_shape_takes_every_edit_and_means_what_was_wanted() {
    let mut refused = Vec::new();
    for (name, text) in shapes() {
        let document = || Document::parse(text.clone()).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        for edits in edits_of_every_kind(&document()) {
            match edited(document(), &edits) {
                Ok(after) => {
                    assert_eq!(value(&after), intended(&text, &edits), "{name} {edits:?}:\n{after}");
                    untouched_lines_stay(&name, &text, &after);
                    let again = Document::parse(after.clone()).expect("valid");
                    assert_eq!(edited(again, &edits), Ok(after), "{name}: a second time changes nothing");
                }
                Err(problem) => refused.push(format!("{name}: {problem}: {edits:?}")),
            }
        }
    }
    // Where an anchor or a merge is used elsewhere, what an edit would do is not the user's wish alone. The others: commas
    // before closing brackets, blank lines that belong to a scalar, quoted keys that span lines, tags.
    let odd = ["anchor", "merge", "flow-whole", "hand-block-certificates", "hand-quoted-keys", "hand-tags-whole"];
    let (odd, others): (Vec<_>, Vec<_>) = refused.iter().partition(|line| odd.iter().any(|name| line.contains(name)));
    assert!(others.is_empty(), "{others:#?}");
    assert!(odd.len() < 40, "{odd:#?}");
    // Switching works in all of them.
    assert!(refused.iter().all(|line| !line.contains("[CurrentContext")), "{odd:#?}");
}

/// Comments and blank lines all stay, whatever is edited; a line goes only with the entry it belongs to.
fn untouched_lines_stay(name: &str, before: &str, after: &str) {
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    // Comments between the keys of an entry go with it; no others do.
    let inside = before.lines().filter(|line| line.starts_with("    ") && line.trim_start().starts_with('#')).count();
    assert!(comments(after) + inside >= comments(before), "{name}: a comment is gone:\n{after}");
    let breaks = |text: &str| (text.contains("\r\n"), text.replace("\r\n", "").contains('\n'));
    if before.lines().count() > 1 {
        assert_eq!(breaks(after), breaks(before), "{name}: line ends are mixed:\n{after:?}");
    }
    assert_eq!(before.starts_with('\u{feff}'), after.starts_with('\u{feff}'), "{name}: the byte order mark");
}

#[test]
fn the_fast_reader_and_the_parser_agree_about_every_shape() {
    let mut fast = 0;
    for (name, text) in shapes() {
        let document = Document::parse(text.clone()).expect("valid");
        fast += usize::from(format!("{document:?}").contains("meaning: Scanned"));
        agree(&name, &document, &Document::parse_all(text).expect("valid"));
    }
    assert!(fast >= 20, "only {fast} shapes are read fast");
}

pub fn agree(context: &str, fast: &Document, whole: &Document) {
    assert_eq!(fast.current_context(), whole.current_context(), "{context}");
    for list in List::ALL {
        assert_eq!(fast.names(list), whole.names(list), "{context}");
        for name in whole.names(list) {
            assert_eq!(fast.body(list, name), whole.body(list, name), "{context}: {name}");
        }
    }
}

/// What the fuzzer has collected (`tests/fuzz/run kubeconfig`).
#[test]
fn the_corpus_of_the_fuzzer_is_read_alike_and_edited_as_intended_or_refused() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/kubeconfig");
    let mut edits_made = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus") {
        let Ok(text) = String::from_utf8(std::fs::read(entry.expect("an entry").path()).expect("a file")) else {
            continue;
        };
        let Ok(document) = Document::parse(text.clone()) else { continue };
        if text.contains(NEW) {
            continue;
        }
        agree(&text, &document, &Document::parse_all(text.clone()).expect(&text));
        // Equal keys and tags are for kubectl to judge.
        if text.contains('!') || serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')).is_err() {
            continue;
        }
        for edits in edits_of_every_kind(&document) {
            if let Ok(after) = edited(Document::parse(text.clone()).expect("valid"), &edits) {
                assert_eq!(value(&after), intended(&text, &edits), "{text:?} {edits:?}");
                edits_made += 1;
            }
        }
    }
    assert!(edits_made > 500, "{edits_made}");
}

#[test]
fn only_what_differs_is_written_anew() {
    let text = "# head\ncontexts:\n- name: a # first\n  context:\n    # ours\n    cluster: c   # one\n    user: u\n\n- name: b\n  context: {cluster: c, user: u} # flow\ncurrent-context: 'a' # now\nusers: []\n";
    let put = |name: &str, new: &str| vec![Edit::Put(List::Contexts, name.into(), body(new))];
    for (edits, from, to) in [
        (put("a", "{cluster: c, user: v}"), "user: u\n\n", "user: v\n\n"),
        (put("a", "{cluster: d, user: u}"), "cluster: c   # one", "cluster: d   # one"),
        (put("a", "{cluster: c, user: u, namespace: team}"), "user: u\n\n", "user: u\n    namespace: team\n\n"),
        (put("a", "{cluster: c}"), "    user: u\n", ""),
        (put("b", "{cluster: c, user: u, namespace: team}"), "user: u}", "user: u, \"namespace\": \"team\"}"),
        (vec![Edit::CurrentContext("b".into())], "'a' # now", "b # now"),
        (
            vec![Edit::Remove(List::Contexts, "a".into())],
            "- name: a # first\n  context:\n    # ours\n    cluster: c   # one\n    user: u\n",
            "",
        ),
    ] {
        let after = edited(Document::parse(text.into()).expect("valid"), &edits).expect("edited");
        assert_eq!(after, text.replacen(from, to, 1), "{edits:?}");
    }
}

/// Everything that a person wrote beside the one value stays: comments, anchors, tags, quotes, braces.
#[test]
fn what_stands_beside_the_value_that_is_edited_stays() {
    let put = |new: &str| Edit::Put(List::Contexts, "a".into(), body(new));
    let namespace = put("{cluster: c, user: u, namespace: team}");
    for (text, edit, from, to) in [
        (
            "contexts:\n- name: \"a\" # nm\n  context: &prod   # the one\n    cluster: \"c\" # one\n    user: 'u'   # two\n",
            namespace.clone(),
            "# two\n",
            "# two\n    namespace: team\n",
        ),
        (
            "contexts:\n- name: !!str \"a\" # nm\n  context:\n    cluster: c # one\n    user: u\n    namespace: x # ns\n",
            Edit::Rename(List::Contexts, "a".into(), "z".into()),
            "!!str \"a\" # nm",
            "!!str \"z\" # nm",
        ),
        (
            "contexts:\n- name: \"\\u0061\" # nm\n  context: {cluster: c, user: u} # end\n",
            Edit::Rename(List::Contexts, "a".into(), "z".into()),
            "\"\\u0061\" # nm",
            "\"z\" # nm",
        ),
        (
            "contexts:\n- \"nam\\x65\": 'a' #x\n  \"context\":\n    cluster: \"c\"\n    'use\\u0072': x\n    \"use\\u0072\": u # u\n",
            put("{cluster: c, \"use\\\\u0072\": x, user: u, namespace: team}"),
            "u # u\n",
            "u # u\n    namespace: team\n",
        ),
        (
            "contexts:\n- name: a\n  context:\n    cluster: c\n    user: u\n    namespace: !!str x # ns\n",
            namespace.clone(),
            "!!str x # ns",
            "!!str team # ns",
        ),
        (
            "contexts:\n- name: a\n  context:\n    cluster: c\n    user: u\n    namespace: \"x\\\n      y\" # dq\n",
            namespace.clone(),
            "\"x\\\n      y\" # dq",
            "\"team\" # dq",
        ),
        (
            "contexts:\n- name: a\n  context:\n    cluster: c\n    user: u\n    namespace: plain\n      multi line # c\n",
            namespace.clone(),
            "plain\n      multi line # c",
            "team # c",
        ),
        (
            "contexts:\n- name: a\n  context: !!map {cluster: c, # in\n    user: u\n    } # end\n",
            namespace.clone(),
            "user: u\n",
            "user: u, \"namespace\": \"team\"\n",
        ),
        (
            "contexts:\n- name: a\n  context: &x {cluster: c, user: &y u, namespace: &z q} # end\n",
            namespace.clone(),
            "&z q",
            "&z \"team\"",
        ),
        (
            "kind: Config\nclusters:   # and me\n  []\ncontexts: []\n",
            Edit::Put(List::Clusters, "k".into(), body("{server: x}")),
            "# and me\n  []\n",
            "# and me\n- name: k\n  cluster:\n    server: x\n",
        ),
    ] {
        let after = edited(Document::parse(text.into()).expect("valid"), std::slice::from_ref(&edit))
            .unwrap_or_else(|p| panic!("{p}: {text}"));
        assert_eq!(after, text.replacen(from, to, 1), "{edit:?}");
    }
    // What cannot be edited as one value is refused with its place.
    for text in [
        "contexts:\n- name: a\n  context:\n    cluster: c # one\n    user: u\n    namespace: &n x\n    other: *n\n",
        "contexts:\n- name: a\n  context:\n    cluster: c\n    user: u\n    namespace: >- # why\n      x\n",
    ] {
        let wanted = match text.contains("other") {
            true => put("{cluster: c, user: u, namespace: team, other: x}"),
            false => namespace.clone(),
        };
        let refused = edited(Document::parse(text.into()).expect("valid"), &[wanted]).expect_err(text);
        assert!(refused.contains("line "), "{refused}");
    }
}

#[test]
fn awkward_but_valid_files_are_edited_or_refused_never_damaged() {
    let put = [Edit::Put(List::Users, "new".into(), body("{token: abc}")), Edit::CurrentContext("yes".into())];
    for text in [
        "",
        "\n\n# only comments\n",
        "---\n",
        "{}",
        "apiVersion: v1\nusers: null\ncurrent-context:\n",
        "users: ~\ncurrent-context: ''",
        "users:\n    - name: a\n      user:\n        token: |\n          x\n          y\n\n\n# end\n",
        "users:\n- user: {}\n  name: a\n-   name: b\n    user: {token: t}\ncurrent-context: a\n...\n",
        "users: [{name: a, user: {}}, {name: new, user: {token: old}}]\n",
        "users: [\n]\nkind: Config",
        "\u{feff}kind: Config\nusers:\n- name: ü\n  user: {token: \"ß\"}\n",
        "base: &b\n  token: t\nusers:\n- name: a\n  user: *b\n- name: new\n  user:\n    <<: *b\n",
        "  users:\n  - name: a\n    user: {}\n  kind: Config\n",
        "users:\n- name: a\n  user:\n    token: |+\n      x\n\n",
        "users:\n- name: a\n  user:\n    token: |\n      x",
        "users:\n- name: a\n  user:\n    token: >-\n\n      x\n\n      y\n- name: b\n",
    ] {
        let document = Document::parse(text.to_owned()).expect(text);
        match edited(document, &put) {
            Ok(after) => {
                let again = Document::parse(after.clone()).unwrap_or_else(|p| panic!("{p}: {after}"));
                assert_eq!(again.current_context().as_deref(), Some("yes"), "{after}");
                assert_eq!(again.body(List::Users, "new"), Ok(Some(body("{token: abc}"))), "{after}");
                assert_eq!(edited(again, &put), Ok(after));
            }
            Err(problem) => assert!(problem.contains("line "), "{text:?}: {problem}"),
        }
    }
}

#[test]
fn broken_files_are_refused_with_their_place() {
    for (text, word) in [
        ("users:\n- name: a\n  user: {}\n- name: a\n  user: {}\n", "two entries named `a`"),
        ("users: {}\n", "not a list"),
        ("users:\n- user: {}\n- user: {a: b}\n", "line 3, column 3: `users` has two entries without a name"),
        ("users:\n- name: 12\n", "line 2, column 3: a name in `users` is not text; put it in quotes"),
        ("users:\n- a\n", "line 2, column 3: an entry of `users` is not a mapping"),
        ("- a\n", "not a mapping"),
        ("users:\n\t- name: a\n", "line"),
        ("kind: Config\nusers:\n- name: [\n", "line"),
        ("a: {<<: b}\n", "line 1, column 9: `<<` stands for no mapping"),
    ] {
        let problem = Document::parse(text.to_owned()).expect_err(text).to_string();
        assert!(problem.contains(word), "{text:?}: {problem}");
    }
}

/// Lines of kubeconfigs, whole and broken, put together in any order and at any depth.
fn kubeconfig_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("name: a"),
        Just("name: \"b\""),
        Just("name: 'c c'"),
        Just("name: 12"),
        Just("name: yes"),
        Just("name:"),
        Just("context:"),
        Just("user: u"),
        Just("cluster:"),
        Just("contexts:"),
        Just("users: []"),
        Just("clusters:"),
        Just("current-context: a"),
        Just("current-context: \"x\" # y"),
        Just("- name: d"),
        Just("-   name: e"),
        Just("-"),
        Just("- x"),
        Just("token: |"),
        Just("token: >-"),
        Just("token: |+"),
        Just("x"),
        Just("# note"),
        Just(""),
        Just("a: b: c"),
        Just("a: 'it''s'"),
        Just("a: \"\\\"\""),
        Just("a: [x, {y: z}]"),
        Just("a: &n b"),
        Just("b: *n"),
        Just("<<: *n"),
        Just("---"),
        Just("..."),
        Just("? a"),
        Just("a: b #c"),
        Just("a: b#c"),
        Just("a:b"),
        Just("a: -x"),
        Just("a: - x"),
        Just("k: {}"),
        Just("k: [] # e"),
        Just("installHint: one two"),
        Just("three # four"),
        Just("é: ü"),
    ];
    let line = (0usize..5, word).prop_map(|(indent, word)| format!("{}{word}", "  ".repeat(indent)));
    (proptest::collection::vec(line, 0..14), prop_oneof![Just("\n"), Just("\r\n")], any::<bool>())
        .prop_map(|(lines, newline, last)| lines.join(newline) + if last { newline } else { "" })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn what_the_fast_reader_takes_means_the_same_to_the_parser(text in kubeconfig_like()) {
        if let Ok(fast) = Document::parse(text.clone()) {
            let whole = Document::parse_all(text.clone()).unwrap_or_else(|problem| panic!("{problem}: {text}"));
            agree(&text, &fast, &whole);
        }
    }

    #[test]
    fn edits_of_kubeconfig_like_text_are_proved_or_refused(text in kubeconfig_like()) {
        let Ok(document) = Document::parse(text.clone()) else { return Ok(()) };
        if serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')).is_err() { return Ok(()) }
        for edits in edits_of_every_kind(&document) {
            if let Ok(after) = edited(Document::parse(text.clone()).expect("valid"), &edits) {
                prop_assert_eq!(value(&after), intended(&text, &edits), "{} {:?}\n{}", text, edits, after);
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_but_never_a_panic(text in "[\\PC\\n\\t:{}\\[\\],&*#'\"|>-]{0,200}") {
        if let Ok(mut document) = Document::parse(text) {
            _ = document.edit(&[Edit::Put(List::Contexts, "x".into(), body("{user: u}")), Edit::CurrentContext("x".into())]);
        }
    }

    #[test]
    fn names_of_every_kind_survive(names in proptest::collection::hash_set("\\PC{1,20}", 1..5), current in "\\PC{1,20}") {
        let edits: Vec<Edit> = names.iter().map(|name| Edit::Put(List::Contexts, name.clone(), body("{user: u}")))
            .chain([Edit::CurrentContext(current.clone())]).collect();
        for start in ["", "kind: Config # keep\ncontexts:\n- name: first\n  context: {}\n", "{\"kind\":\"Config\"}"] {
            let Ok(edited) = edited(Document::parse(start.to_owned()).expect("valid"), &edits) else {
                // Refusing is allowed for names that no two YAML parsers agree on; losing is not.
                prop_assert!(names.iter().chain([&current]).any(|name| !name.chars().all(|c| c.is_ascii_graphic())));
                continue;
            };
            let again = Document::parse(edited.clone()).expect("valid");
            for name in &names {
                prop_assert!(again.has(List::Contexts, name), "{name:?} in {edited}");
            }
            let set = again.current_context();
            prop_assert_eq!(set.as_deref(), Some(current.as_str()));
            prop_assert!(!start.contains('#') || edited.contains("kind: Config # keep\n"));
        }
    }
}
