//! The Kubernetes names that a mapping's template can give. Source: aws-iam-authenticator `pkg/server/server.go`, renderTemplate.

use crate::domain::access::grant::PrincipalKind;

/// What the authenticator fills in from a session; `{{AccountID}}`, which is the principal's account, is not among them.
const OF_SESSIONS: [&str; 4] = ["{{SessionName}}", "{{SessionNameRaw}}", "{{AccessKeyID}}", "{{EC2PrivateDNSName}}"];
/// Stands for what an identity provider, or a whole account, calls its own.
pub const ANY: &str = "{{name}}";

/// How a template comes to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// For no sign-in of this principal.
    Never,
    /// In every session.
    Always,
    /// Where this stands in the place of its first placeholder.
    With(String),
}

/// How a template of a mapping comes to a name.
pub fn fit(template: &str, kind: &PrincipalKind, account: &str, name: &str) -> Fit {
    let template = template.replace("{{AccountID}}", account);
    let (literals, placeholders) = literals(&template, kind);
    let [first, rest @ ..] = literals.as_slice() else { return Fit::Never };
    let [between @ .., last] = rest else {
        return if *first == name { Fit::Always } else { Fit::Never };
    };
    let Some(inner) = name.strip_prefix(first).and_then(|name| name.strip_suffix(last)) else { return Fit::Never };
    let mut left = inner;
    let mut filled = None;
    for (literal, placeholder) in between.iter().zip(&placeholders) {
        let Some((before, after)) = left.split_once(literal).filter(|(part, _)| can_fill(placeholder, part)) else {
            return Fit::Never;
        };
        filled.get_or_insert(before);
        left = after;
    }
    if !placeholders.last().is_some_and(|placeholder| can_fill(placeholder, left)) {
        return Fit::Never;
    }
    match filled.unwrap_or(left) {
        "" => Fit::Never,
        filled => Fit::With(filled.to_owned()),
    }
}

/// Whether something can come to stand in a placeholder's place: the authenticator puts `-` for each `@` of a session's name, but in
/// the raw one.
fn can_fill(placeholder: &str, part: &str) -> bool {
    placeholder != "{{SessionName}}" || !part.contains('@')
}

/// What stands around its placeholders, one text where there are none; and these.
fn literals<'t>(template: &'t str, kind: &PrincipalKind) -> (Vec<&'t str>, Vec<&'static str>) {
    let any = matches!(kind, PrincipalKind::IdentityProvider | PrincipalKind::Account);
    let placeholders: &[&'static str] = if any { &[ANY] } else { &OF_SESSIONS };
    let (mut found, mut between) = (Vec::new(), Vec::new());
    let mut rest = template;
    while let Some((at, placeholder)) = placeholders.iter().filter_map(|word| Some((rest.find(word)?, *word))).min() {
        found.push(&rest[..at]);
        between.push(placeholder);
        rest = &rest[at + placeholder.len()..];
    }
    found.push(rest);
    (found, between)
}

/// A template in the session of a name, which for Identity Center is the user name.
pub fn filled(template: &str, account: &str, session: &str) -> String {
    template
        .replace("{{AccountID}}", account)
        .replace("{{SessionName}}", &session.replace('@', "-"))
        .replace("{{SessionNameRaw}}", session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_gives_a_name_always_in_one_session_or_never() {
        let fit = |template: &str, name: &str| fit(template, &PrincipalKind::Role, "111122223333", name);
        assert_eq!(fit("ops", "ops"), Fit::Always);
        assert_eq!(fit("ops", "op"), Fit::Never);
        assert_eq!(fit("a:{{AccountID}}", "a:111122223333"), Fit::Always);
        assert_eq!(fit("dev:{{SessionName}}", "dev:jane-x.org"), Fit::With("jane-x.org".into()));
        assert_eq!(fit("{{AccountID}}:{{SessionNameRaw}}:x", "111122223333:j@x:x"), Fit::With("j@x".into()));
        assert_eq!(fit("dev:{{SessionName}}", "dev:"), Fit::Never);
        // The authenticator never says that, but in the raw name.
        assert_eq!(fit("dev:{{SessionName}}", "dev:jane@x.org"), Fit::Never);
        assert_eq!(fit("{{SessionName}}/{{AccessKeyID}}", "j@x/AKIA"), Fit::Never);
        assert_eq!(fit("{{SessionNameRaw}}/{{AccessKeyID}}", "j@x/AKIA"), Fit::With("j@x".into()));
        assert_eq!(fit("dev:{{SessionName}}", "ops:jane"), Fit::Never);
        assert_eq!(fit("{{SessionName}}/{{AccessKeyID}}", "jane/AKIA"), Fit::With("jane".into()));
        assert_eq!(fit("{{name}}", "jane"), Fit::Never);
        assert_eq!(filled("dev:{{SessionName}}", "1", "j@x"), "dev:j-x");
        assert_eq!(filled("dev:{{SessionNameRaw}}:{{AccountID}}", "1", "j@x"), "dev:j@x:1");
    }
}
