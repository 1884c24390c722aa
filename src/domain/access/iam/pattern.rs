//! Patterns of IAM: `*` stands for any text, `?` for one character, `${key}` for a value of the request.
//!
//! Matching goes back to the last `*` only, and not at all where the text is too short, so that no pattern makes it
//! slow.

use std::collections::VecDeque;

/// A pattern, its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Text(char),
    One,
    Any,
}

impl Token {
    /// A character that it matches; for `?` one that policies hardly name.
    fn example(self) -> char {
        match self {
            Self::Text(character) => character,
            Self::One | Self::Any => '~',
        }
    }
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// This text; wildcards in it are plain characters.
    Is(String),
    /// Nothing: a text with it matches nothing, unless it has a default.
    Absent,
    /// The asker does not know.
    Unknown,
}

/// A text of a policy after its variables were looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filled {
    /// What to compare with.
    Pattern(Pattern),
    /// A variable has no value: it matches nothing.
    Nothing,
    /// A variable's value is not known; its key.
    Unknown(String),
}

impl Pattern {
    /// Text with wildcards, without variables.
    pub fn wild(text: &str) -> Self {
        let mut pattern = Self(Vec::new());
        pattern.push_wild(text);
        pattern
    }

    fn push_wild(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '*' if self.0.last() == Some(&Token::Any) => {}
                '*' => self.0.push(Token::Any),
                '?' => self.0.push(Token::One),
                other => self.0.push(Token::Text(other)),
            }
        }
    }

    fn push_plain(&mut self, text: &str) {
        self.0.extend(text.chars().map(Token::Text));
    }

    /// Whether it matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        glob(&self.0, &text, |a, b| a == b)
    }

    /// Whether it matches the whole text, the case of ASCII letters ignored.
    pub fn matches_in_any_case(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        glob(&self.0, &text, |a, b| a.eq_ignore_ascii_case(&b))
    }

    /// Parts between colons; the last takes all colons that are left.
    fn parts(&self, count: usize) -> Vec<&[Token]> {
        self.0.splitn(count, |token| *token == Token::Text(':')).collect()
    }

    /// Whether it matches an ARN, each of the six parts by itself.
    pub fn matches_arn(&self, arn: &str) -> bool {
        let (own, other) = (self.parts(6), arn.splitn(6, ':').collect::<Vec<_>>());
        if own.len() != 6 || other.len() != 6 {
            return false;
        }
        own.iter().zip(other).all(|(pattern, text)| {
            let text: Vec<char> = text.chars().collect();
            glob(pattern, &text, |a, b| a == b)
        })
    }

    /// The same as a resource: one with fewer than six parts goes on with any text. Source: IAM user guide, "Resource",
    /// incomplete ARNs.
    fn completed(mut self) -> Self {
        let parts = self.parts(6);
        let is_arn = parts.len() > 1 && parts[0] == Pattern::wild("arn").0.as_slice();
        if is_arn && parts.len() < 6 {
            for _ in parts.len()..6 {
                self.0.extend([Token::Text(':'), Token::Any]);
            }
        }
        self
    }

    /// A text that it matches, with `filling` for each `*`.
    pub fn example(&self, filling: &str) -> String {
        let mut text = String::new();
        for token in &self.0 {
            match token {
                Token::Any => text.push_str(filling),
                other => text.push(other.example()),
            }
        }
        text
    }

    /// Whether it matches a resource: an ARN part by part, as a `*` in one part is not meant to run into the next, and
    /// anything else as a whole.
    pub fn matches_resource(&self, resource: &str) -> bool {
        if self.is_arn() && resource.starts_with("arn:") { self.matches_arn(resource) } else { self.matches(resource) }
    }

    fn is_arn(&self) -> bool {
        self.parts(6).len() == 6 && self.0.starts_with(&Self::wild("arn:").0)
    }

    /// A resource that both match, or `None` where there is none.
    pub fn common_resource(&self, other: &Self, filling: &str) -> Option<String> {
        if !self.is_arn() || !other.is_arn() {
            return self.common(other, filling);
        }
        let part = |(own, other): (&[Token], &[Token])| Self(own.to_vec()).common(&Self(other.to_vec()), filling);
        let parts: Option<Vec<String>> = self.parts(6).into_iter().zip(other.parts(6)).map(part).collect();
        Some(parts?.join(":"))
    }

    /// A text that both match, or `None` where there is none.
    fn common(&self, other: &Self, filling: &str) -> Option<String> {
        let example = self.example(filling);
        if other.matches(&example) {
            return Some(example);
        }
        let example = other.example(filling);
        if self.matches(&example) {
            return Some(example);
        }
        self.search_common(other, filling)
    }

    /// The shortest way through both at once, a character a step; where both have a `*`, the filling stands, so that
    /// the text is an ordinary one.
    fn search_common(&self, other: &Self, filling: &str) -> Option<String> {
        let (own, theirs) = (&self.0, &other.0);
        // No ARN has more than 2,048 characters, and two `*` never stand side by side here.
        if own.len().max(theirs.len()) > LONGEST {
            return None;
        }
        let wide = theirs.len() + 1;
        let mut seen = vec![false; (own.len() + 1) * wide];
        seen[0] = true;
        let mut steps = vec![Step { i: 0, j: 0, before: 0, taken: Taken::Nothing }];
        let mut queue = VecDeque::from([0]);
        while let Some(at) = queue.pop_front() {
            let (i, j) = (steps[at].i, steps[at].j);
            if (i, j) == (own.len(), theirs.len()) {
                return Some(text_of(&steps, at, filling));
            }
            let mut go = |i: usize, j: usize, taken| {
                if !std::mem::replace(&mut seen[i * wide + j], true) {
                    queue.push_back(steps.len());
                    steps.push(Step { i, j, before: at, taken });
                }
            };
            match (own.get(i).copied(), theirs.get(j).copied()) {
                (Some(Token::Any), Some(Token::Any)) => {
                    go(i + 1, j, Taken::Filling);
                    go(i, j + 1, Taken::Filling);
                }
                (Some(Token::Any), other) => {
                    go(i + 1, j, Taken::Nothing);
                    if let Some(token) = other {
                        go(i, j + 1, Taken::Character(token.example()));
                    }
                }
                (other, Some(Token::Any)) => {
                    go(i, j + 1, Taken::Nothing);
                    if let Some(token) = other {
                        go(i + 1, j, Taken::Character(token.example()));
                    }
                }
                (Some(a), Some(b)) if a == b || a == Token::One || b == Token::One => {
                    let token = if a == Token::One { b } else { a };
                    go(i + 1, j + 1, Taken::Character(token.example()));
                }
                _ => {}
            }
        }
        None
    }
}

const LONGEST: usize = 4_100;

/// A place in two patterns, and how it was reached.
struct Step {
    i: usize,
    j: usize,
    before: usize,
    taken: Taken,
}

#[derive(Clone, Copy)]
enum Taken {
    Nothing,
    Character(char),
    Filling,
}

fn text_of(steps: &[Step], last: usize, filling: &str) -> String {
    let mut parts = Vec::new();
    let mut at = last;
    while at != 0 {
        parts.push(steps[at].taken);
        at = steps[at].before;
    }
    let mut text = String::new();
    for taken in parts.into_iter().rev() {
        match taken {
            Taken::Nothing => {}
            Taken::Character(character) => text.push(character),
            Taken::Filling => text.push_str(filling),
        }
    }
    text
}

fn glob(pattern: &[Token], text: &[char], same: impl Fn(char, char) -> bool) -> bool {
    if pattern.iter().filter(|token| **token != Token::Any).count() > text.len() {
        return false;
    }
    let (mut at, mut read) = (0, 0);
    // Where the last `*` stands, and up to where it has taken the text.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, read));
                at += 1;
            }
            Some(Token::One) => {
                at += 1;
                read += 1;
            }
            Some(Token::Text(character)) if same(*character, text[read]) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                at = place + 1;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|token| *token == Token::Any)
}

/// How a text of a policy is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// Whether `${…}` is a variable.
    pub variables: bool,
}

/// Fills the variables of a text in. `${*}`, `${?}` and `${$}` are these characters; `${key, 'text'}` has a default.
/// Source: IAM user guide, "Policy variables".
pub fn fill(text: &str, reading: Reading, value_of: impl Fn(&str) -> Variable) -> Filled {
    let mut pattern = Pattern(Vec::new());
    let mut rest = text;
    let push = |pattern: &mut Pattern, text: &str| {
        if reading.wildcards { pattern.push_wild(text) } else { pattern.push_plain(text) }
    };
    while let Some(start) = rest.find("${").filter(|_| reading.variables) {
        let Some(end) = rest[start..].find('}') else { break };
        push(&mut pattern, &rest[..start]);
        let inside = rest[start + 2..start + end].trim();
        rest = &rest[start + end + 1..];
        if ["*", "?", "$"].contains(&inside) {
            pattern.push_plain(inside);
            continue;
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => {
                (key.trim(), default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
            }
            None => (inside, None),
        };
        match (value_of(key), default) {
            (Variable::Is(value), _) => pattern.push_plain(&value),
            (Variable::Absent, Some(default)) => pattern.push_plain(default),
            (Variable::Absent, None) => return Filled::Nothing,
            (Variable::Unknown, _) => return Filled::Unknown(key.to_owned()),
        }
    }
    push(&mut pattern, rest);
    Filled::Pattern(pattern)
}

/// The same for a resource, with wildcards. Variables stand only after the fifth colon of an ARN; before it they are
/// text. Source: IAM user guide, "Where you can use policy variables".
pub fn fill_resource(text: &str, variables: bool, value_of: impl Fn(&str) -> Variable) -> Filled {
    let fifth = text.match_indices(':').nth(4).filter(|_| text.starts_with("arn:")).map_or(0, |(at, _)| at + 1);
    let (head, tail) = text.split_at(fifth);
    match fill(tail, Reading { wildcards: true, variables }, value_of) {
        Filled::Pattern(tail) => {
            let mut whole = Pattern::wild(head);
            whole.0.extend(tail.0);
            Filled::Pattern(whole.completed())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_iam_has_them() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("?", "", false),
            ("eks:*", "eks:ListClusters", true),
            ("eks:*Cluster", "eks:ListClusters", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false),
            ("a?c", "abc", true),
            ("a?c", "a\u{1f600}c", true),
            ("a**c", "ac", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Pattern::wild(pattern).matches(text), matches, "{pattern} {text}");
        }
        assert!(Pattern::wild("EKS:list*").matches_in_any_case("eks:ListClusters"));
    }

    #[test]
    fn an_arn_is_matched_part_by_part_and_completed_where_parts_are_missing() {
        let matches = |pattern: &str, arn: &str| Pattern::wild(pattern).completed().matches_resource(arn);
        let role = "arn:aws:iam::111122223333:role/eks/prod/Node";
        assert!(matches("arn:aws:iam::*:role/eks/*", role) && matches("*", role) && matches("arn:aws:iam::*", role));
        assert!(matches("arn:aws:iam", role) && !matches("arn:aws:eks", role) && !matches("arn:*:role/*", role));
        assert!(!matches("arn:aws:iam::*:role/eks/*", "arn:aws:iam::1:role/x:role/eks/y"));
        assert!(matches("*", "*") && !matches(role, "*"));
    }

    #[test]
    fn a_common_text_is_one_that_both_match() {
        for (one, other) in
            [("a*", "*b"), ("*ab*", "*ba*"), ("a?c*", "*cd"), ("*", "x"), ("a*b*c", "a?b?c"), ("?*?", "*aa")]
        {
            let (one, other) = (Pattern::wild(one), Pattern::wild(other));
            let text = one.common(&other, "zz").expect("a text");
            assert!(one.matches(&text) && other.matches(&text), "{text}");
        }
        for (one, other) in [("a*", "b*"), ("a?", "a"), ("*a", "*b")] {
            assert_eq!(Pattern::wild(one).common(&Pattern::wild(other), "zz"), None);
        }
        let roles = Pattern::wild("arn:aws:iam::*:role/eks/*");
        assert_eq!(roles.common_resource(&Pattern::wild("arn:aws:iam::1:role/web/*"), "zz"), None);
    }

    #[test]
    fn variables_are_filled_in_and_their_wildcards_are_plain() {
        let value_of = |key: &str| match key {
            "aws:username" => Variable::Is("a*".into()),
            "aws:sourceip" => Variable::Unknown,
            _ => Variable::Absent,
        };
        let both = Reading { wildcards: true, variables: true };
        let matches = |text: &str, value: &str| match fill(text, both, value_of) {
            Filled::Pattern(pattern) => Some(pattern.matches(value)),
            _ => None,
        };
        assert_eq!(matches("user/${aws:username}/*", "user/a*/x"), Some(true));
        assert_eq!(matches("user/${aws:username}/*", "user/ab/x"), Some(false));
        assert_eq!(matches("${*}${?}${$}*", "*?$x"), Some(true));
        assert_eq!(matches("${*}", "x"), Some(false));
        assert_eq!(matches("${aws:PrincipalTag/team, 'none'}", "none"), Some(true));
        assert_eq!(matches("${unclosed*", "${unclosed-"), Some(true));
        assert_eq!(fill("${aws:PrincipalTag/team}", both, value_of), Filled::Nothing);
        assert_eq!(fill("${aws:sourceip}", both, value_of), Filled::Unknown("aws:sourceip".into()));
        let plain = Reading { wildcards: false, variables: false };
        assert_eq!(
            fill("${x}*", plain, value_of),
            Filled::Pattern(Pattern("${x}*".chars().map(Token::Text).collect()))
        );
    }
}
