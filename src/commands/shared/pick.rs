//! Letting a person choose: in the picker, or from a plain list where a screen that redraws itself is no help.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_yaml::Value;

use crate::commands::shared::call::{Call, block_on};
use crate::domain::discovery::picker::{Picker, Row, State};
use crate::domain::identity::Identity;
use crate::domain::kubeconfig::List;
use crate::domain::settings::guard::Guard;
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::environment::list_picker;
use crate::ui::say::span;

/// Rows of a plain list that are read out at once.
const LIST_PAGE: usize = 20;
/// How often it is looked for a signal.
const TICK: Duration = Duration::from_millis(100);

/// A picker that is filled here and shown elsewhere.
pub type SharedPicker = Arc<Mutex<Picker>>;

/// Its state.
pub fn lock(picker: &SharedPicker) -> MutexGuard<'_, Picker> {
    picker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was chosen, once it was.
pub type Chosen = RefCell<Option<Result<Option<Vec<usize>>>>>;

impl Call<'_> {
    /// Whether a plain list is wanted: for screen readers, and for terminals that cannot move the cursor.
    pub fn wants_list(&self) -> bool {
        list_picker(self.world).is_some()
    }

    /// Lets the person choose a context, the current one first.
    pub fn pick_context(&self, files: &Kubeconfigs, hint: &str) -> Result<String> {
        let names: Vec<String> = files.names().into_iter().map(str::to_owned).collect();
        if names.is_empty() {
            return Err(Error::new(Kind::NotFound, "there is no context yet").hint("eksso add"));
        }
        self.pick_context_among(files, names, || Error::usage("which context? there is nobody to ask").hint(hint))
    }

    /// The same among some of them; the error is for where there is nobody to ask.
    pub fn pick_context_among(
        &self,
        files: &Kubeconfigs,
        names: Vec<String>,
        nobody: impl FnOnce() -> Error,
    ) -> Result<String> {
        if !self.interactive() {
            return Err(nobody());
        }
        let (picker, names) = self.context_picker(files, names)?;
        self.pick_of(picker, &names)
    }

    /// The context of a name, or the one that words fit. Where they fit several, which may differ in account or
    /// guard, the person chooses.
    pub fn find_context(&self, files: &Kubeconfigs, words: &str) -> Result<String> {
        if files.has(words) {
            return Ok(words.to_owned());
        }
        let names: Vec<String> = files.names().into_iter().map(str::to_owned).collect();
        // Only words that stand in a name may switch by themselves: scattered letters and marks are for the eye to judge.
        let lower = words.to_lowercase();
        let stand_in = |name: &&String| {
            let name = name.to_lowercase();
            lower.split_whitespace().all(|word| name.contains(word))
        };
        let fitting: Vec<&String> = names.iter().filter(stand_in).collect();
        if let ([one], false) = (fitting.as_slice(), lower.trim().is_empty()) {
            return Ok((*one).clone());
        }
        let (mut picker, names) = self.context_picker(files, names.clone())?;
        picker.type_text(words);
        picker.complete();
        picker.refresh();
        let fits_any = picker.matches().len() > 0;
        if fits_any { self.pick_of(picker, &names) } else { Err(files.no_context(words, "use")) }
    }

    fn pick_of(&self, picker: Picker, names: &[String]) -> Result<String> {
        let picked = block_on(self.pick("Which context?", &SharedPicker::new(picker.into())))?;
        let place = picked.and_then(|picked| picked.first().copied());
        place
            .map(|place| names[place].clone())
            .ok_or_else(|| Error::new(Kind::Interrupted, "nothing was chosen; nothing was changed"))
    }

    /// A picker of contexts, and the names by the numbers of its rows.
    fn context_picker(&self, files: &Kubeconfigs, mut names: Vec<String>) -> Result<(Picker, Vec<String>)> {
        names.sort();
        let (current, used, now) = (files.current(), Frecency::load(self.world), self.world.clock.now());
        let config = self.settings()?.config;
        let known: HashMap<String, Option<Identity>> =
            files.contexts().into_iter().map(|context| (context.name, context.identity)).collect();
        let row = |name: &String| Row {
            cells: vec![name.clone(), marks(&config.guard(name), Some(name) == current.as_ref())],
            keywords: known.get(name).and_then(Option::as_ref).map(|who| who.account.to_string()).into_iter().collect(),
            details: context_details(files, name, known.get(name).and_then(Option::as_ref))
                .into_iter()
                .chain(used.last(name).map(|last| format!("used {} ago", span(now.duration_since(last)))))
                .collect(),
            // The current one comes first: leaving it as it is takes one key.
            weight: if Some(name) == current.as_ref() { f64::MAX } else { used.weight(name, now) },
            ..Row::default()
        };
        let mut picker = Picker::new(false);
        names.iter().for_each(|name| _ = picker.add(row(name)));
        Ok((picker, names))
    }

    /// Lets the person choose among rows that are all there.
    pub async fn pick(&self, title: &str, picker: &SharedPicker) -> Result<Option<Vec<usize>>> {
        lock(picker).complete();
        if self.wants_list() {
            return self.pick_from_list(title, picker);
        }
        // A signal that ends the program must not end it before the terminal is given back.
        let _signals = self.world.signals.hold();
        let choice = self.world.terminal.pick(title, Arc::clone(picker));
        self.until_signal(choice).await
    }

    /// Waits for a choice; a signal is an interruption.
    pub async fn until_signal<T>(&self, choice: impl Future<Output = Result<T>>) -> Result<T> {
        let signal = async {
            while !self.world.signals.arrived() {
                tokio::time::sleep(TICK).await;
            }
        };
        match select(Box::pin(choice), Box::pin(signal)).await {
            Either::Left((chosen, _)) => chosen,
            Either::Right(_) => Err(Error::interrupted()),
        }
    }

    /// A numbered list and a question: numbers choose, words narrow.
    pub fn pick_from_list(&self, title: &str, picker: &SharedPicker) -> Result<Option<Vec<usize>>> {
        let mut picker = lock(picker);
        let terminal = &self.world.terminal;
        let mut first = 0;
        loop {
            picker.refresh();
            let shown: Vec<usize> = picker.matches().map(|(number, _)| number).collect();
            terminal.words(&format!("{}\n", escape(title)));
            first = if first < shown.len() { first } else { 0 };
            let last = shown.len().min(first + LIST_PAGE);
            for (at, (_, row)) in picker.matches().enumerate().take(last).skip(first) {
                let Some(row) = row else { continue };
                let state = match row.state {
                    State::Usable => String::new(),
                    State::Unknown => " (not known whether the cluster lets it in)".to_owned(),
                    State::Useless => format!(" (does not work: {})", row.details.last().map_or("", String::as_str)),
                };
                let cells = row.cells.iter().filter(|cell| !cell.is_empty());
                let cells: Vec<String> = cells.map(|cell| escape(cell).into_owned()).collect();
                terminal.words(&format!("{}. {}{}\n", at + 1, cells.join(", "), escape(&state)));
            }
            let how = if picker.multiple() { "numbers such as `1 3-5`" } else { "a number" };
            let (part, more) = match shown.len() {
                all if all <= LIST_PAGE => (all.to_string(), ""),
                all => (format!("{}-{last} of {all}", first + 1), ", + for the next page"),
            };
            let question = format!("{part} shown. Type {how}, words to narrow the list{more}, or nothing to leave:");
            let answer = terminal.ask(&question)?;
            if answer.is_empty() {
                return Ok(None);
            }
            if answer == "+" {
                first = last;
                continue;
            }
            match numbers(&answer, shown.len()) {
                Some(Ok(chosen)) if chosen.len() > 1 && !picker.multiple() => terminal.words("One only.\n"),
                Some(Ok(chosen)) => return Ok(Some(chosen.into_iter().map(|at| shown[at]).collect())),
                Some(Err(bad)) => terminal.words(&format!("There is no number {bad}.\n")),
                None => {
                    picker.clear();
                    picker.type_text(&answer);
                    first = 0;
                }
            }
        }
    }
}

/// What is to be known of a context before it is chosen.
fn marks(guard: &Guard, is_current: bool) -> String {
    let marks = [is_current.then_some("current"), guard.word()];
    marks.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a context stands for, in lines: ours by its identity, another by its cluster and its user.
fn context_details(files: &Kubeconfigs, name: &str, identity: Option<&Identity>) -> Vec<String> {
    // What cannot be read is told when the context is used.
    let body = files.body(List::Contexts, name).ok().flatten().unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let namespace = match text("namespace") {
        "" => "default",
        named => named,
    };
    let namespace = format!("namespace {namespace}");
    match identity {
        Some(Identity { session, account, role, region, cluster, .. }) => vec![
            format!("cluster {cluster} in {region}"),
            format!("{role} in account {account}, session `{session}`"),
            namespace,
        ],
        None => vec![format!("cluster {}", text("cluster")), format!("user {}", text("user")), namespace],
    }
}

/// Reads `1 3-5`; `None` for words, an error for a number that is not there. The answer counts from 0.
fn numbers(answer: &str, shown: usize) -> Option<Result<Vec<usize>, String>> {
    let mut chosen = Vec::new();
    for part in answer.split([' ', ',']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        if first == 0 || first > last || last > shown {
            return Some(Err(part.to_owned()));
        }
        chosen.extend(first - 1..last);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Some(Ok(chosen))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_and_ranges_choose_and_words_do_not() {
        assert_eq!(numbers("1 3-5, 4", 5), Some(Ok(vec![0, 2, 3, 4])));
        assert_eq!(numbers("6", 5), Some(Err("6".to_owned())));
        assert_eq!(numbers("0", 5), Some(Err("0".to_owned())));
        assert_eq!(numbers("5-2", 5), Some(Err("5-2".to_owned())));
        assert_eq!(numbers("web admin", 5), None);
        assert_eq!(numbers("web-2", 5), None);
    }
}
