//! Names of contexts by the template of the settings, and a way out where two contexts would get the same name.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::identity::Identity;
use crate::domain::ids::Namespace;
use crate::domain::settings::template::Template;

/// What else is known of a context that is to be written: what its name is made of, the account's name and the cluster's tags as
/// far as they are known; and the namespace that it begins in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// As the portal calls the account.
    pub account_name: String,
    /// The cluster's tags.
    pub tags: BTreeMap<String, String>,
    /// The one namespace that the cluster's access entry lets the role into, where it is one.
    pub namespace: Option<Namespace>,
}

/// Names that are there, and whose they are where that is known.
pub type Taken = HashMap<String, Option<Identity>>;

/// Names each identity. Names that several pairs share, or that `taken` holds, get added what tells
/// them apart, from each other and from whose the taken name is: the region first, then account id, session, role and
/// cluster. The error is a name that stays shared.
pub fn names(template: &Template, items: &[(Identity, Known)], taken: &Taken) -> Result<Vec<String>, String> {
    let fill =
        |(identity, Known { account_name, tags, .. }): &(Identity, Known)| template.fill(identity, account_name, tags);
    let mut names: Vec<String> = items.iter().map(fill).collect();
    let extras: [fn(&Identity) -> &str; 6] = [
        |i| i.region.as_str(),
        |i| i.cluster_account().as_str(),
        |i| i.session.as_str(),
        |i| i.role.as_str(),
        |i| i.cluster.as_str(),
        |i| i.account.as_str(),
    ];
    for extra in extras {
        let mut sharing: HashMap<String, HashSet<&str>> = HashMap::new();
        for (name, (identity, _)) in names.iter().zip(items) {
            sharing.entry(name.clone()).or_default().insert(extra(identity));
        }
        for (name, (identity, _)) in names.iter_mut().zip(items) {
            // Whose a taken name is not known may be anybody's.
            let differs = |whose: &Option<Identity>| whose.as_ref().is_none_or(|whose| extra(whose) != extra(identity));
            if sharing[name.as_str()].len() > 1 || taken.get(name).is_some_and(differs) {
                *name = format!("{name}@{}", extra(identity));
            }
        }
    }
    // What is left tells nothing: a taken name is somebody else's, and no reason to write nothing.
    for place in 0..names.len() {
        if taken.contains_key(&names[place]) {
            let numbered = |number: u32| format!("{}@{number}", names[place]);
            let is_free = |name: &String| !taken.contains_key(name) && !names.contains(name);
            if let Some(name) = (2..).map(numbered).find(is_free) {
                names[place] = name;
            }
        }
    }
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert((*name).clone())) {
        Some(name) => Err(name.clone()),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(account_name: &str) -> Known {
        Known { account_name: account_name.to_owned(), ..Known::default() }
    }

    fn identity(account: &str, region: &str) -> Identity {
        Identity {
            session: "corp".parse().expect("session"),
            account: account.parse().expect("account"),
            role: "Dev".parse().expect("role"),
            region: region.parse().expect("region"),
            cluster: "web".parse().expect("cluster"),
            assume: None,
            elsewhere: None,
        }
    }

    #[test]
    fn colliding_names_get_the_region_then_the_account() {
        let items = [
            (identity("111122223333", "eu-west-1"), known("prod")),
            (identity("111122223333", "us-east-1"), known("prod")),
            (identity("444455556666", "us-east-1"), known("prod")),
            (identity("777788889999", "us-east-1"), known("test")),
        ];
        let names = names(&Template::default(), &items, &Taken::new()).expect("distinct");
        assert_eq!(
            names,
            [
                "prod/web:Dev@eu-west-1",
                "prod/web:Dev@us-east-1@111122223333",
                "prod/web:Dev@us-east-1@444455556666",
                "test/web:Dev"
            ]
        );
    }

    #[test]
    fn a_name_that_is_taken_is_left_alone() {
        let taken = Taken::from([("prod/web:Dev".to_owned(), None)]);
        let items = [(identity("111122223333", "eu-west-1"), known("prod"))];
        assert_eq!(names(&Template::default(), &items, &taken).expect("distinct"), ["prod/web:Dev@eu-west-1"]);
    }

    #[test]
    fn a_taken_name_is_told_apart_by_what_differs_from_whose_it_is() {
        let mut other = identity("111122223333", "eu-west-1");
        other.session = "other".parse().expect("session");
        let taken = Taken::from([("prod/web:Dev".to_owned(), Some(identity("111122223333", "eu-west-1")))]);
        let items = [(other, known("prod")), (identity("444455556666", "eu-west-1"), known("prod"))];
        let named = names(&Template::default(), &items, &taken).expect("distinct");
        assert_eq!(named, ["prod/web:Dev@111122223333", "prod/web:Dev@444455556666"]);
        assert_eq!(names(&Template::default(), &items[..1], &taken).expect("distinct"), ["prod/web:Dev@other"]);
    }

    #[test]
    fn a_template_without_the_role_still_tells_two_roles_apart() {
        let (dev, mut view) = (identity("111122223333", "eu-west-1"), identity("111122223333", "eu-west-1"));
        view.role = "View".parse().expect("role");
        let items = [(dev.clone(), known("prod")), (view, known("prod"))];
        let template: Template = "{cluster}".parse().expect("template");
        assert_eq!(names(&template, &items, &Taken::new()).expect("distinct"), ["web@Dev", "web@View"]);
        let twice = [(dev.clone(), known("prod")), (dev, known("prod"))];
        assert_eq!(names(&template, &twice, &Taken::new()), Err("web".to_owned()));
    }

    #[test]
    fn names_hold_no_invisible_characters() {
        let items = [(identity("111122223333", "eu-west-1"), known("a\u{202e}b\u{1b}[2J\nc"))];
        assert_eq!(names(&Template::default(), &items, &Taken::new()).expect("distinct"), ["ab[2Jc/web:Dev"]);
    }

    #[test]
    fn tags_are_part_of_a_name_and_what_stands_in_them_is_no_field() {
        let template: Template = "{tag:team}/{tag:a:b}/{cluster}".parse().expect("template");
        let tags = [("team", "{role}"), ("a:b", "x")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let items = [
            (identity("111122223333", "eu-west-1"), Known { tags, ..known("prod") }),
            (identity("444455556666", "eu-west-1"), known("prod")),
        ];
        assert_eq!(names(&template, &items, &Taken::new()).expect("distinct"), ["{role}/x/web", "none/none/web"]);
    }
}
